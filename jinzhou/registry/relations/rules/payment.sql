-- A payment of the calendar year.
--   y.*, case_id, county       the stored columns; its number; of the project
--   allocated_on, allocated_amount, fund_known, project_known
--   paid_of_fund               all that was paid from the fund
select y.*, p.county, y.payment_id as case_id, null::varchar as household_id, f.allocated_on,
    f.allocated_amount, f.fund_id is not null as fund_known,
    p.project_id is not null as project_known,
    sum(y.paid_amount) over (partition by y.fund_id) as paid_of_fund
from (select * exclude (county) from stored.payment where year(paid_on) = getvariable('year')) y
left join (select * exclude (county) from stored.fund) f using (fund_id)
left join stored.project p on p.project_id = y.project_id
