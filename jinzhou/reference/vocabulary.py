"""Names, headings, labels and units of every registry table: the data dictionary, read
from data.

`tables.csv` and `columns.csv` list what our own exports write, in order; `codes/` has
one file per list of labels, in which the first label of a code is the one written. A
heading of an export is matched to a column through `Column.headings` after
`plain_heading` has removed spaces, full-width forms and bracketed units. Labels are
mapped to English codes, never numbers to numbers, because code numbers differ between
systems. All of it is read once, when the module is imported.

References
----------
docs/data-dictionary.md
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from jinzhou.reference.files import keyed, rows

KINDS = (
    "text",
    "code",
    "set",
    "flag",
    "integer",
    "number",
    "money",
    "date",
    "month",
    "due",
)
POOR_NOW = ("poor", "planned_exit", "returned")
"""Codes of `status` that count together as now poor."""
ABLE = ("skilled", "ordinary")
"""Codes of `labour` that count as able to work."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a registry table.

    Attributes
    ----------
    name, zh : str
        The package's name and the heading that our own exports write.
    kind : str
        One of `KINDS`. ``money`` is stored in yuan whatever the export's unit;
        ``month`` is a date of which only year and month are known (stored as the first
        day); ``due`` is a planned date, which may lie after the day the row was known.
    aliases : tuple of str
        Other headings seen for the same column.
    unit : str
        Unit of the export: 元, 万元, 亩, 平方米, 公里, 月, 天; empty for none.
    labels : mapping, label -> code
        Allowed labels of a ``code`` or ``set`` column; the first label of a code is
        written.
    private : bool
        Kept in the side table only: names, numbers, phones, accounts, diagnoses.
    signature : bool
        The table is recognised only when this heading is present.
    dated_by : str
        Column whose date tells since when this value is known; empty means the row's
        own date.
    """

    name: str
    zh: str
    kind: str = "text"
    aliases: tuple[str, ...] = ()
    unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    signature: bool = False
    dated_by: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        """All accepted headings in plain form, the field name itself included."""
        names = (self.zh, *self.aliases, self.name)
        return tuple(dict.fromkeys(plain_heading(name) for name in names))

    def label(self, code: str) -> str:
        """Chinese label of a code.

        Raises
        ------
        KeyError
            The code is not in the list.
        """
        for label, known in self.labels.items():
            if known == code:
                return label
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class Table:
    """One registry table or ledger.

    Attributes
    ----------
    name, zh : str
        Name in the store and title of the export.
    key : tuple of str
        Columns that identify a row.
    columns : tuple of Column
    known : str
        Column that says when a row became known; ``"snapshot"`` means 30 September of
        that year, empty means always known (lists that carry no date).
    """

    name: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    known: str = ""

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def yearly(self) -> bool:
        """Whether the table is a yearly snapshot."""
        return "snapshot" in self.key


@cache
def columns_by_heading(table: str) -> Mapping[str, Column]:
    """Plain heading -> column of a table; of two with one heading the first counts."""
    found: dict[str, Column] = {}
    for column in TABLES[table].columns:
        for heading in column.headings:
            found.setdefault(heading, column)
    return MappingProxyType(found)


def plain_heading(text: object) -> str:
    """Heading without spaces, full-width forms, brackets' content, asterisks or line
    breaks.

    「耕地面积（亩）」, 「耕地面积(亩)」 and 「 耕地面积 」 become one string.
    """
    plain = unicodedata.normalize("NFKC", str(text))
    plain = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", plain)
    return re.sub(r"[\s*:：\u200b\ufeff]+", "", plain).lower()


def codes(name: str) -> Mapping[str, str]:
    """Label -> code of a list in `codes/`, in the order of the file."""
    return MappingProxyType(keyed(f"codes/{name}", "label", "code"))


def cell_words(kind: str) -> tuple[str, ...]:
    """Words of cells that are no data, of one kind of `cell_words.csv`."""
    return tuple(row["text"] for row in rows("cell_words") if row["kind"] == kind)


def pairs(name: str, key: str) -> Mapping[str, tuple[str, str]]:
    """Key -> (Chinese, English) of a reference file."""
    return MappingProxyType({row[key]: (row["zh"], row["en"]) for row in rows(name)})


def _column(row: Mapping[str, str]) -> Column:
    return Column(
        name=row["column"],
        zh=row["zh"],
        kind=row["kind"],
        aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
        unit=row["unit"],
        labels=codes(row["codes"]) if row["codes"] else MappingProxyType({}),
        private=row["private"] == "yes",
        signature=row["signature"] == "yes",
        dated_by=row["dated_by"],
    )


def _tables() -> dict[str, Table]:
    columns: dict[str, list[Column]] = {}
    for row in rows("columns"):
        columns.setdefault(row["table"], []).append(_column(row))
    return {
        row["table"]: Table(
            name=row["table"],
            zh=row["zh"],
            key=tuple(row["key"].split()),
            columns=tuple(columns[row["table"]]),
            known=row["known"],
        )
        for row in rows("tables")
    }


TABLES: Mapping[str, Table] = MappingProxyType(_tables())
"""All tables by name."""

MISSING_LABELS = cell_words("missing")
"""Cell texts that mean missing in text, label and date columns."""
SUM_ROWS = cell_words("sum")
FOOTERS = cell_words("footer")
YES = cell_words("yes")
NO = cell_words("no")
DEMO = cell_words("demonstration")[0]
"""Words in an export's title row that mark a synthetic registry."""

