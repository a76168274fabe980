"""Speed and truth of the frontiers, printed beside what they should reach. CPU seconds of one run, one thread."""

from __future__ import annotations

import functools
import time

import frontier_study
import numpy as np
import pandas as pd

from jinzhou.statistics.frontier.bootstrap import dea_intervals
from jinzhou.statistics.frontier.dea import dea
from jinzhou.statistics.frontier.malmquist import malmquist
from jinzhou.statistics.frontier.model import DeaModel
from jinzhou.statistics.frontier.second_stage import second_stage

LOOPED = 60
"""Units that the `linprog` loop is timed on; its time is scaled to all units."""


def units(n: int, seed: int = 1) -> pd.DataFrame:
    """Three inputs, two outputs on a concave frontier, with inefficiency."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 10, (n, 3))
    y = (
        np.column_stack([x.prod(axis=1) ** 0.25, x.sum(axis=1) ** 0.8])
        * np.exp(-rng.exponential(0.25, (n, 1)))
        * rng.uniform(0.8, 1, (n, 2))
    )
    return pd.DataFrame(np.hstack([x, y]), columns=list("abcde"))


def seconds(work, *arguments, **named) -> tuple[float, object]:
    """CPU seconds of a call, and its result."""
    before = time.process_time()
    found = work(*arguments, **named)
    return time.process_time() - before, found


def looped(frame: pd.DataFrame, returns: str) -> tuple[float, np.ndarray, np.ndarray]:
    """Seconds of scipy's linprog for all units, scaled up from `LOOPED` of them; those units and their scores."""
    import envelope

    X, Y = frame[list("abc")].to_numpy(), frame[list("de")].to_numpy()
    which = np.linspace(0, len(frame) - 1, LOOPED).astype(int)
    spent, scores = seconds(
        lambda: np.array(
            [
                envelope.radial(X, Y, o, orientation="input", returns=returns)
                for o in which
            ]
        )
    )
    return spent * len(frame) / LOOPED, which, scores


def cover() -> None:
    """How often intervals of 95 % hold the true score, in worlds that had no part in choosing how they are made."""
    print(
        "\nIntervals against the truth (nominal 0.95): share of units whose interval holds their true score (closed: both ends)"
    )
    five = {"inputs": list("abc"), "outputs": list("de"), "orientation": "output"}
    designs = [
        *(
            (f"1 input, 1 output, n={n}", n, samples, frontier_study.frontier_world, {})
            for n, samples in ((50, 60), (100, 40), (200, 25))
        ),
        *(
            (
                f"3 inputs, 2 outputs, output-oriented, n={n}",
                n,
                samples,
                frontier_study.many_world,
                five,
            )
            for n, samples in ((80, 30), (200, 12))
        ),
        (
            "1 input, 1 output, constant returns (one error for all units), n=60",
            60,
            150,
            functools.partial(frontier_study.frontier_world, curve=1.0),
            {"returns": "constant"},
        ),
    ]
    for name, n, samples, world, sides in designs:
        for convention in ("subsampling", "shephard"):
            found = frontier_study.coverage(
                samples=samples,
                n=n,
                replications=200,
                seed=2,
                convention=convention,
                world=world,
                **sides,
            )
            print(
                f"  {name}, {samples} samples, {convention}: "
                + ", ".join(f"{k} {v:.3f}" for k, v in found.items()),
                flush=True,
            )
    print(
        "\nThe published study of subsampling (R package pgt; n ** 0.7 units, 200 samples), and the same by our subsamples (100 samples): available / covered if available / of all; beside them our conventions"
    )
    for (curve, n), published in frontier_study.PUBLISHED.items():
        ours = frontier_study.published_intervals(samples=100, n=n, curve=curve, seed=3)
        print(
            f"  {curve}, n={n}: published "
            + " / ".join(f"{v:.3f}" for v in published)
            + "; ours "
            + " / ".join(f"{m:.3f} ({e:.3f})" for m, e in zip(ours.mean(), ours.sem())),
            flush=True,
        )
        for convention in ("subsampling", "shephard"):
            found = frontier_study.coverage(
                samples=60,
                n=n,
                replications=200,
                seed=4,
                convention=convention,
                world=functools.partial(frontier_study.published_world, curve=curve),
            )
            print(
                f"    {convention}: covered {found['covered']:.3f} ({found['covered_se']:.3f}), closed {found['closed']:.3f}, width {found['width']:.3f}",
                flush=True,
            )


