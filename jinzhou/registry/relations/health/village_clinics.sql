-- Clinics and doctors of each village in its latest year.
select county, area_code, clinic::double as clinic, doctors::double as doctors
from stored.village where snapshot = (select max(snapshot) from stored.village) order by area_code
