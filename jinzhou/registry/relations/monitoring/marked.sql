-- Households that the registry marks as monitored.
select household_id, county from stored.household
where monitoring_category is not null and snapshot = getvariable('year')
