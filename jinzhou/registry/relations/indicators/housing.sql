-- A household in the ledger of dangerous housing, over all its lines.
--   case_id, grade_d, started, completed, accepted, occupied, defect
--   last_passed                      the last acceptance was a pass
--   found_on, found_started_on       of the look-back's batch
select d.household_id, d.household_id as case_id, coalesce(s.county, d.county) as county, s.town,
    s.area_code, d.* exclude (household_id, county)
from (
    select household_id, any_value(county) as county, bool_or(grade = 'D') as grade_d,
        bool_or(started_on is not null) as started,
        bool_or(completed_on is not null) as completed,
        bool_or(accepted_on is not null and acceptance = 'pass') as accepted,
        bool_or(occupied_on is not null) as occupied, bool_or(defect is not null) as defect,
        arg_max(acceptance, accepted_on) = 'pass' as last_passed,
        max(appraised_on) filter (where funding_batch = 'lookback' or funding_batch is null)
            as found_on,
        min(started_on) filter (where funding_batch = 'lookback' or funding_batch is null)
            as found_started_on
    from stored.housing group by household_id) d
left join relation.status s using (household_id)