def main() -> None:
    kw = dict(inputs=list("abc"), outputs=list("de"))
    dea(
        units(50), DeaModel(**kw, returns_to_scale="constant")
    )  # what only the first call pays
    print(
        f"DEA, 3 inputs x 2 outputs, scores and phase two, CPU seconds (linprog loop: phase one, on {LOOPED} units, scaled)"
    )
    cost = {}
    for n, returns, goal in (
        (1000, "variable", 1 / 9),
        (3000, "variable", 1 / 15),
        (1000, "constant", None),
        (5000, "constant", None),
        (5000, "variable", None),
    ):
        cost[n, returns], found = seconds(
            dea, units(n), DeaModel(**kw, returns_to_scale=returns)
        )
        text = f"  {n:,} units {returns}: {cost[n, returns]:.2f} s"
        if goal:
            loop, which, scores = looped(units(n), returns)
            text += f"; linprog {loop:.1f} s, ratio 1/{loop / cost[n, returns]:.0f} (to reach: 1/{1 / goal:.0f})"
            text += f"; largest difference {np.abs(found.scores['score'].to_numpy()[which] - scores).max():.0e}"
        print(
            text + (" (to reach: 6)" if (n, returns) == (5000, "constant") else ""),
            flush=True,
        )
    for returns in ("constant", "variable"):
        print(
            f"  growth from 1,000 to 5,000 units, {returns}: x {cost[5000, returns] / cost[1000, returns]:.1f} (units squared: x 25)"
        )
    for convention, name in (
        ("shephard", "Simar-Wilson 1998"),
        ("subsampling", "Subsampling"),
    ):
        spent, found = seconds(
            dea_intervals, units(200), replications=2000, convention=convention, **kw
        )
        print(
            f"{name}, 200 units x 2,000 replications, variable: {spent:.1f} s (to reach: 40); {found.failures} programs without answer",
            flush=True,
        )
    frame, _ = frontier_study.regression_world(n=200, seed=1)
    spent, _ = seconds(
        second_stage,
        frame,
        inputs=["x"],
        outputs=["y"],
        covariates=["z", "w"],
        replications=1000,
    )
    print(
        f"Simar-Wilson 2007 algorithm 2, 200 units, 100 and 1,000 replications: {spent:.1f} s",
        flush=True,
    )
    years = pd.concat(
        [units(200, seed).assign(unit=range(200), year=seed) for seed in range(5)]
    )
    spent, _ = seconds(malmquist, years, unit="unit", period="year", **kw)
    print(f"Malmquist, 200 units x 5 years: {spent:.1f} s", flush=True)
    cover()
    print(
        "\nTest of constant returns at 5 %, 40 units, 50 samples: rejected in "
        f"{frontier_study.returns_study(samples=50, n=40, curve=1.0, seed=1):.2f} where they are true, {frontier_study.returns_study(samples=50, n=40, curve=0.8, seed=1):.2f} where they are not",
        flush=True,
    )
    for shift in (0.0, 0.2):
        print(
            f"Malmquist, 78 units, 100 samples, frontier moved by {shift}: share of intervals that hold the truth (nominal 0.95) {frontier_study.shift_study(100, shift=shift)}",
            flush=True,
        )
    print(
        "\nSecond stage, 100 units, 60 samples: mean estimate, mean estimate on the true distances, cover of the 95 % interval of the generating value (0.6, 0.3, 0.5)"
    )
    for algorithm in (1, 2):
        print(
            f"  algorithm {algorithm}\n{frontier_study.second_stage_study(samples=60, n=100, seed=1, algorithm=algorithm).round(3).to_string()}",
            flush=True,
        )
    for n in (100, 400):
        print(
            f"  true distances, {n} units, 100 samples: cover of two intervals\n{frontier_study.interval_study(samples=100, n=n, seed=1).round(3).to_string()}",
            flush=True,
        )


if __name__ == "__main__":
    main()
