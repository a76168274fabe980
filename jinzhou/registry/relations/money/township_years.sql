-- Townships in each of two years of twelve months.
-- $first, $middle, $last: days between which the years lie
with years(period, opens, closes) as (
    values (
        $middle::date, $first::date, $middle::date), ( $last::date, $middle::date, $last::date)
), dated as (
    select years.*,
        (
            select max(snapshot) from stored.village
            where make_date(snapshot::int, 9, 30) <= closes) as staffed,
        (
            select max(snapshot) from stored.household
            where make_date(snapshot::int, 9, 30) <= opens) as counted
    from years
), money as (
    select p.county, p.town, period, sum(y.paid_amount)::double as paid
    from stored.payment y join stored.project p using (project_id)
    join dated on y.paid_on > opens and y.paid_on <= closes
    where p.county is not null and p.town is not null
    group by all
), people as (
    select county, town, period, sum(resident_cadres)::double as cadres
    from stored.village join dated on snapshot = staffed group by all
), need as (
    select county, town, period, sum(household_size)::double as poor from stored.household
    join dated on snapshot = counted
    where registration_status in ('poor', 'returned', 'planned_exit')
    group by all
), gone as (
    select e.county, place.town, period, sum(coalesce(e.persons, 1))::double as exits
    from stored.event e join relation.home place using (household_id)
    join dated on e.recorded_on > opens and e.recorded_on <= closes
    where e.kind = 'exited' and e.person_id is null
    group by all
)
select money.county, money.town, money.period::varchar as period, paid, cadres, poor,
    coalesce(exits, 0) as exits
from money left join people using (county, town, period)
left join need using (county, town, period) left join gone using (county, town, period)
order by money.county, money.town, money.period
