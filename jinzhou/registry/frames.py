"""What a rule can look at: one relation per object, with what lies beside it already joined.

Each relation is SQL over the store's views for the registry year `$year` and has `county`,
`household_id` (where the object belongs to one) and `case_id`, then the columns that the predicates
of reference/rules.csv name. Identity numbers, telephones and accounts are read from the side
tables here and leave as what the rules need of them (a length, whether the check character agrees),
never as themselves.
"""

from __future__ import annotations

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SUM = " + ".join(
    f"{w} * (digits // {10 ** (16 - i)} % 10)" for i, w in enumerate(_WEIGHTS)
)

_NUMBERS = f"""select person_id, length(number) as id_length,
    substr('10X98765432', (({_SUM}) % 11)::int + 1, 1) = substr(number, 18, 1) as id_check_agrees,
    try_strptime(substr(number, 7, 8), '%Y%m%d')::date as id_birth,
    case when length(number) >= 17 then case when digits % 2 = 1 then 'male' when digits % 2 = 0 then 'female' end end as id_sex,
    try_cast(substr(number, 19, 1) as int) as card_kind, try_cast(substr(number, 20, 1) as int) as card_grade,
    length(number) >= 20 as has_card
    from (select person_id, upper(id_number) as number, try_cast(substr(id_number, 1, 17) as bigint) as digits
          from private_member where snapshot = $year)"""

_AGE = "date_sub('year', m.birth_date, make_date(m.snapshot::int, 9, 30))"
DROPPED_OUT = f"{_AGE} between 6 and 15 and coalesce(school_status, 'not_in_school') = 'not_in_school' and out_of_school_reason is null"
"""SQL, of a member `m`: of school age, not at school (or blank), and no reason on file (Q-house-009c, R03)."""
UNINSURED = (
    "has_resident_insurance = false and coalesce(has_employee_insurance, false) = false"
)
"""SQL, of a member: in neither basic medical insurance (Q-house-009d)."""
SCHOOL_OK = f"""case when count(*) filter (where {DROPPED_OUT} and school_status is not null) > 0 then false
    when count(*) filter (where ({DROPPED_OUT} and school_status is null) or (m.birth_date is null and coalesce(school_status, 'not_in_school') = 'not_in_school'
        and out_of_school_reason is null)) = 0 then true end"""
"""SQL, over the members `m` of a household: nobody dropped out; unknown where a blank could be one (R34)."""
MEDICAL_OK = f"""case when count(*) filter (where {UNINSURED}) > 0 then false
    when count(*) filter (where has_resident_insurance is null and has_employee_insurance is distinct from true) = 0 then true end"""
"""SQL, over the members of a household: everyone insured; unknown where a blank could be one who is not (R34)."""
REPAIRS = """(select household_id, max(accepted_on) filter (where acceptance = 'pass') as accepted_on,
    max(appraised_on) filter (where grade in ('C', 'D', 'none')) as appraised_on from housing group by household_id)"""
"""SQL: the last accepted repair and the last appraisal as unsafe of each household."""
DWELLING_OK = """case when d.accepted_on >= d.appraised_on then true when d.appraised_on > make_date(g.snapshot::int, 9, 30) then false
    else g.dwelling_grade in ('A', 'B') end"""
"""SQL, of a household's row `g` of living conditions and `d` of `REPAIRS`: a safe grade, or repaired since (R34)."""
BILLS = """(select person_key, admitted_on, discharged_on, med_type, medfee_sumamt, arg_min(psn_part_amt, setl_id) as psn_part_amt, arg_min(setl_time, setl_id) as setl_time
    from visit where person_key is not null and medfee_sumamt > 0 and psn_part_amt between 0 and medfee_sumamt + 5e-2 group by all)"""
"""SQL: the settlements that households' payments are summed from. One that comes again for the same person, days, kind and cost counts once, the first by
number; amounts that cannot be a bill count nowhere. `measures.checked_bills` says of the in-patient stays how many were left out for which reason."""

