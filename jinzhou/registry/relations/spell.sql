-- An exit from poverty on record, and what became of it by the day.
--   persons, happened_on, recorded_on    of the exit
--   whole          the day on which it has stood long enough to be called lasting
--   returned_on    first return afterwards
--   left_on        first departure of the whole household from the registry afterwards
--   state          returned (up to and on the day `whole`), left (before it), lasting, or
--                  not yet known
--   months_seen    whole months for which it was seen, at most those of a lasting exit
select *,
    case when returned_on <= whole then 'returned' when left_on < whole then 'left'
        when whole <= getvariable('day') then 'lasting' else 'not yet known' end as state,
    least(getvariable('lasting_exit_months')::int, date_sub('month', happened_on,
        least(getvariable('day'), coalesce(returned_on, getvariable('day')),
            coalesce(left_on, getvariable('day')))))::int as months_seen
from (
    select e.household_id, e.county, coalesce(e.persons, 1)::bigint as persons, e.happened_on,
        e.recorded_on,
        e.happened_on + to_months(getvariable('lasting_exit_months')::int) as whole,
        (select min(r.happened_on) from stored.event r
            where r.household_id = e.household_id and r.person_id is null
            and r.kind in ('returned', 'reverted') and r.happened_on > e.happened_on)
            as returned_on,
        (select min(l.happened_on) from stored.event l
            where l.household_id = e.household_id and l.person_id is null
            and l.kind in ('removed', 'natural_decrease') and l.happened_on > e.happened_on)
            as left_on
    from stored.event e where e.kind = 'exited' and e.person_id is null)
