-- Members on record of households registered as poor, by county.
select county, count(*)::bigint as persons from stored.household h
join relation.person m using (household_id, snapshot, county)
where h.snapshot = getvariable('year')
    and h.registration_status in ('poor', 'planned_exit', 'returned')
group by county
order by county