PERSON = f"""
with on_record as (select * from member where snapshot = $year and change_kind is distinct from 'natural_decrease'),
doubled as (select person_key, count(*) as times from on_record where person_key is not null group by person_key having count(*) > 1),
places as (select household_id, county, person_key, times, count(*) over (partition by person_key, county) as in_county,
    count(*) over (partition by person_key, household_id) as in_household from on_record join doubled using (person_key)),
twice as (select distinct * from places),
homes as (select household_id, max(birth_date) filter (where relation_to_head = 'head') as head_born,
    count(*) filter (where relation_to_head in ('daughter_in_law', 'son_in_law', 'grandson', 'granddaughter')) as childs_family from on_record group by household_id),
a as (select person_id, school_status from member where snapshot = $year - 1),
b as (select person_id, school_status from member where snapshot = $year - 2 and school_status is not null)
select m.* exclude (person_id), m.person_id as case_id, {_AGE} as age, n.* exclude (person_id),
    list_contains(m.health_status, 'healthy') as healthy, list_contains(m.health_status, 'disabled') as disabled,
    list_contains(m.health_status, 'chronic') or list_contains(m.health_status, 'serious') as ill,
    len(m.health_status) as health_values,
    m.school_status is not null and m.school_status not in ('not_in_school', 'preschool_age') as at_school,
    m.labour_capacity in ('none', 'lost') as without_labour,
    h.registration_status, h.household_category, h.first_identified_on, h.exit_year,
    case when m.person_key is not null then coalesce(t.times, 1) end as times_in_city,
    case when m.person_key is not null then coalesce(t.in_county, 1) end as times_in_county,
    case when m.person_key is not null then coalesce(t.in_household, 1) end as times_in_household,
    {_AGE} - date_sub('year', p.head_born, make_date($year, 9, 30)) as years_above_head,
    a.school_status as school_last_year, b.school_status as school_two_years_ago, a.person_id is not null as seen_last_year,
    h.household_id is not null as household_known, p.childs_family
from on_record m left join (select * from household where snapshot = $year) h using (household_id, county)
left join ({_NUMBERS}) n using (person_id) left join homes p using (household_id)
left join twice t on t.person_key = m.person_key and t.household_id = m.household_id and t.county = m.county
left join a on a.person_id = m.person_id left join b on b.person_id = m.person_id"""

