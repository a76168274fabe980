-- Allocations with what was paid from each, yuan.
-- $payments: whether a table of payments was delivered; else what was paid is unknown, not zero
with paid as (
    select y.fund_id, sum(y.paid_amount)::double as paid, max(y.paid_on) as last_paid,
        coalesce(sum(y.paid_amount) filter (where y.paid_on < f.allocated_on), 0)::double
            as paid_early
    from stored.payment y join stored.fund f using (fund_id) group by 1
)
select f.fund_id, f.project_id, coalesce(p.county, 'unknown') as county, p.town, p.project_type,
    p.plan_year::int as plan_year, f.level, f.allocated_on::timestamp as allocated_on,
    f.allocated_amount::double as allocated_amount,
    case when $payments then coalesce(d.paid, 0) end::double as paid,
    case when $payments then coalesce(d.paid_early, 0) end::double as paid_early,
    d.last_paid::timestamp as last_paid
from (select * exclude (county) from stored.fund) f left join stored.project p using (project_id)
left join paid d using (fund_id)
order by f.fund_id
