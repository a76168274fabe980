"""The synthetic registry: the speech's counts, identities, and errors only where they were planted."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from jinzhou.errors import ParameterError
from jinzhou.reference.vocabulary import DEMO, POOR_NOW, TABLES
from jinzhou.registry.privacy import CHECKS, WEIGHTS
from jinzhou.synthetic import build, synthesize
from jinzhou.synthetic.parameters import DEFAULT_HOUSEHOLDS, Targets

LOOKBACK = "2018回头看"
CUT = pd.Timestamp("2018-09-30")


@pytest.fixture(scope="module")
def small():
    return build(households_count=1_500, seed=11)


@pytest.fixture(scope="module")
def full():
    return build()


@pytest.fixture(params=["small", "full"])
def registry(request):
    return request.getfixturevalue(request.param)


def members_of(registry, year):
    household, member = (
        registry.true_tables["household"],
        registry.true_tables["member"],
    )
    household = household[household["snapshot"] == year].set_index("household_id")
    member = member[member["snapshot"] == year]
    return member.assign(
        status=member["household_id"].map(household["registration_status"])
    )


def test_counts_of_the_lookback(registry):
    events = registry.true_tables["event"]
    found = events[
        (events["source_round"] == LOOKBACK) & (events["recorded_on"] <= CUT)
    ]
    counts = found.groupby("kind")["persons"].sum()
    targets = registry.targets
    assert counts.to_dict() == {
        "returned": targets.returned,
        "newly_identified": targets.newly_identified,
        "member_added": targets.omitted,
    }
    assert (found.loc[found["kind"] == "member_added", "reason"] == "omitted").all()
    # nobody is counted twice: one kind per household
    assert found.groupby("household_id")["kind"].nunique().max() == 1


def test_stock_of_the_speech(registry):
    people = members_of(registry, 2018)
    assert people["status"].isin(POOR_NOW).sum() == registry.targets.poor_persons
    assert (people["status"] == "planned_exit").sum() == registry.targets.planned_exit


def test_ledgers_of_the_speech(registry):
    tables, targets = registry.tables, registry.targets
    lots = tables["housing"].groupby("funding_batch")["household_id"].agg(set)
    assert (
        len(lots["batch_950"]) == targets.batch_950
        and len(lots["batch_938"]) == targets.batch_938
    )
    assert len(lots["batch_950"] & lots["batch_938"]) == targets.batch_overlap
    loan = tables["loan"]
    now = loan[loan["disbursed_on"].dt.year == 2018]
    assert (
        now["contract_amount"].sum() == targets.microcredit_yuan
        and now["contract_amount"].max() <= 50_000
    )
    assert now["disbursed_on"].max() <= CUT


def test_persons_treated_by_the_day_of_the_brief(registry):
    visit = registry.tables["visit"]
    stays = visit[(visit["med_type"] == "inpatient") & (visit["setl_time"] <= CUT)]
    for since in ("admitted_on", "discharged_on"):
        assert (
            stays.loc[stays[since] >= "2018-01-01", "certno"].nunique()
            == registry.targets.treated
        )
    known = registry.tables["member"].query("snapshot == 2018")["id_number"].str[:18]
    assert set(stays.loc[stays["admitted_on"] >= "2018-01-01", "certno"]) <= set(known)


def test_villages_left_to_exit(registry):
    village = registry.tables["village"].query("snapshot == 2018")
    left = village[village["is_poor_village"] & ~village["exited"].astype(bool)]
    assert left["exit_year"].value_counts().to_dict() == {2018: 56, 2019: 28}
    assert (
        set(left.loc[left["is_deep_poor"], "area_code"].str[:6]) == {"210727"}
        and left["is_deep_poor"].sum() == 15
    )


def test_default_size_carries_the_speech_itself(full):
    assert full.targets == Targets() and len(full.homes) == DEFAULT_HOUSEHOLDS
    people = members_of(full, 2018)
    assert 50_000 < (people["status"] == "exited").sum() < 58_000
    assert (full.tables["loan"]["disbursed_on"].dt.year == 2018).sum() >= 43
    cause = full.true_tables["household"].query("snapshot == 2018")["primary_cause"]
    assert (cause == "illness").mean() == pytest.approx(0.441, abs=0.01)


def test_stock_follows_from_flows_by_county_and_quarter(registry):
    """Replays every event from the opening stock and meets each registry year's own count of members."""
    events = registry.true_tables["event"].sort_values(
        ["recorded_on", "event_id"], kind="stable"
    )
    opening = members_of(registry, 2014)
    status = opening.groupby("household_id")["status"].first().isin(POOR_NOW).to_dict()
    county = opening["household_id"].str[:6]
    stock = county[opening["status"].isin(POOR_NOW)].value_counts().to_dict()
    quarters = {}
    for row in events.itertuples():
        home, sign = row.household_id, 0
        was_poor = status.get(home, False)
        if row.kind in ("returned", "newly_identified"):
            assert not was_poor
            sign, status[home] = 1, True
        elif row.kind in ("exited", "removed"):
            assert was_poor
            sign, status[home] = -1, False
        elif row.kind == "natural_decrease" and row.person_id is None:
            sign, status[home] = -int(was_poor), False
        elif row.kind in ("natural_decrease", "natural_increase", "member_added"):
            sign = (-1 if row.kind == "natural_decrease" else 1) * int(was_poor)
        key = (home[:6], row.recorded_on.year, row.recorded_on.quarter)
        quarters[key] = quarters.get(key, 0) + sign * row.persons
    for year in range(2015, 2019):
        people = members_of(registry, year)
        counted = (
            people["household_id"]
            .str[:6][people["status"].isin(POOR_NOW)]
            .value_counts()
        )
        for code in stock:
            flow = sum(
                change
                for (c, y, q), change in quarters.items()
                if c == code and (y, q) <= (year, 3)
            )
            assert stock[code] + flow == counted.get(code, 0)


