-- Households that a small loan is meant for, by county: a member of 18 to 65 who is not recorded as
-- unable to work and not at school.
with fit as (
    select distinct household_id from relation.person
    where snapshot = getvariable('year') and age between 18 and 65
        and not coalesce(without_labour, false)
        and coalesce(school_status, 'not_in_school') = 'not_in_school'
), lent as (
    select household_id, bool_or(balance > 0) as running from stored.loan group by 1
)
select h.county, count(*)::bigint as eligible, count(l.household_id)::bigint as with_loan,
    count(*) filter (where l.running)::bigint as running
from stored.household h join fit using (household_id) left join lent l using (household_id)
where h.snapshot = getvariable('year') and h.county is not null
group by 1
order by 1
