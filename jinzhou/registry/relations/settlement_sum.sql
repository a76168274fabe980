-- Each settlement of the year against the sum of what was paid for it, as rules.ledger.
select 'settlement' as comparison, p.county, p.household_id, v.setl_id as case_id,
    v.medfee_sumamt::double as ledger,
    (fund_pay_sumamt + hosp_part_amt + psn_part_amt)::double as recorded, null::varchar as reason,
    abs(ledger - recorded) as gap,
    case when gap between 1e-9 and 0.05 then 'rounding' end as explained_by
from stored.visit v left join relation.patient p using (person_key)
where year(v.setl_time) = getvariable('year') and ledger is not null and recorded is not null