def test_records_come_after_the_events_and_before_the_export(registry):
    events = registry.true_tables["event"]
    assert (events["happened_on"] < events["recorded_on"]).all()
    assert events["recorded_on"].max() > CUT and events[
        "recorded_on"
    ].max() <= pd.Timestamp("2018-12-31")
    visit = registry.true_tables["visit"]
    assert (visit["setl_time"] >= visit["discharged_on"]).all() and visit[
        "setl_time"
    ].max() <= pd.Timestamp("2018-12-31")
    returned = events[
        (events["kind"] == "returned") & (events["source_round"] != LOOKBACK)
    ]
    quarter = returned["recorded_on"].dt.to_period("Q").astype("int64") - returned[
        "happened_on"
    ].dt.to_period("Q").astype("int64")
    assert quarter.between(0, 5).all() and (quarter > 0).any()


def test_identity_numbers_are_valid_and_belong_to_no_place(registry):
    numbers = registry.history.members
    text = numbers["id_number"].to_numpy(dtype=str)
    assert (
        numbers["id_number"].str.startswith("210799").all()
        and numbers["id_number"].is_unique
    )
    digits = np.array([list(map(int, t[:17])) for t in text])
    assert "".join(t[17] for t in text) == "".join(
        np.array(list(CHECKS))[(digits @ WEIGHTS) % 11]
    )
    assert (
        numbers["id_number"].str[6:14]
        == pd.to_datetime(numbers["birth_date"]).dt.strftime("%Y%m%d")
    ).all()
    assert ((digits[:, 16] % 2 == 1) == numbers["male"].to_numpy(dtype=bool)).all()


def test_payers_add_up_to_the_fen(registry):
    fen = (
        (registry.true_tables["visit"].select_dtypes("number") * 100)
        .round()
        .astype("int64")
    )
    total = fen["medfee_sumamt"]
    assert (
        total
        == fen[
            ["inscp_scp_amt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"]
        ].sum(axis=1)
    ).all()
    assert (
        total == fen[["fund_pay_sumamt", "hosp_part_amt", "psn_part_amt"]].sum(axis=1)
    ).all()
    assert (
        fen["fund_pay_sumamt"]
        == fen[
            [
                "hifp_pay",
                "cvlserv_pay",
                "hifes_pay",
                "hifmi_pay",
                "hifob_pay",
                "maf_pay",
                "oth_pay",
            ]
        ].sum(axis=1)
    ).all()
    assert (fen["psn_part_amt"] == fen["acct_pay"] + fen["psn_cash_pay"]).all() and (
        fen >= 0
    ).all(axis=None)


def test_in_patients_pay_nothing_once_the_policy_starts(full):
    visit = full.true_tables["visit"]
    stays = visit[visit["med_type"] == "inpatient"]
    before, after = (
        stays[stays["admitted_on"] < "2017-07-01"],
        stays[stays["admitted_on"] >= "2018-01-01"],
    )
    assert 0.25 < before["psn_part_amt"].sum() / before["medfee_sumamt"].sum() < 0.35
    assert 0.90 < (after["psn_part_amt"] == 0).mean() < 0.99


def test_income_parts_add_up_before_errors_are_planted(registry):
    income = registry.true_tables["income"]
    size = registry.true_tables["household"].set_index(["household_id", "snapshot"])[
        "household_size"
    ]
    size = size.reindex(
        pd.MultiIndex.from_frame(income[["household_id", "snapshot"]])
    ).to_numpy()
    transfer = income[
        [
            "family_planning_subsidy",
            "dibao_payment",
            "tekun_payment",
            "pension_payment",
            "eco_compensation",
            "other_transfer",
        ]
    ].sum(axis=1)
    np.testing.assert_allclose(income["transfer_income"], transfer, atol=0.01)
    np.testing.assert_allclose(
        income["property_income"],
        income["asset_dividend"] + income["other_property"],
        atol=0.01,
    )
    parts = income[
        ["wage_income", "business_income", "property_income", "transfer_income"]
    ].sum(axis=1)
    np.testing.assert_allclose(income["total_income"], parts, atol=0.01)
    np.testing.assert_allclose(
        income["net_income"],
        income["total_income"] - income["business_expense"],
        atol=0.01,
    )
    np.testing.assert_allclose(
        income["net_income_pc"], income["net_income"] / size, atol=0.01
    )


