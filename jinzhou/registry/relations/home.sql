-- Where a household is, from its latest registry year.
select household_id, arg_max(county, snapshot) as county, arg_max(town, snapshot) as town,
    arg_max(village, snapshot) as village, arg_max(area_code, snapshot) as area_code
from stored.household group by household_id
