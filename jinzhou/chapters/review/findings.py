"""One county's findings as sheets to answer: summary, what to mend first, one sheet per family of rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from jinzhou.publish.chapter import ListSheet, county_name, words
from jinzhou.reference.vocabulary import (
    ANSWERS,
    CHECK_HEADINGS,
    FOUND_TERMS,
    RULE_FAMILIES,
    TABLES,
)

if TYPE_CHECKING:
    from jinzhou.registry.rules import RuleReport

SEVERITY = {
    "error": ("错误", "error"),
    "logic": ("逻辑", "logic"),
    "doubt": ("疑点", "doubt"),
}
STATUS = {
    "clean": ("无疑点", "clean"),
    "failed": ("有疑点", "doubts"),
    "not testable": ("不可检验", "not testable"),
}
OUTCOME = {
    "corrected": ("已更正", "corrected"),
    "explained": ("已说明", "explained"),
    "open": ("未解决", "open"),
    "gone": ("对象已不在册", "no longer on record"),
    "not testable": ("本次不可检验", "not testable now"),
}


def findings(
    report: RuleReport,
    *,
    county: str,
    places: pd.DataFrame,
    heads: pd.Series,
    offices: Mapping[str, str],
    candidates: Mapping[str, pd.DataFrame] | None = None,
    answers: pd.DataFrame | None = None,
    lang: str = "zh",
) -> tuple[ListSheet, ...]:
    """Sheets of one county's check workbook.

    Parameters
    ----------
    report : RuleReport
        Of that county (`RuleReport.of`).
    places : DataFrame, indexed by household number
        `town`, `village`.
    heads : Series
        Masked name of the head, by household number.
    candidates : mapping, kind -> DataFrame, optional
        ``omitted``, ``split``, ``parents``, ``unregistered``: candidate lists of `registry`, one sheet
        each; a person or household to ask about, never to be removed or added by the list.
    answers : DataFrame, optional
        Result of `registry.answered`: what became of the last check's findings. Explained ones keep
        their answer.
    """
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    name = county_name(county, lang)
    answers = answers[answers["county"] == county] if answers is not None else None
    family = report.failures["rule"].str.split("-").str[1]
    sheets = [
        _summary(report, family, answers, name, county, offices, lang),
        _first(report, name, county, offices, lang),
        _rules(report, name, county, offices, lang),
    ]
    rules = report.results.set_index("rule")
    repeated = _repeated(report, places, name, county, offices, lang)
    if len(repeated.frame):
        sheets.append(repeated)
    for key, terms in RULE_FAMILIES.items():
        rows = report.failures[family == key].reset_index(drop=True)
        if not len(rows):
            continue
        home = places.reindex(rows["household_id"])
        heading = {k: v[pick] for k, v in CHECK_HEADINGS.items()}
        frame = pd.DataFrame(
            {
                heading["rule"]: rows["rule"],
                w("级别", "Severity"): rows["rule"]
                .map(rules["severity"])
                .map(lambda s: SEVERITY[s][pick]),
                w("疑点", "Doubt"): rows["rule"].map(rules[lang]),
                heading["county"]: name,
                w("乡镇", "Township"): home["town"].fillna("").to_numpy(),
                w("村", "Village"): home["village"].fillna("").to_numpy(),
                heading["household_id"]: rows["household_id"].fillna(""),
                w("户主", "Head"): rows["household_id"].map(heads).fillna(""),
                heading["case_id"]: rows["case_id"],
                heading["found"]: [
                    found_text(rules.at[r, "table"], f, lang)
                    for r, f in zip(rows["rule"], rows["found"])
                ],
                w("负责部门", "Office"): rows["rule"].map(rules["office"]).map(offices),
            }
        )
        inputs = {
            heading["answer"]: tuple(a[pick] for a in ANSWERS.values()),
            heading["note"]: (),
        }
        given = None
        if answers is not None and len(answers):
            kept = answers[answers["outcome"] == "explained"].drop_duplicates(
                ["rule", "household_id", "case_id"]
            )
            found = (
                rows[["rule", "household_id", "case_id"]]
                .fillna("")
                .merge(
                    kept[["rule", "household_id", "case_id", "answer", "note"]],
                    on=["rule", "household_id", "case_id"],
                    how="left",
                )
            )
            given = pd.DataFrame(
                {
                    heading["answer"]: found["answer"].map(
                        {k: v[pick] for k, v in ANSWERS.items()}
                    ),
                    heading["note"]: found["note"],
                }
            )
        sheets.append(
            ListSheet(
                name=f"check_{county}",
                tab=terms[pick],
                title=w(f"{name}数据疑点：{terms[0]}", f"{name}: {terms[1]}"),
                county=county,
                frame=frame,
                inputs=inputs,
                answers=given,
            )
        )
    for kind, rows in (candidates or {}).items():
        mine = rows[rows["county"] == county].reset_index(drop=True)
        if len(mine):
            sheets.append(_candidates(kind, mine, name, county, heads, lang))
    return tuple(sheets)


CANDIDATES = {
    "omitted": (
        "疑似遗漏",
        "Omitted",
        "在户籍或参保名册上而登记中没有的人",
        "people on the family's lists and not in the registry",
    ),
    "split": (
        "疑似分户",
        "Split",
        "户口簿上已另立家庭的成年子女",
        "grown children with a family of their own on the hukou list",
    ),
    "parents": (
        "老人单户",
        "Old alone",
        "老人单独立户而名册上有成年子女",
        "old people registered alone whose lists show grown children",
    ),
    "unregistered": (
        "应纳未纳",
        "Unregistered",
        "其他部门名单上有而从未建档的户",
        "households on another office's list and never registered",
    ),
}
EVIDENCE = {
    "roster_id": ("名册序号", "List number"),
    "person_id": ("人编号", "Person"),
    "age": ("年龄", "Age"),
    "sex": ("性别", "Sex"),
    "relation_to_head": ("与户主关系", "Relation"),
    "on_hukou": ("户籍在册", "On hukou list"),
    "insured": ("参保在册", "On insurance list"),
    "was_on_record": ("曾在册年度", "Once on record"),
    "strength": ("证据", "Evidence"),
    "work_months": ("务工月数", "Months of work"),
    "own_spouse_or_child": ("户内有其配偶或子女", "Own spouse or child"),
    "members": ("老人数", "Members"),
    "children": ("成年子女数", "Grown children"),
    "other_transfer": ("其他转移性收入", "Other transfers"),
    "list": ("名单", "List"),
    "known_on": ("日期", "Day"),
    "income_found": ("核实人均收入", "Income found"),
}
SAID = {
    "strong": ("强", "strong"),
    "weak": ("弱", "weak"),
    "housing": ("危房台账", "housing"),
    "spot_check": ("抽查漏评", "spot check"),
    "monitoring": ("监测对象", "monitoring"),
}
VERDICTS = (("属实", "true"), ("不属实", "not true"), ("正在核实", "being checked"))


def _candidates(
    kind: str, rows: pd.DataFrame, name: str, county: str, heads: pd.Series, lang: str
) -> ListSheet:
    """One sheet of people or households to ask about, with the evidence for each."""
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    relation = {
        code: TABLES["member"]["relation_to_head"].label(code)
        for code in TABLES["member"]["relation_to_head"].labels.values()
    }
    sex = {code: TABLES["member"]["sex"].label(code) for code in ("male", "female")}

    def shown(column: str, value: object) -> object:
        if value is None or value is pd.NA or value != value:
            return ""
        if column == "known_on":
            return f"{value:%Y-%m-%d}"
        if isinstance(value, (bool, np.bool_)):
            return w("是" if value else "否", "yes" if value else "no")
        if value in SAID:
            return SAID[value][pick]
        return (
            {**relation, **sex}.get(value, value)
            if lang == "zh" and column in ("relation_to_head", "sex")
            else value
        )

    frame = pd.DataFrame(
        {
            w("乡镇", "Township"): rows["town"].fillna(""),
            w("村", "Village"): rows["village"].fillna(""),
            w("户编号", "Household number"): rows["household_id"],
            w("户主", "Head"): rows["household_id"].map(heads).fillna(""),
            **{
                EVIDENCE[c][pick]: [shown(c, v) for v in rows[c]]
                for c in rows
                if c in EVIDENCE
            },
        }
    )
    tab, tab_en, title, title_en = CANDIDATES[kind]
    return ListSheet(
        name=f"check_{county}",
        tab=w(tab, tab_en),
        title=w(f"{name}：{title}", f"{name}: {title_en}"),
        county=county,
        frame=frame,
        inputs={
            w("核实结果", "Result"): tuple(v[pick] for v in VERDICTS),
            w("说明", "Remarks"): (),
        },
        note=w(
            "只供入户核实，不自动增减人口", "To ask about; nobody is added or removed"
        ),
    )


def found_text(table: str, found: str, lang: str) -> str:
    """``column=value; …`` of a finding in the reader's words: headings, labels, 是/否, 空白."""
    if not found:
        return ""
    pick, parts = 0 if lang == "zh" else 1, []
    names, labels = _terms(table)
    for part in found.split("; "):
        column, _, value = part.partition("=")
        name = (
            FOUND_TERMS[column][pick]
            if column in FOUND_TERMS
            else names.get(column, column)
            if lang == "zh"
            else column
        )
        if lang == "zh":
            value = {"": "空白", "true": "是", "false": "否"}.get(value) or labels.get(
                column, {}
            ).get(value, value)
            if value.startswith("["):
                value = "、".join(
                    labels.get(column, {}).get(v, v)
                    for v in value.strip("[]").split(", ")
                )
        parts.append(
            f"{name}：{value}" if lang == "zh" else f"{name}: {value or 'blank'}"
        )
    return "；".join(parts) if lang == "zh" else "; ".join(parts)


