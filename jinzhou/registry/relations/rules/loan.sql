-- A small loan disbursed by the registry year.
--   l.*, case_id    the stored columns; its number
--   registered      the household is on the registry
--   months          of the term
--   running         loans of the household with a balance
select l.*, l.loan_id as case_id, h.household_id is not null as registered,
    date_diff('month', l.disbursed_on, l.due_on) as months,
    count(*) filter (where l.balance > 0) over (partition by l.household_id) as running
from stored.loan l
left join stored.household h on h.household_id = l.household_id and h.snapshot = getvariable('year')
where year(l.disbursed_on) <= getvariable('year')
