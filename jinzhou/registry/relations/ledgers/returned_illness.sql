-- Returns to poverty, and after 2020 entries into monitoring, with the cause on the record.
-- $poverty_ends: last year in which anyone is registered as poor
select e.household_id, e.county, h.area_code, coalesce(e.persons, 1)::bigint as persons,
    e.recorded_on, e.happened_on, e.reason = 'illness' as illness, e.reason,
    coalesce(e.source_round, '') as round
from stored.event e left join relation.home h using (household_id)
where (e.kind = 'returned' or e.kind = 'monitored' and year(e.recorded_on) > $poverty_ends)
    and e.person_id is null
order by e.recorded_on, e.household_id
