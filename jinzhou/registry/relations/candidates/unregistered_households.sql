-- Households on another office's list and in no registry year.
with known as (
    select distinct household_id from stored.household
), lists as (
    select household_id, county, 'housing' as list, max(appraised_on) as known_on,
        null::double as income_found
    from stored.housing where grade in ('C', 'D') group by all
    union all
    select household_id, county, 'spot_check', max(checked_on), min(income_found)::double
    from stored.spot_check where list_contains(found, 'missed') group by household_id, county
    union all
    select household_id, county, 'monitoring', max(identified_on),
        min(income_at_identification)::double
    from stored.monitoring group by household_id, county
)
select household_id, county, null::varchar as town, null::varchar as village, list,
    known_on::timestamp as known_on, income_found
from lists where household_id not in (select household_id from known)
order by county, list, household_id
