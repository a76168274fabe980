-- Income from industry of households with an industry measure, by county (R59), yuan.
with aided as (
    select distinct household_id from stored.measure where measure_type = 'industry'
), paying as (
    select household_id, count(*) filter (where asset_dividend > 0) as years from stored.income
    group by household_id
), rows as (
    select coalesce(h.county, 'unknown') as county, coalesce(p.years, 0) as years,
        i.business_income - i.business_expense + i.asset_dividend as yuan,
        case when i.net_income > 0 then i.net_income end as net
    from stored.household h join aided using (household_id)
    left join stored.income i using (household_id, snapshot) left join paying p using (household_id)
    where h.snapshot = getvariable('year')
)
select county, count(*) as households, count(*) filter (where years >= 2) as lasting,
    count(yuan + net) as known, sum(yuan) filter (where net is not null)::double as industry,
    sum(net) filter (where yuan is not null)::double as net
from rows group by county order by county
