-- Every amount that stands in two ledgers (R22, R41, R44, R56), see rules.ledger and
-- relation.settlement_sum.
select * exclude (county), coalesce(county, 'unknown') as county
from (select * from rules.ledger union all by name select * from relation.settlement_sum)
order by comparison, county, case_id
