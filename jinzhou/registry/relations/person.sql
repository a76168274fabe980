-- A member on record in a registry year: everyone but those whom the year records as gone.
-- Unknown stays unknown (NULL) unless a line says otherwise.
--   m.*               the stored columns of `member`
--   age               full years on 30 September of the registry year
--   at_school         a pupil or student, not counting the years before school
--   after_school      in a school beyond the nine compulsory years; a blank is no
--   chronic, serious  a long illness, a serious illness
--   ill               either of the two
--   marked_disabled   disabled by the health status alone (rules hold it against the card)
--   disabled          by the health status, or a grade of disability is on record
--   able              able to work: labour capacity skilled or ordinary
--   without_labour    labour capacity lost or none; weak capacity is neither able nor without
--   able_assumed      able; where the labour capacity is blank, aged 16-59 and neither at school
--                     nor seriously ill nor disabled (what a model needs, no figure shows)
--   dropped_out       of 6-15, not at school (or blank), and no reason on file
--   school_ok         not dropped out; unknown where a blank could be a drop-out
--   uninsured         in neither basic medical insurance
--   medical_ok        in a basic medical insurance; unknown where a blank could be none
with aged as (
    select *, date_sub('year', birth_date, make_date(snapshot::int, 9, 30)) as age,
        coalesce(school_status, 'not_in_school') = 'not_in_school' and out_of_school_reason is null
            as unexplained,
        school_status not in ('not_in_school', 'preschool_age') as at_school,
        list_contains(health_status, 'chronic') as chronic,
        list_contains(health_status, 'serious') as serious,
        list_contains(health_status, 'disabled') as marked_disabled
    from stored.member where change_kind is distinct from 'natural_decrease'
), marked as (
    select *, chronic or serious as ill,
        marked_disabled or disability_grade is not null as disabled,
        labour_capacity in ('skilled', 'ordinary') as able,
        age between 6 and 15 and unexplained as dropped_out
    from aged
)
select * exclude (unexplained),
    coalesce(school_status similar to
        '(senior|vocational|college|technician|university)_[0-9]|postgraduate', false)
        as after_school,
    labour_capacity in ('none', 'lost') as without_labour,
    coalesce(able, age between 16 and 59 and not coalesce(at_school, false)
        and not coalesce(serious, false) and not coalesce(disabled, false)) as able_assumed,
    case when dropped_out and school_status is not null then false
        when not (coalesce(dropped_out, false) or birth_date is null and unexplained) then true
        end as school_ok,
    has_resident_insurance = false and coalesce(has_employee_insurance, false) = false
        as uninsured,
    case when has_resident_insurance = false and coalesce(has_employee_insurance, false) = false
            then false
        when has_resident_insurance is null and has_employee_insurance is distinct from true
            then null
        else true end as medical_ok
from marked
