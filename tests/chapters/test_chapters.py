"""Every chapter made of sections: each shows itself in its language, and says what it lacks."""

import re
from dataclasses import replace
from html import unescape

import pytest

from jinzhou.chapters import exit as exits
from jinzhou.chapters import funding, illness, review, risk
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry import open_store

AS_OF = "2018-09-30"
PLANS = [funding.CHAPTER, review.CHAPTER, illness.CHAPTER, exits.CHAPTER, risk.CHAPTER]
ENGLISH_IN_CHINESE = re.compile(r"[A-Za-z]{4,}")
ALLOWED = re.compile(
    r"brief\.\w+|manifest\.json|[\w/]+\.csv|Q-[a-z]+-\w+|Brier|Newey|West|Kaplan|Meier|Malmquist|Simar|Wilson|Bootstrap|https?"
)


class Without:
    """A store as if some tables had not been delivered."""

    def __init__(self, store, *tables):
        self._store = store
        self.tables = tuple(t for t in store.tables if t not in tables)

    def __getattr__(self, name):
        return getattr(self._store, name)


@pytest.fixture(scope="module")
def made(store):
    """Every section of every chapter in a language, once."""
    kept = {}

    def of(plan, lang):
        if (plan.name, lang) not in kept:
            now = open_store(store).at(AS_OF, lang=lang)
            kept[plan.name, lang] = [f(now) for f in plan.sections]
        return kept[plan.name, lang]

    return of


def shown(section) -> str:
    """What a reader sees of a section, without tags and images."""
    return unescape(re.sub(r"<[^>]*>", " ", section._repr_html_()))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.folder)
def test_every_section_shows_its_tables_and_figures(plan, lang, made):
    for section in made(plan, lang):
        html = section._repr_html_()
        assert not section.missing and section.lang == lang
        assert html.count("<table") == len(section.tables)
        assert html.count("<img") == len(section.figures)
        assert "nan" not in shown(section).lower().split()


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.folder)
def test_a_chinese_section_shows_no_english_and_no_code(plan, made):
    for section in made(plan, "zh"):
        words = ENGLISH_IN_CHINESE.findall(ALLOWED.sub("", shown(section)))
        assert not words, (section.key, words[:5])


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.folder)
def test_names_of_tables_are_unique_and_sentences_cite_them(plan, made):
    sections = made(plan, "zh")
    names = [t.name for s in sections for t in s.tables]
    assert len(names) == len(set(names))
    cited = {n for s in sections for x in (*s.findings, *s.opening) for n in x.tables}
    bases = {step.basis for s in sections for step in s.steps}
    assert cited | bases <= set(names)


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.folder)
def test_a_missing_table_leaves_its_questions_open_and_no_others(plan, store):
    opened = open_store(store)
    needed = sorted({name for f in plan.sections for name in f.needs})
    for table in needed:
        now = replace(opened.at(AS_OF), store=Without(opened, table))
        open_now = [f for f in plan.sections if table in f.needs]
        for function in open_now:
            answer = function(now)
            assert answer.missing == (table,) and not answer.tables
            assert TABLES[table].zh in answer.findings[0].text


def test_a_chapter_without_a_table_names_the_questions_it_leaves_open(store):
    opened = open_store(store)
    now = replace(opened.at(AS_OF, county="210727"), store=Without(opened, "visit"))
    chapter = illness.CHAPTER.at(now)
    table = chapter.table("illness_unanswered")
    lacking = [f for f in illness.CHAPTER.sections if "visit" in f.needs]
    assert len(table.frame) == len(lacking)
    said = " ".join(s.text for p in chapter.problems for s in p.sentences)
    assert "没有提供《医疗费用结算》" in said and "按纯收入口径" not in said
    assert chapter.facts == () and chapter.county == {}
