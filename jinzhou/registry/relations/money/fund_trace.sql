-- Payments after a day, each yuan followed through the six links (relation.trace), yuan.
-- $since: day
select payment_id, project_id, fund_id, coalesce(county, 'unknown') as county, town, project_type,
    paid_on::timestamp as paid_on, households, paid_amount::double as yuan,
    traced::double as traced, coalesce(lost_measure, 0)::double as lost_measure,
    coalesce(lost_helper, 0)::double as lost_helper,
    coalesce(lost_result, 0)::double as lost_result, reason
from relation.trace where paid_on > $since::date order by payment_id
