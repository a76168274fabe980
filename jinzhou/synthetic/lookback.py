"""The look-back of 2018: returns, omitted members, the stock corrected, exits planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jinzhou.synthetic.history import (
    EXITED,
    GONE,
    LOOKBACK,
    POOR,
    Joining,
    Place,
    Quarter,
    day_in,
    exact_subset,
)

if TYPE_CHECKING:
    from jinzhou.synthetic.process import Window


def record_returns(window: Window, now: Quarter) -> None:
    """Record waiting returns, up to the count found; the rest waits on."""
    t = now.t
    found, known = returns_found(window, now)
    new = [home for home in found if known[home] == t]
    window.truth[-1]["returned"] |= window.truth[-1]["home"].isin(new)
    days = day_in(window.rng, t, (1, 2), len(found))
    for home, day in zip(found, days, strict=True):
        happened = day_in(window.rng, known[home], (0, 1, 2), 1)[0]
        cause = window.cause(
            home,
            now,
            ill=now.ill[home] or window.ill_last[home],
            job_loss=now.job_loss[home],
        )
        dates = min(happened, day - 5), day
        window.record(home, "returned", cause, dates, LOOKBACK)
    window.state[found] = POOR
    window.touched[found] = True
    window.waiting = [
        w._replace(
            record_quarter=max(w.record_quarter, t + int(window.rng.integers(1, 3)))
        )
        for w in window.waiting
        if w.record_quarter >= t and w.detected and not window.touched[w.home]
    ]


def returns_found(window: Window, now: Quarter) -> tuple[np.ndarray, dict[Place, int]]:
    """Households found to have returned, and the quarter in which each did."""
    t, target = now.t, window.targets.returned
    known: dict[Place, int] = {}
    for w in window.waiting:
        if w.quarter >= t - 6 and (w.record_quarter >= t or not w.detected):
            known.setdefault(w.home, w.quarter)
    order = np.array([h for h in known if window.state[h] == EXITED], dtype=int)
    share = window.world.detection_visited
    if window.size[order].sum() * share > 1.02 * target:
        order = order[window.rng.random(len(order)) < share]
    short = target - window.size[order].sum()
    if short > -30:  # too few waiting: the likeliest others return too
        rest = ~np.isin(np.arange(window.H), order)
        others = np.flatnonzero((window.state == EXITED) & rest)
        others = others[np.argsort(-now.h0[others])][: 40 + max(0, short)]
        known |= dict.fromkeys(others, t)
        order = np.concatenate([order, others])
    return exact_subset(window.size, order, target), known


def find_omitted(window: Window, t: int) -> None:
    """Omitted members: one a household, in poor ones that the look-back has not touched."""
    small = window.homes["size"].to_numpy() < 6
    pool = np.flatnonzero((window.state == POOR) & ~window.touched & small)
    chosen = window.rng.choice(pool, window.targets.omitted, replace=False)
    days = day_in(window.rng, t, (1, 2), window.targets.omitted)
    for home, day in zip(chosen, days, strict=True):
        window.joining.append(Joining(home, day, None, "omitted"))
        window.size[home] += 1
        window.touched[home] = True


def correct_the_stock(window: Window, t: int) -> None:
    """Remove the best-off households until the stock is that of the speech."""
    poor = window.state == POOR
    surplus = int(window.size[poor].sum()) - window.targets.poor_persons
    if surplus < 0:
        raise ValueError(f"the stock is {-surplus} persons short of its target")
    if not surplus:
        return
    pool = np.flatnonzero(poor & ~window.touched)
    order = pool[np.argsort(-window.margin[pool, t])]
    out = exact_subset(window.size, order, surplus)
    for home, day in zip(out, day_in(window.rng, t, (1, 2), len(out)), strict=True):
        dates = day - window.rng.integers(5, 60), day
        window.record(home, "removed", "not_eligible", dates)
        window.home_left[home] = day + 1
    window.state[out] = GONE


def plan_exits(window: Window, t: int) -> None:
    """Plan the exits of the year, best-off households first."""
    pool = np.flatnonzero(window.state == POOR)
    noise = window.rng.normal(0, 0.2, len(pool))
    score = window.margin[pool, t] + noise - 5.0 * window.touched[pool]
    order = pool[np.argsort(-score)]
    chosen = exact_subset(window.size, order, window.targets.planned_exit)
    window.planned[chosen] = True