RULE_FAMILIES = pairs("rule_families", "family")
"""Family of a rule by the second part of its number, with the name of its sheet."""
ICD_CHAPTERS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        row["chapter"]: (row["pattern"], row["zh"], row["en"])
        for row in rows("icd_chapters")
    }
)
"""Pattern of the code and names of the chapters of ICD-10 in which stays are counted.

The first that fits counts; a diagnosis itself is never shown.
"""
FOUND_TERMS = pairs("found_terms", "term")
"""Names of what a rule shows beside its columns."""
CHECK_HEADINGS = pairs("check_headings", "key")
"""Headings of a check workbook by which its answers are read back."""
ANSWERS = pairs("answers", "answer")
"""What an office may answer to a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForensicTest:
    """One test for invented numbers: fewest rows, and what a unit of it is."""

    fewest: int
    unit: str


FORENSIC_TESTS: Mapping[str, ForensicTest] = MappingProxyType(
    {
        row["test"]: ForensicTest(fewest=int(row["fewest"]), unit=row["unit"])
        for row in rows("forensic_tests")
    }
)
"""Tests for invented numbers; the fewest rows of ``line`` are those on each side."""

ALLOCATION_ASSUMPTIONS = MappingProxyType(
    {
        "all": (
            "受益户的稳定脱贫全部计入，其中一部分没有这笔钱也会脱贫",
            "all lasting exits of the people reached are counted, though some would have come without the money",
        ),
        "additional": (
            "只计比情况相近而未受帮扶的户多出的稳定脱贫",
            "only lasting exits beyond those of alike households without the help are counted",
        ),
        "same_response": (
            "明年的钱仍按过去项目的规律见效",
            "next year's money works as that of past projects did",
        ),
        "not_random": (
            "过去的钱不是随机分配的：只比较了已登记情况相近的项目，未登记的差异可能同时影响资金和脱贫",
            "past money was not given by lot: projects alike in what is recorded were compared, and what is not recorded may have moved both money and exits",
        ),
        "split_as_before": (
            "县内同类项目按过去的比例分配增减",
            "within a county, projects of a category grow and shrink in their past proportions",
        ),
        "diminishing": (
            "钱越多，每万元新增的稳定脱贫人数不增加",
            "more money never brings more lasting exits per yuan",
        ),
        "inside_what_was_seen": (
            "各县各类金额不超出过去同类项目出现过的范围",
            "no amount outside the range of past projects of the category",
        ),
        "held_arms": (
            "项目太少、看不出效果、储备不明或今年已超出以往金额的，保持今年数",
            "arms with too few projects, no effect found, unknown readiness, or more money today than was seen keep today's amount",
        ),
    }
)
"""What every plan of `models.allocation` assumes."""

ALLOCATION_PLANS = MappingProxyType(
    {
        "today": ("今年计划", "today's plan"),
        "expected": ("预期最多", "most expected"),
        "cautious": ("最稳妥", "least regret"),
        "small step": ("小幅调整", "small step"),
    }
)
ALLOCATION_DIRECTIONS = MappingProxyType(
    {
        "more": ("增", "more"),
        "less": ("减", "less"),
        "undecided": ("看不准", "undecided"),
        "held": ("保持今年数", "held"),
    }
)
ALLOCATION_CONSTRAINTS = MappingProxyType(
    {
        "total": ("资金总额", "total"),
        "floor": ("县级下限", "county floor"),
        "growth": ("增幅不低于省", "growth not below the province's"),
        "ceiling": ("类别上限", "category ceiling"),
        "ready": ("项目储备", "ready projects"),
        "seen most": ("以往最大金额", "largest amount seen"),
        "seen least": ("以往最小金额", "smallest amount seen"),
        "held": ("保持今年数", "held at today's"),
    }
)
ALLOCATION_REASONS = MappingProxyType(
    {
        "few projects": ("可用项目太少", "too few projects"),
        "no lasting exits": ("没有稳定脱贫记录", "no lasting exits on record"),
        "one amount": ("各项目金额几乎相同", "all projects have nearly one amount"),
        "no overlap": ("各县金额没有重叠", "counties share no amounts"),
        "no free arm": ("各项都不能比较", "no arm can be compared"),
        "money in two units": (
            "金额似乎混用元和万元",
            "money seems to be in two units",
        ),
        "collinear controls": (
            "控制条件彼此决定，分不开",
            "controls cannot be told apart",
        ),
        "no effect of money": (
            "看不出多花钱就多见效",
            "more money cannot be told to do more",
        ),
        "no money": (
            "今年计划没有下达资金",
            "nothing is allocated in this year's plan",
        ),
        "too few projects": ("项目太少", "too few projects"),
        "no effect found": (
            "看不出比相近户多脱贫",
            "no more exits than alike households",
        ),
        "readiness unknown": ("储备不明", "readiness unknown"),
        "more than was seen": ("超出以往金额", "more than was seen"),
        "free": ("可调整", "free"),
        "estimated": ("已估计", "estimated"),
    }
)
"""Names of plans, directions, constraints and reasons of `models.allocation` and `models.money_response`."""

FRONTIER_STATUSES = MappingProxyType(
    {
        "estimated": ("已估计", "estimated"),
        "no inefficiency found": ("未发现效率差异", "no inefficiency found"),
        "mu not identified": (
            "无效率的均值无法识别，改用指数分布",
            "mean of inefficiency not identified, exponential used",
        ),
        "no noise found": (
            "分不出偶然因素，误差无意义",
            "no noise found, errors mean nothing",
        ),
        "not converged": ("估计未收敛", "not converged"),
        "too few rows": ("单元太少", "too few units"),
        "collinear": ("投入彼此决定，分不开", "inputs determine one another"),
        "money in two units": (
            "金额似乎混用元和万元",
            "money seems to be in two units",
        ),
        "missing value": ("缺数据", "missing value"),
        "not positive": ("有零或负值，不能取对数", "zero or negative: no logarithm"),
    }
)
"""Answers of `models.sfa`, of a fit and of its rows."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a chapter: its words, the tables without which it has no answer, and what shows the answer (tables, figures and facts of a chapter, and tabs of its lists)."""

    zh: str
    en: str
    needs: tuple[str, ...]
    shown: tuple[str, ...] = ()


