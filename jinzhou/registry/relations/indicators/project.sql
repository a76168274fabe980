-- A project of the pool: see relation.project; census_day is the day.
--   paid      0 where nothing was paid
--   links     households on the registry linked to it
select r.* replace (coalesce(r.paid, 0) as paid), getvariable('day') as census_day,
    coalesce(l.links, 0) as links
from relation.project r left join (
    select project_id, count(*) as links from stored.project_household
    join relation.status using (household_id)
    group by project_id) l using (project_id)
