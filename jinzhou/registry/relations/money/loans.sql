-- Small loans disbursed by the day, yuan.
select l.loan_id, l.household_id, coalesce(l.county, 'unknown') as county, place.town,
    place.village, l.bank, l.contract_amount::double as contract_amount,
    l.balance::double as balance, coalesce(l.subsidy_amount, 0)::double as subsidy_amount,
    l.disbursed_on::timestamp as disbursed_on, l.due_on::timestamp as due_on,
    case when l.due_on <= getvariable('day') then coalesce(l.overdue_principal, 0)
        else 0 end::double as overdue,
    case
        when l.due_on <= getvariable('day')
            and l.overdue_principal > 0 then date_diff('day', l.due_on, getvariable('day'))
        else 0 end::int as days_overdue,
    coalesce(l.npl, false) and l.due_on <= getvariable('day') as bad,
    l.own_use = 'enterprise' as enterprise, coalesce(l.extended, false) as extended
from stored.loan l left join relation.home place using (household_id) order by l.loan_id
