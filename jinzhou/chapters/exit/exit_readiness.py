"""What stands between a county and its exit, and who answers for it: the card, the targets, the housing list, the duty board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from jinzhou.chapters.exit import exit_figures, exit_tables
from jinzhou.publish.chapter import (
    Chapter,
    Fact,
    Problem,
    Sentence,
    Step,
    Table,
    by_county,
    county_name,
    number,
    words,
)
from jinzhou.reference.indicators import listed_in

if TYPE_CHECKING:
    from jinzhou.chapters.exit.analysis.behaviour import BenefitCliff
    from jinzhou.chapters.exit.analysis.duties import DutyBoard, ScoreCard
    from jinzhou.chapters.exit.analysis.exit import ExitCard, ExitProgress
    from jinzhou.chapters.exit.analysis.housing import HousingBurn, HousingClearance
    from jinzhou.chapters.exit.analysis.indicators import IndicatorStatus
    from jinzhou.statistics.forecast import Forecast


def exit_readiness(
    *,
    card: ExitCard,
    county: str,
    now: IndicatorStatus,
    whole: str,
    records: Sequence,
    forecast: Forecast,
    deadline: str,
    persons: ExitProgress,
    villages: ExitProgress,
    by_place: pd.DataFrame,
    question: pd.DataFrame,
    deep: pd.DataFrame,
    housing: HousingClearance,
    burn: HousingBurn,
    builders: pd.DataFrame,
    incomes: pd.DataFrame,
    cadres: pd.DataFrame,
    cadre_days: float,
    cliff: BenefitCliff,
    tail: pd.DataFrame,
    tail_months: int,
    debts: pd.DataFrame,
    reach: pd.DataFrame,
    industry: pd.DataFrame,
    board: DutyBoard,
    scores: ScoreCard,
    rest: pd.DataFrame,
    moved: pd.DataFrame,
    places: pd.DataFrame,
    heads: pd.Series,
    offices: Mapping[str, str],
    min_cell: int = 5,
    lang: str = "zh",
) -> Chapter:
    """The exit chapter, for release.

    Parameters
    ----------
    card : ExitCard
        Of the county that is to exit, `county`.
    now : IndicatorStatus
        `whole` is the county of the brief, empty for the city.
    records : sequence of Indicator
    forecast : Forecast
        Of the parts of the card of `county` until `deadline`.
    by_place, question, deep, builders, incomes, cadres, tail, debts, reach, industry : DataFrame
        Results of `registry.exits_by_county`, `measures.stock_question`, `measures.village_scores`,
        `measures.housing_builders`, `registry.village_incomes`, `registry.village_cadres`,
        `registry.measures_after_exit`, `registry.student_debt`, `registry.department_reach`, `registry.industry_income`.
    rest, moved : DataFrame
        Of `IndicatorCounts`.
    places : DataFrame
        `area_code` and `village`, for names.
    heads : Series
        Masked names by household.
    min_cell : int
        Fewer persons or households than this are not counted out in words.
    """
    w, state = words(lang), exit_tables.verdicts(lang)
    labels = {one.id: getattr(one, lang) for one in records}
    place = county_name(county, lang)
    chance = forecast.rows.set_index("matter")
    vetoes = card.vetoes
    count = vetoes.value_counts()
    names = {v: w(*exit_tables.VETOES[v]) for v in vetoes.index}
    card_table, terms_table = exit_tables.card_tables(card, labels, place, lang)
    forecast_table = exit_tables.forecast_table(
        forecast,
        {"incidence": names["incidence"]} | labels,
        name="exit_forecast",
        title=w(f"{place}到{deadline}能否达标", f"{place}: in time by {deadline}?"),
        lang=lang,
        impersonal=tuple(
            i
            for i, m in enumerate(forecast.rows["matter"])
            if next((one.unit for one in records if one.id == m), "")
            in ("villages", "projects")
        ),
        note=w(
            "按本县净进度模拟：自带日期的用近5个季度，其余用历年同日；各期速度独立同分布，今后同以往、剩下的不更难；讲话只说“明年”，时限取年末。期数不足3期未能判定。",
            "Simulated from the county's own net pace: five quarters for what carries its dates, else the same day of past years. Periods are independent, the future is as the "
            "past and the rest no harder; "
            "the speech says 'next year', its last day is taken. Fewer than three periods: unknown.",
        ),
    )
    funnel = {
        "listed": w("列入", "Listed"),
        "started": w("开工", "Started"),
        "completed": w("竣工", "Completed"),
        "accepted": w("验收", "Accepted"),
        "occupied": w("入住", "Occupied"),
        "rest": w("未竣工", "Not completed"),
        "grade_d": w("其中D级", "Grade D"),
        "rest_d": w("D级未清底", "Grade D left"),
    }
    funnel_table = by_county(housing.funnel.rename(columns=funnel), lang)
    lots = {
        "batch_950": w("省扶贫系统年初", "province, beginning of the year"),
        "batch_938": w("省住建厅8月", "housing department, August"),
        "lookback": w("回头看排查", "look-back"),
        "other": w("其他", "other"),
    }
    batch_table = pd.DataFrame(
        {
            w("资金批次", "Lot"): housing.batches["batch"].map(lots),
            w("台账户数", "Households"): housing.batches["households"],
            w("通报户数", "Reported"): housing.batches["official"],
            w("差额", "Difference"): housing.batches["difference"],
        }
    )
    city = housing.funnel.iloc[-1]
    failed, unknown = (
        [names[v] for v in vetoes.index if vetoes[v] == s] for s in ("fail", "unknown")
    )
    joined = w("、", ", ")
    open_matters = [
        r
        for r in card.rows.itertuples()
        if r.status != "pass" and r.indicator in ({"incidence"} | set(labels))
    ]
    page = _page(card, chance, names, labels, state, lang)
    duties = board.rows
    duty_rows = pd.DataFrame(
        {
            "label": [f"{r.department}·{r.task}" for r in duties.itertuples()],
            "share": duties["share"],
            "status": duties["status"],
            "text": [
                w(
                    f"{state[r.status]}，{exit_tables.missing_text(r.missing, 0, '', lang) or f'余{r.days_left:.0f}天'}，尚差{number(r.left, 'count')}{r.unit}",
                    f"{state[r.status]}, {exit_tables.missing_text(r.missing, 0, '', lang) or f'{r.days_left:.0f} days left'}, {number(r.left, 'count')} to go",
                )
                for r in duties.itertuples()
            ],
        }
    )
    late, nameless = (
        int((duties["status"] == "late").sum()),
        int((duties["status"] == "unknown").sum()),
    )
    slow = duties[(duties["status"] == "open") & (duties["pace"] < duties["needed"])]
    overdue = now.at(whole)["overdue"]
    first = persons.rows.iloc[0] if len(persons.rows) else None
    d = burn.speeds.loc["all"]
    sentences = [
        Sentence(
            text=w(
                f"{place}6项退出指标达标{count.get('pass', 0)}项、未达标{count.get('fail', 0)}项（{joined.join(failed) or '无'}）、未能判定{count.get('unknown', 0)}项（{joined.join(unknown) or '无'}），均为一票否决。",
                f"{place}: {count.get('pass', 0)} of 6 indicators pass, {count.get('fail', 0)} fail ({joined.join(failed) or 'none'}), {count.get('unknown', 0)} unknown "
                f"({joined.join(unknown) or 'none'}); each one is a veto.",
            ),
            tables=("exit_card", "exit_forecast"),
        )
    ]
    if first is not None:
        sentences.append(
            Sentence(
                text=w(
                    f"全市{int(first['year'])}年计划脱贫{int(first['target'])}人，截止日已录入退出{int(first['done'])}人；退出多在年末集中验收。",
                    f"In the whole city {int(first['target'])} persons are to exit in {int(first['year'])}; {int(first['done'])} were on record by the day. Exits are verified at the "
                    "year's end.",
                ),
                tables=("exit_progress",),
            )
        )
    chance_d = burn.forecast.rows.set_index("matter").at["all", "probability"]
    sentences.append(
        Sentence(
            text=w(
                f"危房改造列入{int(city['listed'])}户，竣工{int(city['completed'])}户；D级未清底{int(city['rest_d'])}户（98%达标与清底是两个标准，后者要求为零）。距{burn.deadline}还有{burn.days}天，"
                f"每天须竣工{number(d['needed'], 'number')}户，近14天每天{number(d['recent'], 'number')}户，按期清底概率{number(chance_d, 'share')}。两批资金重合{housing.overlap}户，合计{housing.union}户。",
                f"{int(city['listed'])} dwellings are listed, {int(city['completed'])} completed; {int(city['rest_d'])} of grade D are left (98% passes the exit test, clearing asks for "
                f"zero). {burn.days} days to {burn.deadline}: {number(d['needed'], 'number')} a day are needed, {number(d['recent'], 'number')} a day were completed in the last 14 days; "
                f"chance in time {number(chance_d, 'share')}. "
                f"{housing.overlap} households are in both lots, {housing.union} in either.",
            ),
            tables=("housing_funnel", "housing_forecast", "housing_batches"),
        )
    )
    duty_words = [
        Sentence(
            text=w(
                f"八个责任自报{len(duties)}项：逾期{late}项，进度不够{len(slow)}项（{joined.join(slow['task']) or '无'}），未能判定{nameless}项。",
                f"{len(duties)} duties are reported: {late} late, {len(slow)} too slow ({joined.join(slow['task']) or 'none'}), {nameless} unknown.",
            ),
            tables=("duty_board", "duty_counties"),
        )
    ]
    if overdue.any():
        duty_words.append(
            Sentence(
                text=w(
                    f"时限已过而未达标的指标{int(overdue.sum())}项。",
                    f"{int(overdue.sum())} indicators are past their day and do not pass.",
                ),
                tables=("indicators",),
            )
        )
    if len(moved):
        duty_words.append(
            Sentence(
                text=w(
                    f"有{len(moved)}个村与编码或以前年度不在同一县，各年均按现在所在县计算。",
                    f"{len(moved)} villages stand in another county than before or than their code says; every year counts them where they are now.",
                ),
                tables=("indicators",),
            )
        )
    if scores.refused:
        duty_words.append(
            Sentence(
                text=w(
                    "没有带文号的权重文件，不打考核分。",
                    "No file gives the weights, so no score is made.",
                ),
                tables=("score_card",),
            )
        )

    def few(count: float, unit: str) -> str:
        return (
            number(count, "count")
            if unit in ("villages", "projects") or not 0 < count < min_cell
            else w(f"不足{min_cell}", f"fewer than {min_cell}")
        )

    steps = []
    for r in open_matters:
        label = (
            names["incidence"] if r.indicator == "incidence" else labels[r.indicator]
        )
        unit, office = (
            ("persons", "coordination")
            if r.indicator == "incidence"
            else next(
                (one.unit, one.office) for one in records if one.id == r.indicator
            )
        )
        lacking = (
            exit_tables.missing_text(r.missing, r.unknown, "", lang)
            if r.status == "unknown"
            else ""
        )
        steps.append(
            Step(
                matter=w(f"{place}：{label}", f"{place}: {label}"),
                office=exit_tables.offices_of(office, offices, lang),
                target=lacking
                or w(
                    f"尚差{few(r.rest, unit)}{exit_tables.UNITS[unit][0]}",
                    f"{few(r.rest, unit)} {exit_tables.UNITS[unit][1]} left",
                ),
                deadline=deadline,
                basis="exit_card",
            )
        )
    if city["rest_d"]:
        steps.append(
            Step(
                matter=w("D级危房清底", "Clear dwellings of grade D"),
                office=offices["housing"],
                target=w(
                    f"{int(city['rest_d'])}户", f"{int(city['rest_d'])} households"
                ),
                deadline=burn.deadline,
                basis="housing_funnel",
            )
        )
    for r in duties[
        (duties["status"] == "late") | duties.index.isin(slow.index)
    ].itertuples():
        steps.append(
            Step(
                matter=r.task,
                office=r.department,
                target=w(
                    f"尚差{number(r.left, 'count')}{r.unit}",
                    f"{number(r.left, 'count')} to go",
                ),
                deadline=f"{r.due_on:%Y-%m-%d}",
                basis="duty_board",
            )
        )
    tables = (
        card_table,
        terms_table,
        forecast_table,
        *exit_tables.target_tables(persons, villages, by_place, question, lang),
        exit_tables.described(
            now,
            records,
            labels,
            name="hard_core",
            title=w("剩余贫困人口构成", "Who is still poor"),
            lang=lang,
            note=w(
                "劳动能力、健康空白的不计入分母。",
                "Persons without a labour or health entry are left out of the share.",
            ),
        ),
        exit_tables.village_table(deep, lang),
        exit_tables.described(
            now,
            records,
            labels,
            name="guarantees",
            title=w("脱贫户“两不愁三保障”", "Guarantees of exited households"),
            lang=lang,
            note=w(
                "收入代表吃穿；缺一项即疑为错退，供核查。",
                "Income stands for food and clothes; one missing is a doubt of a wrong exit.",
            ),
        ),
        Table(
            name="housing_funnel",
            title=w("危房改造进度（户）", "Dangerous housing (households)"),
            frame=funnel_table,
            formats=dict.fromkeys(funnel.values(), "count"),
            counts=tuple(funnel.values()),
            total=county_name("all", lang),
        ),
        Table(
            name="housing_batches",
            title=w("资金批次核对（户）", "Lots matched by household"),
            frame=batch_table,
            formats=dict.fromkeys(batch_table.columns[1:], "count"),
            note=w(
                f"两批重合{housing.overlap}户，合计{housing.union}户。",
                f"{housing.overlap} households are in both lots, {housing.union} in either.",
            ),
        ),
        *exit_tables.housing_tables(burn, builders, lang),
        exit_tables.described(
            now,
            records,
            labels,
            name="livelihoods",
            title=w("产业、培训、务工、毕业生", "Industry, training, work, graduates"),
            lang=lang,
            note=w("毕业生名单限内部使用。", "The list of graduates is restricted."),
        ),
        exit_tables.industry_table(industry, lang),
        *exit_tables.village_tables(incomes, cadres, cadre_days, lang),
        *exit_tables.behaviour_tables(cliff, tail, debts, reach, tail_months, lang),
        exit_tables.duty_table(board, lang),
        exit_tables.county_board(now, labels, offices, lang),
        exit_tables.described(
            now,
            records,
            labels,
            name="helpers",
            title=w("帮扶责任人与企业帮扶", "Helpers and firms"),
            lang=lang,
            note=w(
                "贫困帮扶人由与贫困户共用的电话识别，供核查。",
                "A poor helper is told by a telephone shared with a poor household: a doubt.",
            ),
        ),
        exit_tables.town_table(now, county, records, labels, lang),
        exit_tables.score_table(scores, lang),
        exit_tables.indicator_table(now, whole, labels, records, offices, lang),
        exit_tables.index_table(records, offices, pd.Timestamp(now.as_of).year, lang),
    )
    names_of = (
        places.drop_duplicates("area_code").set_index("area_code")["village"].to_dict()
    )
    return Chapter(
        name="exit_readiness",
        title=w("退出准备与责任落实", "Readiness to exit and duties"),
        lang=lang,
        tables=tables,
        figures=(
            exit_figures.exit_page(
                page,
                lang=lang,
                title=w(f"{place}退出一页表", f"Exit card of {place} on one page"),
                note=w(
                    "细线为标准，横线为区间；“按期”为到时限达标的概率。",
                    "Thin line: the mark; bar: the interval; 'on time': chance of passing by the day.",
                ),
            ),
            exit_figures.burn_down(
                burn.left["all"],
                days_left=burn.days,
                needed_zero=pd.Timestamp(burn.deadline),
                lang=lang,
                title=w("D级危房倒计时", "Grade D: countdown"),
            ),
            exit_figures.duty_page(
                duty_rows,
                lang=lang,
                title=w("八个责任进展", "Eight duties"),
                note=w("数为部门自报。", "As the offices report."),
            ),
            exit_figures.cliff(
                cliff.bands,
                {"poor": w("未脱贫户", "still poor"), "exited": w("脱贫户", "exited")},
                lang=lang,
            ),
            exit_figures.tail(tail, months=tail_months, lang=lang),
        ),
        facts=(
            Fact(
                key="exit",
                label=w("退出指标", "Exit indicators"),
                text=w(
                    f"{place}达标{count.get('pass', 0)}项",
                    f"{count.get('pass', 0)} of 6 pass",
                ),
                change=w(
                    f"未达标{count.get('fail', 0)}项", f"{count.get('fail', 0)} fail"
                ),
                year_change=w(
                    f"未能判定{count.get('unknown', 0)}项",
                    f"{count.get('unknown', 0)} unknown",
                ),
            ),
        ),
        problems=(
            Problem(
                title=w(
                    "退出准备：六项指标、住房清底、责任落实",
                    "Exit: six indicators, housing, duties",
                ),
                sentences=(*sentences, *duty_words),
                office=offices["coordination"],
                list_name=f"exit_{county}",
            ),
        ),
        steps=tuple(steps),
        notes=(
            w(
                "「低于」不含本数，「不低于」含本数。缺数据、分母为空、没有写单位的指标一律「未能判定」。",
                "'Below' is strict, 'at least' is not. With data missing, nobody to count or no unit an indicator is unknown.",
            ),
        ),
        lists=(
            *exit_tables.rest_lists(
                rest,
                labels,
                heads,
                names_of,
                county,
                listed_in("exit", records),
                lang,
            ),
            *exit_tables.rest_lists(
                rest,
                labels,
                heads,
                names_of,
                county,
                listed_in("restricted", records),
                lang,
                book="restricted",
                note=w("限内部使用", "restricted"),
            ),
            *exit_tables.debt_list(debts, heads, county, lang),
        ),
        county={
            w("D级未清底（户）", "Grade D left"): {
                k: number(v, "count") for k, v in housing.funnel["rest_d"].items()
            }
        },
    )


def _page(
    card: ExitCard,
    chance: pd.DataFrame,
    names: Mapping[str, str],
    labels: Mapping[str, str],
    state: Mapping[str, str],
    lang: str,
) -> pd.DataFrame:
    """Rows of the one-page card: of each veto the part with most left, and the least chance of its parts."""
    w = words(lang)
    rows = []
    for veto, status in card.vetoes.items():
        parts = card.rows[card.rows["veto"] == veto]
        part = (
            parts[parts["status"] == status]
            .sort_values("rest", ascending=False, kind="stable", na_position="last")
            .iloc[0]
        )
        known = chance["probability"].reindex(parts["indicator"])
        label = (
            names[veto]
            if len(parts) == 1 or part["indicator"] not in labels
            else names[veto] + w("：", ": ") + labels[part["indicator"]]
        )
        limit = w(20, 38)
        rows.append(
            {
                "label": label if len(label) <= limit else label[: limit - 1] + "…",
                "value": part["value"],
                "low": part["low"],
                "high": part["high"],
                "threshold": part["threshold"],
                "mark": exit_tables.mark_text(
                    part["direction"], part["threshold"], lang, short=lang == "en"
                ),
                "status": status,
                "verdict": state[status],
                "left": number(part["rest"], "count"),
                "chance": w("未能判定", "unknown")
                if known.isna().any()
                else number(known.min(), "share"),
            }
        )
    return pd.DataFrame(rows)
