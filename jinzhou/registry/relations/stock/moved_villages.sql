-- Villages that stand in another county than before or than their code says, in that of their
-- households.
with seen as (
    select area_code, arg_max(village, snapshot) as name,
        list(distinct county order by county) as counties, arg_max(county, snapshot) as own
    from stored.village where county is not null group by area_code
)
select area_code as village, name,
    coalesce(
            list_filter(counties, lambda x: x <> coalesce(h.county, own))[1],
            substr(area_code, 1, 6)) as before, coalesce(h.county, own) as county
from seen left join (
    select area_code, any_value(county) as county from relation.status group by area_code)
    h using (area_code)
where len(counties) > 1 or substr(area_code, 1, 6) <> coalesce(h.county, own)
order by area_code