HOUSEHOLD = f"""
with people as (
  select m.household_id, count(*) as members,
    count(*) filter (where relation_to_head = 'head') as heads, count(*) filter (where relation_to_head = 'spouse') as spouses,
    count(distinct sex) filter (where relation_to_head in ('head', 'spouse')) as sexes_of_couple,
    count(*) filter (where relation_to_head in ('head', 'spouse')) as couple,
    count(health_status) as health_known, count(*) filter (where health_status = ['healthy']) as healthy,
    count(*) filter (where list_contains(health_status, 'disabled')) as disabled,
    count(*) filter (where list_contains(health_status, 'chronic') or list_contains(health_status, 'serious')) as ill,
    count(*) filter (where (list_contains(health_status, 'chronic') or list_contains(health_status, 'serious'))
      and has_catastrophic_insurance = false) as ill_without_catastrophic,
    count(*) filter (where school_status is not null and school_status not in ('not_in_school', 'preschool_age')) as pupils,
    count(labour_capacity) as labour_known, count(*) filter (where labour_capacity in ('ordinary', 'skilled')) as able,
    count(*) filter (where labour_capacity in ('ordinary', 'skilled') and {_AGE} between 16 and 64) as able_of_age,
    count(*) filter (where labour_capacity in ('none', 'lost')) as without_labour,
    count(*) filter (where has_dibao) as dibao_members, count(*) filter (where has_tekun) as tekun_members,
    count(*) filter (where work_months > 0 or work_place is not null) as workers, max(work_months) as longest_work,
    count(*) filter (where public_job_months > 0) as public_jobs,
    count(*) filter (where has_pension and {_AGE} >= 60) as pensioners, count(*) filter (where {_AGE} >= 60) as elderly,
    count(*) filter (where {_AGE} < 60) as under_60,
    count(*) filter (where {DROPPED_OUT}) as dropped_out, count(*) filter (where {UNINSURED}) as uninsured
  from member m where m.snapshot = $year and m.change_kind is distinct from 'natural_decrease' group by m.household_id),
aid as (
  select household_id, count(*) filter (where measure_type = 'industry') as industry_measures,
    count(*) filter (where measure_type = 'public_job') as public_job_measures,
    count(*) filter (where measure_type = 'social_protection') as protection_measures, count(*) as measures
  from measure where started_on <= make_date($year, 12, 31) group by household_id),
linked as (select household_id, count(*) as links, count(*) filter (where link_mechanism ilike '%分红%') as dividend_links
  from project_household group by household_id),
watched as (select household_id, bool_or(not coalesce(risk_cleared, false)) as monitored_now, count(*) as times_monitored
  from monitoring group by household_id),
shared as (select phone, count(*) as times from private_household where snapshot = $year and phone is not null group by phone having count(*) > 1),
phones as (select household_id, length(phone) as phone_length, phone is null as phone_blank,
    case when phone is not null then coalesce(times, 1) end as phone_shared
  from private_household left join shared using (phone) where snapshot = $year),
helped as (select helper_id, count(*) as helped from household where snapshot = $year and helper_id is not null group by helper_id),
back as (select distinct household_id from event where kind in ('returned', 'reverted') and recorded_on > make_date($year - 1, 9, 30)),
before as (select household_id, registration_status as status_last_year from household where snapshot = $year - 1),
sheets as (select h.household_id, h.area_code, i.wage_income, i.business_income, i.property_income, i.transfer_income, i.net_income,
    i.wage_income > 0 and i.business_income > 0 as earns_twice, case when e.net_income_pc > 0 and i.net_income_pc > 0 then round(i.net_income_pc / e.net_income_pc, 4) end as growth
  from household h join income i using (household_id, snapshot) left join income e on e.household_id = h.household_id and e.snapshot = h.snapshot - 1
  where h.snapshot = $year and h.area_code is not null),
copied as (select area_code, wage_income, business_income, property_income, transfer_income, net_income, count(*) as times from sheets
  where earns_twice group by all having count(*) > 1),
grown as (select area_code, growth, count(*) as times from sheets where growth is not null group by all having count(*) > 1)
select h.*, h.household_id as case_id, p.* exclude (household_id), i.* exclude (household_id, snapshot, county, source_id, source_row),
  g.* exclude (household_id, snapshot, county, source_id, source_row),
  e.net_income_pc as income_last_year, e.business_income as business_last_year, e.business_expense as expense_last_year,
  e.asset_dividend as dividend_last_year, e.transfer_income as transfer_last_year,
  coalesce(a.industry_measures, 0) as industry_measures, coalesce(a.public_job_measures, 0) as public_job_measures,
  coalesce(a.protection_measures, 0) as protection_measures, coalesce(a.measures, 0) as measures,
  coalesce(l.links, 0) as project_links, coalesce(l.dividend_links, 0) as dividend_links,
  coalesce(w.monitored_now, false) as monitored_now, f.phone_length, f.phone_blank, f.phone_shared, k.helped as helper_households,
  b.status_last_year, o.household_id is not null as returned_since,
  i.household_id is not null as has_income_row, g.household_id is not null as has_living_row,
  arable_mu + forest_mu + coalesce(orchard_mu, 0) + coalesce(pasture_mu, 0) + coalesce(water_mu, 0) as land_mu,
  case when s.earns_twice then coalesce(c.times, 1) end as same_income_parts,
  case when s.growth is not null then coalesce(r.times, 1) end as same_growth,
  make_date($year, 9, 30) as census_day
from household h left join people p using (household_id) left join income i using (household_id, snapshot)
left join living g using (household_id, snapshot)
left join income e on e.household_id = h.household_id and e.snapshot = h.snapshot - 1
left join aid a on a.household_id = h.household_id left join linked l on l.household_id = h.household_id
left join watched w on w.household_id = h.household_id left join phones f on f.household_id = h.household_id
left join helped k on k.helper_id = h.helper_id left join before b on b.household_id = h.household_id
left join back o on o.household_id = h.household_id
left join sheets s on s.household_id = h.household_id left join grown r on r.area_code = s.area_code and r.growth = s.growth
left join copied c on c.area_code = s.area_code and c.wage_income = s.wage_income and c.business_income = s.business_income and s.earns_twice
  and c.property_income is not distinct from s.property_income and c.transfer_income is not distinct from s.transfer_income
  and c.net_income is not distinct from s.net_income
where h.snapshot = $year"""

