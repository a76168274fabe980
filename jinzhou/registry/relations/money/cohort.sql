-- Every household: its road, its first exit recorded after a day, and its departure before one.
-- $since: day
with road as (
    select household_id, road_distance_km from stored.living where snapshot = (
            select max(snapshot) from stored.living
            where make_date(snapshot::int, 9, 30) <= $since::date)
), first as (
    select s.* from relation.spell s where s.recorded_on > $since::date
    qualify row_number() over (
        partition by s.household_id order by s.recorded_on, s.happened_on) = 1
), gone as (
    select household_id, min(recorded_on) as gone_on from stored.event
    where person_id is null and kind in ('removed', 'natural_decrease')
        and recorded_on > $since::date
    group by 1
), every as (
    select distinct household_id from stored.household
)
select every.household_id, road.road_distance_km, first.recorded_on::timestamp as exited_on,
    first.state, first.months_seen::double as months_seen,
    case
        when first.recorded_on is null
            or gone.gone_on < first.recorded_on then gone.gone_on::timestamp end as gone_on
from every left join road using (household_id) left join first using (household_id)
left join gone using (household_id)
order by every.household_id
