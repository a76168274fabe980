-- A record of monitoring by the registry year.
--   m.*, case_id                the stored columns; the household
--   first_measure, health_measure, work_measure      since the identification
--   months_watched, days_to_measure (from the month's last day: its day is not known)
--   cleared_undated             marked as cleared without a day, which no view of a day shows
--   last_day                    of the latest registry year
with aid as (
    select m.household_id,
        min(s.started_on) filter (where s.started_on >= m.identified_on) as first_measure,
        bool_or(s.measure_type = 'health') as health_measure,
        bool_or(s.measure_type in ('industry', 'employment', 'public_job')) as work_measure
    from stored.monitoring m left join stored.measure s using (household_id) group by m.household_id
)
select m.*, m.household_id as case_id, a.first_measure,
    coalesce(a.health_measure, false) as health_measure,
    coalesce(a.work_measure, false) as work_measure,
    date_diff('month', m.identified_on, m.cleared_on) as months_watched,
    date_diff('day', last_day(m.identified_on), a.first_measure) as days_to_measure,
    d.risk_cleared and d.cleared_on is null as cleared_undated,
    (select max(make_date(snapshot::int, 9, 30)) from stored.household) as last_day
from stored.monitoring m left join aid a using (household_id)
left join delivered.monitoring d on d.source_id = m.source_id and d.source_row = m.source_row
where year(m.identified_on) <= getvariable('year')
