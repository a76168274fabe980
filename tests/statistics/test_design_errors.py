"""Standard errors of the measures: against the jackknife by whole clusters, and the linearisation written out."""

import numpy as np
import pandas as pd
import pytest
from survey_world import (
    DESIGN,
    GUARANTEES,
    LINE,
    answers,
    large_county,
    replicates,
    survey,
)

from jinzhou.statistics.intervals import design_errors
from jinzhou.statistics.poverty import poverty_rates
from jinzhou.statistics.poverty_change import poverty_change
from jinzhou.statistics.survey import SurveyDesign


def test_errors_agree_with_the_jackknife_by_whole_clusters():
    """Within 2 % for a county: here the first of ten designs that were written down before any was compared; `make bench` prints all ten, halves of counties and small designs."""
    found, jackknife = replicates(
        *large_county(0), lambda *years: answers(*years, by=None)
    )
    ratio = found["se"] / jackknife
    assert ratio.notna().all() and ratio.index.is_unique
    assert (ratio - 1).abs().max() < 0.02, ratio.sort_values()


def curved(
    rows: pd.DataFrame, of: np.ndarray, where: np.ndarray
) -> tuple[float, float]:
    """Jackknife error of a mean in closed form, and the largest part of its denominator that leaves with a village.

    Village i out and the others of its county weighted up, a mean a / b moves by m_i / (1 - l_i): m_i is n / (n - 1) of the village's
    linearised influence less that of its county's mean, l_i the same of its part of b. So the jackknife is the linearisation and this curvature.
    """
    w = rows["persons"].to_numpy()
    sums = (
        pd.DataFrame({"above": w * of * where, "below": w * where})
        .groupby([rows["county"], rows["village"]])
        .sum()
    )
    whole = sums.sum()
    sums = (
        pd.DataFrame(
            {
                "z": sums["above"] - whole["above"] / whole["below"] * sums["below"],
                "l": sums["below"],
            }
        )
        / whole["below"]
    )
    squares, largest = 0.0, 0.0
    for _, village in sums.groupby(level=0):
        n = len(village)
        moved = n / (n - 1) * (village - village.mean())
        change = moved["z"] / (1 - moved["l"])
        squares += (n - 1) / n * ((change - change.mean()) ** 2).sum()
        largest = max(largest, moved["l"].max())
    return float(np.sqrt(squares)), largest


@pytest.mark.parametrize("seed", [0, 1])
def test_the_jackknife_of_a_mean_is_the_linearisation_and_the_denominator_that_leaves(
    seed,
):
    """At any number of villages, six here: nothing but curvature parts the two, and the linearised error falls short by no more than the largest part that leaves."""
    rows = survey(seed, counties=2, villages=6, size=4)
    found, jackknife = replicates(rows, rows, lambda *both: answers(*both, by=None))
    for name, (of, where) in means(rows).items():
        place = "near" if name.startswith("part") else "all"
        error, largest = curved(rows, of, where)
        np.testing.assert_allclose(
            jackknife[place, name], error, rtol=1e-9, err_msg=name
        )
        assert found.loc[(place, name), "se"] >= (1 - largest) * error, name


def test_the_components_of_a_headcount_agree_with_the_bootstrap_by_whole_clusters():
    """Their error needs the density of incomes at the line, by a kernel; the jackknife fails here, a village moves too few across the line."""
    rows, later = survey(3, heaped=1e-6), survey(4, year=2, heaped=1e-6)
    found = poverty_change(
        rows, later, lines=(LINE, LINE), design=DESIGN
    ).estimates.set_index("measure")["se"]
    rng, draws = np.random.default_rng(5), []
    for _ in range(250):
        # n - 1 of the n villages of a county, with replacement (Rao and Wu 1988)
        times = {
            c: np.bincount(rng.integers(0, 50, 49), minlength=50) * 50 / 49
            for c in "0123"
        }
        drawn = [
            f.assign(
                persons=f["persons"]
                * [times[c][int(v[1:])] for c, v in zip(f["county"], f["village"])]
            )
            for f in (rows, later)
        ]
        drawn = [f[f["persons"] > 0] for f in drawn]
        draws.append(
            poverty_change(
                *drawn, lines=(LINE, LINE), design=DESIGN
            ).estimates.set_index("measure")["value"]
        )
    ratio = found / pd.concat(draws, axis=1).std(axis=1)
    assert ((ratio - 1).abs() < 0.15).all(), (
        ratio
    )  # an error from 250 draws is itself known to 4 %


