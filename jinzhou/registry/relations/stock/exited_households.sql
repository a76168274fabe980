-- Households registered as exited, by county.
select county, count(*) as n from stored.household
where registration_status = 'exited' and snapshot = getvariable('year')
group by county
order by county
