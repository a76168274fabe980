-- Incomes per head by who wrote them and about whom.
select h.county, case when registration_status = 'exited' then 'exited' else 'poor' end as who,
    i.net_income_pc::double as yuan
from stored.household h join stored.income i using (household_id, snapshot)
where h.snapshot = getvariable('year') and registration_status is not null
union all
select c.county, 'spot_check', income_found::double from stored.spot_check c
where sample_frame = 'exited'
union all
select v.county, 'home_visit', income_found::double from stored.home_visit v
where year(visited_on) = year(getvariable('day'))
