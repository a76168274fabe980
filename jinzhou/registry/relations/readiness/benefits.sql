-- Income and what is paid to each household, by registry year (R66), yuan.
with paid as (
    select household_id,
        (year(started_on) + (strftime(started_on, '%m%d') > '0930')::int)::int as snapshot,
        sum(amount_yuan)::double as yuan
    from stored.measure group by all
)
select h.county, h.snapshot::int as snapshot,
    h.registration_status in ('poor', 'planned_exit', 'returned') as poor,
    h.household_size::int as persons, i.net_income_pc::double as net_income_pc,
    (
            coalesce(i.dibao_payment, 0) + coalesce(i.tekun_payment, 0)
                + coalesce(i.other_transfer, 0))::double / nullif(h.household_size, 0)
        as transfer_pc, i.transfer_income::double as transfer, i.net_income::double as net_income,
    coalesce(p.yuan, 0) / nullif(h.household_size, 0) as measures_pc
from stored.household h join stored.income i using (household_id, snapshot)
left join paid p using (household_id, snapshot)
order by h.household_id, h.snapshot
