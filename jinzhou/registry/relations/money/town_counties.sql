-- County of each township with registered households.
select town, min(county) as county from stored.household
where snapshot = getvariable('year') and town is not null and county is not null
group by town
order by county, town
