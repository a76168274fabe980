-- Households visited by village and day in the calendar year.
select v.county, h.area_code, v.visited_on::timestamp as day,
    count(distinct v.household_id)::int as households
from stored.home_visit v join relation.home h using (household_id)
where h.area_code is not null and v.county is not null
    and year(v.visited_on) = year(getvariable('day'))
group by all
order by v.county, h.area_code, day
