"""The rule catalogue: every check of the registry once, as SQL over the store.

A rule names the rows it can test and the rows that fail. A rule that tested no row is
``not testable`` and says why; it never reads as passed (practice, section 3). Numbers follow
data dictionary sections 16 and 19.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from jinzhou.errors import RegistryError
from jinzhou.policy import poverty_line
from jinzhou.registry.ledgers import PATIENTS
from jinzhou.registry.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Rule:
    """One check.

    Attributes
    ----------
    id, table, severity : str
        Dictionary number; table it reads first; ``error``, ``logic`` or ``doubt``.
    zh, en : str
        What a failing row looks like.
    source : str
        Check list or phrase of the speech that asks for it.
    rows : str
        SQL over the store's views giving one row per tested case: `household_id`, `county`, and
        a boolean `failed`. `$year` is the registry year, `$line` the year's line in yuan.
    """

    id: str
    table: str
    severity: str
    zh: str
    en: str
    source: str
    rows: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleReport:
    """Result of every rule on one registry year.

    Attributes
    ----------
    results : DataFrame, one row per rule
        `rule`, `table`, `severity`, `zh`, `en`, `tested`, `failed`, `status` (``clean``,
        ``failed``, ``not testable``), `why` (reason when not testable).
    counties : DataFrame
        `rule`, `county`, `tested`, `failed` for every rule that tested a row.
    failures : DataFrame
        `rule`, `county`, `household_id` of each failing case.
    year : int
        Registry year checked.
    """

    results: pd.DataFrame
    counties: pd.DataFrame
    failures: pd.DataFrame
    year: int

    def table(self) -> pd.DataFrame:
        """A copy of `results`, safe to format."""
        return self.results.copy()

    def summary(self) -> str:
        """One line for a log or a notebook."""
        status = self.results["status"].value_counts()
        return (
            f"{len(self.results)} rules on {self.year}: {status.get('clean', 0)} clean, "
            f"{status.get('failed', 0)} failed, {status.get('not testable', 0)} not testable."
        )


_HOUSEHOLDS = "from household h where h.snapshot = $year"
_MEMBERS = "from member m where m.snapshot = $year"
_INCOMES = "from income i where i.snapshot = $year"

RULES: tuple[Rule, ...] = (
    Rule("Q-person-003", "member", "error", "同一人（证件号码）在同一年度出现两次",
         "one person (identity number) twice in one year", "registry check list of 2017-18",
         f"select household_id, county, count(*) over (partition by person_key) > 1 as failed {_MEMBERS}"
         " and person_key is not null"),
    Rule("Q-person-006", "member", "error", "健康状况同时填“健康”和其他",
         "healthy together with another health value", "ours",
         "select household_id, county, list_contains(health_status, 'healthy') and len(health_status) > 1"
         f" as failed {_MEMBERS} and health_status is not null"),
    Rule("Q-person-011", "member", "logic", "6–15岁不在校且无失学原因",
         "aged 6-15, not at school, no reason", "registry check list of 2017-18; speech: 教育",
         "select household_id, county, coalesce(school_status, 'not_in_school') = 'not_in_school'"
         f" and out_of_school_reason is null as failed {_MEMBERS} and"
         " date_diff('year', birth_date, make_date(snapshot, 9, 30)) between 6 and 15"),
    Rule("Q-person-018", "member", "logic", "有务工地点无务工时间，或有时间无地点，或月数不在0–12",
         "work place without months, months without place, or months outside 0-12",
         "registry check list of 2017-18",
         "select household_id, county, (work_place is null) <> (coalesce(work_months, 0) = 0)"
         f" or work_months not between 0 and 12 as failed {_MEMBERS}"
         " and (work_place is not null or work_months is not null)"),
    Rule("Q-person-022", "member", "logic", "居民医保与职工医保都填是或都填否",
         "both or neither of resident and employee insurance", "rule set of 2023; speech: 基本医疗",
         f"select household_id, county, has_resident_insurance = has_employee_insurance as failed {_MEMBERS}"
         " and has_resident_insurance is not null and has_employee_insurance is not null"),
    Rule("Q-person-026", "member", "error", "民族、健康状况、劳动能力、与户主关系有空白",
         "ethnicity, health, labour or relation blank", "registry check list of 2017-18",
         "select household_id, county, ethnicity is null or health_status is null or"
         f" labour_capacity is null or relation_to_head is null as failed {_MEMBERS}"),
    Rule("Q-house-001", "household", "error", "没有户主或有两个以上户主",
         "no head, or two heads", "registry check list of 2017-18",
         "select h.household_id, h.county, count(m.person_id) filter (where m.relation_to_head = 'head')"
         f" <> 1 as failed from household h join member m using (household_id, snapshot)"
         " where h.snapshot = $year group by all"),
    Rule("Q-house-002", "household", "error", "家庭人口数与在册成员数不一致",
         "household size differs from its members", "registry check list of 2017-18; speech: 户内遗漏",
         "select h.household_id, h.county, h.household_size <> count(m.person_id) filter"
         " (where m.change_kind is distinct from 'natural_decrease') as failed"
         " from household h left join member m using (household_id, snapshot)"
         " where h.snapshot = $year and h.household_size is not null"
         " group by h.household_id, h.county, h.household_size"),
    Rule("Q-house-003", "household", "logic", "主要致贫原因因病，但全家健康状况均为健康",
         "cause is illness but every member is healthy", "registry check list of 2017-18",
         "select h.household_id, h.county, bool_and(m.health_status = ['healthy']) as failed"
         " from household h join member m using (household_id, snapshot)"
         " where h.snapshot = $year and h.primary_cause = 'illness' group by all"
         " having count(m.health_status) = count(*)"),
    Rule("Q-house-005", "household", "logic", "主要致贫原因空白，或次要原因与主要原因相同",
         "cause blank, or secondary cause equals the primary", "registry check list of 2017-18",
         "select household_id, county, primary_cause is null or coalesce(list_contains("
         f"secondary_causes, primary_cause), false) as failed {_HOUSEHOLDS}"),
    Rule("Q-house-008", "household", "error", "已脱贫但人均纯收入低于当年贫困线",
         "exited but net income per head below the year's line",
         "registry check list of 2017-18; speech: 真实有效",
         "select h.household_id, h.county, i.net_income_pc < $line as failed"
         " from household h join income i using (household_id, snapshot)"
         " where h.snapshot = $year and h.registration_status = 'exited' and i.net_income_pc is not null"),
    Rule("Q-house-009a", "living", "error", "已脱贫但仍为危房", "exited but the dwelling is unsafe",
         "registry check list of 2017-18; speech: 两不愁三保障",
         "select h.household_id, h.county, g.unsafe_dwelling as failed"
         " from household h join living g using (household_id, snapshot)"
         " where h.snapshot = $year and h.registration_status = 'exited' and g.unsafe_dwelling is not null"),
    Rule("Q-house-009b", "living", "error", "已脱贫但未解决安全饮水", "exited but without safe water",
         "registry check list of 2017-18; speech: 两不愁三保障",
         "select h.household_id, h.county, not g.safe_water as failed"
         " from household h join living g using (household_id, snapshot)"
         " where h.snapshot = $year and h.registration_status = 'exited' and g.safe_water is not null"),
    Rule("Q-house-014", "household", "logic", "没有帮扶责任人", "no helper",
         "registry check list of 2017-18; speech: 到户到人",
         f"select household_id, county, helper_id is null as failed {_HOUSEHOLDS}"),
    Rule("Q-income-001a", "income", "error", "总收入不等于工资、经营、财产、转移性收入之和",
         "total income is not the sum of wage, business, property and transfer income",
         "ours; speech: 逻辑性",
         "select household_id, county, abs(wage_income + business_income + property_income"
         f" + transfer_income - total_income) > 1 as failed {_INCOMES} and wage_income + business_income"
         " + property_income + transfer_income + total_income is not null"),
    Rule("Q-income-001b", "income", "error", "纯收入不等于总收入减生产经营性支出",
         "net income is not total income less business expense", "ours; speech: 逻辑性",
         "select household_id, county, abs(total_income - business_expense - net_income) > 1 as failed"
         f" {_INCOMES} and total_income + business_expense + net_income is not null"),
    Rule("Q-income-001c", "income", "error", "人均纯收入不等于纯收入除以家庭人口数",
         "net income per head is not net income over household size", "ours; speech: 逻辑性",
         "select i.household_id, i.county, abs(i.net_income::double / h.household_size"
         " - i.net_income_pc::double) > 1 as failed from income i join household h"
         " using (household_id, snapshot) where i.snapshot = $year and i.net_income is not null"
         " and i.net_income_pc is not null and h.household_size > 0"),
    Rule("Q-income-003", "income", "logic", "有生产经营性收入但支出为0",
         "business income without business expense", "registry check list of 2017-18",
         f"select household_id, county, coalesce(business_expense, 0) = 0 as failed {_INCOMES}"
         " and business_income > 0"),
    Rule("Q-income-006", "income", "logic", "低保户低保金为0", "household on dibao without dibao payment",
         "registry check list of 2017-18",
         "select h.household_id, h.county, coalesce(i.dibao_payment, 0) = 0 as failed"
         " from household h join income i using (household_id, snapshot)"
         " where h.snapshot = $year and h.household_category = 'dibao'"),
    Rule("Q-income-009", "income", "doubt", "人均纯收入一年增加一倍以上或减少一半以上",
         "income per head more than doubled or halved in a year", "ours; speech: 合理性",
         "select i.household_id, i.county, i.net_income_pc > 2 * e.net_income_pc"
         " or 2 * i.net_income_pc < e.net_income_pc as failed from income i join income e"
         " on e.household_id = i.household_id and e.snapshot = i.snapshot - 1"
         " where i.snapshot = $year and e.net_income_pc > 0 and i.net_income_pc is not null"),
    Rule("Q-income-010", "income", "doubt", "收入各项与同村另一户完全相同",
         "every income part equals another household's of the village", "ours; speech: 数字脱贫",
         "select i.household_id, i.county, count(*) over (partition by h.area_code, wage_income,"
         " business_income, property_income, transfer_income, net_income) > 1 as failed"
         " from income i join household h using (household_id, snapshot)"
         " where i.snapshot = $year and h.area_code is not null and wage_income > 0 and business_income > 0"),
    Rule("Q-event-001", "event", "error", "返贫之前没有脱贫记录",
         "return to poverty without an earlier exit", "ours",
         "select e.household_id, e.county, not coalesce(bool_or(h.registration_status = 'exited'), false)"
         " and not coalesce(bool_or(x.event_id is not null), false) as failed from event e"
         " left join household h on h.household_id = e.household_id"
         " and make_date(h.snapshot, 9, 30) < e.recorded_on"
         " left join event x on x.household_id = e.household_id and x.kind = 'exited'"
         " and x.happened_on < e.happened_on"
         " where e.kind = 'returned' and year(e.recorded_on) = $year group by e.event_id, e.household_id, e.county"),
    Rule("Q-event-002", "event", "error", "评议会、两次公示、公告日期缺失或顺序颠倒",
         "meeting, two postings and notice missing or out of order", "speech: 两公示一公告、会议记录",
         "select household_id, county, not coalesce(meeting_on <= first_public_on and"
         " first_public_on <= second_public_on and second_public_on <= announced_on, false) as failed"
         " from event where kind = 'exited' and year(recorded_on) = $year"),
    Rule("Q-visit-001a", "visit", "error", "医疗费总额不等于基金支付、医院负担、个人负担之和",
         "total cost is not fund plus hospital plus own payment", "ours; platform identities",
         "select m.household_id, m.county, abs(v.medfee_sumamt - v.fund_pay_sumamt - v.hosp_part_amt"
         f" - v.psn_part_amt) > 0.05 as failed from visit v left join {PATIENTS} m using (person_key)"
         " where year(v.setl_time) = $year and v.medfee_sumamt + v.fund_pay_sumamt + v.hosp_part_amt"
         " + v.psn_part_amt is not null"),
    Rule("Q-loan-001", "loan", "logic", "单笔贷款超过5万元或期限超过3年",
         "loan above 50,000 yuan or longer than three years", "rule of the loan",
         "select household_id, county, contract_amount > 50000 or due_on > disbursed_on + interval 3 year"
         " as failed from loan where year(disbursed_on) = $year"),
    Rule("Q-house-D01", "housing", "logic", "开工、竣工、验收、入住日期顺序颠倒",
         "start, completion, acceptance and occupation out of order", "speech: 完工率、入住率",
         "select household_id, county, coalesce(started_on > completed_on, false) or"
         " coalesce(completed_on > accepted_on, false) or coalesce(accepted_on > occupied_on, false)"
         " as failed from housing where started_on is not null"),
)


def check(store: str | Path | Store, *, as_of: str, line_series: str = "nbs", county: str = "") -> RuleReport:
    """Run every rule on the registry year known at `as_of`.

    Parameters
    ----------
    store : path or Store
    as_of : str
        Nothing recorded later is read.
    line_series : {"nbs", "registry", "monitoring"}
        Series of the poverty line that income rules use.
    county : str
        Six-digit code, to count one county alone; rules still see the whole registry.

    Raises
    ------
    RegistryError
        No registry year is known by `as_of`.
    ParameterError
        The line series has no value for the registry year.
    """
    opened = store if isinstance(store, Store) else open_store(store)
    con = opened.connect(as_of=pd.Timestamp(as_of).date())
    year = con.execute("select max(snapshot) from household").fetchone()[0]
    if year is None:
        raise RegistryError(
            f"到 {as_of} 为止没有任何户信息，无法核查；请检查日期，或重新读入导出文件。",
            f"no household record is known by {as_of}, nothing can be checked; "
            "check the date, or load the exports again.",
        )
    line = poverty_line(int(year), series=line_series).yuan
    results, counties, failures = [], [], []
    for rule in RULES:
        if rule.table not in opened.tables:
            by_county, tested, failed, why = None, 0, 0, f"table {rule.table} was not delivered"
        else:
            by_county, failing = _run(con, rule, int(year), line, county)
            tested, failed = int(by_county["tested"].sum()), int(by_county["failed"].sum())
            why = "" if tested else "no row has the fields that the rule needs"
            counties.append(by_county.assign(rule=rule.id))
            failures.append(failing.assign(rule=rule.id))
        status = "not testable" if not tested else "failed" if failed else "clean"
        results.append((rule.id, rule.table, rule.severity, rule.zh, rule.en, tested, failed, status, why))
    con.close()
    columns = ["rule", "table", "severity", "zh", "en", "tested", "failed", "status", "why"]
    return RuleReport(
        results=pd.DataFrame(results, columns=columns),
        counties=_stack(counties, ["rule", "county", "tested", "failed"]),
        failures=_stack(failures, ["rule", "county", "household_id"]),
        year=int(year),
    )


def _run(con: duckdb.DuckDBPyConnection, rule: Rule, year: int, line: float, county: str):
    """Counts by county, and the failing cases, of one rule."""
    values = {name: value for name, value in (("year", year), ("line", line)) if f"${name}" in rule.rows}
    con.execute(f"create or replace temp table cases as {rule.rows}", values)
    if county:
        con.execute("delete from cases where county is distinct from ?", [county])
    by_county = con.execute(
        "select county, count(*) as tested, count(*) filter (where failed) as failed from cases"
        " where failed is not null group by county order by county"
    ).df()
    failing = con.execute(
        "select county, household_id from cases where failed order by county, household_id"
    ).df()
    return by_county, failing


def _stack(frames: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns]
