-- Deep-poor villages that have not left, and what each has (R14).
select county, town, village, area_code, poor_persons as persons, paved_road, bus,
    clinic > 0 as clinic, doctors > 0 as doctors, culture_rooms > 0 as culture_rooms,
    unsafe_water_households = 0 as safe_water, unsafe_dwellings = 0 as safe_dwellings,
    collective_income > 0 as collective_income
from stored.village where is_deep_poor and not coalesce(exited, false)
    and snapshot = (select max(snapshot) from stored.village)
order by area_code