VILLAGE = """
with homes as (select h.area_code, sum(g.arable_mu) as household_land, count(*) filter (where g.unsafe_dwelling) as registered_unsafe,
    count(*) as registered, sum(h.household_size) as registered_persons,
    count(*) filter (where h.registration_status in ('poor', 'returned', 'planned_exit')) as still_poor
  from household h left join living g using (household_id, snapshot) where h.snapshot = $year group by h.area_code)
select v.*, null::varchar as household_id, v.area_code as case_id, homes.* exclude (area_code),
  e.exited as exited_last_year, e.is_poor_village as poor_last_year, e.population as population_last_year
from village v left join homes using (area_code) left join village e on e.area_code = v.area_code and e.snapshot = v.snapshot - 1
where v.snapshot = $year"""

EVENT = """
with earlier as (select e.event_id, coalesce(bool_or(h.registration_status = 'exited'), false) as exited_before
  from event e left join household h on h.household_id = e.household_id and make_date(h.snapshot::int, 9, 30) < e.recorded_on group by e.event_id),
exits as (select household_id, min(happened_on) as first_exit from event where kind = 'exited' group by household_id),
known as (select household_id, min(first_identified_on) as identified_on, count(*) as years from household group by household_id)
select e.*, e.event_id as case_id, x.exited_before or coalesce(f.first_exit < e.happened_on, false) as exited_before,
  k.identified_on, k.years is not null as household_known,
  count(*) over (partition by e.household_id, e.person_id, e.kind, e.happened_on) as times,
  date_diff('day', e.happened_on, e.recorded_on) as days_to_record, date_diff('day', e.first_public_on, e.second_public_on) as days_of_posting
from event e left join earlier x using (event_id) left join exits f on f.household_id = e.household_id
left join known k on k.household_id = e.household_id
where year(e.recorded_on) = $year"""

_PATIENTS = """
asked as (select distinct person_key from visit where year(setl_time) = $year and person_key is not null),
years as (select m.person_key, m.snapshot, min(m.household_id) as household_id, max(m.household_id) as other, min(m.county) as home_county
  from member m join asked using (person_key) group by m.person_key, m.snapshot),
person as (select person_key, arg_max(household_id, snapshot) as household_id, arg_max(home_county, snapshot) as home_county
  from years group by person_key having arg_max(household_id, snapshot) = arg_max(other, snapshot))"""

VISIT = f"""
with {_PATIENTS}
select v.* exclude (county), v.setl_id as case_id, p.household_id, p.home_county as county, p.household_id is not null as registered,
  lag(v.discharged_on) over (partition by v.person_key, v.med_type order by v.admitted_on, v.setl_id) as earlier_discharge,
  v.med_type = 'inpatient' as inpatient, date_diff('day', v.admitted_on, v.discharged_on) as nights,
  coalesce(hifp_pay, 0) + coalesce(cvlserv_pay, 0) + coalesce(hifes_pay, 0) + coalesce(hifmi_pay, 0) + coalesce(hifob_pay, 0)
    + coalesce(maf_pay, 0) + coalesce(oth_pay, 0) as funds
from visit v left join person p using (person_key) where year(v.setl_time) = $year"""

LOAN = """
select l.*, l.loan_id as case_id, h.household_id is not null as registered, date_diff('month', l.disbursed_on, l.due_on) as months,
  count(*) filter (where l.balance > 0) over (partition by l.household_id) as running
from loan l left join household h on h.household_id = l.household_id and h.snapshot = $year where year(l.disbursed_on) <= $year"""

HOUSING = """
select d.*, d.household_id as case_id, count(distinct funding_batch) over (partition by d.household_id) as lots,
  h.household_id is not null as registered, h.registration_status, make_date($year, 10, 31) as due_day
from housing d left join household h on h.household_id = d.household_id and h.snapshot = $year where year(d.appraised_on) <= $year"""

