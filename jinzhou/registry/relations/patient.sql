-- The household and county of a person by pseudonym, from the latest registry year that has the
-- person; a number that two households carry there belongs to neither.
select person_key, household_id, county from relation.patient_year
semi join (
    select person_key, max(snapshot) as snapshot from stored.member group by person_key)
    latest using (
        person_key, snapshot)
