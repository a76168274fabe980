-- What the members on record of a household add up to in a registry year (counts of persons).
--   members                    on record
--   elderly, children          60 and over; under 16; unknown when no age is known
--   under_60, all_old          under 60; whether everyone is 60 and over
--   head_age                   age of the head
--   heads, spouses, couple     by relation to the head; head and spouses together
--   sexes_of_couple            different sexes among the couple
--   health_known, healthy      with a health status; healthy and nothing else
--   disabled, severely_disabled, chronic, serious, ill      see relation.person; grade 1-2
--   ill_without_catastrophic   ill, and without insurance against catastrophic spending
--   labour_known, able, able_of_age, without_labour, able_assumed     of 16-64: able_of_age
--   pupils, after_school       at school; whether anyone is beyond the compulsory years
--   dropped_out, uninsured     see relation.person
--   school_ok, medical_ok      true for everyone, false for anyone, else unknown
--   dibao_members, tekun_members, pensioners     drawing each; pensioners of 60 and over
--   workers, work_months, longest_work, public_jobs   in paid work away from the farm
select household_id, snapshot, count(*) as members,
    sum((age >= 60)::int) as elderly, sum((age < 16)::int) as children,
    count(*) filter (where age < 60) as under_60, bool_and(age >= 60) as all_old,
    max(age) filter (where relation_to_head = 'head') as head_age,
    count(*) filter (where relation_to_head = 'head') as heads,
    count(*) filter (where relation_to_head = 'spouse') as spouses,
    count(*) filter (where relation_to_head in ('head', 'spouse')) as couple,
    count(distinct sex) filter (where relation_to_head in ('head', 'spouse')) as sexes_of_couple,
    count(health_status) as health_known,
    count(*) filter (where health_status = ['healthy']) as healthy,
    count(*) filter (where disabled) as disabled,
    count(*) filter (where disabled and disability_grade <= 2) as severely_disabled,
    count(*) filter (where chronic) as chronic, count(*) filter (where serious) as serious,
    count(*) filter (where ill) as ill,
    count(*) filter (where ill and has_catastrophic_insurance = false)
        as ill_without_catastrophic,
    count(labour_capacity) as labour_known, count(*) filter (where able) as able,
    count(*) filter (where able and age between 16 and 64) as able_of_age,
    count(*) filter (where without_labour) as without_labour,
    sum(able_assumed::int) as able_assumed,
    count(*) filter (where at_school) as pupils, bool_or(after_school) as after_school,
    count(*) filter (where dropped_out) as dropped_out,
    count(*) filter (where uninsured) as uninsured,
    case when bool_or(not school_ok) then false when count(school_ok) = count(*) then true end
        as school_ok,
    case when bool_or(not medical_ok) then false when count(medical_ok) = count(*) then true end
        as medical_ok,
    bool_or(has_dibao) as member_dibao, bool_or(has_tekun) as member_tekun,
    count(*) filter (where has_dibao) as dibao_members,
    count(*) filter (where has_tekun) as tekun_members,
    count(*) filter (where has_pension and age >= 60) as pensioners,
    count(*) filter (where work_months > 0 or work_place is not null) as workers,
    sum(work_months) as work_months, max(work_months) as longest_work,
    count(*) filter (where public_job_months > 0) as public_jobs
from relation.person group by household_id, snapshot
