"""The hazard: known coefficients come back, errors agree with a reference, lists are exact."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from jinzhou.chapters.risk.model import COVARIATES, OFFICES
from jinzhou.errors import EstimationError, ParameterError, RegistryError
from jinzhou.statistics.hazard import Likelihood, cluster_cov, fit
from jinzhou.statistics.returns import return_risk as hazards
from jinzhou.statistics.returns.drift import drift
from jinzhou.statistics.returns.fitting import HazardOptions
from jinzhou.statistics.returns.incidence import incidence
from jinzhou.statistics.returns.return_risk import if_enough, rule_risk
from jinzhou.statistics.returns.terms import Covariate
from jinzhou.statistics.returns.watch_list import watch_list


def return_risk(panel, *, options=None, **more):
    """The estimator, with the offices that answer reasons."""
    named = replace(options or HazardOptions(), offices=OFFICES)
    return hazards.return_risk(panel, options=named, **more)


TRUE = {"x": 0.8, "z": -0.6, "visit": -0.8}
TERMS = (
    Covariate("x", lambda p: p["x"].to_numpy(float), "illness"),
    Covariate("z", lambda p: p["z"].to_numpy(float), "income"),
    Covariate("visit", lambda p: p["visit"].to_numpy(float), set_to=0.0),
)
AS_OF = "2018-12-31"


def simulated(homes=3_000, quarters=12, seed=1, effects=TRUE):
    """A panel whose hazard we wrote: cloglog with the effects above and intercept -3."""
    rng = np.random.default_rng(seed)
    n = homes * quarters
    frame = pd.DataFrame(
        {
            "household_id": np.repeat([f"H{i:05d}" for i in range(homes)], quarters),
            "county": "210727",
            "quarter_end": np.tile(
                pd.date_range("2016-03-31", periods=quarters, freq="QE"), homes
            ),
            "at_risk": True,
            "x": rng.integers(0, 2, n).astype(float),
            "z": rng.normal(0, 1, n),
            "visit": (rng.random(n) < 0.1).astype(float),
        }
    )
    eta = -3 + sum(effects[k] * frame[k] for k in effects)
    frame["returned_1"] = (rng.random(n) < 1 - np.exp(-np.exp(eta))).astype(float)
    frame.loc[frame["quarter_end"] == frame["quarter_end"].max(), "returned_1"] = np.nan
    return frame


@pytest.fixture(scope="module")
def fitted():
    return return_risk(simulated(), as_of=AS_OF, covariates=TERMS)


def test_known_hazard_is_recovered(fitted):
    for name, true in (TRUE | {"intercept": -3}).items():
        row = fitted.coefficients.loc[name]
        assert abs(row["beta"] - true) < 4 * row["se"] and row["se"] < 0.15


def test_intervals_cover_their_level():
    inside = []
    for seed in range(40):
        c = return_risk(
            simulated(homes=500, seed=seed), as_of=AS_OF, covariates=TERMS
        ).coefficients
        inside += [
            c.loc[n, "ci_low"] <= t <= c.loc[n, "ci_high"] for n, t in TRUE.items()
        ]
    assert 0.89 <= np.mean(inside) <= 0.99


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_statsmodels_agrees_on_coefficients_and_clustered_errors(link):
    frame = simulated(homes=400).dropna(subset="returned_1")
    Z, y = (
        sm.add_constant(frame[list(TRUE)].to_numpy(float)),
        frame["returned_1"].to_numpy(),
    )
    rows = Likelihood(Z, y, link=link)
    found = fit(rows)
    groups = pd.factorize(frame["household_id"])[0]
    family = sm.families.Binomial(
        sm.families.links.CLogLog() if link == "cloglog" else sm.families.links.Logit()
    )
    reference = sm.GLM(y, Z, family=family).fit(
        tol=1e-12, cov_type="cluster", cov_kwds={"groups": groups}
    )
    assert_allclose(found.beta, reference.params, atol=1e-8)
    assert_allclose(
        np.sqrt(np.diag(cluster_cov(rows, beta=found.beta, clusters=groups))),
        reference.bse,
        rtol=1e-3,
    )


def test_contributions_sum_to_the_score(fitted):
    total = fitted.contributions.sum(axis=1) + fitted.reference_eta
    assert_allclose(total, fitted.scores["eta"], atol=1e-9)


def test_everybody_is_scored_as_not_visited():
    frame = simulated()
    one = return_risk(frame, as_of=AS_OF, covariates=TERMS).scores
    last = frame["quarter_end"] == AS_OF
    two = return_risk(
        frame.assign(visit=np.where(last, 1 - frame["visit"], frame["visit"])),
        as_of=AS_OF,
        covariates=TERMS,
    ).scores
    assert_frame_equal(one, two)


def test_rows_after_the_date_do_not_change_the_scores():
    frame, cut = simulated(), "2018-03-31"
    label = frame["returned_1"].where(frame["quarter_end"] < cut)
    later = frame["quarter_end"] > cut
    rng = np.random.default_rng(9)
    noise = frame.assign(
        **{
            c: np.where(later, rng.normal(0, 9, len(frame)), frame[c])
            for c in ("x", "z", "visit", "returned_1")
        }
    )
    one, two = (
        return_risk(f, as_of=cut, outcome=label, covariates=TERMS)
        for f in (frame, noise)
    )
    assert_frame_equal(one.scores, two.scores)
    assert_frame_equal(one.coefficients, two.coefficients)


def test_terms_that_do_not_vary_are_named_and_missing_values_counted():
    frame = simulated(homes=500).assign(z=0.0)
    frame.loc[frame.index[frame["returned_1"].notna()][:50], "x"] = np.nan
    found = return_risk(frame, as_of=AS_OF, covariates=TERMS)
    assert found.dropped == {"z": "does not vary"} and found.missing["x"] == 50


def test_reasons_name_what_raises_the_score(fitted):
    named = fitted.contributions.drop(columns="visit")
    ill = fitted.scores[(named["x"] > 1e-9) & (named.idxmax(axis=1) == "x")]
    assert (
        len(ill)
        and (ill["reason_1"] == "x").all()
        and (ill["office"] == "health").all()
    )
    assert not fitted.scores["reason_1"].eq("visit").any()  # a visit is no reason


def test_what_is_not_recorded_is_no_reason():
    frame = simulated(homes=500)
    blank = (frame["quarter_end"] == AS_OF) & (frame.index % 24 == 11)
    terms = (
        Covariate("x", TERMS[0].value, "illness", missing=5.0),
        *TERMS[1:],
    )
    scores = return_risk(
        frame.assign(x=frame["x"].mask(blank)), as_of=AS_OF, covariates=terms
    ).scores.set_index("household_id")
    unknown = scores.loc[frame.loc[blank, "household_id"]]
    assert len(unknown) and not unknown[["reason_1", "reason_2"]].eq("x").any(axis=None)
    assert scores["reason_1"].eq("x").any()


def test_ties_at_the_cutoff_are_marked_and_broken_by_number():
    frame = simulated(homes=300).assign(z=0.0)
    found = return_risk(
        frame, as_of=AS_OF, covariates=TERMS, options=HazardOptions(frailty=False)
    )
    listed = watch_list(found, capacity=20).rows
    assert (
        listed["tied_at_cutoff"].any()
        and listed["household_id"].is_monotonic_increasing
    )
    assert (listed["change"] == "first").all()


def test_changes_since_the_last_list(fitted):
    before = return_risk(simulated(), as_of="2018-09-30", covariates=TERMS)
    found = watch_list(fitted, capacity=50, previous=before)
    earlier = set(before.scores.head(50)["household_id"])
    assert (
        set(found.rows.loc[found.rows["change"] == "new", "household_id"])
        == set(found.rows["household_id"]) - earlier
    )
    assert set(found.left["household_id"]) == earlier - set(found.rows["household_id"])


def test_too_few_returns_are_not_fitted():
    frame = simulated(homes=100)
    frame["returned_1"] = frame["returned_1"].where(frame["returned_1"].isna(), 0.0)
    with pytest.raises(EstimationError, match="只有 0 次返贫"):
        return_risk(frame, as_of=AS_OF, covariates=TERMS)
    assert if_enough(return_risk, frame, as_of=AS_OF, covariates=TERMS) is None


def test_one_county_is_scored_by_the_fit_of_all():
    frame = simulated()
    frame["county"] = np.where(frame["household_id"] < "H01000", "210726", "210727")
    one, every = (
        return_risk(frame, as_of=AS_OF, covariates=TERMS, county=c)
        for c in ("210726", "")
    )
    assert_frame_equal(one.coefficients, every.coefficients)
    assert set(one.scores["county"]) == {"210726"} and len(one.scores) == 1_000


def test_wrong_parameters_are_named():
    frame = simulated(homes=100)
    with pytest.raises(ParameterError, match="cloglog"):
        return_risk(
            frame, as_of=AS_OF, options=HazardOptions(link="probit"), covariates=TERMS
        )
    with pytest.raises(EstimationError, match="没有可评估"):
        return_risk(frame, as_of="2018-12-30", covariates=TERMS)
    with pytest.raises(ParameterError, match="容量"):
        watch_list(return_risk(simulated(), as_of=AS_OF, covariates=TERMS), capacity=0)


def test_registry_terms_fit_the_synthetic_registry(panel):
    found = return_risk(
        panel,
        as_of="2018-09-30",
        covariates=COVARIATES,
    )
    assert not found.penalised and found.coefficients["se"].notna().all()
    assert (
        found.coefficients.loc["log_margin", "beta"]
        < 0
        < found.coefficients.loc["chronic", "beta"] + 1
    )


def test_one_return_and_all_returns_are_answered():
    frame = simulated(homes=100)
    known = frame["returned_1"].notna()
    one = frame.assign(returned_1=np.where(known, 0.0, np.nan))
    one.loc[one.index[known][0], "returned_1"] = 1.0
    with pytest.raises(EstimationError, match="只有 1 次返贫"):
        return_risk(one, as_of=AS_OF, covariates=TERMS)
    with pytest.raises(EstimationError, match="全部返贫"):
        return_risk(
            frame.assign(returned_1=np.where(known, 1.0, np.nan)),
            as_of=AS_OF,
            covariates=TERMS,
        )


def test_perfect_separation_is_named_and_finite():
    frame = simulated(homes=600)
    frame["x"] = np.where(frame["returned_1"].notna(), frame["returned_1"], 0.0)
    found = return_risk(frame, as_of=AS_OF, covariates=TERMS)
    assert (
        "x" in found.penalised
        and np.isfinite(found.coefficients["beta"]).all()
        and found.scores["risk"].notna().all()
    )


def test_few_returns_are_penalised_and_say_so():
    frame = simulated(homes=60, effects={"x": 0.5, "z": -0.5, "visit": -0.5})
    many = tuple(
        Covariate(
            f"n{i}", lambda p, i=i: np.sin(p.index.to_numpy() * (i + 1.3)), "place"
        )
        for i in range(10)
    )
    found = return_risk(frame, as_of=AS_OF, covariates=(*TERMS, *many))
    assert (
        found.penalised == "few returns" and np.isfinite(found.coefficients["se"]).all()
    )


def test_columns_that_say_nothing_are_named_with_the_reason():
    frame = simulated(homes=500)
    frame["copy"], frame["quarter_only"] = (
        2 * frame["x"] - 1,
        (frame["quarter_end"].dt.quarter == 1).astype(float),
    )
    terms = (
        *TERMS,
        Covariate("gone", lambda p: np.full(len(p), np.nan)),
        Covariate("flat", lambda p: np.ones(len(p))),
        Covariate("copy", lambda p: p["copy"].to_numpy(float)),
        Covariate("quarter_only", lambda p: p["quarter_only"].to_numpy(float)),
    )
    found = return_risk(frame, as_of=AS_OF, covariates=terms)
    assert dict(found.dropped) == {
        "gone": "all missing",
        "flat": "does not vary",
        "copy": "follows from other terms",
    }
    assert found.calendar == ("quarter_only",)


def test_a_county_without_exited_households_is_named():
    with pytest.raises(EstimationError, match="县区 210782"):
        return_risk(
            simulated(homes=100), as_of=AS_OF, covariates=TERMS, county="210782"
        )


def test_rows_that_cannot_be_are_refused_with_their_column():
    frame = simulated(homes=100)
    with pytest.raises(RegistryError, match="quarters_since_exit.*3行"):
        return_risk(
            frame.assign(
                quarters_since_exit=np.where(np.arange(len(frame)) < 3, -1.0, 2.0)
            ),
            as_of=AS_OF,
            covariates=TERMS,
        )
    with pytest.raises(RegistryError, match="重复行2行"):
        return_risk(
            pd.concat([frame, frame.iloc[:2]], ignore_index=True),
            as_of=AS_OF,
            covariates=TERMS,
        )
    with pytest.raises(ParameterError, match="权重 w 有5行"):
        return_risk(
            frame.assign(w=np.where(np.arange(len(frame)) < 5, 0.0, 1.0)),
            as_of=AS_OF,
            covariates=TERMS,
            options=HazardOptions(weights="w"),
        )
    with pytest.raises(ParameterError, match="event_share"):
        return_risk(
            frame, as_of=AS_OF, covariates=TERMS, options=HazardOptions(event_share=1.5)
        )


def test_a_past_of_returns_raises_the_household_and_its_villages_others():
    frame = simulated(homes=400, seed=3)
    frame["area_code"] = "V" + frame["household_id"].str[-2]
    known = frame["returned_1"].notna()
    marked = frame["household_id"].eq("H00011") & known
    frame.loc[marked, "returned_1"] = np.where(
        np.arange(marked.sum()) % 2 == 0, 1.0, 0.0
    )
    found = return_risk(frame, as_of=AS_OF, covariates=TERMS)
    at = found.scores.index[found.scores["household_id"] == "H00011"][0]
    assert found.contributions.loc[at, "household_frailty"] > 0.3
    plain = return_risk(
        frame, as_of=AS_OF, covariates=TERMS, options=HazardOptions(frailty=False)
    )
    assert (
        not plain.contributions[["village_frailty", "household_frailty"]].any(axis=None)
        and plain.household_frailty_variance == 0
    )
    # what the village says of a household does not hold the household's own returns
    neighbours = found.scores["household_id"].isin(
        frame.loc[frame["area_code"] == "V1", "household_id"]
    )
    assert (
        found.contributions.loc[at, "village_frailty"]
        < found.contributions.loc[
            neighbours & (found.scores.index != at), "village_frailty"
        ].mean()
    )


def test_least_shares_of_counties_are_kept_and_marked():
    frame = simulated(homes=1_000)
    frame["county"] = np.where(frame["household_id"] < "H00200", "210726", "210727")
    frame["z"] = frame["z"] + np.where(
        frame["county"] == "210726", 3.0, 0.0
    )  # low risk in one county
    frame["town"] = np.where(frame["household_id"].str[-1] == "1", "甲", "乙")
    found = return_risk(frame, as_of=AS_OF, covariates=TERMS)
    free, held = (
        watch_list(found, capacity=50),
        watch_list(found, capacity=50, county_share=0.05),
    )
    assert (
        (free.rows["county"] == "210726").sum()
        < 10
        == (held.rows["county"] == "210726").sum()
    )
    assert (
        len(held.rows) == 50
        and held.rows["quota"].sum() > 0
        and held.quotas["210726"] == 10
    )
    own = held.rows[held.rows["county"] == "210726"]
    assert (
        own["rank"].tolist()
        == found.scores.loc[found.scores["county"] == "210726", "rank"]
        .head(10)
        .tolist()
    )
    towns = (
        watch_list(found, capacity=60, town_share=0.03)
        .rows.groupby(["county", "town"])
        .size()
    )
    at_risk = found.scores.groupby(["county", "town"]).size()
    assert (
        towns.reindex(at_risk.index, fill_value=0) >= (0.03 * at_risk).astype(int)
    ).all()
    assert (
        watch_list(found, capacity=50, quotas={"210726": 7}).rows["county"] == "210726"
    ).sum() >= 7
    with pytest.raises(ParameterError, match="超过名单容量"):
        watch_list(found, capacity=20, county_share=0.05)
    with pytest.raises(ParameterError, match="county_share"):
        watch_list(found, capacity=20, county_share=1.5)


def test_entries_and_departures_say_why():
    frame = simulated(homes=800)
    before = return_risk(frame, as_of="2018-09-30", covariates=TERMS)
    now = return_risk(frame, as_of=AS_OF, covariates=TERMS)
    found = watch_list(now, capacity=60, previous=before)
    new = found.rows[found.rows["change"] == "new"]
    assert set(new["why"]) | set(found.left["why"]) <= {
        "input",
        "model",
        "others",
        "newly at risk",
        "no longer at risk",
    }
    then = frame[frame["quarter_end"] == "2018-09-30"].set_index("household_id")
    today = frame[frame["quarter_end"] == AS_OF].set_index("household_id")
    for row in new[new["why"] == "input"].itertuples():
        if row.why_term in TRUE:
            assert (
                then.at[row.household_id, row.why_term]
                != today.at[row.household_id, row.why_term]
            )
    assert found.explained() > 0.9


def test_too_few_returns_leave_the_order_of_the_rules(panel):
    from jinzhou import registry

    fired = registry.triggers(panel, rules_on="2021-05-14")
    found = rule_risk(
        panel, fired.fired, fired.rules, as_of="2018-09-30", offices=OFFICES
    )
    assert (
        found.method == "rules"
        and found.scores["risk"].isna().all()
        and found.scores["eta"].is_monotonic_decreasing
    )
    listed = watch_list(found, capacity=30)
    assert len(listed.rows) == 30 and (listed.rows["reason_1"] != "").all()
    with pytest.raises(ParameterError, match="没有可评估"):
        rule_risk(panel, fired.fired, fired.rules, as_of="2018-09-29", offices=OFFICES)


def test_stability_index_of_inputs_by_hand(fitted):
    found = drift(
        fitted, return_risk(simulated(), as_of="2018-09-30", covariates=TERMS)
    )
    before, now = (
        return_risk(simulated(), as_of=d, covariates=TERMS).inputs["x"]
        for d in ("2018-09-30", AS_OF)
    )
    p, q = (
        (np.array([(v == 0).sum(), (v == 1).sum(), 0]) + 0.5) for v in (now, before)
    )
    p, q = p / p.sum(), q / q.sum()
    assert_allclose(found.rows.loc["x", "psi"], ((p - q) * np.log(p / q)).sum())
    assert (
        found.rows.loc["x", "reading"] == "stable"
        and len(drift(fitted, None).rows) == 0
    )


def test_incidence_needs_returns_at_each_lead():
    frame = simulated(homes=100).assign(left_1=0.0)
    with pytest.raises(EstimationError, match="提前1个季度只有0次"):
        incidence(
            frame.assign(returned_1=frame["returned_1"] * 0),
            as_of=AS_OF,
            covariates=TERMS,
        )
