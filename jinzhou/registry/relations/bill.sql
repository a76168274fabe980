-- A usable bill, from which payments are summed: total and own payment recorded, the total
-- positive, the own payment at most the total. One that comes again for the same person, days,
-- kind and cost counts once, the first by number.
--   person_key, admitted_on, discharged_on, med_type, medfee_sumamt     what makes it one bill
--   setl_id, psn_part_amt, setl_time, hospital_place                    of the first by number
select person_key, admitted_on, discharged_on, med_type, medfee_sumamt, min(setl_id) as setl_id,
    arg_min(psn_part_amt, setl_id) as psn_part_amt, arg_min(setl_time, setl_id) as setl_time,
    arg_min(hospital_place, setl_id) as hospital_place
from stored.visit
where person_key is not null and medfee_sumamt > 0
    and psn_part_amt between 0 and medfee_sumamt + 5e-2
group by person_key, admitted_on, discharged_on, med_type, medfee_sumamt
