-- An event of a whole household that changes its state, and the state it leaves it in.
--   kind, event_id, happened_on, recorded_on     of the event
--   state     poor, exited, or outside (no longer on the registry)
select household_id, county, event_id, kind, happened_on, recorded_on,
    case when kind = 'exited' then 'exited'
        when kind in ('removed', 'natural_decrease') then 'outside' else 'poor' end as state
from stored.event
where person_id is null and kind in ('identified', 'newly_identified', 'returned', 'reverted',
    'exited', 'removed', 'natural_decrease')
