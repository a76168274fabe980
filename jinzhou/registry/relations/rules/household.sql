-- A registered household of the registry year: its own columns, those of its members
-- (relation.people), of its income sheet and of its living conditions.
--   case_id                            the household
--   income_last_year, business_last_year, expense_last_year, dividend_last_year,
--   transfer_last_year, status_last_year       of the year before
--   industry_measures, public_job_measures, protection_measures, measures    begun by the year's
--                                                                            end
--   project_links, dividend_links      projects that it is linked to; by dividends
--   monitored_now                      in the monitoring ledger and not cleared
--   phone_length, phone_blank, phone_shared    of the number, never the number
--   helper_households                  households of the same helper
--   returned_since                     a return was recorded in the year
--   has_income_row, has_living_row, land_mu, census_day
--   same_income_parts, same_growth     households of the village with the very same amounts, or
--                                      growth
with aid as (
    select household_id, count(*) filter (where measure_type = 'industry') as industry_measures,
        count(*) filter (where measure_type = 'public_job') as public_job_measures,
        count(*) filter (where measure_type = 'social_protection') as protection_measures,
        count(*) as measures
    from stored.measure where started_on <= make_date(getvariable('year'), 12, 31)
    group by household_id
), linked as (
    select household_id, count(*) as links,
        count(*) filter (where link_mechanism ilike '%分红%') as dividend_links
    from stored.project_household group by household_id
), watched as (
    select household_id, bool_or(not coalesce(risk_cleared, false)) as monitored_now,
        count(*) as times_monitored
    from stored.monitoring group by household_id
), shared as (
    select phone, count(*) as times from side.household
    where snapshot = getvariable('year') and phone is not null
    group by phone
    having count(*) > 1
), phones as (
    select household_id, length(phone) as phone_length, phone is null as phone_blank,
        case when phone is not null then coalesce(times, 1) end as phone_shared
    from side.household left join shared using (phone)
    where snapshot = getvariable('year')
), helped as (
    select helper_id, count(*) as helped from stored.household
    where snapshot = getvariable('year') and helper_id is not null
    group by helper_id
), back as (
    select distinct household_id from stored.event where kind in ('returned', 'reverted')
        and recorded_on > make_date(getvariable('year') - 1, 9, 30)
), before as (
    select household_id, registration_status as status_last_year from stored.household
    where snapshot = getvariable('year') - 1
), sheets as (
    select h.household_id, h.area_code, i.wage_income, i.business_income, i.property_income,
        i.transfer_income, i.net_income,
        i.wage_income > 0 and i.business_income > 0 as earns_twice,
        case
            when e.net_income_pc > 0
                and i.net_income_pc > 0 then round(i.net_income_pc / e.net_income_pc, 4) end
                    as growth
    from stored.household h join stored.income i using (household_id, snapshot)
    left join stored.income e on e.household_id = h.household_id and e.snapshot = h.snapshot - 1
    where h.snapshot = getvariable('year') and h.area_code is not null
), copied as (
    select area_code, wage_income, business_income, property_income, transfer_income, net_income,
        count(*) as times
    from sheets where earns_twice group by all
    having count(*) > 1
), grown as (
    select area_code, growth, count(*) as times from sheets where growth is not null
    group by all
    having count(*) > 1
)
select h.*, h.household_id as case_id, p.* exclude (household_id, snapshot),
    i.* exclude (household_id, snapshot, county, source_id, source_row),
    g.* exclude (household_id, snapshot, county, source_id, source_row),
    e.net_income_pc as income_last_year, e.business_income as business_last_year,
    e.business_expense as expense_last_year, e.asset_dividend as dividend_last_year,
    e.transfer_income as transfer_last_year,
    coalesce(a.industry_measures, 0) as industry_measures,
    coalesce(a.public_job_measures, 0) as public_job_measures,
    coalesce(a.protection_measures, 0) as protection_measures,
    coalesce(a.measures, 0) as measures, coalesce(l.links, 0) as project_links,
    coalesce(l.dividend_links, 0) as dividend_links,
    coalesce(w.monitored_now, false) as monitored_now, f.phone_length, f.phone_blank,
    f.phone_shared, k.helped as helper_households, b.status_last_year,
    o.household_id is not null as returned_since, i.household_id is not null as has_income_row,
    g.household_id is not null as has_living_row,
    arable_mu + forest_mu + coalesce(orchard_mu, 0) + coalesce(pasture_mu, 0)
        + coalesce(water_mu, 0) as land_mu,
    case when s.earns_twice then coalesce(c.times, 1) end as same_income_parts,
    case when s.growth is not null then coalesce(r.times, 1) end as same_growth,
    make_date(getvariable('year'), 9, 30) as census_day
from stored.household h left join relation.people p using (household_id, snapshot)
left join stored.income i using (household_id, snapshot)
left join stored.living g using (household_id, snapshot)
left join stored.income e on e.household_id = h.household_id and e.snapshot = h.snapshot - 1
left join aid a on a.household_id = h.household_id
left join linked l on l.household_id = h.household_id
left join watched w on w.household_id = h.household_id
left join phones f on f.household_id = h.household_id
left join helped k on k.helper_id = h.helper_id
left join before b on b.household_id = h.household_id
left join back o on o.household_id = h.household_id
left join sheets s on s.household_id = h.household_id
left join grown r on r.area_code = s.area_code and r.growth = s.growth
left join copied c on c.area_code = s.area_code and c.wage_income = s.wage_income
    and c.business_income = s.business_income and s.earns_twice
    and c.property_income is not distinct from s.property_income
    and c.transfer_income is not distinct from s.transfer_income
    and c.net_income is not distinct from s.net_income
where h.snapshot = getvariable('year')