def small(seed: int) -> pd.DataFrame:
    """Some eighty households with ties, a stratum of one village, households without income, and a missing income."""
    rows = survey(seed, counties=3, villages=4, size=4)
    rows.loc[[1, 7], "net_income_pc"] = [0.0, -200.0]
    rows.loc[4, "net_income_pc"] = np.nan
    return rows[~((rows["county"] == "2") & (rows["village"] != "v1"))].reset_index(
        drop=True
    )


def pairs(y: np.ndarray, w: np.ndarray):
    """Sum over pairs of w_i w_j |y_i - y_j|."""
    return w @ np.abs(y[:, None] - y[None, :]) @ w


def twice_covariance(h: np.ndarray, y: np.ndarray, w: np.ndarray):
    """2 cov(h, rank of y) with mean ranks in ties, over pairs."""
    above = (y[:, None] > y[None, :]) + 0.5 * (y[:, None] == y[None, :])
    total = w.sum()
    return 2 * (w * h) @ (above @ w) / total**2 - (w * h).sum() / total


def means(rows: pd.DataFrame) -> dict:
    """Each measure that is a weighted mean of some rows, from its definition: what is averaged, and over which rows."""
    y, pay = rows["net_income_pc"].fillna(-1e9).to_numpy(), rows["oop_year"].to_numpy()
    income = y * rows["household_size"].to_numpy()
    poor, gap = y < LINE, np.where(y < LINE, 1 - y / LINE, 0.0)
    log_gap = np.where(poor & (y > 0), np.log(LINE / np.maximum(y, 1.0)), 0.0)
    over = np.where(
        income > 0, np.minimum(pay / np.where(income > 0, income, 1), 1.0) - 0.1, 0.9
    )
    hit = np.where(income > 0, pay / np.where(income > 0, income, 1) > 0.1, pay > 0)
    after = y - pay / rows["household_size"].to_numpy()
    no = 1 - rows[list(GUARANTEES)].to_numpy()
    several, near, every = (
        no.sum(axis=1) >= 2,
        (rows["town"] == "near").to_numpy(),
        np.ones(len(rows)),
    )
    return {
        "part size": (near, every),
        "headcount": (poor, every),
        "gap": (gap, every),
        "severity": (gap**2, every),
        "watts": (log_gap, y > 0),
        "income 10% share": (hit, every),
        "income 10% overshoot": (over * hit, every),
        "income 10% mean_positive_overshoot": (over, hit),
        "payment pushed": (~poor & (after < LINE), every),
        "payment gap_change": (
            np.where(after < LINE, 1 - after / LINE, 0) - gap,
            every,
        ),
        "dimensions headcount": (several, every),
        "dimensions intensity": (no.mean(axis=1), several),
        "dimensions m0": (no.mean(axis=1) * several, every),
        "part contribution": (near, gap),
        "dimensions contribution water_ok": (
            no[:, 4] / 5 / np.where(several, no.mean(axis=1), 1),
            no.mean(axis=1) * several,
        ),
    }


def by_definition(rows: pd.DataFrame) -> dict:
    """Each measure as a function of the weights alone, from its definition: polynomials and quotients, so that weights may be complex."""
    y, pay, ill = (
        rows["net_income_pc"].fillna(-1e9).to_numpy(),
        rows["oop_year"].to_numpy(),
        rows["ill"].to_numpy(),
    )
    poor, gap = y < LINE, np.where(y < LINE, 1 - y / LINE, 0.0)

    def mean(of, w, where=1.0):
        return (w * of * where).sum() / (w * where).sum()

    def sen(w):
        q = w * poor
        return mean(gap, w) + pairs(y, q) / (2 * q.sum()) / (
            w.sum() * LINE
        )  # H V / z = sum_ij / (2 W_poor W z)

    return {
        name: lambda w, of=of, where=where: mean(of, w, where)
        for name, (of, where) in means(rows).items()
    } | {
        "sen": sen,
        "sst": lambda w: mean(gap, w) + pairs(gap, w) / (2 * w.sum() ** 2),
        "gini": lambda w: pairs(y, w) / (2 * w.sum() * (w * y).sum()),
        "payment standard": lambda w: twice_covariance(pay, y, w) / mean(pay, w),
        "payment generalised": lambda w: twice_covariance(pay, y, w),
        "illness erreygers": lambda w: 4 * twice_covariance(ill, y, w),
        "illness wagstaff": lambda w: (
            twice_covariance(ill, y, w) / (mean(ill, w) * (1 - mean(ill, w)))
        ),
    }


