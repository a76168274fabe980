-- Each payment and the six links of its yuan: fund, project, household, measure, helper, event
-- (R56). A payment's yuan are divided equally among the households linked to its project, and a
-- household's part is `traced` when its measure under the project (for housing, its line in the
-- housing ledger), its helper and its result are on record: an event of leaving or returning, or
-- that the registry still has it as poor; exits before the event ledger begins stand in the
-- registry itself. Money for a village has no household to be traced to.
--   households           linked to the project
--   traced, lost_measure, lost_helper, lost_result      yuan
--   reason               the first link at which anything is lost
select y.payment_id, y.project_id, y.fund_id, p.county, p.town, p.project_type, p.plan_year,
    y.paid_on, y.paid_amount, l.households,
    case when f.fund_id is null then 'no_fund' when p.project_id is null then 'no_project'
        when p.project_type in ('infrastructure', 'administration') then 'no_household_needed'
        when l.households is null then 'no_household'
        when l.measured < l.households then 'no_measure'
        when l.helped < l.households then 'no_helper'
        when l.resulted < l.households then 'no_result' end as reason,
    case
        when f.fund_id is null or p.project_id is null
            or p.project_type in ('infrastructure', 'administration')
            or l.households is null then 0
        else y.paid_amount * l.resulted / l.households end as traced,
    case
        when f.fund_id is not null
            and p.project_type not in ('infrastructure', 'administration') then y.paid_amount
                * (l.households - l.measured) / l.households end as lost_measure,
    case
        when f.fund_id is not null
            and p.project_type not in ('infrastructure', 'administration') then y.paid_amount
                * (l.measured - l.helped) / l.households end as lost_helper,
    case
        when f.fund_id is not null
            and p.project_type not in ('infrastructure', 'administration') then y.paid_amount
                * (l.helped - l.resulted) / l.households end as lost_result
from stored.payment y left join stored.fund f using (fund_id)
left join stored.project p on p.project_id = y.project_id left join (
    select l.project_id, count(*) as households, count(*) filter (where measured) as measured,
        count(*) filter (where measured and helped) as helped,
        count(*) filter (where measured and helped and resulted) as resulted
    from (
        select l.project_id, l.household_id,
            s.household_id is not null or j.project_type = 'housing'
                and d.household_id is not null as measured, h.helper_id is not null as helped,
            r.household_id is not null
                or coalesce(h.registration_status in ('poor', 'returned', 'planned_exit'), false)
                or coalesce(h.exit_year < b.first_year, false) as resulted
        from stored.project_household l left join stored.project j on j.project_id = l.project_id
        left join (
            select distinct household_id, project_id from stored.measure)
            s on s.household_id = l.household_id
                and s.project_id = l.project_id
        left join (
            select distinct household_id from stored.housing where started_on is not null)
            d on d.household_id = l.household_id
        left join (
            select household_id,
                unnest(max(struct_pack(snapshot, helper_id, registration_status, exit_year)))
            from stored.household where snapshot <= getvariable('year')
            group by household_id) h on h.household_id = l.household_id
        left join (
            select distinct household_id from stored.event where person_id is null
                and kind in ('exited', 'returned', 'reverted', 'removed', 'natural_decrease'))
            r on r.household_id = l.household_id
        cross join (select year(min(recorded_on)) as first_year from stored.event) b) l
    group by l.project_id) l on l.project_id = y.project_id