@cache
def _terms(table: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Headings of columns, and labels of their codes; a column of the table itself goes first."""
    names: dict[str, str] = {}
    labels: dict[str, dict[str, str]] = {}
    for one in (TABLES[table], *TABLES.values()):
        for column in one.columns:
            names.setdefault(column.name, column.zh)
            if column.labels and column.name not in labels:
                labels[column.name] = {
                    code: column.label(code) for code in column.labels.values()
                }
    return names, labels


def _summary(
    report, family: pd.Series, answers, name: str, county: str, offices, lang: str
) -> ListSheet:
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    results = report.results.assign(family=report.results["rule"].str.split("-").str[1])
    rows = []
    for key, terms in RULE_FAMILIES.items():
        of = results[results["family"] == key]
        row = {
            w("规则类别", "Family"): terms[pick],
            w("规则数", "Rules"): len(of),
            w("可检验", "Testable"): int((of["tested"] > 0).sum()),
            w("不可检验", "Not testable"): int((of["tested"] == 0).sum()),
            **{
                v[pick]: int(of.loc[of["severity"] == k, "failed"].sum())
                for k, v in SEVERITY.items()
            },
            w("疑点合计", "Findings"): int(of["failed"].sum()),
        }
        if answers is not None:
            mine = answers[answers["rule"].str.split("-").str[1] == key]
            row |= {
                w(f"上次{v[0]}", f"Last check: {v[1]}"): int(
                    (mine["outcome"] == k).sum()
                )
                for k, v in OUTCOME.items()
            }
        rows.append(row)
    frame = pd.DataFrame(rows)
    total = {
        c: w("合计", "All") if i == 0 else int(frame[c].sum())
        for i, c in enumerate(frame)
    }
    frame = pd.concat([frame, pd.DataFrame([total])], ignore_index=True)
    note = w(
        f"登记年度{report.year}年；答复请填黄色两列，连同本表返回",
        f"Registry year {report.year}; fill the two yellow columns and send the workbook back",
    )
    return ListSheet(
        name=f"check_{county}",
        tab=w("总览", "Summary"),
        title=w(f"{name}建档立卡数据核查", f"{name}: check of the registry"),
        county=county,
        frame=frame,
        note=note,
    )


def _first(report, name: str, county: str, offices, lang: str) -> ListSheet:
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    first = report.first_to_mend()
    frame = pd.DataFrame(
        {
            w("先后", "Order"): range(1, len(first) + 1),
            w("规则", "Rule"): first["rule"],
            w("级别", "Severity"): first["severity"].map(lambda s: SEVERITY[s][pick]),
            w("疑点", "Doubt"): first[lang],
            w("条数", "Findings"): first["failed"].astype(int),
            w("可检验", "Tested"): first["tested"].astype(int),
            w("负责部门", "Office"): first["office"].map(offices),
        }
    )
    return ListSheet(
        name=f"check_{county}",
        tab=w("先改十项", "Ten first"),
        title=w(f"{name}最先要改的十项", f"{name}: ten things to put right first"),
        county=county,
        frame=frame,
        note=w("先错误，后逻辑，再疑点", "Errors before logic before doubts"),
    )


REPEATED = 5
"""Findings of one rule in one village from which they are listed together (ours)."""


def _repeated(
    report, places: pd.DataFrame, name: str, county: str, offices, lang: str
) -> ListSheet:
    """The same finding again and again in one village: something to ask whoever wrote it down, no blame (R33)."""
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    rules = report.results.set_index("rule")
    rows = report.failures.dropna(subset=["household_id"])
    home = places.reindex(rows["household_id"])
    rows = rows.assign(town=home["town"].to_numpy(), village=home["village"].to_numpy())
    seen = (
        rows.groupby(["rule", "town", "village"])
        .agg(findings=("case_id", "size"), homes=("household_id", "nunique"))
        .reset_index()
    )
    share = rules["failed"] / rules["tested"]
    # rules that fail everywhere tell nothing of a village
    seen = seen[
        (seen["homes"] >= REPEATED) & (seen["rule"].map(share) < 0.05)
    ].sort_values(
        ["homes", "rule", "town", "village"], ascending=[False, True, True, True]
    )
    frame = pd.DataFrame(
        {
            w("乡镇", "Township"): seen["town"],
            w("村", "Village"): seen["village"],
            w("规则", "Rule"): seen["rule"],
            w("级别", "Severity"): seen["rule"]
            .map(rules["severity"])
            .map(lambda s: SEVERITY[s][pick]),
            w("疑点", "Doubt"): seen["rule"].map(rules[lang]),
            w("户数", "Households"): seen["homes"],
            w("条数", "Findings"): seen["findings"],
            w("负责部门", "Office"): seen["rule"].map(rules["office"]).map(offices),
        }
    )
    return ListSheet(
        name=f"check_{county}",
        tab=w("同村重复", "Repeated"),
        title=w(
            f"{name}：同一问题在同村反复出现",
            f"{name}: the same finding again in one village",
        ),
        county=county,
        frame=frame.reset_index(drop=True),
        note=w(
            f"同村{REPEATED}户以上、全县不足5%的问题；供核查填报过程，不作追责依据",
            f"{REPEATED} households and more in a village, under 5% in the county; no ground for blame",
        ),
    )


def _rules(report, name: str, county: str, offices, lang: str) -> ListSheet:
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    r = report.results
    frame = pd.DataFrame(
        {
            w("规则", "Rule"): r["rule"],
            w("级别", "Severity"): r["severity"].map(lambda s: SEVERITY[s][pick]),
            w("疑点", "Doubt"): r[lang],
            w("可检验", "Tested"): r["tested"],
            w("不符", "Failed"): r["failed"],
            w("状态", "Status"): r["status"].map(lambda s: STATUS[s][pick]),
            w("原因", "Reason"): r[f"why_{lang}"],
            w("负责部门", "Office"): r["office"].map(offices),
        }
    )
    return ListSheet(
        name=f"check_{county}",
        tab=w("规则结果", "Rules"),
        title=w(f"{name}各条规则结果", f"{name}: every rule"),
        county=county,
        frame=frame,
        note=w("不可检验不等于通过", "Not testable is not passed"),
    )
