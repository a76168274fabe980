-- Projects of the pool with their money and dates (relation.project), yuan.
-- $payments: as in allocations; `judged` holds what two rules say of each project
select project_id, project_name, coalesce(county, 'unknown') as county, town, village, area_code,
    project_type, plan_year::int as plan_year, department,
    planned_start::timestamp as planned_start, planned_end::timestamp as planned_end,
    started_on::timestamp as started_on, finished_on::timestamp as finished_on,
    accepted_on::timestamp as accepted_on, budget_total::double as budget,
    allocated::double as allocated, first_allocated::timestamp as first_allocated,
    case when $payments then coalesce(paid, 0) end::double as paid,
    first_paid::timestamp as first_paid, last_paid::timestamp as last_paid,
    linked_households::bigint as linked_households,
    case when accepted_on is not null then 'accepted' when finished_on is not null then 'finished'
        when started_on is not null then 'begun' else 'pool' end as stage,
    greatest(0, date_diff('day', planned_start, coalesce(started_on, getvariable('day'))))::double
        as late_start,
    greatest(0, date_diff('day', planned_end, coalesce(finished_on, getvariable('day'))))::double
        as late_end,
    case
        when finished_on is not null
            and accepted_on is null
                then date_diff('day', finished_on, getvariable('day')) end::double
                as days_waiting, paid_unaccepted, accepted_unpaid,
    disclosed_plan_on::timestamp as disclosed_plan_on, has_site, village_wide, ready
from relation.project join judged using (project_id) order by project_id
