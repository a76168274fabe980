-- kept
-- A member on record of a household on the registry: see relation.person.
--   case_id, persons (1)
--   town, area_code, poor, exited     of the household, see relation.status
--   in_health_ledger and the days and names of the six health services, batch
--   trained, stays and own_yuan       of in-patient bills since the registry year began
select m.*, h.town, h.area_code, h.household_id is not null as placed, h.poor, h.exited,
    m.person_id as case_id, 1 as persons, s.person_id is not null as in_health_ledger,
    s.health_card_on, s.health_record_on, s.designated_hospital, s.family_doctor_team,
    s.contract_signed_on, s.checkup_on, s.batch, t.trained, v.stays, v.own_yuan
from (select * from relation.person where snapshot = getvariable('year')) m
join relation.status h using (household_id) left join (
    select * from stored.health_service where snapshot = getvariable('year')) s using (person_id)
left join (
    select person_id, true as trained from stored.training group by person_id) t using (person_id)
left join (
    select person_key, count(*) as stays, sum(psn_part_amt)::double as own_yuan
    from relation.bill
    where med_type = 'inpatient' and admitted_on > make_date(getvariable('year') - 1, 9, 30)
    group by person_key) v using (person_key)