MONITORING = """
with aid as (select m.household_id, min(s.started_on) filter (where s.started_on >= m.identified_on) as first_measure,
    bool_or(s.measure_type = 'health') as health_measure, bool_or(s.measure_type in ('industry', 'employment', 'public_job')) as work_measure
  from monitoring m left join measure s using (household_id) group by m.household_id)
select m.*, m.household_id as case_id, a.first_measure, coalesce(a.health_measure, false) as health_measure,
  coalesce(a.work_measure, false) as work_measure, date_diff('month', m.identified_on, m.cleared_on) as months_watched,
  date_diff('day', last_day(m.identified_on), a.first_measure) as days_to_measure,      -- the day within the month is not known
  d.risk_cleared and d.cleared_on is null as cleared_undated,                            -- a day hides the flag that has no date
  (select max(make_date(snapshot::int, 9, 30)) from household) as last_day
from monitoring m left join aid a using (household_id) left join delivered_monitoring d on d.source_id = m.source_id and d.source_row = m.source_row
where year(m.identified_on) <= $year"""

VILLAGE_WIDE = "('infrastructure', 'administration')"
"""Types of projects that serve a village and not single households."""

PROJECT_MONEY = """money as (select project_id, sum(allocated_amount) as allocated, min(allocated_on) as first_allocated from fund group by project_id),
paid as (select project_id, sum(paid_amount) as paid, min(paid_on) as first_paid, max(paid_on) as last_paid from payment group by project_id),
homes as (select project_id, count(*) as linked_households from project_household group by project_id)"""
"""CTEs: what each project was allocated and paid, and the households linked to it."""
PROJECT_ROWS = f"""with {PROJECT_MONEY}
select p.*, p.project_id as case_id, null::varchar as household_id, m.allocated, m.first_allocated, d.paid, d.first_paid, d.last_paid,
  coalesce(h.linked_households, 0) as linked_households, $day as census_day,
  (p.village is not null or p.area_code is not null) and p.content is not null as has_site, p.project_type in {VILLAGE_WIDE} as village_wide,
  p.disclosed_plan_on is not null and (p.village is not null or p.area_code is not null) and p.content is not null
    and (p.project_type in {VILLAGE_WIDE} or coalesce(h.linked_households, 0) > 0) as ready
from project p left join money m using (project_id) left join paid d using (project_id) left join homes h using (project_id)"""
"""One row per project with its money; `$day` is the day on which it is judged. Ready (R58): its plan is posted, which is the only approval that the
ledger knows, it names a place and a content, and households unless it serves a village."""

PROJECT = (
    PROJECT_ROWS.replace("$day", "make_date($year, 9, 30)")
    + " where p.plan_year <= $year"
)

PAYMENT = """
select y.*, y.payment_id as case_id, null::varchar as household_id, f.allocated_on, f.allocated_amount, f.fund_id is not null as fund_known,
  p.project_id is not null as project_known, sum(y.paid_amount) over (partition by y.fund_id) as paid_of_fund
from (select * exclude (county) from payment where year(paid_on) = $year) y
left join (select * exclude (county) from fund) f using (fund_id) left join project p on p.project_id = y.project_id"""

PAYMENT = PAYMENT.replace("select y.*,", "select y.*, p.county,")

MEASURE = """
select m.*, m.household_id || ' ' || m.started_on as case_id, h.household_id is not null as registered, h.registration_status,
  count(*) over (partition by m.household_id, m.measure_type, m.started_on, m.project_id) as times, j.project_id is not null as project_known
from measure m left join household h on h.household_id = m.household_id and h.snapshot = $year
left join project j on j.project_id = m.project_id where year(m.started_on) = $year"""

HEALTH_SERVICE = """
select s.* exclude (person_id, county), s.person_id as case_id, m.household_id, m.county,
  list_contains(m.health_status, 'chronic') as chronic, list_contains(m.health_status, 'serious') as serious
from health_service s join member m using (person_id, snapshot) where s.snapshot = $year"""

SPOT_CHECK = """
select *, check_id as case_id, list_contains(found, 'consistent') as consistent, len(found) as findings,
  date_diff('day', checked_on, corrected_on) as days_to_correct from spot_check where year(checked_on) = $year"""

HOME_VISIT = """
select *, household_id as case_id, date_diff('day', visited_on, recorded_on) as days_to_record,
  list_contains(found, 'consistent') as consistent, len(found) as findings from home_visit where year(visited_on) = $year"""

GRADUATE = """
select g.* exclude (county), g.person_id as case_id, m.household_id, m.county, make_date($year, 9, 30) as census_day
from graduate g join member m on m.person_id = g.person_id and m.snapshot = $year"""

