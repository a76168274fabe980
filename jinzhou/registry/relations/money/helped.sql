-- Types of projects that had taken a household in by each of some days, and what they paid for it:
-- a
-- project's payments divided equally among its households, for a village's among those registered
-- there; yuan.
-- $days; $since: count from this day to the last of them, empty for the twelve months before each
with days as (
    select unnest($days::date[]) as day
), links as (
    select l.project_id, l.household_id from stored.project_household l
    union
    select p.project_id, h.household_id from stored.project p
    join relation.home h on h.area_code = p.area_code
    where p.project_type in ('infrastructure', 'administration')
), homes as (
    select project_id, count(*) as homes from links group by 1
), began as (
    select l.project_id, l.household_id,
        coalesce(min(m.started_on), any_value(p.started_on)) as began
    from links l join stored.project p using (project_id)
    left join stored.measure m on m.project_id = l.project_id and m.household_id = l.household_id
    group by 1, 2
), year as (
    select y.project_id, d.day, sum(y.paid_amount)::double as yuan from stored.payment y
    join days d on case when $since = '' then y.paid_on <= d.day
        and y.paid_on > d.day - interval 1 year else y.paid_on > nullif($since, '')::date
        and y.paid_on <= (
        select max(day) from days) end
    group by 1, 2
)
select b.household_id as household_id, place.county, d.day::timestamp as day,
    p.project_type as project_type,
    p.project_type in ('infrastructure', 'administration') as village_wide,
    sum(coalesce(y.yuan, 0) / h.homes) as yuan
from began b join days d on b.began <= d.day join stored.project p using (project_id)
join homes h using (project_id) join relation.home place using (household_id)
left join year y on y.project_id = b.project_id and y.day = d.day
group by b.household_id, place.county, d.day, p.project_type
order by 3, 4, 1
