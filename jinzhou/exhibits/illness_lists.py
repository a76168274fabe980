"""Lists of the illness chapter: households pushed under the line, and ill people who lack a service."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from jinzhou.exhibits.chapter import ListSheet, county_name, words
from jinzhou.exhibits.illness_tables import SERVICES

VERDICTS = (("属实", "true"), ("不属实", "not true"), ("正在核实", "being checked"))


def illness_lists(pushed: pd.DataFrame, missing: pd.DataFrame, *, heads: pd.Series, offices: Mapping[str, str], lang: str = "zh") -> tuple[ListSheet, ...]:
    """Two sheets a county, with the evidence and the office that answers; no diagnosis.

    Parameters
    ----------
    pushed : DataFrame
        `measures.Impoverishing.pushed`: households whose own payment takes them from the line or above to below it (R41).
    missing : DataFrame
        `measures.HealthServices.missing`: ill persons not screened, not signed, or without another of the six ones (R05, R06, R39).
    heads : Series
        Masked name of each household's head (`registry.masked_heads`).
    """
    w = words(lang)
    pick = 0 if lang == "zh" else 1
    inputs = {w("核实结果", "Result"): tuple(v[pick] for v in VERDICTS), w("采取措施", "Measure taken"): (), w("说明", "Remarks"): ()}
    sheets = []
    for county in sorted({*pushed["county"].dropna(), *missing["county"].dropna()}):
        name = county_name(county, lang)
        rows = pushed[pushed["county"] == county].sort_values(["after", "household_id"], kind="stable")
        if len(rows):
            frame = pd.DataFrame({
                w("乡镇", "Township"): rows["town"].fillna("").to_numpy(), w("村", "Village"): rows["village"].fillna("").to_numpy(), w("户编号", "Household number"): rows["household_id"].to_numpy(),
                w("户主", "Head"): rows["household_id"].map(heads).fillna("").to_numpy(), w("人口", "Persons"): rows["household_size"].to_numpy(),
                w("人均纯收入（元）", "Net income per head (yuan)"): rows["net_income_pc"].round(0).to_numpy(), w("近一年医疗自付（元）", "Own payments of a year (yuan)"): rows["oop_year"].round(0).to_numpy(),
                w("自付后人均（元）", "Per head after it (yuan)"): rows["after"].round(0).to_numpy(), w("贫困线（元）", "Line (yuan)"): rows["line"].round(0).to_numpy(),
                w("责任单位", "Answers"): offices["income_floor"]})
            sheets.append(ListSheet(name=f"illness_{county}", tab=w("自付致贫", "Pushed under"), title=w(f"{name}：因医疗自付跌破贫困线的户", f"{name}: households pushed under the line by own payments"), county=county, frame=frame,
                                    inputs=inputs, note=w("自付按账单，收入按登记；是否返贫由入户核实后认定", "Payments from bills, income from the registry; whether a household is poor is decided after a visit")))
        people = missing[missing["county"] == county].sort_values(["town", "village", "household_id", "person_id"], kind="stable")
        if len(people):
            lacks = [w("、", ", ").join([w(*SERVICES[k]) for k in r.lacks.split(",") if k] + [w(*SERVICES[k]) for k in r.batch_lacks.split(",") if k]) for r in people.itertuples()]
            frame = pd.DataFrame({
                w("乡镇", "Township"): people["town"].fillna("").to_numpy(), w("村", "Village"): people["village"].fillna("").to_numpy(), w("户编号", "Household number"): people["household_id"].to_numpy(),
                w("户主", "Head"): people["household_id"].map(heads).fillna("").to_numpy(), w("人编号", "Person number"): people["person_id"].to_numpy(),
                w("缺少的服务", "Lacks"): lacks, w("依据", "Evidence"): [w("服务台账该项空白", "blank on the service ledger") if x else w("服务台账中没有此人", "not on the service ledger") for x in people["listed"]],
                w("责任单位", "Answers"): offices["health"]})
            sheets.append(ListSheet(name=f"illness_{county}", tab=w("缺服务", "Lacks services"), title=w(f"{name}：未筛查、未签约或缺其他服务的患病人口", f"{name}: ill people not screened, not signed or lacking another service"), county=county, frame=frame,
                                    inputs=inputs, note=w("名单不含病名", "The list holds no diagnosis")))
    return tuple(sheets)
