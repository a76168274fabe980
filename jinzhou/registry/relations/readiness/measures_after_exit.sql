-- Exited households with a measure under way, by whole months since the exit (R74).
-- $months: the last month asked for
with out as (
    select household_id, county, max(happened_on) as left_on from stored.event
    where kind = 'exited' and person_id is null
    group by all
), back as (
    select household_id, max(happened_on) as back_on from stored.event
    where kind = 'returned' and person_id is null
    group by household_id
), spans as (
    select o.household_id, o.county, m.month, o.left_on + to_months(m.month::int) as day, m.month
    from out o cross join (select unnest(range($months + 1)) as month) m
    left join back b using (household_id)
    where o.left_on + to_months(m.month::int) <= getvariable('day')
        and (
            b.back_on is null or b.back_on < o.left_on
                or o.left_on + to_months(m.month::int) < b.back_on)
), held as (
    select s.household_id, s.month,
        bool_or(m.started_on <= s.day and (m.ended_on is null or m.ended_on >= s.day)) as helped
    from spans s join stored.measure m using (household_id) group by all
)
select s.county, s.month::int as month, count(*) as households,
    count(*) filter (where h.helped) as helped
from spans s left join held h using (household_id, month) group by all
order by s.county, month
