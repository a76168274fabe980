-- Collective income of each village in its latest year and the year before (R64), yuan.
with last as (select max(snapshot) as year from stored.village)
select v.county, v.area_code, v.collective_income::double as yuan,
    b.collective_income::double as yuan_before
from stored.village v join last on v.snapshot = last.year
left join stored.village b on b.area_code = v.area_code and b.snapshot = v.snapshot - 1
order by v.area_code
