-- Ill members of the latest registry year, the services on the ledger, and what they paid
-- themselves.
select m.person_id, m.household_id, m.county, h.area_code, h.town, h.village, m.serious,
    m.chronic, s.person_id is not null as listed, s.batch, coalesce(v.own_yuan, 0) as own_yuan,
    s.health_card_on is not null as health_card, s.health_record_on is not null as health_record,
    s.designated_hospital is not null as designated_hospital,
    s.family_doctor_team is not null as family_doctor,
    s.contract_signed_on is not null as contract, s.checkup_on is not null as checkup
from relation.person m join stored.household h using (household_id, snapshot) left join (
    select distinct on (person_id) * from stored.health_service
    where snapshot = (select max(snapshot) from stored.health_service)
    order by person_id, source_row) s using (person_id)
left join (
    select person_key, sum(psn_part_amt)::double as own_yuan from relation.bill
    where med_type = 'inpatient' and admitted_on > make_date(getvariable('year') - 1, 9, 30)
    group by 1) v using (person_key)
where m.snapshot = getvariable('year') and m.ill
order by m.person_id
