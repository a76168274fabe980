-- What projects for households paid in a calendar year, by county, yuan.
-- $year: calendar year
select p.county, sum(y.paid_amount)::double as yuan from stored.payment y
join relation.project p using (project_id)
where year(y.paid_on) = $year and not p.village_wide and p.county is not null
group by 1
order by 1
