"""After 2020: who is monitored, who should be, whose risk is cleared, and how late entries were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.publish import figures
from jinzhou.publish.chapter import (
    Chapter,
    Fact,
    ListSheet,
    Problem,
    Sentence,
    Step,
    Table,
    by_county,
    county_name,
    number,
    words,
)

if TYPE_CHECKING:
    from jinzhou.chapters.monitoring.analysis.monitoring import (
        MonitoringDelays,
        MonitoringFlow,
        MonitoringMoves,
        RelativePoverty,
    )
    from jinzhou.reference.lines import PovertyLine
    from jinzhou.reference.scope import Scope
    from jinzhou.reference.triggers import ClearingRule, MonitoringGroup
    from jinzhou.registry.monitoring import Monitoring

VERDICTS = {
    "cleared": ("已消除", "cleared"),
    "cleared too early": ("过早消除", "cleared too early"),
    "clearing not known": ("已消除，未能判定", "cleared, not known"),
    "may be cleared": ("可以消除", "may be cleared"),
    "may not be cleared": ("不可消除", "may not be cleared"),
    "not known": ("未能判定", "not known"),
}
FAULTS = {
    "cleared before entry": ("消除早于识别", "cleared before entry"),
    "group not yet in force": (
        "识别时该类别尚未施行",
        "group not yet in force when entered",
    ),
    "registered household entered as marginal": (
        "脱贫户识别为边缘易致贫户",
        "exited household entered as marginal",
    ),
    "ordinary household entered as unstable exit": (
        "一般农户识别为脱贫不稳定户",
        "ordinary household entered as unstable exit",
    ),
    "no category": ("类别空白", "category blank"),
}
WHO = {
    "exited": ("脱贫户", "exited households"),
    "ordinary": ("一般农户", "ordinary households"),
    "all": ("合计", "All"),
}
RESULTS = ("属实，应纳入", "属实，已有帮扶", "不属实", "无法联系")
RESULTS_EN = ("true, enter it", "true, already helped", "not true", "not reached")


def monitoring(
    *,
    found: Monitoring,
    flow: MonitoringFlow,
    delays: MonitoringDelays,
    moves: MonitoringMoves,
    relative: RelativePoverty,
    groups: Sequence[MonitoringGroup],
    conditions: Sequence[ClearingRule],
    lines: dict[int, PovertyLine | None],
    ended: Sequence[Scope],
    office: str,
    heads: pd.Series,
    lang: str = "zh",
) -> Chapter:
    """The chapter of the monitoring period, for release.

    Parameters
    ----------
    lines : dict, calendar year -> line or None
        The monitoring lines that the rules used; None where none is known.
    ended : sequence of Scope
        What is no longer measured after 2020, and what to read instead.
    heads : Series
        Masked name of the head, by household number.
    """
    w = words(lang)
    named = {g.key: w(g.zh, g.en) for g in groups} | {
        "none": w("类别空白", "no category"),
        "all": county_name("all", lang),
    }
    year = int(found.as_of[:4])
    line = lines.get(year)
    said = w(f"{year}年监测线{_line(line, w)}", f"line of {year}: {_line(line, w)}")
    state, verdict = (
        found.households["state"].value_counts(),
        found.cases["verdict"].value_counts(),
    )
    all_flow, late = flow.groups.loc["all"], delays.rows.loc["all"]
    missed, untestable, unrecorded = (
        int(state.get(s, 0)) for s in ("missed", "not testable", "no entry on record")
    )
    early, ready = int(verdict.get("cleared too early", 0)), int(all_flow["ready"])
    unmeasured = found.cases[
        ~found.cases["closed"] & found.cases["measure_late"].eq(True).fillna(False)
    ]
    tables = (
        *_flow_tables(flow, named, w, lang),
        _missed_table(found, named, w, lang),
        _condition_table(found, conditions, w),
        _delay_table(delays, named, w),
        _rule_table(found, groups, w),
        _line_table(lines, w),
        _move_table(moves, named, w),
        _relative_table(relative, w, lang),
        _fault_table(found, w),
        _ended_table(ended, w),
    )
    sentences = (
        Sentence(
            text=w(
                f"未消除风险的监测对象{int(all_flow['closing'])}户：上季末{int(all_flow['opening'])}户，本季新纳入{int(all_flow['entered'])}户，帮扶消除{int(all_flow['cleared'])}户，自然消除{int(all_flow['natural'])}户。{said}。",
                f"{int(all_flow['closing'])} households are monitored: {int(all_flow['opening'])} last quarter, {int(all_flow['entered'])} entered, {int(all_flow['cleared'])} cleared by help, {int(all_flow['natural'])} naturally; {said}.",
            ),
            tables=("monitoring_groups", "monitoring_lines"),
        ),
        Sentence(
            text=w(
                f"按规则点名而未纳入{missed}户，因缺数据不可检验{untestable}户；户表标为监测户而无台账{unrecorded}户。",
                f"{missed} households are named by a rule and not entered, {untestable} could not be tested for want of data; {unrecorded} are marked as monitored without a record.",
            ),
            tables=("monitoring_missed", "monitoring_rules"),
        ),
        Sentence(
            text=w(
                f"未消除的户中可以消除{ready}户、不可消除{int(all_flow['not_ready'])}户、未能判定{int(all_flow['not_known'])}户；已消除的户中过早消除{early}户。",
                f"Of those monitored {ready} may be cleared, {int(all_flow['not_ready'])} may not, {int(all_flow['not_known'])} are not known; {early} of those cleared were cleared too early.",
            ),
            tables=("monitoring_clearing",),
        ),
        Sentence(
            text=w(
                f"近一年新纳入{int(late['entries'])}户，规则最早点名到录入的中位数{number(late['median_late'], 'count')}天；从发现到录入{delays.limit}个工作日以内的{int(late['in_time'])}户（可计算{int(late['timed'])}户），识别后一个月内有措施的{int(late['measured'])}户（已满一个月{int(late['due'])}户）。",
                f"{int(late['entries'])} were entered in a year, at the median {number(late['median_late'], 'count')} days after a rule first named them; {int(late['in_time'])} of {int(late['timed'])} within {delays.limit} working days of being found, {int(late['measured'])} of {int(late['due'])} with a measure in the first month.",
            ),
            tables=("monitoring_delays",),
        ),
    )
    steps = tuple(
        Step(
            matter=matter,
            office=office,
            target=w(f"{n}户", f"{n} households"),
            deadline=deadline,
            basis=basis,
        )
        for n, matter, deadline, basis in (
            (
                missed,
                w(
                    "入户核实按规则点名而未纳入的户",
                    "Visit the households that a rule names and nobody entered",
                ),
                w(f"{delays.limit}个工作日内", f"within {delays.limit} working days"),
                "monitoring_missed",
            ),
            (
                early,
                w("重新核实过早消除的户", "Look again at households cleared too early"),
                w("下季末前", "by the end of next quarter"),
                "monitoring_clearing",
            ),
            (
                ready,
                w(
                    "对可以消除的户履行消除程序",
                    "Take the steps of clearing for those that may be cleared",
                ),
                w("下季末前", "by the end of next quarter"),
                "monitoring_clearing",
            ),
            (
                len(unmeasured),
                w(
                    "为识别满一个月仍无措施的户落实措施",
                    "Begin a measure where a month has gone without one",
                ),
                w("立即", "at once"),
                "monitoring_delays",
            ),
            (
                untestable,
                w("补齐数据，使规则可检验", "Fill in the data that the rules need"),
                w("下季末前", "by the end of next quarter"),
                "monitoring_rules",
            ),
        )
        if n
    )
    county_open = (
        flow.counties["closing"]
        .drop(index="all")
        .reindex(sorted(set(found.households["county"])), fill_value=0)
    )
    lists = [
        sheet
        for code in county_open.index
        for sheet in _lists(found, str(code), named, conditions, line, heads, w, lang)
    ]
    return Chapter(
        name="monitoring",
        title=w("防止返贫监测", "Monitoring against the return to poverty"),
        lang=lang,
        tables=tables,
        figures=(figures.monitored_bridge(all_flow, lang=lang),),
        facts=(
            Fact(
                key="monitored",
                label=w("监测对象（未消除）", "Households monitored"),
                text=w(
                    f"{int(all_flow['closing'])}户",
                    f"{int(all_flow['closing'])} households",
                ),
                change=w(
                    f"本季纳入{int(all_flow['entered'])}户、消除{int(all_flow['cleared'] + all_flow['natural'])}户",
                    f"{int(all_flow['entered'])} entered, {int(all_flow['cleared'] + all_flow['natural'])} cleared",
                ),
                year_change=w(
                    f"过早消除{early}户，可以消除{ready}户",
                    f"{early} cleared too early, {ready} may be cleared",
                ),
            ),
            Fact(
                key="missed",
                label=w("按规则应纳未纳", "Named and not entered"),
                text=w(f"{missed}户", f"{missed} households"),
                change=w(f"不可检验{untestable}户", f"{untestable} not testable"),
                year_change=said,
            ),
        ),
        problems=(
            Problem(
                title=w(
                    "防止返贫监测：纳入、消除与遗漏",
                    "Monitoring: entered, cleared and missed",
                ),
                sentences=sentences,
                office=office,
                list_name="monitoring",
            ),
        ),
        steps=steps,
        sentences=sentences[:2],
        notes=(
            w(
                "监测规则在各季末检验，只用当时已录入的数据；收入为当时已有的年度收入表，按该季所在年的监测线比较。",
                "Rules are tested at quarter ends with what was on record; income is the yearly sheet known then, held to the line of that calendar year.",
            ),
            w(
                "纳入看收入低于线（<），消除看收入超过线（>），恰在线上的维持原状。识别和消除只登记到月，按当月最后一天计。",
                "Entry asks for income below the line (<), clearing for income above it (>); exactly at the line nothing changes. Entry and clearing are dated by month and taken at its last day.",
            ),
            w(
                "收入稳定以相连三个季末（半年）都超过线判断。工作日按周一至周五计，未扣除节假日。理赔收入没有台账，未计入。",
                "Income is stable when above the line at three quarter ends in a row (half a year). Working days are Monday to Friday, holidays not taken out. Insurance claims are not on record.",
            ),
            w(
                "2021年起没有返贫登记：其他章节所说的“返贫”指新纳入监测，“线”指监测线；机构名称凭记忆，待核实。",
                "From 2021 no return is registered: what other chapters call a return is an entry into monitoring, and the line is the monitoring line; names of offices are from memory, to verify.",
            ),
            w(
                "标“待核实”的线和规则凭记忆或为演示假定，使用前须换成本省当年文件的数。",
                "Lines and rules marked 'to verify' are from memory or assumed for demonstration: put in those of the province's documents before use.",
            ),
        ),
        lists=tuple(lists),
        county={
            w("监测对象（户）", "Monitored"): {
                **{str(k): number(v, "count") for k, v in county_open.items()},
                "all": number(all_flow["closing"], "count"),
            },
            w("应纳未纳（户）", "Named, not entered"): _by_code(
                found, "missed", county_open.index
            ),
        },
    )


def _by_code(found: Monitoring, state: str, codes) -> dict[str, str]:
    counts = found.households.loc[
        found.households["state"] == state, "county"
    ].value_counts()
    return {
        **{str(c): number(counts.get(c, 0), "count") for c in codes},
        "all": number(int(counts.sum()), "count"),
    }


def _line(line: PovertyLine | None, w) -> str:
    """A line in words, with its mark."""
    if line is None:
        return w(
            "未知（涉及监测线的规则未能判定）",
            "unknown (rules on the line are not tested)",
        )
    mark = {
        "memory": w("，待核实", ", to verify"),
        "demo": w("，演示假定，待核实", ", assumed, to verify"),
    }.get(line.mark, "")
    return w(
        f"{number(line.yuan, 'yuan')}元{f'（{mark[1:]}）' if mark else ''}",
        f"{number(line.yuan, 'yuan')} yuan{f' ({mark[2:]})' if mark else ''}",
    )


def _flow_tables(
    flow: MonitoringFlow, named: dict[str, str], w, lang: str
) -> tuple[Table, Table]:
    heads = {
        "opening": w("上季末", "Opening"),
        "entered": w("新纳入", "Entered"),
        "cleared": w("帮扶消除", "Cleared by help"),
        "natural": w("自然消除", "Cleared naturally"),
        "closing": w("本季末未消除", "Still at risk"),
        "ready": w("可以消除", "May be cleared"),
        "not_ready": w("不可消除", "May not"),
        "not_known": w("未能判定", "Not known"),
        "early": w("本季过早消除", "Cleared too early"),
    }
    groups = flow.groups[list(heads)].rename(columns=heads).reset_index(drop=True)
    groups.insert(0, w("类别", "Group"), [named[g] for g in flow.groups.index])
    counties = by_county(flow.counties[list(heads)].rename(columns=heads), lang)
    shared = {
        "formats": dict.fromkeys(heads.values(), "count"),
        "counts": tuple(heads.values()),
        "total": county_name("all", lang),
    }
    dropped = int(flow.dropped.sum())
    note = w(
        f"上季末＋新纳入−帮扶消除−自然消除＝本季末未消除；末三类之和为本季末未消除。时间自相矛盾的{dropped}条未计入。",
        f"Opening + entered - cleared = still at risk, which is the sum of the three that follow. {dropped} records with contradicting days are left out.",
    )
    return (
        Table(
            name="monitoring_groups",
            title=w("三类监测对象变动（户）", "The three groups (households)"),
            frame=groups,
            note=note,
            **shared,
        ),
        Table(
            name="monitoring_counties",
            title=w("分县监测对象变动（户）", "Monitored households by county"),
            frame=counties,
            **shared,
        ),
    )


def _missed_table(found: Monitoring, named: dict[str, str], w, lang: str) -> Table:
    h = found.households
    columns = {
        **{
            named[g]: (h["state"] == "missed") & (h["rules_group"] == g)
            for g in named
            if g not in ("none", "all")
        },
        w("应纳未纳", "Named, not entered"): h["state"] == "missed",
        w("有户表标记无台账", "Marked, no record"): h["state"] == "no entry on record",
        w("不可检验", "Not testable"): h["state"] == "not testable",
        w("在册户", "On the registry"): pd.Series(True, index=h.index),
    }
    frame = pd.DataFrame(
        {name: flags.groupby(h["county"]).sum() for name, flags in columns.items()}
    ).astype("int64")
    frame.loc["all"] = frame.sum()
    return Table(
        name="monitoring_missed",
        title=w("按规则应纳未纳（户）", "Named by a rule and not entered (households)"),
        frame=by_county(frame, lang),
        formats=dict.fromkeys(columns, "count"),
        counts=tuple(columns),
        total=county_name("all", lang),
        note=w(
            "供核查参考：规则点名不等于应当纳入，须入户核实；不可检验为缺数据，不算没有风险。",
            "For checking: a rule is a reason to visit, not a decision. Not testable means data are missing, never that there is no risk.",
        ),
    )


def _condition_table(found: Monitoring, conditions: Sequence[ClearingRule], w) -> Table:
    cases = found.cases
    rows = []
    for rule in conditions:
        asked = cases["natural"] == rule.natural
        row: dict[str, object] = {
            w("条件", "Condition"): w(rule.zh, rule.en)
            + (w("（自然消除）", " (natural clearing)") if rule.natural else "")
        }
        for head, part in (
            (w("未消除", "Open"), cases[~cases["closed"] & asked]),
            (w("已消除", "Cleared"), cases[cases["closed"] & asked]),
        ):
            answer = part[f"is_{rule.key}"]
            row |= {
                f"{head}{w('：是', ': yes')}": int(answer.eq(True).fillna(False).sum()),
                f"{head}{w('：否', ': no')}": int(answer.eq(False).fillna(False).sum()),
                f"{head}{w('：未知', ': unknown')}": int(answer.isna().sum()),
            }
        rows.append(row | {w("依据", "Mark"): _mark(rule.mark, w)})
    frame = pd.DataFrame(rows)
    counts = tuple(frame.columns[1:7])
    return Table(
        name="monitoring_clearing",
        title=w("风险消除条件逐项（户）", "Conditions of clearing (households)"),
        frame=frame,
        formats=dict.fromkeys(counts, "count"),
        counts=counts,
        note=w(
            "每项均须为“是”才可消除；缺数据为未知，不算满足。过早消除：消除时至少一项为否。",
            "Each must be yes; missing data are unknown, never yes. Too early: at least one was no on the day of clearing.",
        ),
    )


def _mark(mark: str, w) -> str:
    return {
        "published": w("公开文件", "published"),
        "memory": w("待核实", "to verify"),
        "demo": w("演示假定，待核实", "assumed, to verify"),
        "ours": w("自定", "ours"),
    }[mark]


def _delay_table(delays: MonitoringDelays, named: dict[str, str], w) -> Table:
    heads = {
        "entries": w("近一年纳入", "Entered in a year"),
        "named": w("规则曾点名", "Named by a rule"),
        "median_late": w("迟于规则（中位数，天）", "Days after the rule (median)"),
        "ninth_late": w("迟于规则（九成以内，天）", "Days after the rule (9 in 10)"),
        "timed": w("可计程序时间", "With both days"),
        "in_time": w(
            f"{delays.limit}个工作日内", f"Within {delays.limit} working days"
        ),
        "due": w("已满一个月", "A month gone"),
        "measured": w("一个月内有措施", "Measure within a month"),
    }
    frame = delays.rows[list(heads)].rename(columns=heads).reset_index(drop=True)
    frame.insert(0, w("类别", "Group"), [named[g] for g in delays.rows.index])
    counts = tuple(heads[k] for k in heads if not k.endswith("_late"))
    return Table(
        name="monitoring_delays",
        title=w("纳入是否及时", "How fast households were entered"),
        frame=frame,
        formats={**dict.fromkeys(heads.values(), "count")},
        counts=counts,
        total=named["all"],
        note=w(
            "迟于规则：规则最早点名的季末到录入之日；规则按季检验，实际可能更早符合。",
            "Days from the first quarter's end in which a rule named the household; the rule may have held earlier within that quarter.",
        ),
    )


def _rule_table(found: Monitoring, groups: Sequence[MonitoringGroup], w) -> Table:
    rules = found.triggers.rules
    of = {
        key: w("、", ", ").join(w(g.zh, g.en) for g in groups if key in g.triggers)
        for key in rules.index
    }
    used = rules[[bool(of[key]) for key in rules.index]]
    frame = pd.DataFrame(
        {
            w("规则", "Rule"): used[w("zh", "en")].to_numpy(),
            w("用于", "Of"): [of[k] for k in used.index],
            w("自", "From"): used["first_day"].astype(str).to_numpy(),
            w("检验户季", "Household-quarters tested"): used["tested"].to_numpy(),
            w("符合", "Fired"): used["fired"].to_numpy(),
            w("不可检验", "Not testable"): used["unknown"].to_numpy(),
            w("依据", "Mark"): [_mark(m, w) for m in used["mark"]],
        }
    )
    counts = tuple(frame.columns[3:6])
    return Table(
        name="monitoring_rules",
        title=w(
            "纳入规则及检验情况", "Rules of entry and how far they could be tested"
        ),
        frame=frame,
        formats=dict.fromkeys(counts, "count"),
        counts=counts,
    )


def _line_table(lines: dict[int, PovertyLine | None], w) -> Table:
    frame = pd.DataFrame(
        [
            (
                str(year),
                line.yuan if line else float("nan"),
                _mark(line.mark, w)
                if line
                else w("未知：未能判定", "unknown: not tested"),
                w(line.zh, line.source) if line else "",
            )
            for year, line in sorted(lines.items())
        ],
        columns=[
            w("年", "Year"),
            w("监测线（元/人/年）", "Line (yuan per person)"),
            w("依据", "Mark"),
            w("出处", "Source"),
        ],
    )
    return Table(
        name="monitoring_lines",
        title=w("各年监测线", "Monitoring lines"),
        frame=frame,
        formats={frame.columns[1]: "yuan"},
        note=w(
            "没有本省当年的数就不判断，不用别年的线代替。",
            "Without the province's own line for the year nothing is decided; another year's never stands in.",
        ),
    )


def _move_table(moves: MonitoringMoves, named: dict[str, str], w) -> Table:
    label = {
        "never": w("从未监测", "Never monitored"),
        "left": w("已不在册", "Left the registry"),
        "all": named["all"],
    }
    label |= {g: named[g] for g in named if g not in ("none", "all")} | {
        f"{g}_cleared": w(f"{named[g]}（已消除）", f"{named[g]} (cleared)")
        for g in named
        if g not in ("none", "all")
    }
    parts = []
    for unit, counts in (
        (w("户", "households"), moves.households),
        (w("人", "persons"), moves.persons),
    ):
        part = counts.rename(columns=lambda c: label.get(c, c)).reset_index(drop=True)
        part.insert(
            0,
            w("原身份", "Origin"),
            [w(*WHO[k]) + w(f"（{unit}）", f" ({unit})") for k in counts.index],
        )
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    return Table(
        name="monitoring_moves",
        title=w(
            "脱贫攻坚期末以来的去向", "Where households stand since the end of poverty"
        ),
        frame=frame,
        formats=dict.fromkeys(frame.columns[1:], "count"),
        counts=tuple(frame.columns[1:-1]),
        note=w(
            "各行之和等于合计列，两类之和等于合计行；人数按期初家庭人口。",
            "Rows sum to the last column, the two origins to the row of sums; persons as at the beginning.",
        ),
    )


def _relative_table(relative: RelativePoverty, w, lang: str) -> Table:
    r = relative.rows
    frame = pd.DataFrame(
        {
            w("县（市、区）", "County"): [county_name(c, lang) for c in r["county"]],
            w("相对线（中位数的）", "Line (of the median)"): [
                f"{100 * s:g}%" for s in r["share"]
            ],
            w("中位数（元）", "Median (yuan)"): r["median"],
            w("线（元）", "Line (yuan)"): r["line"],
            w("有收入户", "Households with income"): r["households"],
            w("低于线（户）", "Below (households)"): r["poor_households"],
            w("低于线（人）", "Below (persons)"): r["poor_persons"],
            w("占比（人）", "Share of persons"): r["rate"],
        }
    )
    c = frame.columns
    return Table(
        name="relative_poverty",
        title=w("相对贫困敏感性", "Relative poverty: a sensitivity table"),
        frame=frame,
        formats={
            c[2]: "yuan",
            c[3]: "yuan",
            c[4]: "count",
            c[5]: "count",
            c[6]: "count",
            c[7]: "share",
        },
        counts=(c[5], c[6]),
        note=w(
            "中位数取自在册户，不是全县农村居民的中位数，线因此偏低。"
            if relative.source == "registry"
            else "中位数为全县农村居民。",
            "Medians are of the registry's households, not of all rural residents, so the lines are too low."
            if relative.source == "registry"
            else "Medians are of all rural residents.",
        )
        + w(
            f"收入缺失{int(relative.dropped.sum())}户未计入。",
            f" {int(relative.dropped.sum())} households without income are left out.",
        ),
    )


def _fault_table(found: Monitoring, w) -> Table:
    counts = found.cases["fault"].value_counts()
    frame = pd.DataFrame(
        {
            w("问题", "Fault"): [w(*texts) for texts in FAULTS.values()],
            w("监测台账（条）", "Records"): [int(counts.get(k, 0)) for k in FAULTS],
        }
    )
    return Table(
        name="monitoring_faults",
        title=w("监测台账自身的问题", "Faults of the monitoring ledger itself"),
        frame=frame,
        formats={frame.columns[1]: "count"},
        counts=(frame.columns[1],),
    )


def _ended_table(ended: Sequence[Scope], w) -> Table:
    frame = pd.DataFrame(
        [
            (w(s.zh, s.en), str(s.last_day), w(s.instead_zh, s.instead_en))
            for s in ended
        ],
        columns=[w("内容", "Matter"), w("适用至", "Until"), w("改看", "Read instead")],
    )
    return Table(
        name="not_applicable",
        title=w("本期不再适用的内容", "What no longer applies"),
        frame=frame,
        note=w(
            "以上不作为本期指标；其他章节中如为零或空，原因在此。",
            "None of these is an indicator of this quarter; zeros or blanks in other chapters have their reason here.",
        ),
    )


def _evidence(line: PovertyLine | None, w) -> Callable[[object], str]:
    """What each rule saw, with its numbers."""
    limit = _line(line, w)

    def yuan(value: float) -> str:
        return number(value, "yuan")

    def text(row) -> str:
        said = {
            "income_near_line": w(
                f"人均纯收入{yuan(row.net_income_pc)}元，低于监测线{limit}",
                f"net income {yuan(row.net_income_pc)} yuan per head, below the line of {limit}",
            ),
            "income_after_spending": w(
                f"人均纯收入{yuan(row.net_income_pc)}元，近一年医疗自付{yuan(row.oop_year)}元（{number(row.household_size, 'count')}人），扣除后低于监测线{limit}",
                f"net income {yuan(row.net_income_pc)} yuan per head, own medical payments of a year {yuan(row.oop_year)} ({number(row.household_size, 'count')} persons): below the line of {limit}",
            ),
            "rigid_spending": w(
                f"近一年医疗自付{yuan(row.oop_year)}元，超过家庭纯收入",
                f"own medical payments of a year {yuan(row.oop_year)} yuan, above the household's income",
            ),
            "income_cut": w(
                f"收入比上年变动{number(row.income_change, 'share')}",
                f"income changed by {number(row.income_change, 'share')} in a year",
            ),
            "dwelling_unsafe": w("住房不安全", "unsafe dwelling"),
            "water_unsafe": w("饮水不安全", "unsafe water"),
            "uninsured": w("有人未参保", "a member uninsured"),
        }
        return w("；", "; ").join(
            said.get(key, key) for key in row.fired.split(";") if key
        )

    return text


def _lists(
    found: Monitoring,
    code: str,
    named: dict[str, str],
    conditions: Sequence[ClearingRule],
    line: PovertyLine | None,
    heads: pd.Series,
    w,
    lang: str,
) -> list[ListSheet]:
    """One workbook a county: named and not entered, still open, cleared too early or not to be judged."""
    place = county_name(code, lang)
    asked = {c.key: w(c.zh, c.en) for c in conditions}
    inputs = {
        w("核查日期", "Checked on"): (),
        w("核查结论", "Result"): RESULTS if lang == "zh" else RESULTS_EN,
        w("备注", "Remarks"): (),
    }
    evidence = _evidence(line, w)

    def shared(rows: pd.DataFrame) -> dict[str, object]:
        return {
            w("序号", "No."): range(1, len(rows) + 1),
            w("乡镇", "Township"): rows["town"].fillna("").to_numpy(),
            w("村", "Village"): rows["village"].fillna("").to_numpy(),
            w("户编号", "Household number"): rows["household_id"].to_numpy(),
            w("户主", "Head"): [heads.get(h, "") for h in rows["household_id"]],
        }

    def day(values: pd.Series, form: str = "%Y-%m-%d") -> list[str]:
        return ["" if pd.isna(d) else f"{d:{form}}" for d in values]

    def texts(keys: str) -> str:
        return w("、", ", ").join(asked[k] for k in keys.split(";") if k)

    h = found.households[
        (found.households["county"] == code)
        & found.households["state"].isin(["missed", "no entry on record"])
    ].sort_values(["town", "village", "household_id"])
    sheets = []
    if len(h):
        sheets.append(
            ListSheet(
                name=f"monitoring_{code}",
                tab=w("应纳未纳", "Not entered"),
                title=w(
                    f"{place}按规则应纳未纳户",
                    f"{place}: named by a rule and not entered",
                ),
                county=code,
                inputs=inputs,
                frame=pd.DataFrame(
                    {
                        **shared(h),
                        w("类别（规则）", "Group by rule"): [
                            named.get(g, "") for g in h["rules_group"]
                        ],
                        w("依据与数值", "Rule and numbers"): [
                            w(
                                "户表标为监测户，台账无记录",
                                "marked as monitored, no record",
                            )
                            if r.state == "no entry on record"
                            else evidence(r)
                            for r in h.itertuples()
                        ],
                        w("最早符合（季末）", "First named (quarter end)"): day(
                            h["first_fired"]
                        ),
                        w("未能检验", "Not testable"): [
                            w("、", ", ").join(_rule_names(found, m, w))
                            for m in h["missing"]
                        ],
                    }
                ),
            )
        )
    cases = found.cases[found.cases["county"] == code].sort_values(
        ["town", "village", "household_id"]
    )
    for tab, title, rows in (
        (
            w("监测对象", "Monitored"),
            w(f"{place}未消除的监测对象", f"{place}: households monitored"),
            cases[~cases["closed"]],
        ),
        (
            w("过早消除", "Too early"),
            w(
                f"{place}过早消除或未能判定的户",
                f"{place}: cleared too early or not known",
            ),
            cases[cases["verdict"].isin(["cleared too early", "clearing not known"])],
        ),
    ):
        if len(rows):
            sheets.append(
                ListSheet(
                    name=f"monitoring_{code}",
                    tab=tab,
                    title=title,
                    county=code,
                    inputs=inputs,
                    frame=pd.DataFrame(
                        {
                            **shared(rows),
                            w("类别", "Group"): [
                                named.get(g, "") for g in rows["category"]
                            ],
                            w("识别时间", "Entered"): day(
                                rows["identified_on"], "%Y-%m"
                            ),
                            w("消除时间", "Cleared"): day(rows["cleared_on"], "%Y-%m"),
                            w("迟于规则（天）", "Days after the rule"): [
                                "" if pd.isna(v) else number(v, "count")
                                for v in rows["days_late"]
                            ],
                            w("结论", "Verdict"): [
                                w(*VERDICTS[v]) for v in rows["verdict"]
                            ],
                            w("不满足", "Not met"): [texts(f) for f in rows["fails"]],
                            w("未知", "Unknown"): [texts(u) for u in rows["unknown"]],
                            w("台账问题", "Fault of the record"): [
                                w(*FAULTS[f]) if f else "" for f in rows["fault"]
                            ],
                        }
                    ),
                )
            )
    return sheets


def _rule_names(found: Monitoring, keys: str, w) -> list[str]:
    return [found.triggers.rules.at[k, w("zh", "en")] for k in keys.split(";") if k]
