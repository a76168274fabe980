"""Lists of the illness chapter: stays above zero burden, households pushed under the line, ill people who lack a service."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from jinzhou.chapters.illness.illness_tables import PAYERS, PLACES, SERVICES
from jinzhou.publish.chapter import ListSheet, county_name, words

VERDICTS = (("属实", "true"), ("不属实", "not true"), ("正在核实", "being checked"))


def illness_lists(
    pushed: pd.DataFrame,
    missing: pd.DataFrame,
    stays: pd.DataFrame,
    *,
    heads: pd.Series,
    offices: Mapping[str, str],
    lang: str = "zh",
) -> tuple[ListSheet, ...]:
    """Three sheets a county, with the evidence and the office that answers; no diagnosis.

    Parameters
    ----------
    pushed : DataFrame
        `measures.Impoverishing.pushed`: households whose own payment takes them from the line or above to below it (R41).
    missing : DataFrame
        `measures.HealthServices.missing`: ill persons not screened, not signed, or without another of the six ones (R05, R06, R39).
    stays : DataFrame
        `measures.ZeroBurden.stays`: in-patient stays that cost the patient something (R37), each on a row, as many as the table counts;
        where the registry's number is damaged the county is ``unknown`` and the household blank.
    heads : Series
        Masked name of each household's head (`registry.masked_heads`).
    """
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    inputs = {
        w("核实结果", "Result"): tuple(v[pick] for v in VERDICTS),
        w("采取措施", "Measure taken"): (),
        w("说明", "Remarks"): (),
    }
    sheets = []
    for county in sorted(
        {
            *pushed["county"].dropna(),
            *missing["county"].dropna(),
            *stays["county"].dropna(),
        }
    ):
        name = county_name(county, lang)
        paid = stays[stays["county"] == county]
        if len(paid):
            money = (
                {"total": "medfee_sumamt"}
                | {k: k for k in PAYERS if k not in ("total", "patient")}
                | {"patient": "psn_part_amt"}
            )
            frame = pd.DataFrame(
                {
                    w("户编号", "Household number"): paid["household_id"]
                    .fillna("")
                    .to_numpy(),
                    w("户主", "Head"): paid["household_id"]
                    .map(heads)
                    .fillna("")
                    .to_numpy(),
                    w("入院年月", "Admitted"): paid["admitted_on"]
                    .dt.strftime("%Y-%m")
                    .to_numpy(),
                    w("结算年月", "Settled"): paid["setl_time"]
                    .dt.strftime("%Y-%m")
                    .fillna("")
                    .to_numpy(),
                    w("就医地点", "Hospital"): [
                        w(*PLACES[p]) if p in PLACES else ""
                        for p in paid["hospital_place"]
                    ],
                    **{
                        w(
                            f"{PAYERS[k][0]}（元）",
                            f"{PAYERS[k][1]} (yuan)".replace("\n", " ").capitalize(),
                        ): paid[column].round(2).to_numpy()
                        for k, column in money.items()
                    },
                    w("责任单位", "Answers"): offices["health"],
                }
            )
            sheets.append(
                ListSheet(
                    name=f"illness_{county}",
                    tab=w("未达零负担", "Above zero"),
                    title=w(
                        f"{name}：本季住院未达零负担的结算",
                        f"{name}: stays of the quarter that cost the patient something",
                    ),
                    county=county,
                    frame=frame,
                    inputs=inputs,
                    note=w(
                        "一行为一次住院，按个人自付从多到少；初步数，迟录的结算尚未到齐；不含病名",
                        "A row is a stay, the largest own payment first; preliminary, late settlements are still to come; no diagnosis",
                    ),
                )
            )
        rows = pushed[pushed["county"] == county].sort_values(
            ["after", "household_id"], kind="stable"
        )
        if len(rows):
            frame = pd.DataFrame(
                {
                    w("乡镇", "Township"): rows["town"].fillna("").to_numpy(),
                    w("村", "Village"): rows["village"].fillna("").to_numpy(),
                    w("户编号", "Household number"): rows["household_id"].to_numpy(),
                    w("户主", "Head"): rows["household_id"]
                    .map(heads)
                    .fillna("")
                    .to_numpy(),
                    w("人口", "Persons"): rows["household_size"].to_numpy(),
                    w("人均纯收入（元）", "Net income per head (yuan)"): rows[
                        "net_income_pc"
                    ]
                    .round(0)
                    .to_numpy(),
                    w("近一年医疗自付（元）", "Own payments of a year (yuan)"): rows[
                        "oop_year"
                    ]
                    .round(0)
                    .to_numpy(),
                    w("自付后人均（元）", "Per head after it (yuan)"): rows["after"]
                    .round(0)
                    .to_numpy(),
                    w("贫困线（元）", "Line (yuan)"): rows["line"].round(0).to_numpy(),
                    w("责任单位", "Answers"): offices["income_floor"],
                }
            )
            sheets.append(
                ListSheet(
                    name=f"illness_{county}",
                    tab=w("自付致贫", "Pushed under"),
                    title=w(
                        f"{name}：因医疗自付跌破贫困线的户",
                        f"{name}: households pushed under the line by own payments",
                    ),
                    county=county,
                    frame=frame,
                    inputs=inputs,
                    note=w(
                        "自付按账单，收入按登记；是否返贫由入户核实后认定",
                        "Payments from bills, income from the registry; whether a household is poor is decided after a visit",
                    ),
                )
            )
        people = missing[missing["county"] == county].sort_values(
            ["town", "village", "household_id", "person_id"], kind="stable"
        )
        if len(people):
            lacks = [
                w("、", ", ").join(
                    [w(*SERVICES[k]) for k in r.lacks.split(",") if k]
                    + [w(*SERVICES[k]) for k in r.batch_lacks.split(",") if k]
                )
                for r in people.itertuples()
            ]
            frame = pd.DataFrame(
                {
                    w("乡镇", "Township"): people["town"].fillna("").to_numpy(),
                    w("村", "Village"): people["village"].fillna("").to_numpy(),
                    w("户编号", "Household number"): people["household_id"].to_numpy(),
                    w("户主", "Head"): people["household_id"]
                    .map(heads)
                    .fillna("")
                    .to_numpy(),
                    w("人编号", "Person number"): people["person_id"].to_numpy(),
                    w("缺少的服务", "Lacks"): lacks,
                    w("依据", "Evidence"): [
                        w("服务台账该项空白", "blank on the service ledger")
                        if x
                        else w("服务台账中没有此人", "not on the service ledger")
                        for x in people["listed"]
                    ],
                    w("责任单位", "Answers"): offices["health"],
                }
            )
            sheets.append(
                ListSheet(
                    name=f"illness_{county}",
                    tab=w("缺服务", "Lacks services"),
                    title=w(
                        f"{name}：未筛查、未签约或缺其他服务的患病人口",
                        f"{name}: ill people not screened, not signed or lacking another service",
                    ),
                    county=county,
                    frame=frame,
                    inputs=inputs,
                    note=w("名单不含病名", "The list holds no diagnosis"),
                )
            )
    return tuple(sheets)
