-- Resident cadres with the share of poor persons in their village, now and a year before (R65).
with last as (select max(snapshot) as year from stored.village)
select c.county, c.days_in_village as days, v.poor_persons / nullif(v.population, 0) as share,
    b.poor_persons / nullif(b.population, 0) as share_before
from stored.cadre c cross join last
left join stored.village v on v.area_code = c.area_code and v.snapshot = last.year
left join stored.village b on b.area_code = c.area_code and b.snapshot = last.year - 1
order by c.cadre_id
