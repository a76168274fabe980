-- A project planned by the registry year: see relation.project; census_day is 30 September.
select *, make_date(getvariable('year'), 9, 30) as census_day from relation.project
where plan_year <= getvariable('year')
