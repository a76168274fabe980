"""The funding and the illness notebooks without one of their tables: the chapter says which question is open and which table answers it, and shows the rest."""

import json
import shutil
from pathlib import Path

import pytest

from jinzhou import exhibits, measures, registry
from jinzhou.errors import ParameterError
from jinzhou.publish import questions
from jinzhou.reference.vocabulary import (
    FUNDING_QUESTIONS,
    ILLNESS_QUESTIONS,
    TABLES,
    Question,
)

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NEEDED = sorted(
    {name for one in FUNDING_QUESTIONS.values() for name in one.needs} - {"household"}
)
"""Without any household there is no quarter to report on, and the command says so before a notebook runs."""


def without(store: Path, folder: Path, *tables: str) -> Path:
    """The store as if some tables had not been delivered."""
    for path in store.iterdir():
        if path.name not in tables:
            (folder / path.name).symlink_to(path)
    return folder


def run(
    store: Path, out: Path, *, notebook: str = "funding_efficiency", **options
) -> dict:
    """All cells of a notebook, for one county."""
    names = {}
    for cell in json.loads(
        (NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8")
    )["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", []):
                names |= {
                    "store": str(store),
                    "out": str(out),
                    "county": "210727",
                    **(
                        {"replications": 100}
                        if notebook == "funding_efficiency"
                        else {}
                    ),
                    **options,
                }
    return names


def said(chapter: exhibits.Chapter) -> str:
    return " ".join(s.text for problem in chapter.problems for s in problem.sentences)


@pytest.fixture
def pruned(store, tmp_path):
    """A function that gives the store without some tables."""

    def make(*tables):
        folder = tmp_path / "data" / "store"
        folder.mkdir(parents=True)
        for path in store.parent.iterdir():
            if path.is_file():
                shutil.copy(path, folder.parent)
        return without(store, folder, *tables)

    return make


@pytest.mark.parametrize("table", NEEDED)
def test_the_released_chapter_names_the_table_and_keeps_the_rest(
    table, pruned, tmp_path
):
    names = run(pruned(table), tmp_path / "out")
    chapter, open_ = names["chapter"], names["asked"].rows.query("status == 'no data'")
    assert len(open_) and all(table in missing for missing in open_["missing"])
    released = json.dumps(
        json.loads(
            (tmp_path / "out" / "released" / "funding_efficiency.json").read_text(
                encoding="utf-8"
            )
        ),
        ensure_ascii=False,
    )
    listed = (tmp_path / "out" / "tables" / "funding_unanswered.csv").read_text(
        encoding="utf-8-sig"
    )
    assert (
        f"没有提供《{TABLES[table].zh}》" in released
        and FUNDING_QUESTIONS[open_.index[0]].zh in released
    )
    assert all(
        FUNDING_QUESTIONS[key].zh in listed for key in open_.index
    ) and listed.count(TABLES[table].zh) >= len(open_)
    shown = (
        {t.name for t in chapter.tables}
        | {f.name for f in chapter.figures}
        | {f.key for f in chapter.facts}
    )
    assert (
        not shown & questions.hidden(names["asked"], FUNDING_QUESTIONS)
        and "funding_unanswered" in shown
    )
    answered = names["asked"].rows.query("status == 'answerable'").index
    first = {
        FUNDING_QUESTIONS[key].shown[0]
        for key in answered
        if FUNDING_QUESTIONS[key].shown and key != "plan"
    }
    assert first <= shown
    assert (
        "nan" not in said(chapter).lower()
        and "元—" not in said(chapter)
        and "约0元" not in said(chapter)
    )


@pytest.mark.parametrize(
    "table",
    sorted(
        {name for one in ILLNESS_QUESTIONS.values() for name in one.needs}
        - {"household"}
    ),
)
def test_the_illness_chapter_names_the_table_and_keeps_the_rest(
    table, pruned, tmp_path
):
    names = run(pruned(table), tmp_path / "out", notebook="illness_poverty")
    chapter, rows = names["chapter"], names["asked"].rows
    shown = (
        {t.name for t in chapter.tables}
        | {f.name for f in chapter.figures}
        | {f.key for f in chapter.facts}
    )
    assert (
        f"没有提供《{TABLES[table].zh}》" in said(chapter)
        and len(chapter.table("illness_unanswered").frame)
        == (rows["status"] == "no data").sum()
        > 0
    )
    assert not shown & questions.hidden(names["asked"], ILLNESS_QUESTIONS)
    assert {
        ILLNESS_QUESTIONS[key].shown[0]
        for key in rows.index[rows["status"] == "answerable"]
    } <= shown
    assert (
        "nan" not in said(chapter).lower()
        and "占—" not in said(chapter)
        and not any(step.target.startswith("0") for step in chapter.steps)
    )
    if table == "visit":
        assert (
            "按纯收入口径" not in said(chapter)
            and "收治建档立卡住院患者" not in said(chapter)
            and chapter.facts == ()
            and chapter.county == {}
        )


def test_two_chapters_without_one_table_keep_a_table_each(pruned, tmp_path):
    folder = pruned("income")
    for notebook in ("funding_efficiency", "illness_poverty"):
        run(folder, tmp_path / "out", notebook=notebook)
    listed = [
        (tmp_path / "out" / "tables" / f"{name}_unanswered.csv").read_text(
            encoding="utf-8-sig"
        )
        for name in ("funding", "illness")
    ]
    assert (
        FUNDING_QUESTIONS["gain"].zh in listed[0]
        and ILLNESS_QUESTIONS["burden"].zh in listed[1]
    )


def test_every_part_of_the_illness_chapter_belongs_to_a_question(store, tmp_path):
    chapter = run(store, tmp_path / "out", notebook="illness_poverty", county="")[
        "chapter"
    ]
    owned = {part for one in ILLNESS_QUESTIONS.values() for part in one.shown}
    assert {t.name for t in chapter.tables} | {f.name for f in chapter.figures} | {
        f.key for f in chapter.facts
    } <= owned


def test_without_payments_nothing_is_written_as_zero(pruned, tmp_path):
    names = run(pruned("payment"), tmp_path / "out", lang="en")
    assert (
        names["rates"].rates["status"].eq("payments not known").any()
        and names["rates"].rates["rate"].isna().all()
    )
    assert (
        names["projects"]["paid"].isna().all()
        and names["progress"].stages["accepted_unpaid"].isna().all()
        and "not known" in names["progress"].summary()
    )
    assert (
        "Without the table payment it cannot be said whether the money is there and paid"
        in said(names["chapter"])
    )
    assert (
        "whether payment and acceptance agree cannot be determined"
        in said(names["chapter"])
        and names["chapter"].facts == ()
    )


def test_without_villages_cadres_are_unknown_and_alike_households_may_differ_in_them(
    pruned, tmp_path
):
    names = run(pruned("village"), tmp_path / "out")
    assert (
        names["units"]["cadres"].isna().all()
        and set(names["frontier"].excluded) == {"missing value"}
        and names["chance"].status == "too few rows"
    )
    assert (
        names["counties"].unknown == ("poor_village",)
        and "poor_village" not in names["counties"].covariates
    )
    assert "未知而没有比照的条件：贫困村" in names["chapter"].table("cost_alike").note


@pytest.mark.parametrize(
    ("as_of", "lang", "told"),
    [
        (
            "2015-03-31",
            "zh",
            [
                "支出进度未能判定",
                "没有可比的户",
                "还没有满一年的登记收入",
                "今年计划没有下达资金",
            ],
        ),
        (
            "2016-12-31",
            "en",
            [
                "no exit has been followed",
                "nobody alike",
                "is over",
                "cannot be determined",
            ],
        ),
    ],
)
def test_a_quarter_before_the_money_ends_in_a_chapter_too(
    as_of, lang, told, store, tmp_path
):
    names = run(store, tmp_path / "out", as_of=as_of, lang=lang)
    assert (
        names["asked"].rows["status"].eq("answerable").all()
        and names["gain"].day is None
        and names["moved"].status == "one period"
    )
    assert [
        word for word in told if word not in said(names["chapter"])
    ] == [] and "nan" not in said(names["chapter"]).lower()


def test_nothing_delivered_but_households_still_ends_in_a_chapter(pruned, tmp_path):
    names = run(pruned(*(set(TABLES) - {"household"})), tmp_path / "out")
    assert names["asked"].rows["status"].eq("no data").all() and [
        t.name for t in names["chapter"].tables
    ] == ["funding_unanswered"]
    assert f"等{len(FUNDING_QUESTIONS)}个问题" in said(names["chapter"]) and len(
        names["chapter"].table("funding_unanswered").frame
    ) == len(FUNDING_QUESTIONS)


@pytest.mark.parametrize("table", NEEDED)
def test_both_languages_name_question_table_and_what_to_do(table):
    open_ = measures.answerable(
        [name for name in TABLES if name != table], FUNDING_QUESTIONS
    )
    assert table in open_.summary()
    for lang, name, told, do in (
        ("zh", TABLES[table].zh, f"《{TABLES[table].zh}》", "补交"),
        ("en", table, f"the table {table}", "Deliver"),
    ):
        (sentence,) = questions.sentences(open_, FUNDING_QUESTIONS, name="x", lang=lang)
        (shown,) = questions.tables(open_, FUNDING_QUESTIONS, name="x", lang=lang)
        assert told in sentence.text and do in sentence.text and do in shown.note
        assert (
            shown.frame.iloc[:, 1].eq(name).all()
            and not shown.frame.iloc[:, 2].eq(name).any()
            and len(shown.frame) == (open_.rows["status"] == "no data").sum()
        )


def test_everything_delivered_leaves_no_question_and_an_unknown_table_is_refused(store):
    whole = measures.answerable(registry.open_store(store).tables, FUNDING_QUESTIONS)
    assert (
        questions.sentences(whole, FUNDING_QUESTIONS, name="x", lang="zh")
        == ()
        == questions.tables(whole, FUNDING_QUESTIONS, name="x", lang="zh")
        and "were delivered" in whole.summary()
    )
    with pytest.raises(ParameterError, match="没有名为 bills 的表"):
        measures.answerable([], {"x": Question("问", "ask", ("bills",))})


def test_every_part_of_the_chapter_belongs_to_a_question(store, tmp_path):
    """What no question names would stay when its table is missing."""
    chapter = run(store, tmp_path / "out", county="")["chapter"]
    assert all(t.source and "2018-09-30" in t.source for t in chapter.tables) and all(
        "资料来源：" in f.note for f in chapter.figures
    )
    owned = {part for one in FUNDING_QUESTIONS.values() for part in one.shown}
    assert {t.name for t in chapter.tables} | {f.name for f in chapter.figures} | {
        f.key for f in chapter.facts
    } <= owned
