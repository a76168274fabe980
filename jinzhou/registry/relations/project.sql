-- A project of the pool with its money.
--   p.*             the stored columns of `project`
--   allocated, first_allocated, paid, first_paid, last_paid, linked_households
--                   see relation.project_money
--   has_site        names a place and a content
--   village_wide    serves a village and not single households
--   ready           could start (R58): its plan is posted, which is the only approval that the
--                   ledger knows, it names a place and a content, and households unless it
--                   serves a village
select *,
    disclosed_plan_on is not null and has_site and (village_wide or linked_households > 0) as ready
from (
    select p.*, p.project_id as case_id, null::varchar as household_id,
        m.* exclude (project_id),
        (p.village is not null or p.area_code is not null) and p.content is not null as has_site,
        p.project_type in ('infrastructure', 'administration') as village_wide
    from stored.project p left join relation.project_money m using (project_id))
