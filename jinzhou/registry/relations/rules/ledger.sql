-- What one ledger says against the incomes and the registry (R22, R44, R56), in yuan; persons,
-- loans or batches where the comparison counts those.
--   comparison, county, household_id, case_id
--   ledger, recorded      the two amounts
--   reason                why there is nothing to compare, or the first broken link of a payment
--   gap                   what the ledger has and the registry does not; a registry line that
--                         holds
--                         other money too (wages, other transfers) can only fall short
--   explained_by          why a gap is none; missing when nothing explains it
with period as (
    select make_date(getvariable('year') - 1, 10, 1) as opens,
        make_date(getvariable('year'), 9, 30) as closes
), aid as (
    select s.household_id, s.measure_type, sum(s.amount_yuan) as amount
    from stored.measure s, period where s.amount_yuan > 0
        and (
            s.measure_type in ('education', 'public_job')
                and s.started_on between opens and closes or s.measure_type = 'social_protection'
                and s.started_on <= closes and coalesce(s.ended_on, closes) >= closes)
    group by all
), homes as (
    select h.household_id, h.county, i.household_id is not null as has_income, i.wage_income,
        i.dibao_payment, i.tekun_payment, i.other_transfer, i.asset_dividend
    from stored.household h left join stored.income i using (household_id, snapshot)
    where h.snapshot = getvariable('year')
), listed as (
    select household_id, dibao_members from relation.people where snapshot = getvariable('year')
), linked as (
    select distinct household_id from stored.project_household
), firms as (
    select distinct household_id from stored.loan, period
    where own_use = 'enterprise' and disbursed_on <= closes and due_on >= opens
), lots as (
    select household_id, count(distinct funding_batch) as lots from stored.housing
    where funding_batch in ('batch_950', 'batch_938')
        and year(appraised_on) <= getvariable('year')
    group by household_id
), chains as (
    select * from relation.trace where year(paid_on) = getvariable('year')
), rows as (
    select 'education_aid' as comparison, h.county, household_id, household_id as case_id,
        a.amount::double as ledger, other_transfer::double as recorded,
        case when not has_income then 'no_income_sheet' end as reason
    from aid a join homes h using (household_id) where measure_type = 'education'
    union all
    select 'public_job', h.county, household_id, household_id, a.amount::double,
        wage_income::double, case when not has_income then 'no_income_sheet' end
    from aid a join homes h using (household_id) where measure_type = 'public_job'
    union all
    select 'social_protection', h.county, household_id, household_id, a.amount::double,
        (dibao_payment + tekun_payment + other_transfer)::double,
        case when not has_income then 'no_income_sheet' end
    from aid a join homes h using (household_id) where measure_type = 'social_protection'
    union all
    select 'dibao_list', h.county, household_id, household_id, dibao_members::double,
        case when dibao_payment > 0 or tekun_payment > 0 then dibao_members else 0 end::double,
        case when not has_income then 'no_income_sheet' end
    from listed join homes h using (household_id) where dibao_members > 0
    union all
    select 'dividend_source', h.county, household_id, household_id, asset_dividend::double,
        case when l.household_id is not null or f.household_id is not null then asset_dividend
            else 0 end::double, null
    from homes h left join linked l using (household_id) left join firms f using (household_id)
    where asset_dividend > 0
    union all
    select 'enterprise_loan', h.county, household_id, household_id, 1,
        case when asset_dividend > 0 then 1 else 0 end,
        case when not has_income then 'no_income_sheet' end
    from firms join homes h using (household_id)
    union all
    select 'housing_lots', h.county, household_id, household_id, lots::double,
        case when h.household_id is null then 0 else 1 end, null
    from lots left join homes h using (household_id)
    union all
    select 'fund_trace', county, null, payment_id, paid_amount::double, traced::double, reason
    from chains
)
select *,
    case when comparison = 'housing_lots' then abs(ledger - recorded)
        else greatest(0, ledger - coalesce(recorded, 0)) end as gap,
    case when reason in ('no_income_sheet', 'no_household_needed') then reason
        when abs(ledger - coalesce(recorded, 0)) between 1e-9 and case
            when comparison in ('dibao_list', 'enterprise_loan', 'housing_lots') then 0
            else 1 end then 'rounding' end as explained_by
from rows where ledger is not null and (recorded is not null or reason is not null)
