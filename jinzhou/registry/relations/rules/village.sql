-- A village of the registry year.
--   v.*, case_id                 the stored columns; its code
--   household_land, registered, registered_unsafe, registered_persons, still_poor
--                                of its registered households
--   exited_last_year, poor_last_year, population_last_year
with homes as (
    select h.area_code, sum(g.arable_mu) as household_land,
        count(*) filter (where g.unsafe_dwelling) as registered_unsafe, count(*) as registered,
        sum(h.household_size) as registered_persons,
        count(*) filter (where h.registration_status in ('poor', 'returned', 'planned_exit'))
            as still_poor
    from stored.household h left join stored.living g using (household_id, snapshot)
    where h.snapshot = getvariable('year')
    group by h.area_code
)
select v.*, null::varchar as household_id, v.area_code as case_id, homes.* exclude (area_code),
    e.exited as exited_last_year, e.is_poor_village as poor_last_year,
    e.population as population_last_year
from stored.village v left join homes using (area_code)
left join stored.village e on e.area_code = v.area_code and e.snapshot = v.snapshot - 1
where v.snapshot = getvariable('year')
