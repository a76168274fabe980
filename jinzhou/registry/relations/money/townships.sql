-- Townships with what was paid after a day, their cadres, and what became of their exits.
-- $since: day
with money as (
    select p.county, p.town, sum(y.paid_amount)::double as paid from stored.payment y
    join stored.project p using (project_id)
    where y.paid_on > $since::date and p.county is not null and p.town is not null
    group by all
), people as (
    select county, town, sum(resident_cadres)::double as cadres from stored.village
    where snapshot = (select max(snapshot) from stored.village)
    group by all
), out as (
    select s.county, place.town,
        coalesce(sum(persons) filter (where recorded_on > $since::date), 0)::double as exits,
        coalesce(sum(persons) filter (
            where state = 'lasting' and whole > $since::date), 0)::double as lasting,
        coalesce(sum(persons) filter (
            where state = 'returned' and returned_on > $since::date), 0)::double as returned,
        coalesce(sum(persons) filter (where state = 'not yet known'), 0)::double as unknown
    from relation.spell s join relation.home place using (household_id) group by all
)
select money.county, money.town, money.paid, people.cadres, coalesce(out.exits, 0) as exits,
    coalesce(out.lasting, 0) as lasting, coalesce(out.returned, 0) as returned,
    coalesce(out.unknown, 0) as unknown
from money left join people using (county, town) left join out using (county, town)
order by county, town
