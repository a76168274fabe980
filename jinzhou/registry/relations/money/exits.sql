-- Exits on record (relation.spell) with the household's place and the projects that had taken it
-- in.
-- $since: day
with taken as (
    select s.household_id, s.happened_on,
        list(distinct p.project_type order by p.project_type) as project_types
    from relation.spell s join stored.project_household l using (household_id)
    join stored.project p on p.project_id = l.project_id and p.started_on <= s.happened_on
    group by all
)
select s.household_id, s.county, place.town, place.area_code, s.persons,
    s.happened_on::timestamp as happened_on, s.recorded_on::timestamp as recorded_on,
    s.recorded_on > $since::date as counted, s.state, s.months_seen, taken.project_types
from relation.spell s left join relation.home place using (household_id)
left join taken using (household_id, happened_on)
order by s.recorded_on, s.household_id, s.happened_on
