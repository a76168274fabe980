-- A household at the end of a quarter, built from what had been recorded by then; the next return
-- and
-- the next departure look ahead and use all that is known on the day.
-- quarters: quarter, opens, closes, snapshot; lines: snapshot, line (yuan)
-- $county: code, empty for all; $at_risk: only those who have left poverty and may return
--   place, status (poor or exited), at_risk, quarters_since_exit, earlier_returns
--   household_size, single_person, and members by relation.people; labour is able_assumed, insured
--   is
--   medical_ok
--   dibao, tekun, primary_cause, cause_illness
--   incomes per head in yuan: net_income_pc, wage_pc, business_pc, property_pc, transfer_pc; line,
--   income_margin, log_margin (to the line), past_margin (mean of earlier years), income_change
--   oop_now, oop_last, oop_year (yuan of own payment: quarter, quarter before, four quarters);
--   stays_now, stays_last, ill_now, ill_last
--   dwelling_grade (A to D as 0 to 3), unsafe_dwelling, safe_water, poor_village, deep_village
--   measures under way, by kind; visited_now, visited_last, visit_random, quarters_since_visit
--   winter: whether the quarter is the fourth or the first
--   next_return_on, next_return_recorded_on, next_return_round; next_leave_on,
--   next_leave_recorded_on
--   already_returned_recorded_on: of a return that had happened and was written down only later
with members as (
    select * from relation.people where snapshot in (select snapshot from quarters)
), incomes as (
    select i.household_id, i.snapshot, i.net_income_pc::double as net_income_pc,
        i.wage_income::double as wage,
        i.business_income::double - i.business_expense::double as business,
        i.property_income::double as property, i.transfer_income::double as transfer,
        i.dibao_payment > 0 as dibao_paid,
        i.net_income_pc::double / nullif(lag(i.net_income_pc::double) over earlier, 0) - 1
            as income_change,
        avg(ln(greatest(i.net_income_pc::double, 100) / b.line))
            over (earlier rows between unbounded preceding and 1 preceding) as past_margin
    from stored.income i left join lines b using (snapshot)
    window earlier as (partition by household_id order by snapshot)
), bills as (
    select person_key, (year(admitted_on) * 4 + quarter(admitted_on) - 1)::bigint as admitted,
        (year(setl_time) * 4 + quarter(setl_time) - 1)::bigint as settled,
        sum(psn_part_amt) as oop, sum((med_type = 'inpatient')::int) as stays
    from relation.bill where admitted_on is not null group by all
), patients as (
    select * from relation.patient_year where snapshot in (select snapshot from quarters)
), medical as (
    select p.household_id, q.quarter,
        sum(oop) filter (where admitted = q.quarter)::double as oop_now,
        sum(oop) filter (where admitted = q.quarter - 1)::double as oop_last,
        sum(oop)::double as oop_year,
        sum(stays) filter (where admitted = q.quarter)::bigint as stays_now,
        sum(stays) filter (where admitted = q.quarter - 1)::bigint as stays_last
    from bills b
    join quarters q on q.quarter between b.admitted and b.admitted + 3 and b.settled <= q.quarter
    join patients p on p.person_key = b.person_key and p.snapshot = q.snapshot
    group by all
), household_events as (
    select household_id, event_id, kind, happened_on, recorded_on, source_round from stored.event
    where person_id is null and happened_on is not null and recorded_on is not null
), states as (
    select household_id, make_date(snapshot, 9, 30) as known,
        make_date(snapshot, 9, 30) as happened, '' as record,
        case when registration_status in ('poor', 'planned_exit', 'returned') then 'poor'
            when registration_status = 'exited' then 'exited' end as state,
        case
            when registration_status = 'exited' then make_date(exit_year, 12, 31) end as exited_on
    from stored.household where registration_status is not null
    union all
    select household_id, recorded_on, happened_on, event_id, state,
        case when state = 'exited' then happened_on end
    from relation.change where happened_on is not null and recorded_on is not null
), status as (
    select s.household_id, q.quarter, arg_max(s.state, (s.known, s.happened, s.record)) as status,
        max(case when s.exited_on is not null then least(s.exited_on, q.closes) end) as exited_on
    from states s join quarters q on s.known <= q.closes group by all
), spells as (
    select e.household_id, q.quarter, count(distinct happened_on) as earlier_returns
    from household_events e join quarters q on e.recorded_on <= q.closes
    where kind = 'returned'
    group by all
), help as (
    select m.household_id, q.quarter, count(*) as measures,
        bool_or(measure_type = 'industry') as measure_industry,
        bool_or(measure_type in ('employment', 'public_job')) as measure_employment,
        bool_or(measure_type = 'health') as measure_health,
        bool_or(measure_type = 'social_protection') as measure_protection
    from stored.measure m
    join quarters q on m.started_on <= q.closes and (m.ended_on is null or m.ended_on >= q.opens)
    group by all
), calls as (
    select household_id, (year(visited_on) * 4 + quarter(visited_on) - 1)::bigint as visited,
        (year(recorded_on) * 4 + quarter(recorded_on) - 1)::bigint as recorded,
        bool_or(visit_reason = 'random') as random
    from stored.home_visit where visited_on is not null group by all
), visits as (
    select c.household_id, q.quarter, bool_or(visited = q.quarter) as visited_now,
        bool_or(visited = q.quarter - 1) as visited_last,
        coalesce(bool_or(random) filter (where visited = q.quarter), false) as visit_random,
        min(q.quarter - visited)::double as quarters_since_visit
    from calls c join quarters q on c.visited <= q.quarter and c.recorded <= q.quarter
    group by all
), villages as (
    select area_code, snapshot, bool_or(is_poor_village) as poor_village,
        bool_or(is_deep_poor) as deep_village
    from stored.village group by all
), rows as materialized (
    select h.household_id, q.quarter, q.closes::timestamp as quarter_end, h.county, h.town,
        h.area_code, h.village, coalesce(st.status, 'outside') as status,
        coalesce(st.status = 'exited', false) as at_risk,
        case
            when st.status = 'exited'
                then (
                    q.quarter - (year(st.exited_on) * 4 + quarter(st.exited_on) - 1))::double end
                as quarters_since_exit, coalesce(sp.earlier_returns, 0) as earlier_returns,
        h.exit_year::double as exit_year, coalesce(h.household_size, m.members) as household_size,
        m.elderly::double as elderly, m.children::double as children,
        m.able_assumed::double as labour, m.disabled::double as disabled,
        m.severely_disabled::double as severely_disabled, m.chronic::double as chronic,
        m.serious::double as serious,
        coalesce(coalesce(h.household_size, m.members) = 1, false) as single_person,
        m.head_age::double as head_age,
        coalesce(m.member_dibao, false)
            or coalesce(h.household_category in ('dibao', 'dibao_tekun'), false)
            or coalesce(i.dibao_paid, false) as dibao,
        coalesce(m.member_tekun, false)
            or coalesce(h.household_category in ('tekun', 'dibao_tekun'), false) as tekun,
        h.primary_cause, coalesce(h.primary_cause = 'illness', false) as cause_illness,
        i.net_income_pc, i.wage / nullif(h.household_size, 0) as wage_pc,
        i.business / nullif(h.household_size, 0) as business_pc,
        i.property / nullif(h.household_size, 0) as property_pc,
        i.transfer / nullif(h.household_size, 0) as transfer_pc,
        i.net_income_pc / l.line - 1 as income_margin,
        ln(greatest(i.net_income_pc, 100) / l.line) as log_margin, i.past_margin, i.income_change,
        l.line, coalesce(x.oop_now, 0) as oop_now, coalesce(x.oop_last, 0) as oop_last,
        coalesce(x.oop_year, 0) as oop_year, coalesce(x.stays_now, 0) as stays_now,
        coalesce(x.stays_last, 0) as stays_last, coalesce(x.stays_now, 0) > 0 as ill_now,
        coalesce(x.stays_last, 0) > 0 as ill_last, m.work_months::double as work_months,
        case g.dwelling_grade when 'A' then 0 when 'B' then 1 when 'C' then 2
            when 'D' then 3 end::double as dwelling_grade,
        g.unsafe_dwelling::double as unsafe_dwelling, g.safe_water::double as safe_water,
        m.medical_ok::double as insured, coalesce(v.poor_village, false) as poor_village,
        coalesce(v.deep_village, false) as deep_village, coalesce(a.measures, 0) as measures,
        coalesce(a.measure_industry, false) as measure_industry,
        coalesce(a.measure_employment, false) as measure_employment,
        coalesce(a.measure_health, false) as measure_health,
        coalesce(a.measure_protection, false) as measure_protection,
        coalesce(c.visited_now, false) as visited_now,
        coalesce(c.visited_last, false) as visited_last,
        coalesce(c.visit_random, false) as visit_random, c.quarters_since_visit,
        q.quarter % 4 in (0, 3) as winter
    from stored.household h join quarters q using (snapshot) join lines l using (snapshot)
    left join status st using (household_id, quarter)
    left join members m using (household_id, snapshot)
    left join incomes i using (household_id, snapshot)
    left join stored.living g using (household_id, snapshot)
    left join villages v on v.area_code = h.area_code and v.snapshot = h.snapshot
    left join medical x using (household_id, quarter)
    left join spells sp using (household_id, quarter)
    left join help a using (household_id, quarter)
    left join visits c using (household_id, quarter)
    where coalesce(st.status, '') <> 'outside' and $county in ('', h.county)
        and (not $at_risk or st.status = 'exited')
), returns as (
    select household_id, happened_on, min(recorded_on) as recorded_on,
        arg_min(coalesce(source_round, ''), (recorded_on, event_id)) as round
    from household_events where kind in ('returned', 'monitored') group by all
), leaves as (
    select household_id, happened_on, min(recorded_on) as recorded_on
    from household_events where kind in ('removed', 'natural_decrease') group by all
), next_returns as (
    select household_id, quarter, min(happened_on) as happened_on,
        arg_min(recorded_on, happened_on) as recorded_on, arg_min(round, happened_on) as round
    from returns join quarters on closes < happened_on group by household_id, quarter
), next_leaves as (
    select household_id, quarter, min(happened_on) as happened_on,
        arg_min(recorded_on, happened_on) as recorded_on
    from leaves join quarters on closes < happened_on group by household_id, quarter
), hidden as (
    select r.household_id, r.quarter, min(e.recorded_on) as already_returned_recorded_on
    from rows r join returns e using (household_id)
    where r.at_risk and e.happened_on <= r.quarter_end and e.recorded_on > r.quarter_end
    group by all
)
select rows.*, rt.happened_on::timestamp as next_return_on,
    rt.recorded_on::timestamp as next_return_recorded_on, rt.round as next_return_round,
    lv.happened_on::timestamp as next_leave_on,
    lv.recorded_on::timestamp as next_leave_recorded_on,
    hidden.already_returned_recorded_on::timestamp as already_returned_recorded_on
from rows
left join next_returns rt on rt.household_id = rows.household_id and rt.quarter = rows.quarter
left join next_leaves lv on lv.household_id = rows.household_id and lv.quarter = rows.quarter
left join hidden on hidden.household_id = rows.household_id and hidden.quarter = rows.quarter
order by rows.household_id, rows.quarter
