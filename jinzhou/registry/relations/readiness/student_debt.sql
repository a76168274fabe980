-- Registered households whose graduates owe a student loan (R63), yuan.
select h.household_id, h.county, h.town, h.village, count(*)::int as graduates,
    count(*) filter (where g.job_state = 'unemployed')::int as unemployed,
    sum(p.loan)::double as debt, any_value(i.net_income)::double as net_income,
    sum(p.loan)::double / nullif(greatest(any_value(i.net_income)::double, 0), 0) as ratio
from stored.graduate g join side.graduate p using (person_id)
join stored.member m on m.person_id = g.person_id
join stored.household h on h.household_id = m.household_id and h.snapshot = m.snapshot
left join stored.income i on i.household_id = h.household_id and i.snapshot = h.snapshot
where m.snapshot = getvariable('year') and p.loan > 0
group by h.household_id, h.county, h.town, h.village
order by h.county, h.town, h.village, h.household_id
