-- Incomes of the latest registry year with the year before, and the transfers around an exit.
with aid as (
    select household_id, snapshot,
        any_value(transfer_income + coalesce(asset_dividend, 0))::double as yuan
    from stored.income group by all
)
select h.household_id, h.county, h.area_code, i.wage_income::double as wage_income,
    i.business_income::double as business_income, i.property_income::double as property_income,
    i.transfer_income::double as transfer_income, i.net_income_pc::double as net_income_pc,
    e.net_income_pc::double as net_before, h.exit_year::int as exit_year, a.yuan as aid,
    b.yuan as aid_before, c.yuan as aid_after
from stored.household h left join stored.income i using (household_id, snapshot)
left join stored.income e on e.household_id = h.household_id and e.snapshot = h.snapshot - 1
left join aid a on a.household_id = h.household_id and a.snapshot = h.exit_year
left join aid b on b.household_id = h.household_id and b.snapshot = h.exit_year - 1
left join aid c on c.household_id = h.household_id and c.snapshot = h.exit_year + 1
where h.snapshot = getvariable('year')
order by h.household_id