TRAINING = """
select t.* exclude (county), t.person_id as case_id, m.household_id, m.county,
  date_sub('year', m.birth_date, t.finished_on) as age_trained, m.labour_capacity,
  make_date($year, 9, 30) as census_day
from training t join member m on m.person_id = t.person_id and m.snapshot = $year where year(t.finished_on) = $year"""

WALL = """select *, household_id as case_id from wall where year(checked_on) = $year"""

FILE_CHECK = """select *, household_id as case_id from file_check"""

TRACE = f"""
select y.payment_id, y.project_id, y.fund_id, p.county, p.town, p.project_type, p.plan_year, y.paid_on, y.paid_amount, l.households,
  case when f.fund_id is null then 'no_fund' when p.project_id is null then 'no_project' when p.project_type in {VILLAGE_WIDE} then 'no_household_needed'
    when l.households is null then 'no_household' when l.measured < l.households then 'no_measure' when l.helped < l.households then 'no_helper'
    when l.resulted < l.households then 'no_result' end as reason,
  case when f.fund_id is null or p.project_id is null or p.project_type in {VILLAGE_WIDE} or l.households is null then 0
    else y.paid_amount * l.resulted / l.households end as traced,
  case when f.fund_id is not null and p.project_type not in {VILLAGE_WIDE} then y.paid_amount * (l.households - l.measured) / l.households end as lost_measure,
  case when f.fund_id is not null and p.project_type not in {VILLAGE_WIDE} then y.paid_amount * (l.measured - l.helped) / l.households end as lost_helper,
  case when f.fund_id is not null and p.project_type not in {VILLAGE_WIDE} then y.paid_amount * (l.helped - l.resulted) / l.households end as lost_result
from payment y left join fund f using (fund_id) left join project p on p.project_id = y.project_id
left join (
  select l.project_id, count(*) as households, count(*) filter (where measured) as measured, count(*) filter (where measured and helped) as helped,
    count(*) filter (where measured and helped and resulted) as resulted
  from (
    select l.project_id, l.household_id, s.household_id is not null or j.project_type = 'housing' and d.household_id is not null as measured, h.helper_id is not null as helped,
      r.household_id is not null or coalesce(h.registration_status in ('poor', 'returned', 'planned_exit'), false) or coalesce(h.exit_year < b.first_year, false) as resulted
    from project_household l left join project j on j.project_id = l.project_id
    left join (select distinct household_id, project_id from measure) s on s.household_id = l.household_id and s.project_id = l.project_id
    left join (select distinct household_id from housing where started_on is not null) d on d.household_id = l.household_id
    left join (select household_id, unnest(max(struct_pack(snapshot, helper_id, registration_status, exit_year))) from household where snapshot <= $year group by household_id) h on h.household_id = l.household_id
    left join (select distinct household_id from event where person_id is null and kind in ('exited', 'returned', 'reverted', 'removed', 'natural_decrease')) r
      on r.household_id = l.household_id
    cross join (select year(min(recorded_on)) as first_year from event) b) l
  group by l.project_id) l on l.project_id = y.project_id"""
"""Each payment and the six links of its yuan: fund, project, household, measure, helper, event (R56).

A payment's yuan are divided equally among the households linked to its project, and a household's part is `traced` when its measure under
the project (for housing, its line in the housing ledger), its helper and its result are on record: an event of leaving or returning, or
that the registry still has it as poor; exits before the event ledger begins stand in the registry itself. `reason` is the first link at
which anything is lost. Money for a village has no household to be traced to.
"""

