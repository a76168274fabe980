-- Poor villages that have left, by the year of exit.
select county, exit_year::int as year from stored.village
where is_poor_village and exited and exit_year is not null
    and snapshot = (select max(snapshot) from stored.village)
