-- Recorded net incomes per head in the registry year known on a day and in the latest one, yuan.
-- $since: day
with years as (
    select max(snapshot) filter (where make_date(snapshot::int, 9, 30) <= $since::date) as first,
        max(snapshot) as last
    from stored.income
), known as (
    select household_id, snapshot,
        case
            when net_income_pc > 0
                and net_income_pc <= 100000 then net_income_pc::double end as yuan
    from stored.income
)
select household_id, make_date(any_value(years.last)::int - 1, 9, 30)::timestamp as day,
    max(yuan) filter (where snapshot = years.first) as income_before,
    max(yuan) filter (where snapshot = years.last) as income_after
from known, years where snapshot in (years.first, years.last) group by household_id
order by household_id
