"""Lists for the bureaus: where the chain of the money is broken, which projects stand still, which loans to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.chapters.funding.cost_tables import kind_name
from jinzhou.chapters.funding.money_tables import LINKS
from jinzhou.publish.chapter import ListSheet, county_name, words

if TYPE_CHECKING:
    from jinzhou.chapters.funding.analysis.funds import (
        FundTrace,
        PaymentRates,
        Progress,
        Readiness,
    )
    from jinzhou.chapters.funding.analysis.loans import Microcredit

ANSWERS = (
    ("已补齐", "mended"),
    ("正在办理", "in hand"),
    ("有困难", "difficult"),
    ("不属实", "not so"),
)
ANSWERS_FOR = {
    "industry": "industry",
    "infrastructure": "transport",
    "education": "education",
    "health": "health",
    "housing": "housing",
    "employment": "jobs",
    "finance": "credit",
}
"""Office that answers for a type of project; the others are the finance bureau's."""
WHY_LATE = {
    "late": ("晚于计划完工", "behind plan"),
    "late start": ("晚于计划开工", "not begun in time"),
    "not accepted": ("完工未验收", "finished, not accepted"),
    "paid without acceptance": ("付清未验收", "paid, not accepted"),
    "accepted without payment": ("验收未付款", "accepted, not paid"),
    "no households": ("没有带户台账", "no households linked"),
}
WHY_LOAN = {
    "overdue": ("逾期", "overdue"),
    "bad": ("不良", "bad"),
    "enterprise": ("户贷企用", "used by a firm"),
    "due next": ("两季内到期", "due within two quarters"),
}
WHY_POOL = {
    "not disclosed": ("计划未公示", "plan not posted"),
    "no site": ("地点或内容不明", "no place or content"),
    "no households": ("未落实带动的户", "no households named"),
}


def lists(
    *,
    carried: PaymentRates,
    progress: Progress,
    trace: FundTrace,
    ready: Readiness,
    credit: Microcredit,
    heads: pd.Series,
    offices: Mapping[str, str],
    counties: list[str],
    gone: set[str],
    lang: str,
) -> tuple[ListSheet, ...]:
    """One workbook a county; `heads` are masked names by household; `gone` are the keys of tabs that a missing table leaves without a basis."""
    w = words(lang)
    sheets = []
    for county in counties:
        name = county_name(county, lang)
        parts = (
            (
                "broken",
                w("断链", "Broken links"),
                w(f"{name}：资金台账断链", f"{name}: broken links of the money"),
                _broken(trace, county, offices, lang),
                w(
                    "断链是缺记录，请补齐台账或说明",
                    "a missing record: complete it or explain",
                ),
            ),
            (
                "late",
                w("项目", "Projects"),
                w(
                    f"{name}：滞后和手续不全的项目",
                    f"{name}: projects behind or incomplete",
                ),
                _late(progress, county, offices, lang),
                "",
            ),
            (
                "early",
                w("超前拨付", "Paid early"),
                w(f"{name}：下达日期之前的拨付", f"{name}: paid before the allocation"),
                _early(carried, county, offices, lang),
                "",
            ),
            (
                "loans",
                w("贷款", "Loans"),
                w(f"{name}：需关注的小额信贷", f"{name}: small loans to look at"),
                _loans(credit, county, heads, offices, lang),
                w("余额为台账导出时所记", "balances as of the ledger's export"),
            ),
            (
                "pool",
                w("储备", "Pool"),
                w(
                    f"{name}：{ready.year}年储备项目缺什么",
                    f"{name}: what projects of {ready.year} lack",
                ),
                _pool(ready, county, offices, lang),
                "",
            ),
        )
        sheets += [
            ListSheet(
                name=f"funds_{county}",
                tab=tab,
                title=title,
                county=county,
                frame=frame.reset_index(drop=True),
                note=note,
                inputs={
                    w("办理结果", "Result"): tuple(w(*a) for a in ANSWERS),
                    w("说明", "Remarks"): (),
                },
            )
            for key, tab, title, frame, note in parts
            if key not in gone
        ]
    return tuple(sheets)


def _office(kind: str | None, offices: Mapping[str, str]) -> str:
    return offices[ANSWERS_FOR.get(kind or "", "finance")]


def _day(values: pd.Series) -> list[str]:
    return [f"{d:%Y-%m-%d}" if d == d and d is not None else "" for d in values]


def _text(values: pd.Series) -> list[str]:
    return [v if isinstance(v, str) else "" for v in values]