def written_out(rows: pd.DataFrame, statistic, inside: np.ndarray) -> float:
    """The linearised error by loops: influence by the exact (complex-step) derivative, then the sum over strata and clusters."""
    w = np.where(inside, rows["persons"].to_numpy(), 0.0)
    z = np.zeros(len(rows))
    for i in np.flatnonzero(inside):
        step = w.astype(complex)
        step[i] += 1e-30j
        z[i] = w[i] * statistic(step).imag / 1e-30
    villages = {
        key: z[index].sum()
        for key, index in rows.groupby(["county", "village"]).indices.items()
    }
    overall, variance = sum(villages.values()) / len(villages), 0.0
    for county in rows["county"].unique():
        totals = [total for (c, _), total in villages.items() if c == county]
        n, middle = len(totals), sum(totals) / len(totals)
        variance += (
            n / (n - 1) * sum((t - middle) ** 2 for t in totals)
            if n > 1
            else (totals[0] - overall) ** 2
        )
    return float(np.sqrt(variance))


@pytest.mark.parametrize("group", ["all", "near"])
def test_errors_are_exactly_the_linearisation_written_out(group):
    rows = small(6)
    found = answers(rows, rows, by=None if group == "all" else "town")
    everyone, earns = np.ones(len(rows), bool), rows["net_income_pc"].notna().to_numpy()
    there = everyone if group == "all" else (rows["town"] == group).to_numpy()
    for name, statistic in by_definition(rows).items():
        place, inside = group, earns & there
        if name.startswith("part"):  # a part of all rows
            place, inside = "near", earns
        elif name.startswith("dimensions"):
            inside = there
        value, se = found.loc[(place, name)]
        np.testing.assert_allclose(
            value,
            statistic(np.where(inside, rows["persons"], 0.0)),
            rtol=1e-10,
            err_msg=name,
        )
        np.testing.assert_allclose(
            se,
            written_out(rows, statistic, inside),
            rtol=1e-10,
            atol=1e-16,
            err_msg=name,
        )


@pytest.mark.parametrize("alpha", [1, 2])
def test_the_errors_of_growth_and_redistribution_are_exactly_their_linearisation(alpha):
    before, after = (
        small(6),
        small(7).assign(net_income_pc=lambda f: f["net_income_pc"] * 1.1),
    )
    found = poverty_change(
        before, after, lines=(LINE, LINE * 1.1), alpha=alpha, design=DESIGN
    ).estimates.set_index("measure")
    rows = pd.concat(
        [
            before.assign(date=0, x=before["net_income_pc"] / LINE),
            after.assign(date=1, x=after["net_income_pc"] / (LINE * 1.1)),
        ],
        ignore_index=True,
    )
    inside, x = rows["x"].notna().to_numpy(), rows["x"].fillna(0.0).to_numpy()

    def parts(w):
        at = [w * (rows["date"] == d).to_numpy() for d in (0, 1)]
        mean = [(v * x).sum() / v.sum() for v in at]

        def poverty(shape, level):
            y = x * (mean[level] / mean[shape])
            return (at[shape] * np.where(y.real < 1, (1 - y) ** alpha, 0)).sum() / at[
                shape
            ].sum()

        a, c, d, b = poverty(0, 0), poverty(0, 1), poverty(1, 0), poverty(1, 1)
        return {
            "change": b - a,
            "growth": (c - a + b - d) / 2,
            "redistribution": (d - a + b - c) / 2,
        }

    for name in ("change", "growth", "redistribution"):
        np.testing.assert_allclose(
            found.loc[name, "value"],
            parts(np.where(inside, rows["persons"], 0.0))[name],
            rtol=1e-10,
        )
        np.testing.assert_allclose(
            found.loc[name, "se"],
            written_out(rows, lambda w, name=name: parts(w)[name], inside),
            rtol=1e-10,
        )


def test_a_share_has_the_error_of_the_textbook():
    """Two strata of two clusters, by hand: z of a cluster is the sum of w (y - p) / W."""
    rows = pd.DataFrame(
        {
            "net_income_pc": [1, 9, 1, 9, 9, 9, 1, 1.0],
            "s": list("aaaabbbb"),
            "c": list("xxyyxxyy"),
            "w": 1.0,
        }
    )
    found = poverty_rates(
        rows,
        line=5,
        design=SurveyDesign(strata="s", clusters="c", weights="w"),
    ).rates.iloc[0]
    # clusters' sums of (y - 1/2): 0, 0 in a; -1, 1 in b; variance 2 / 1 * (1 + 1) / 8^2
    assert found["rate"] == 0.5 and found["se"] == pytest.approx(
        np.sqrt(4) / 8, abs=1e-15
    )