_MONEY, _EXITS = (
    ("project", "fund", "payment"),
    ("project", "payment", "household", "event"),
)
_ALIKE = (*_EXITS, "member", "living", "income")
FUNDING_QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "payment": Question(
            "资金到没到、付了多少、结转多久",
            "whether the money is there and paid, and what is carried over",
            _MONEY,
            (
                "payment_rates",
                "carried_over",
                "payment_progress",
                "payment",
                "county:funding_efficiency",
                "early",
            ),
        ),
        "trace": Question(
            "每一元走到哪里",
            "where each yuan went",
            (*_MONEY, "project_household", "measure", "housing", "household", "event"),
            ("fund_trace", "broken"),
        ),
        "progress": Question(
            "项目开工、完工、验收到哪一步",
            "how far the projects have come",
            ("project",),
            ("project_progress", "late"),
        ),
        "acceptance": Question(
            "付款与验收是否相符", "whether payment and acceptance agree", _MONEY
        ),
        "growth": Question(
            "财政投入增幅是否不低于省",
            "whether budgets grow no less than the province's",
            ("fund_year",),
            ("growth",),
        ),
        "integration": Question(
            "涉农资金整合了多少",
            "how much agricultural money is integrated",
            ("project", "fund"),
            ("integration",),
        ),
        "readiness": Question(
            "明年的项目备得够不够",
            "whether next year's projects are ready",
            ("project", "project_household"),
            ("readiness", "pool"),
        ),
        "credit": Question(
            "小额信贷放了多少、有没有风险",
            "what small loans are out and at risk",
            ("loan",),
            ("microcredit", "microcredit_banks", "loans"),
        ),
        "reach": Question(
            "小额信贷的户贷率",
            "which share of eligible households has a loan",
            ("loan", "household", "member"),
        ),
        "cost": Question(
            "稳定脱贫一个人要花多少",
            "what a lasting exit costs",
            _EXITS,
            ("cost_per_exit",),
        ),
        "cost by type": Question(
            "各类项目每稳定脱贫一人花多少",
            "what a lasting exit costs by project type",
            (*_EXITS, "project_household"),
            ("cost_by_type",),
        ),
        "alike": Question(
            "与条件相近的户比，各县各乡镇贵还是便宜",
            "which places are dear beside alike households",
            _ALIKE,
            ("cost_alike", "cost_towns", "balance"),
        ),
        "kinds": Question(
            "哪类项目多带来稳定脱贫",
            "which kinds of project bring more lasting exits",
            (*_ALIKE, "project_household"),
            ("cost_kinds_alike", "cost_kinds_extra"),
        ),
        "gain": Question(
            "每投入一元增收多少",
            "what income a yuan of help brings",
            (*_ALIKE, "project_household"),
            ("income_gain", "income_per_yuan"),
        ),
        "frontier": Question(
            "谁在前沿上、可以向谁学",
            "who is on the frontier and what the others could copy",
            (*_EXITS, "village"),
            (
                "dea_townships",
                "dea_peers",
                "dea_sensitivity",
                "frontier_checks",
                "dea_circumstances",
                "sfa_terms",
                "sfa_townships",
            ),
        ),
        "plan": Question(
            "同样的钱还有哪些花法",
            "which plans would do more with the same money",
            (*_ALIKE, "fund", "project_household"),
            (
                "plan_compare",
                "plan_counties",
                "plan_arms",
                "plan_prices",
                "plan_today",
                "plan_clash",
                "plan_response",
            ),
        ),
    }
)
"""Questions of the funding chapter in its order, and what each cannot do without."""

