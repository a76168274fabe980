-- Day of the last home visit of each household.
select household_id, max(visited_on)::timestamp as day from stored.home_visit group by 1