def test_clusters_without_rows_of_the_subgroup_stay_in_the_design():
    """Cutting the frame down to the subgroup loses the clusters that have none of it, and their zeros."""
    rows = survey(9, counties=2, villages=20, size=5)
    rows["rare"] = np.where(
        (rows["county"] == "0") & (rows["village"].isin(["v1", "v2", "v3"])),
        "few",
        "rest",
    )
    domain = poverty_rates(rows, line=LINE, by="rare", design=DESIGN).rates.loc["few"]
    cut = poverty_rates(
        rows[rows["rare"] == "few"], line=LINE, design=DESIGN
    ).rates.iloc[0]
    assert domain["rate"] == cut["rate"] and domain["se"] != pytest.approx(
        cut["se"], rel=1e-3
    )
    # rows without income keep their cluster too
    blank = rows.assign(
        net_income_pc=rows["net_income_pc"].where(rows["rare"] == "few")
    )
    assert poverty_rates(blank, line=LINE, design=DESIGN).rates["se"].iloc[
        0
    ] == pytest.approx(domain["se"], rel=1e-12)


def test_a_stratum_with_one_cluster_is_said_and_one_cluster_has_no_error():
    rows = small(6)
    found = poverty_rates(rows, line=LINE, design=DESIGN).rates.iloc[0]
    assert (
        found["status"] == "strata with one cluster, taken about the mean of all: 1"
        and found["se"] > 0
    )
    one = poverty_rates(
        rows.assign(village="v", county="c"), line=LINE, design=DESIGN
    ).rates.iloc[0]
    assert (
        one["status"] == "one cluster: no error"
        and one[["se", "ci_low", "ci_high"]].isna().all()
        and 0 < one["rate"] < 1
    )


def test_nothing_and_everything_are_exact_and_their_intervals_are_not_points():
    rows = survey(2, counties=2, villages=10, size=5)
    for income, value in ((LINE, 0.0), (LINE - 1, 1.0)):
        for alpha in (0, 1, 2):
            found = poverty_rates(
                rows.assign(net_income_pc=income), line=LINE, alpha=alpha, design=DESIGN
            ).rates.iloc[0]
            assert (
                found["rate"]
                == (
                    value
                    if alpha == 0
                    else pytest.approx(value / LINE**alpha, abs=1e-15)
                )
                and found["se"] < 1e-18
            )
        share = poverty_rates(
            rows.assign(net_income_pc=income), line=LINE, design=DESIGN
        ).rates.iloc[0]
        assert (share["ci_low"], share["ci_high"]) == (
            (0.0, pytest.approx(0.18, abs=0.01))
            if value == 0
            else (pytest.approx(0.82, abs=0.01), 1.0)
        )


def test_intervals_of_a_clustered_share_cover_their_level():
    """Villages that differ much; normal intervals of a rare share cover less than they say, these do not."""
    rng, hits, draws = np.random.default_rng(8), 0, 400
    village = np.repeat(np.arange(40), 20)
    truth = (rng.beta(0.5, 4.5, 1_000_000)).mean()
    for _ in range(draws):
        poor = rng.random(800) < rng.beta(0.5, 4.5, 40)[village]
        found = poverty_rates(
            pd.DataFrame({"net_income_pc": np.where(poor, 1.0, 9.0), "v": village}),
            line=5,
            design=SurveyDesign(clusters="v"),
        ).rates.iloc[0]
        hits += found["ci_low"] <= truth <= found["ci_high"]
    assert 0.93 <= hits / draws <= 0.98


def test_design_errors_know_groups_that_share_clusters():
    z = np.array([[1.0], [-1.0], [2.0], [-2.0]])
    found = design_errors(
        z,
        stratum=[0, 0, 0, 0],
        cluster=[0, 1, 0, 1],
        group=[0, 0, 1, 1],
        inside=np.ones(4, bool),
        groups=2,
    )
    np.testing.assert_allclose(found.se[:, 0], [2.0, 4.0])
    assert found.df.tolist() == [1, 1] and found.clusters.tolist() == [2, 2]
