-- Payments after a day with the place and type of their project, yuan.
-- $since: day
select p.county, p.town, p.area_code, p.project_type, y.paid_amount::double as yuan, y.paid_on
from stored.payment y join stored.project p using (project_id)
where y.paid_on > $since::date and p.county is not null
order by y.payment_id
