"""Batches matched by household, the countdown of grade D, defects by builder."""

import pandas as pd
import pytest

from jinzhou.chapters.exit.analysis.housing import (
    housing_builders,
    housing_burn,
    housing_clearance,
)


def ledger(rows):
    columns = [
        "household_id",
        "county",
        "funding_batch",
        "grade",
        "appraised_on",
        "started_on",
        "completed_on",
        "accepted_on",
        "acceptance",
        "occupied_on",
        "builder",
        "defect",
    ]
    frame = pd.DataFrame(rows, columns=columns[: len(rows[0])]).reindex(columns=columns)
    return frame.assign(
        **{c: pd.to_datetime(frame[c]) for c in columns if c.endswith("_on")}
    )


def test_batches_are_matched_by_household():
    housing = ledger(
        [
            ("1", "a", "batch_950", "D", "2018-01-01", "2018-05-01", "2018-07-01"),
            ("2", "a", "batch_950", "C", "2018-01-01", None, None),
            ("2", "a", "batch_938", "C", "2018-05-01", "2018-08-20", None),
            ("3", "a", "lookback", "D", "2018-08-01", None, None),
        ]
    )
    found = housing_clearance(housing, official={"batch_950": 2, "batch_938": 2})
    assert (found.overlap, found.union) == (1, 2)
    assert found.batches.set_index("batch")["difference"].dropna().to_dict() == {
        "batch_938": -1,
        "batch_950": 0,
    }
    assert found.funnel.loc[
        "all", ["listed", "started", "completed", "rest_d"]
    ].tolist() == [3, 2, 1, 1]
    assert found.rest["household_id"].tolist() == ["3"]


def burning(as_of="2018-09-30", deadline="2018-10-31"):
    """Ten of grade D listed in January, one completed every week since 5 August."""
    done = [
        f"{d:%Y-%m-%d}" if d <= pd.Timestamp("2018-09-30") else None
        for d in pd.date_range("2018-08-12", periods=10, freq="7D")
    ]
    return housing_burn(
        ledger(
            [
                (str(i), "a", "batch_950", "D", "2018-01-01", "2018-05-01", d)
                for i, d in enumerate(done)
            ]
        ),
        as_of=as_of,
        deadline=deadline,
    )


def test_the_countdown_by_hand():
    found = burning()
    assert (
        found.left["all"].tolist() == [10, 9, 8, 7, 6, 5, 4, 3, 2] and found.days == 31
    )
    now = found.speeds.loc["all"]
    assert (
        now["needed"] == pytest.approx(2 / 31)
        and now["recent"] == pytest.approx(2 / 14)
        and bool(now["feasible"])
    )
    assert found.forecast.rows.set_index("matter").at["all", "probability"] > 0.95


def test_a_deadline_in_the_past_is_late_and_not_zero_speed():
    found = burning(deadline="2018-09-15")
    assert (
        found.forecast.rows["status"].tolist() == ["late", "late"]
        and found.speeds["feasible"].isna().all()
        and found.speeds["needed"].isna().all()
    )


def test_defects_by_builder_with_intervals():
    rows = [
        (
            str(i),
            "a",
            "other",
            "D",
            "2018-01-01",
            "2018-02-01",
            "2018-05-01",
            "2018-06-01",
            "fail" if bad else "pass",
            None,
            who,
            "skimped_work" if bad else None,
        )
        for i, (who, bad) in enumerate(
            [("B1", i < 12) for i in range(30)]
            + [("B2", i < 1) for i in range(100)]
            + [(None, False)] * 5
        )
    ]
    found = housing_builders(ledger(rows)).set_index("builder")
    assert (
        found["defects"].to_dict() == {"B1": 12, "B2": 1, "unknown": 0}
        and found["open"].sum() == 13
    )
    assert found["apart"].to_dict() == {"B1": True, "B2": False, "unknown": False}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_clearance_and_countdown_say_themselves(lang):
    housing = ledger([("1", "a", "batch_950", "D", "2018-01-01", None, None)])
    found = housing_clearance(housing, official={"batch_950": 1.0})
    assert "1" in found.summary(lang) and "<table>" in found._repr_html_()
    assert "31" in burning().summary(lang)