_BILLS, _BURDEN = ("visit", "member"), ("household", "member", "income", "visit")
ILLNESS_QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "returns": Question(
            "返贫中因病的有多少",
            "how many returns are by illness",
            ("event",),
            ("illness_trend", "illness_counties", "ill_returns_trend"),
        ),
        "model": Question(
            "没有疾病时会少返贫多少",
            "how many returns there would be without illness",
            ("event", *_BURDEN),
            ("illness_attribution",),
        ),
        "stock": Question(
            "未脱贫户中有病人的有多少",
            "how many poor households have an ill member",
            ("household", "member"),
            ("illness_stock",),
        ),
        "burden": Question(
            "多少户医疗自付过重、因自付跌破贫困线",
            "how many households pay too much, or are pushed under the line",
            _BURDEN,
            ("catastrophic", "impoverishing", "chronic_burden", "burden_change"),
        ),
        "depth": Question(
            "贫困有多深",
            "how deep poverty is",
            ("household", "income"),
            ("poverty_indices", "poverty_change"),
        ),
        "guarantees": Question(
            "两不愁三保障还缺什么",
            "which of the two worries and three guarantees lack",
            ("household", "member", "living", "income"),
            ("five_guarantees", "five_guarantees_counties"),
        ),
        "bills": Question(
            "住院费用由谁支付、县内住院多少、收治多少人",
            "who pays for stays, where they are and how many persons were treated",
            _BILLS,
            (
                "bills_checked",
                "payer_ladder",
                "payer_gaps",
                "reimbursement",
                "in_county",
                "persons_treated",
            ),
        ),
        "zero burden": Question(
            "住院是否做到零负担",
            "whether stays cost the patient nothing",
            _BILLS,
            ("zero_burden", "county:illness_poverty"),
        ),
        "policy": Question(
            "住院和自付的走势、零负担政策是否起作用",
            "how stays and own payments move, and whether the zero burden works",
            _BILLS,
            (
                "stays_trend",
                "payments_trend",
                "policy_effect",
                "policy_interrupted",
                "policy_event_study",
            ),
        ),
        "tail": Question(
            "脱贫后两年政策是否延续",
            "whether the policy lasts two years after the exit",
            (*_BILLS, "household"),
            ("policy_tail",),
        ),
        "services": Question(
            "患病人口的三个一批、六个一落实多少",
            "which services the ill have",
            ("health_service", "member"),
            ("six_ones",),
        ),
        "screening": Question(
            "筛查和就诊了多少人",
            "how many were screened and treated",
            ("health_service", "member", "visit"),
            ("screening",),
        ),
        "clinics": Question(
            "村卫生室和村医有多少",
            "which villages have a clinic with a doctor",
            ("village",),
            ("clinics",),
        ),
    }
)
"""Questions of the illness chapter in its order, and what each cannot do without."""