def _broken(
    trace: FundTrace, county: str, offices: Mapping[str, str], lang: str
) -> pd.DataFrame:
    w = words(lang)
    rows = trace.broken[trace.broken["county"] == county]
    return pd.DataFrame(
        {
            w("乡镇", "Township"): _text(rows["town"]),
            w("项目编号", "Project"): _text(rows["project_id"]),
            w("项目类型", "Type"): [
                kind_name(k, lang) if isinstance(k, str) else ""
                for k in rows["project_type"]
            ],
            w("断在哪一环", "Broken at"): [w(*LINKS[k]) for k in rows["link"]],
            w("涉及户数", "Households"): rows["households"],
            w("涉及金额（元）", "Yuan"): rows["yuan"].round(0).astype("int64"),
            w("负责部门", "Office"): [
                offices["finance"] if k in ("fund", "project") else _office(t, offices)
                for k, t in zip(rows["link"], rows["project_type"])
            ],
        }
    )


def _late(
    progress: Progress, county: str, offices: Mapping[str, str], lang: str
) -> pd.DataFrame:
    w = words(lang)
    rows = progress.late[progress.late["county"] == county]
    joint = w("、", ", ")
    return pd.DataFrame(
        {
            w("乡镇", "Township"): _text(rows["town"]),
            w("村", "Village"): _text(rows["village"]),
            w("项目编号", "Project"): rows["project_id"],
            w("项目名称", "Name"): _text(rows["project_name"]),
            w("问题", "What"): [
                joint.join(w(*WHY_LATE[y]) for y in why) for why in rows["why"]
            ],
            w("计划完工", "Planned end"): _day(rows["planned_end"]),
            w("实际完工", "Finished"): _day(rows["finished_on"]),
            w("验收", "Accepted"): _day(rows["accepted_on"]),
            w("晚天数", "Days late"): rows["late_end"],
            w("下达（元）", "Allocated (yuan)"): rows["allocated"],
            w("已付（元）", "Paid (yuan)"): rows["paid"],
            w("负责部门", "Office"): [
                _office(t, offices) for t in rows["project_type"]
            ],
        }
    )


def _early(
    carried: PaymentRates, county: str, offices: Mapping[str, str], lang: str
) -> pd.DataFrame:
    w = words(lang)
    rows = carried.early[carried.early["county"] == county]
    return pd.DataFrame(
        {
            w("资金编号", "Allocation"): rows["fund_id"],
            w("项目编号", "Project"): _text(rows["project_id"]),
            w("下达日期", "Allocated on"): _day(rows["allocated_on"]),
            w("此前已付（元）", "Paid before (yuan)"): rows["yuan"],
            w("负责部门", "Office"): offices["finance"],
        }
    )


def _loans(
    credit: Microcredit,
    county: str,
    heads: pd.Series,
    offices: Mapping[str, str],
    lang: str,
) -> pd.DataFrame:
    w = words(lang)
    rows = credit.warned[credit.warned["county"] == county]
    joint = w("、", ", ")
    return pd.DataFrame(
        {
            w("乡镇", "Township"): _text(rows["town"]),
            w("村", "Village"): _text(rows["village"]),
            w("户编号", "Household number"): rows["household_id"],
            w("户主", "Head"): rows["household_id"].map(heads).fillna(""),
            w("贷款编号", "Loan"): rows["loan_id"],
            w("银行", "Bank"): _text(rows["bank"]),
            w("问题", "What"): [
                joint.join(w(*WHY_LOAN[y]) for y in why) for why in rows["why"]
            ],
            w("余额（元）", "Balance (yuan)"): rows["balance"],
            w("逾期（元）", "Overdue (yuan)"): rows["overdue"],
            w("到期日", "Due on"): _day(rows["due_on"]),
            w("逾期天数", "Days overdue"): rows["days_overdue"],
            w("负责部门", "Office"): offices["credit"],
        }
    )


def _pool(
    ready: Readiness, county: str, offices: Mapping[str, str], lang: str
) -> pd.DataFrame:
    w = words(lang)
    rows = ready.gaps[ready.gaps["county"] == county]
    joint = w("、", ", ")
    return pd.DataFrame(
        {
            w("乡镇", "Township"): _text(rows["town"]),
            w("村", "Village"): _text(rows["village"]),
            w("项目编号", "Project"): rows["project_id"],
            w("项目名称", "Name"): _text(rows["project_name"]),
            w("缺什么", "Lacks"): [
                joint.join(w(*WHY_POOL[y]) for y in why) for why in rows["why"]
            ],
            w("预算（元）", "Budget (yuan)"): rows["budget"],
            w("负责部门", "Office"): [
                _office(t, offices) for t in rows["project_type"]
            ],
        }
    )
