-- Persons exited by the year of the record, villages that have left by the year of exit (R11).
select coalesce(county, 'unknown') as county, year(recorded_on)::int as year,
    sum(coalesce(persons, 1))::bigint as persons, 0 as villages
from stored.event where kind = 'exited' and person_id is null group by all
union all
select coalesce(county, 'unknown'), exit_year::int, 0, count(*) from stored.village
where is_poor_village and exited and exit_year is not null
    and snapshot = (select max(snapshot) from stored.village)
group by all
