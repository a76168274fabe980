-- Place of each household, and its size in the last registry year up to one.
-- $year: calendar year
select household_id, arg_max(county, snapshot) as county, arg_max(town, snapshot) as town,
    max_by(household_size, snapshot) filter (where snapshot <= $year)::double as persons
from stored.household group by 1