_LEDGERS = """
with @patients period as (select make_date($year - 1, 10, 1) as opens, make_date($year, 9, 30) as closes),
aid as (select s.household_id, s.measure_type, sum(s.amount_yuan) as amount from measure s, period
  where s.amount_yuan > 0 and (s.measure_type in ('education', 'public_job') and s.started_on between opens and closes
    or s.measure_type = 'social_protection' and s.started_on <= closes and coalesce(s.ended_on, closes) >= closes) group by all),
homes as (select h.household_id, h.county, i.household_id is not null as has_income, i.wage_income, i.dibao_payment, i.tekun_payment, i.other_transfer,
    i.asset_dividend from household h left join income i using (household_id, snapshot) where h.snapshot = $year),
listed as (select household_id, count(*) filter (where has_dibao) as dibao_members from member where snapshot = $year
  and change_kind is distinct from 'natural_decrease' group by household_id),
linked as (select distinct household_id from project_household),
firms as (select distinct household_id from loan, period where own_use = 'enterprise' and disbursed_on <= closes and due_on >= opens),
lots as (select household_id, count(distinct funding_batch) as lots from housing
  where funding_batch in ('batch_950', 'batch_938') and year(appraised_on) <= $year group by household_id),
chains as (select * from (@trace) where year(paid_on) = $year),
rows as (
select 'education_aid' as comparison, h.county, household_id, household_id as case_id, a.amount::double as ledger, other_transfer::double as recorded,
  case when not has_income then 'no_income_sheet' end as reason from aid a join homes h using (household_id) where measure_type = 'education'
union all select 'public_job', h.county, household_id, household_id, a.amount::double, wage_income::double,
  case when not has_income then 'no_income_sheet' end from aid a join homes h using (household_id) where measure_type = 'public_job'
union all select 'social_protection', h.county, household_id, household_id, a.amount::double, (dibao_payment + tekun_payment + other_transfer)::double,
  case when not has_income then 'no_income_sheet' end from aid a join homes h using (household_id) where measure_type = 'social_protection'
union all select 'dibao_list', h.county, household_id, household_id, dibao_members::double, case when dibao_payment > 0 or tekun_payment > 0 then dibao_members else 0 end::double,
  case when not has_income then 'no_income_sheet' end from listed join homes h using (household_id) where dibao_members > 0
union all select 'dividend_source', h.county, household_id, household_id, asset_dividend::double,
  case when l.household_id is not null or f.household_id is not null then asset_dividend else 0 end::double, null
  from homes h left join linked l using (household_id) left join firms f using (household_id) where asset_dividend > 0
union all select 'enterprise_loan', h.county, household_id, household_id, 1, case when asset_dividend > 0 then 1 else 0 end, case when not has_income then 'no_income_sheet' end
  from firms join homes h using (household_id)
union all select 'housing_lots', h.county, household_id, household_id, lots::double, case when h.household_id is null then 0 else 1 end, null
  from lots left join homes h using (household_id)
@settlements
union all select 'fund_trace', county, null, payment_id, paid_amount::double, traced::double, reason from chains)
select *, case when comparison in ('settlement', 'housing_lots') then abs(ledger - recorded) else greatest(0, ledger - coalesce(recorded, 0)) end as gap,
  case when reason in ('no_income_sheet', 'no_household_needed') then reason
    when abs(ledger - coalesce(recorded, 0)) between 1e-9 and case when comparison = 'settlement' then 0.05 when comparison in ('dibao_list', 'enterprise_loan', 'housing_lots') then 0 else 1 end then 'rounding'
  end as explained_by
from rows where ledger is not null and (recorded is not null or reason is not null)"""

_LEDGERS = _LEDGERS.replace("@trace", TRACE)
LEDGER = _LEDGERS.replace("@patients", "").replace("@settlements", "")
"""What one ledger says against the incomes on record; see `RECONCILIATION`."""

RECONCILIATION = _LEDGERS.replace("@patients", _PATIENTS.strip() + ",").replace(
    "@settlements",
    """union all select 'settlement', p.home_county, p.household_id, v.setl_id,
  medfee_sumamt::double, (fund_pay_sumamt + hosp_part_amt + psn_part_amt)::double, null
  from visit v left join person p using (person_key) where year(v.setl_time) = $year""",
)
"""What one ledger says against another, in yuan (persons, loans or households where the check counts those): R22, R41, R44, R56.

`gap` is what the ledger has and the registry does not; a registry line that holds other money too
(wages, other transfers) can only fall short. `explained_by` says why a gap is none.
"""

_ON_RECORD = "on_record as (select * from member where snapshot = $year and change_kind is distinct from 'natural_decrease')"
_CHILD = "('son', 'daughter', 'son_in_law', 'daughter_in_law')"

