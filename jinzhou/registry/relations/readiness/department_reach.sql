-- Projects begun by department, and those that carry a registered household (R70).
select p.county, coalesce(p.department, 'unknown') as department, count(*) as projects,
    count(l.links) as linked, coalesce(sum(l.links), 0)::bigint as households
from stored.project p left join (
    select project_id, count(*) as links from stored.project_household group by project_id)
    l using (project_id)
where p.started_on is not null
group by all
order by all
