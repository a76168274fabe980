-- The repairs of a household's dwelling.
--   accepted_on    day of the last repair that passed
--   appraised_on   day of the last appraisal as unsafe
select household_id, max(accepted_on) filter (where acceptance = 'pass') as accepted_on,
    max(appraised_on) filter (where grade in ('C', 'D', 'none')) as appraised_on
from stored.housing group by household_id
