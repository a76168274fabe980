-- Where a household lived in a registry year, as known on the day.
--   dwelling_grade, safe_water, unsafe_dwelling     as recorded in the year
--   accepted_on, appraised_on                       see relation.repair
--   dwelling_ok     grade A or B, or repaired and accepted since it was appraised as unsafe
select h.household_id, h.snapshot, g.dwelling_grade, g.safe_water, g.unsafe_dwelling,
    d.accepted_on, d.appraised_on,
    case when d.accepted_on >= d.appraised_on then true
        when d.appraised_on > make_date(g.snapshot::int, 9, 30) then false
        else g.dwelling_grade in ('A', 'B') end as dwelling_ok
from stored.household h left join stored.living g using (household_id, snapshot)
left join relation.repair d using (household_id)
