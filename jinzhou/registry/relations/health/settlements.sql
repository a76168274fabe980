-- Settlements of registered persons admitted from a day on, with the state of the household on the
-- day
-- of admission by all that is known now, yuan.
-- $since: day; $kind: med_type, empty for all
with patient as materialized (
    select p.person_key, p.household_id, p.county, h.area_code from relation.patient p
    left join relation.home h using (household_id)
), dated as (
    select household_id, happened_on, event_id, state from relation.change
    union all
    select household_id, make_date(exit_year, 12, 31), '', 'exited' from stored.household h
    where exit_year is not null
        and not exists (
            select 1 from stored.event e
            where e.household_id = h.household_id and e.kind = 'exited' and e.person_id is null)
    union all
    select household_id, min(first_identified_on), '', 'poor' from stored.household
    where first_identified_on is not null
    group by 1
), states as (
    select household_id, happened_on, arg_max(state, (event_id, state)) as state
    from dated group by all
)
select p.household_id, coalesce(p.county, 'unknown') as county, p.area_code, v.person_key,
    v.setl_id, v.med_type, v.hospital_place, v.admitted_on, v.discharged_on, v.setl_time,
    s.state as status,
    case
        when s.state = 'exited' then date_diff('month', s.happened_on, v.admitted_on)
            - (
                day(v.admitted_on) < day(s.happened_on)
                    and day(v.admitted_on) < day(last_day(v.admitted_on)))::int end::double
            as months_since_exit, v.medfee_sumamt::double as medfee_sumamt,
    v.fulamt_ownpay_amt::double as fulamt_ownpay_amt,
    v.overlmt_selfpay::double as overlmt_selfpay, v.preselfpay_amt::double as preselfpay_amt,
    v.inscp_scp_amt::double as inscp_scp_amt, v.act_pay_dedc::double as act_pay_dedc,
    v.hifp_pay::double as hifp_pay, v.cvlserv_pay::double as cvlserv_pay,
    v.hifes_pay::double as hifes_pay, v.hifmi_pay::double as hifmi_pay,
    v.hifob_pay::double as hifob_pay, v.maf_pay::double as maf_pay, v.oth_pay::double as oth_pay,
    v.fund_pay_sumamt::double as fund_pay_sumamt, v.hosp_part_amt::double as hosp_part_amt,
    v.psn_part_amt::double as psn_part_amt, v.acct_pay::double as acct_pay,
    v.psn_cash_pay::double as psn_cash_pay
from stored.visit v left join patient p using (person_key)
asof left join states s on s.household_id = p.household_id and v.admitted_on >= s.happened_on
where v.admitted_on >= $since::date and $kind in ('', v.med_type)
order by v.setl_id