ROSTER = f"""
with {_ON_RECORD},
pairs as (select r.family_id, m.household_id, min(m.county) as county, count(*) as persons from roster r join on_record m using (person_key)
  group by r.family_id, m.household_id),
best as (select family_id, min(struct_pack(fewest := -persons, household := household_id, county := county)) as b from pairs group by family_id),
families as (select family_id, b.household as household_id, b.county as county from best),
placed as (select r.* exclude (county), f.household_id, f.county, n.person_key is not null as has_number from roster r join families f using (family_id)
  left join (select distinct person_key from on_record) n using (person_key) where r.person_key is not null),
absent as (select person_key, household_id from placed where not has_number),
unmatched as (select distinct m.household_id, m.birth_date from on_record m join (select distinct household_id from absent) using (household_id)
  left join roster r using (person_key) where r.roster_id is null),
earlier as (select m.person_key, m.household_id, max(m.snapshot) as was_on_record from member m join absent using (person_key, household_id)
  where m.snapshot < $year or m.snapshot = $year and m.change_kind = 'natural_decrease' group by all)
select r.* exclude (person_key, has_number), r.roster_id as case_id, date_sub('year', r.birth_date, make_date($year, 9, 30)) as age,
  r.has_number or u.household_id is not null as in_registry, e.was_on_record,
  coalesce(r.on_hukou, false) and coalesce(r.insured, false) and e.was_on_record is null as on_both_lists
from placed r left join unmatched u on not r.has_number and u.household_id = r.household_id and u.birth_date = r.birth_date
left join earlier e on not r.has_number and e.person_key = r.person_key and e.household_id = r.household_id"""
"""People on the hukou and insurance list of a registered household's family: the household that most of the family's numbers are in.

Someone born on the day of a member whose number is unreadable or on no list is taken to be that member: the number is wrong, not the person.
"""

LISTED = f"""
with {_ON_RECORD},
grown as (select m.*, {_AGE} as age from on_record m where m.relation_to_head in {_CHILD} and {_AGE} >= 18
  and coalesce(m.school_status, 'not_in_school') = 'not_in_school' and m.person_key is not null),
asked as (select m.household_id, m.person_key from on_record m semi join grown using (household_id) where m.relation_to_head = 'head' and m.person_key is not null
  union all select household_id, person_key from grown),
listed as (select person_key, min(family_id) as family_id, bool_or(relation_to_head = 'head') as heads_a_family from roster semi join asked using (person_key)
  where on_hukou group by person_key having min(family_id) = max(family_id)),
heads as (select m.household_id, min(l.family_id) as family_of_head from on_record m join listed l using (person_key)
  where m.relation_to_head = 'head' group by m.household_id),
kin as (select household_id, bool_or(relation_to_head in ('son_in_law', 'daughter_in_law', 'grandson', 'granddaughter')) as own_spouse_or_child
  from on_record semi join grown using (household_id) group by household_id)
select m.* exclude (person_id), m.person_id as case_id, l.heads_a_family, l.family_id <> h.family_of_head as own_family, k.own_spouse_or_child,
  coalesce(m.work_months >= 6 and m.work_place in ('province', 'outside'), false) as works_away
from grown m join listed l using (person_key) join heads h using (household_id) join kin k using (household_id)"""
"""Grown children on record, out of school, whose own family and whose head's family the hukou list names."""

FRAMES: dict[str, tuple[str, str]] = {
    "person": ("member", PERSON),
    "household": ("household", HOUSEHOLD),
    "village": ("village", VILLAGE),
    "event": ("event", EVENT),
    "visit": ("visit", VISIT),
    "loan": ("loan", LOAN),
    "housing": ("housing", HOUSING),
    "monitoring": ("monitoring", MONITORING),
    "project": ("project", PROJECT),
    "payment": ("payment", PAYMENT),
    "measure": ("measure", MEASURE),
    "health_service": ("health_service", HEALTH_SERVICE),
    "spot_check": ("spot_check", SPOT_CHECK),
    "home_visit": ("home_visit", HOME_VISIT),
    "graduate": ("graduate", GRADUATE),
    "training": ("training", TRAINING),
    "wall": ("wall", WALL),
    "ledger": ("income", LEDGER),
    "roster": ("roster", ROSTER),
    "listed": ("roster", LISTED),
    "file_check": ("file_check", FILE_CHECK),
}
"""Object -> (table that must have been delivered, relation)."""
