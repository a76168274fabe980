"""The duty board and the score card: late, unknown, two offices, no weights."""

import pandas as pd
import pytest

from jinzhou.chapters.exit.analysis.duties import duty_board, score_card
from jinzhou.chapters.exit.analysis.indicators import judge
from jinzhou.errors import ParameterError
from jinzhou.reference import indicators
from jinzhou.reference.targets import duty_units
from jinzhou.words import REFERENCE_VARIABLE


def board(*rows, as_of="2018-09-30", **more):
    columns = [
        "department",
        "task",
        "target",
        "value",
        "due_on",
        "reported_on",
        "county",
    ]
    return duty_board(
        pd.DataFrame([r + (None,) * (7 - len(r)) for r in rows], columns=columns),
        units=duty_units(),
        as_of=as_of,
        **more,
    )


GOOD = ("农委", "产业项目带动户数", 100.0, 60.0, "2018-10-30", "2018-09-28")


def test_a_duty_by_hand():
    found = board(
        ("农委", "产业项目带动户数", 100.0, 32.0, "2018-10-30", "2018-08-31"), GOOD
    )
    row = found.rows.iloc[0]
    assert (
        row["left"],
        row["days_left"],
        row["silent"],
        row["unit"],
        row["status"],
    ) == (40, 30, 2, "户", "open")
    assert row["pace"] == pytest.approx(1.0) and row["needed"] == pytest.approx(40 / 30)


@pytest.mark.parametrize(
    ("change", "status", "missing"),
    [
        ({3: 100.0}, "done", ""),
        ({4: "2018-09-29"}, "late", ""),
        ({1: "数据录入"}, "unknown", "unit"),
        ({2: None}, "unknown", "target"),
        ({2: 0.0}, "unknown", "target"),
        ({3: None}, "unknown", "value"),
        ({4: None}, "unknown", "due"),
    ],
)
def test_what_cannot_be_judged_is_said(change, status, missing):
    found = board(tuple(change.get(i, v) for i, v in enumerate(GOOD))).rows.iloc[0]
    assert (found["status"], found["missing"]) == (status, missing)


def test_done_late_is_still_done_and_two_offices_are_shown_twice():
    assert board(GOOD[:3] + (100.0, "2018-09-01", "2018-09-28")).rows[
        "status"
    ].tolist() == ["done"]
    found = board(GOOD, ("工商联", *GOOD[1:3], 100.0, *GOOD[4:])).rows
    assert (
        found["status"].tolist() == ["unknown", "unknown"]
        and set(found["missing"]) == {"two offices"}
        and len(found) == 2
    )


def test_day_of_the_campaign():
    assert (
        board(GOOD, first_day="2018-07-27").day,
        board(GOOD, first_day="2018-07-27").assumed,
    ) == (66, False)
    assert (board(GOOD).first_day, board(GOOD).assumed) == ("2018-09-28", True)
    assert board().day is None and "not known" in board().summary("en")


def scored(weights):
    counts = pd.DataFrame(
        [
            {
                "indicator": i,
                "level": "county",
                "county": c,
                "town": "all",
                "village": "all",
                "met": m,
                "counted": 10.0,
                "unknown": u,
            }
            for c, i, m, u in (
                ("a", "paved_road", 5.0, 0.0),
                ("a", "culture_centre", 10.0, 0.0),
                ("b", "paved_road", 5.0, 1.0),
                ("b", "culture_centre", 10.0, 0.0),
            )
        ]
    )
    return score_card(
        judge(
            counts,
            [
                r
                for r in indicators.indicators()
                if r.id in ("paved_road", "culture_centre")
            ],
            as_of="2018-09-30",
        ).rows,
        weights,
    )


def test_no_score_without_weights_and_none_where_a_part_is_unknown():
    assert scored({}).refused == "no weights" and not len(scored({}).scores)
    found = scored({"paved_road": 30.0, "culture_centre": 10.0}).scores
    assert found.at["a", "score"] == pytest.approx(62.5) and pd.isna(
        found.at["b", "score"]
    )
    assert (found.at["b", "lower"], found.at["b", "upper"]) == (
        pytest.approx(25.0),
        pytest.approx(100.0),
    )


def test_weights_come_from_a_dated_file_alone(tmp_path, monkeypatch):
    assert indicators.score_weights() == {}
    monkeypatch.setenv(REFERENCE_VARIABLE, str(tmp_path))
    assert indicators.score_weights() == {}
    file = tmp_path / "score_weights.csv"
    file.write_text(
        "indicator,weight,document,dated\npaved_road,20,锦委办发1号,2018-07-01\n",
        encoding="utf-8",
    )
    assert indicators.score_weights() == {"paved_road": 20.0}


@pytest.mark.parametrize(
    "row",
    [
        "paved_road,20,,2018-07-01",
        "paved_road,20,锦委办发1号,",
        "paved_road,0,锦委办发1号,2018-07-01",
    ],
)
def test_weights_without_a_document_are_refused(row, tmp_path, monkeypatch):
    monkeypatch.setenv(REFERENCE_VARIABLE, str(tmp_path))
    (tmp_path / "score_weights.csv").write_text(
        f"indicator,weight,document,dated\n{row}\n", encoding="utf-8"
    )
    with pytest.raises(ParameterError, match="文号"):
        indicators.score_weights()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_board_and_the_scores_say_themselves(lang):
    assert "1" in board(GOOD, first_day="2018-07-27").summary(lang)
    assert scored({}).summary(lang) and scored({"paved_road": 1.0}).summary(lang)
    assert "<table>" in board(GOOD)._repr_html_()
