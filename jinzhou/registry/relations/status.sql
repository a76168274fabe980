-- kept
-- A household on the registry on the day: the latest registry year, and what was recorded since.
--   county, town, area_code
--   poor, exited    its state; unknown where the record gives none
--   persons         members on record with those who came and went since, else of the last event,
--                   else the recorded size
--   exited_on       day of the last exit; 31 December of the exit year where no event has it
with late as (
    select household_id, any_value(county) as county,
        arg_max(kind, (recorded_on, event_id))
            filter (
                where person_id is null
                    and kind
                        in (
                            'identified', 'newly_identified', 'returned', 'reverted', 'exited',
                            'removed', 'natural_decrease')) as kind,
        arg_max(coalesce(persons, 1), (recorded_on, event_id)) filter (where person_id is null)
            as persons,
        coalesce(
                sum(
                        case kind when 'natural_decrease' then -1 when 'natural_increase' then 1
                            when 'member_added' then 1 end * coalesce(persons, 1))
                    filter (where person_id is not null), 0) as joined
    from stored.event where recorded_on > make_date(getvariable('year'), 9, 30)
    group by household_id
), counted as (
    select household_id, members from relation.people where snapshot = getvariable('year')
), left_on as (
    select household_id, max(happened_on) as exited_on from stored.event
    where kind = 'exited' and person_id is null
    group by household_id
)
select coalesce(h.household_id, l.household_id) as household_id,
    coalesce(h.county, l.county) as county, h.town, h.area_code,
    case when l.kind in ('identified', 'newly_identified', 'returned', 'reverted') then true
        when l.kind = 'exited' then false
        else h.registration_status in ('poor', 'planned_exit', 'returned') end as poor,
    case when l.kind = 'exited' then true when l.kind is not null then false
        else h.registration_status = 'exited' end as exited,
    coalesce(c.members + coalesce(l.joined, 0), l.persons, h.household_size) as persons,
    coalesce(
            x.exited_on,
            case
                when h.registration_status = 'exited' then make_date(h.exit_year::int, 12, 31) end)
        as exited_on
from (select * from stored.household where snapshot = getvariable('year')) h
full join late l using (household_id) left join counted c on c.household_id = h.household_id
left join left_on x on x.household_id = coalesce(h.household_id, l.household_id)
where (h.household_id is not null or l.kind is not null)
    and (l.kind is null or l.kind not in ('removed', 'natural_decrease'))
