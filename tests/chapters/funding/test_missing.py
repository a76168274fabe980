"""The funding chapter without one of its tables, and in quarters before the money."""

import shutil

import pytest

from jinzhou.chapters import funding
from jinzhou.chapters.funding import data, estimates
from jinzhou.publish.section import Section
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry import open_store

PLAN = funding.CHAPTER
NEEDED = sorted({name for f in PLAN.sections for name in f.needs} - {"household"})
"""Without any household there is no quarter to report on."""
DRAWS = {"replications": 100}
WITH_DRAWS = (
    funding.township_frontier,
    funding.frontier_checks,
    funding.township_circumstances,
)


@pytest.fixture
def without(store, tmp_path):
    """A function that gives one county's snapshot of a store without some tables."""

    def make(*tables, as_of="2018-09-30", lang="zh"):
        folder = store
        if tables:
            folder = tmp_path / "data" / "store"
            folder.mkdir(parents=True)
            for path in store.parent.iterdir():
                if path.is_file():
                    shutil.copy(path, folder.parent)
            for path in store.iterdir():
                if path.name not in tables:
                    (folder / path.name).symlink_to(path)
        return open_store(folder).at(as_of, county="210727", lang=lang)

    return make


def computed(now) -> dict[str, Section]:
    """Every section of the chapter by name, with few draws."""
    made = {}
    for function in PLAN.sections:
        options = DRAWS if function in WITH_DRAWS else {}
        made[function.__name__] = function(now, **options)
    return made


def said(sections) -> str:
    return " ".join(s.text for section in sections for s in section.findings)


@pytest.mark.parametrize("table", NEEDED)
def test_the_chapter_names_the_table_and_keeps_the_rest(table, without):
    now = without(table)
    sections = computed(now)
    chapter = PLAN.at(now)
    open_ = [f for f in PLAN.sections if table in f.needs]
    rest = [sections[f.__name__] for f in PLAN.sections if f not in open_]
    assert open_ and all(not section.missing for section in rest)
    listed = chapter.table("funding_unanswered").frame
    assert len(listed) == len(open_)
    assert listed["missing"].str.contains(TABLES[table].zh).all()
    text = " ".join(s.text for p in chapter.problems for s in p.sentences)
    assert f"没有提供《{TABLES[table].zh}》" in text
    names = {t.name for section in rest for t in section.tables}
    assert {t.name for t in chapter.tables} == names | {"funding_unanswered"}
    assert "nan" not in said(rest).lower() and "约0元" not in said(rest)
    assert "元—" not in said(rest) and "每稳定脱贫一人—" not in said(rest)


def test_without_payments_nothing_is_written_as_zero(without):
    now = without("payment", lang="en")
    sections = computed(now)
    assert data.projects(now)["paid"].isna().all()
    stages = sections["project_stages"]
    assert stages.result.stages["accepted_unpaid"].isna().all()
    assert "payment and acceptance agree cannot be determined" in said([stages])
    text = said([sections["payment"]])
    assert "Without payment it cannot be said whether the money is there" in text
    assert sections["payment"].facts == ()


def test_without_villages_cadres_are_unknown_and_a_covariate_is_named(without):
    now = without("village")
    units = data.townships(now, since=data.SINCE)
    assert units["cadres"].isna().all()
    assert funding.township_frontier(now, **DRAWS).missing == ("village",)
    section = funding.county_comparison(now)
    assert section.result.unknown == ("poor_village",)
    note = section.tables[0].note if section.tables else ""
    assert "未知而没有比照的条件：贫困村" in note


@pytest.mark.parametrize(
    ("as_of", "lang", "words"),
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
            ["cannot be determined", "no matched households", "is over", "not known"],
        ),
    ],
)
def test_a_quarter_before_the_money_ends_in_a_chapter_too(as_of, lang, words, without):
    now = without(as_of=as_of, lang=lang)
    sections = computed(now).values()
    assert not any(section.missing for section in sections)
    assert estimates.income(now, since=data.SINCE).day is None
    text = said(sections)
    assert [word for word in words if word not in text] == []
    assert "nan" not in text.lower()
    assert all(len(t.frame) for section in sections for t in section.tables)


def test_nothing_delivered_but_households_still_ends_in_a_chapter(without):
    now = without(*(set(TABLES) - {"household"}))
    chapter = PLAN.at(now)
    assert [t.name for t in chapter.tables] == ["funding_unanswered"]
    assert len(chapter.table("funding_unanswered").frame) == len(PLAN.sections)
    text = " ".join(s.text for p in chapter.problems for s in p.sentences)
    assert f"等{len(PLAN.sections)}个问题" in text
    assert chapter.facts == () and chapter.county == {} and chapter.steps == ()


def test_every_table_and_figure_names_the_tables_it_rests_on(without):
    for section in computed(without()).values():
        assert all(t.source and "2018-09-30" in t.source for t in section.tables)
        assert all("资料来源：" in f.note for f in section.figures)
