-- A village of the latest year, in the county of its households.
--   v.*, case_id      the stored columns; its code
--   has_left          a poor village that has left
--   registered        households on the registry
select v.* replace (coalesce(h.county, v.county) as county), v.area_code as case_id,
    null::varchar as household_id,
    case when v.is_poor_village and v.exited then true
        when v.is_poor_village then false end as has_left, coalesce(h.registered, 0) as registered
from stored.village v left join (
    select area_code, any_value(county) as county, count(*) as registered
    from relation.status group by area_code) h using (area_code)
where v.snapshot = (select max(snapshot) from stored.village)
