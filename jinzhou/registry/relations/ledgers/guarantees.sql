-- Two assurances and three guarantees of each registered household (R34): 1, 0 or unknown.
-- $line: poverty line, yuan per person and year
select h.household_id, h.county, h.town, h.area_code, h.household_size, h.registration_status,
    (i.net_income_pc >= $line)::int::double as income_ok, p.school_ok::int::double as school_ok,
    p.medical_ok::int::double as medical_ok, g.dwelling_ok::int::double as dwelling_ok,
    g.safe_water::int::double as water_ok
from stored.household h left join relation.people p using (household_id, snapshot)
left join stored.income i using (household_id, snapshot)
left join relation.dwelling g using (household_id, snapshot)
where h.snapshot = getvariable('year')
order by h.household_id
