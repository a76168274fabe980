-- What each project was paid and allocated, and the households linked to it.
--   allocated, first_allocated       yuan, first day
--   paid, first_paid, last_paid      yuan, days
--   linked_households
with money as (
    select project_id, sum(allocated_amount) as allocated, min(allocated_on) as first_allocated
    from stored.fund group by project_id
), paid as (
    select project_id, sum(paid_amount) as paid, min(paid_on) as first_paid,
        max(paid_on) as last_paid
    from stored.payment group by project_id
), homes as (
    select project_id, count(*) as linked_households from stored.project_household
    group by project_id
)
select p.project_id, m.allocated, m.first_allocated, d.paid, d.first_paid, d.last_paid,
    coalesce(h.linked_households, 0) as linked_households
from stored.project p left join money m using (project_id) left join paid d using (project_id)
left join homes h using (project_id)