def test_money_is_paid_from_what_was_allocated(registry):
    tables = registry.true_tables
    paid = tables["payment"].groupby("fund_id")["paid_amount"].sum()
    fund = tables["fund"].set_index("fund_id")
    left = fund["allocated_amount"] - paid.reindex(fund.index).fillna(0)
    assert (left > -1e-6).all()
    np.testing.assert_allclose(fund["carried_over"], left, atol=1e-4)
    project = tables["project"]
    levels = project[
        [
            "budget_central",
            "budget_province",
            "budget_city",
            "budget_county",
            "budget_other",
        ]
    ].sum(axis=1)
    np.testing.assert_allclose(project["budget_total"], levels, atol=0.01)
    assert (tables["fund_year"]["amount"] == 0).any()


def test_frequency_of_returns_follows_the_known_hazard(full):
    truth = full.history.hazards
    group = truth.groupby(pd.qcut(truth["h"], 10, labels=False))
    expected, seen = group["h"].sum(), group["returned"].sum()
    # the upper groups, where counts are large enough for a normal approximation; six standard errors
    assert (abs(seen - expected)[4:] < 6 * np.sqrt(expected[4:])).all()
    assert truth["returned"].sum() > truth["detected"].sum() > 0
    eta = full.world.hazard.intercept + sum(
        getattr(full.world.hazard, c) * truth[c].astype(float)
        for c in (
            "log_margin",
            "ill_now",
            "ill_last",
            "chronic",
            "job_loss",
            "disaster",
            "dibao",
            "elderly",
            "disabled",
            "labour",
            "dwelling_grade",
            "deep_village",
            "quarters_since_exit",
            "aid",
            "winter",
        )
    )
    homes = full.homes.iloc[truth["home"]]
    eta += (
        full.world.hazard.unrecorded * homes["u"].to_numpy()
        + homes["village_effect"].to_numpy()
    )
    np.testing.assert_allclose(truth["eta"], eta, atol=1e-5)


def test_fields_of_every_table_are_in_the_vocabulary(small):
    assert set(small.tables) == set(TABLES) - {
        "petition"
    }  # an optional ledger that the demonstration does not deliver
    for name, frame in small.tables.items():
        assert set(frame.columns) <= {c.name for c in TABLES[name].columns}
        assert set(TABLES[name].key) <= set(frame.columns) | {"project_id"}
        for column in TABLES[name].columns:
            if column.kind == "code" and column.name in frame:
                assert set(frame[column.name].dropna()) <= set(
                    column.labels.values()
                ), (name, column.name)


def test_errors_are_only_where_the_truth_says(small):
    planted = small.planted
    assert {
        "Q-person-002",
        "Q-house-003",
        "Q-income-001a",
        "Q-visit-001a",
        "Q-event-002",
        "duplicate",
    } <= set(planted["rule"])
    wrong = small.tables["income"].drop_duplicates()
    parts = wrong[
        ["wage_income", "business_income", "property_income", "transfer_income"]
    ].sum(axis=1)
    broken = wrong[(wrong["total_income"] - parts).abs() > 1]
    noted = planted[planted["table"] == "income"]
    assert set(zip(broken["household_id"], broken["snapshot"])) <= set(
        zip(noted["key"], noted["snapshot"])
    )


def test_the_demonstration_of_this_city_keeps_its_bytes(exports):
    """Its places come from files; a change here is a change of every demonstration."""
    read = hashlib.sha256()
    for path in sorted(exports.glob("*.csv")):
        read.update(path.read_bytes())
    assert read.hexdigest().startswith("2cf2a1ac8c1c9d20")


def test_same_seed_writes_the_same_bytes(tmp_path):
    def digest(folder):
        return {
            p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(folder.rglob("*"))
            if p.is_file()
        }

    first = synthesize(tmp_path / "a", households=1_500, seed=3)
    synthesize(tmp_path / "b", households=1_500, seed=3)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert f"{len(first.files)} files" in first.summary()
    effects = json.loads(
        (tmp_path / "a" / "truth" / "effects.json").read_text(encoding="utf-8")
    )
    assert effects["world"]["hazard"]["visit"] == -0.80
    for path in (tmp_path / "a").glob("*.csv"):
        title = path.read_bytes().split(b"\n")[0]
        assert any(
            DEMO.encode(encoding) in title for encoding in ("utf-8", "gb18030")
        ), path.name


def test_too_few_households_are_refused():
    with pytest.raises(ParameterError, match="1500"):
        build(households_count=200)
