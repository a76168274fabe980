"""The tables of the registry and its ledgers, written from what happened. Codes, not labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.policy import poverty_line
from jinzhou.registry.synthetic.parameters import (
    CAMPAIGN, FIRST_QUARTER, POLICY_START, QUARTERS, SNAPSHOTS, Targets, World,
)
from jinzhou.registry.synthetic.people import Places
from jinzhou.registry.synthetic.process import LOOKBACK, History, day_in, exact_subset

HOSPITALS = ("县人民医院", "县中医院", "乡镇卫生院", "市中心医院", "市第二医院", "省肿瘤医院")
HOSPITAL_PLACES = ("county", "county", "county", "city", "city", "province")
PROJECT_TYPES = ("industry", "infrastructure", "education", "health", "housing", "employment")
NAMES = {"industry": "特色产业", "infrastructure": "道路硬化", "education": "教育资助", "health": "健康扶贫",
         "housing": "危房改造", "employment": "就业培训"}
DATA_END = np.datetime64("2018-12-20")
"""Day of the export: records end here."""


def tables(
    rng: np.random.Generator, homes: pd.DataFrame, places: Places, past: History, world: World, targets: Targets,
) -> dict[str, pd.DataFrame]:
    """Every table of the vocabulary by name, as frames of codes in the vocabulary's columns."""
    events = _events(rng, homes, past)
    status = {year: _status(homes, past, year) for year in SNAPSHOTS}
    made: dict[str, pd.DataFrame] = {"event": events}
    made["helper"], helper_of = _helpers(rng, homes)
    made["household"] = _households(rng, homes, places, past, status, helper_of)
    made["member"] = _members(rng, homes, past, status, world)
    projects = _projects(rng, places)
    made |= {k: projects[k] for k in ("project", "fund", "payment", "fund_year")}
    made["measure"], made["project_household"] = _measures(rng, homes, places, past, projects["project"], helper_of)
    made["income"] = _incomes(rng, homes, past, status, made["member"], places, world)
    made["living"] = _living(rng, homes, past, status)
    made["visit"] = _visits(rng, homes, past, world, targets)
    made["housing"] = _housing(rng, homes, past, targets)
    made["loan"] = _loans(rng, homes, past, targets)
    made["health_service"] = _health_services(rng, past, homes, status)
    made["village"] = _villages(rng, places, homes, past, status)
    made["monitoring"] = _monitoring(rng, homes, past)
    made["home_visit"] = _home_visits(rng, homes, past)
    made["spot_check"] = _spot_checks(rng, homes, past, status, places)
    made |= _small(rng, homes, places, past)
    return made


def _persons_at(past: History, homes: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Members on the record of each household on a day (entered by it, not yet left)."""
    asked = pd.DataFrame({"home": homes, "day": days, "row": np.arange(len(homes))})
    joined = asked.merge(past.members[["home", "enter", "leave"]], on="home")
    on_record = (joined["enter"] <= joined["day"]) & (joined["leave"] > joined["day"])
    return np.bincount(joined["row"], on_record, len(homes)).astype(int)


def _events(rng, homes: pd.DataFrame, past: History) -> pd.DataFrame:
    rows = past.events.sort_values(["recorded_on", "home", "person"], ignore_index=True)
    numbers = homes["household_id"].to_numpy()
    household = rows["person"] < 0
    persons = np.where(household, _persons_at(past, rows["home"].to_numpy(), rows["recorded_on"].to_numpy()), 1)
    people = past.members["person_id"].to_numpy()
    recorded = pd.to_datetime(rows["recorded_on"])
    formal = rows["kind"].isin(["exited", "returned", "newly_identified"])
    lag = rng.integers(0, 3, len(rows))

    def before(days: int) -> pd.Series:
        return (recorded - pd.to_timedelta(days + lag, unit="D")).where(formal)

    return pd.DataFrame({
        "event_id": [f"SJ{i:07d}" for i in range(1, len(rows) + 1)],
        "household_id": numbers[rows["home"]],
        "person_id": np.where(household, None, people[rows["person"]]),
        "kind": rows["kind"], "persons": persons, "happened_on": pd.to_datetime(rows["happened_on"]),
        "recorded_on": recorded, "reason": rows["reason"],
        "approved_by": np.where(formal, "县扶贫办", "乡镇政府"),
        "meeting_on": before(34), "first_public_on": before(30), "second_public_on": before(18),
        "announced_on": before(6), "source_round": rows["source_round"].replace("", None),
    })


def _status(homes: pd.DataFrame, past: History, year: int) -> pd.DataFrame:
    """Registry state of each household on 30 September: `status` code or None, `exit_year`."""
    day = np.datetime64(f"{year}-09-30")
    kinds = {"identified": "poor", "newly_identified": "poor", "returned": "returned", "exited": "exited",
             "removed": None, "natural_decrease": None}
    rows = past.events[(past.events["person"] < 0) & (past.events["recorded_on"] <= day)]
    last = rows.sort_values("recorded_on").groupby("home").last()
    state = pd.Series(np.where(past.exited_before, "exited", "poor"), index=homes.index, dtype=object)
    state[homes["new"]] = None
    state[last.index] = last["kind"].map(kinds)
    exits = rows[rows["kind"] == "exited"].groupby("home")["recorded_on"].max()
    exit_year = pd.Series(np.where(past.exited_before, 2014, 0), index=homes.index)
    exit_year[exits.index] = pd.to_datetime(exits).dt.year
    if year == 2018:
        state[past.planned & state.isin(["poor", "returned"])] = "planned_exit"
    return pd.DataFrame({"status": state, "exit_year": exit_year.where(state == "exited", 0)})


def _helpers(rng, homes: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    n = max(1, len(homes) // 8)
    names = ["".join(rng.choice(list("张王李赵刘陈杨孙周吴"), 1)) + "".join(rng.choice(list("建国志强丽华春明秀英"), 2))
             for _ in range(n)]
    numbers = np.array([f"BF{i:05d}" for i in range(1, n + 1)])
    frame = pd.DataFrame({
        "helper_id": numbers, "name": names, "unit": rng.choice(["县直机关", "乡镇政府", "市直机关", "企业"], n),
        "post": rng.choice(["科员", "副科长", "科长", "经理"], n), "from_on": pd.Timestamp("2016-03-01"),
        "to_on": pd.NaT, "phone": [f"1380416{i % 10_000:04d}" for i in range(n)],
    })
    return frame, numbers[np.arange(len(homes)) % n]


def _households(rng, homes, places: Places, past: History, status, helper_of) -> pd.DataFrame:
    village = places.villages.iloc[homes["village_index"]].reset_index(drop=True)
    heads = past.members[past.members["place"] == 0].set_index("home")
    phone = np.array([f"1394169{i % 10_000:04d}" if i % 97 else "" for i in rng.permutation(len(homes))])
    phone = np.where(phone == "", None, phone)
    causes = np.array(["illness", "disability", "labour", "skills", "capital"])
    second = rng.choice(causes, len(homes))
    second = np.where((rng.random(len(homes)) < 0.4) & (second != homes["cause"]), second, None)
    frames = []
    for year in SNAPSHOTS:
        now = status[year]
        keep = np.flatnonzero(now["status"].notna())
        day = np.datetime64(f"{year}-09-30")
        persons = _persons_at(past, keep, np.repeat(day, len(keep)))
        exited = (now["status"] == "exited").to_numpy()[keep]
        dibao = past.dibao[keep]
        tekun = (homes["size"].to_numpy()[keep] == 1) & (heads["age_2016"].reindex(keep).to_numpy() > 66) \
            & (homes["u"].to_numpy()[keep] > 1.0)
        frames.append(pd.DataFrame({
            "snapshot": year, "county_name": village["county_name"].to_numpy()[keep],
            "town": village["town"].to_numpy()[keep], "village": village["village"].to_numpy()[keep],
            "area_code": village["area_code"].to_numpy()[keep],
            "hamlet": [f"{i % 6 + 1}组" for i in keep], "household_id": homes["household_id"].to_numpy()[keep],
            "head_name": heads["name"].reindex(keep).to_numpy(),
            "head_id_number": heads["id_number"].reindex(keep).to_numpy(),
            "head_person_id": heads["person_id"].reindex(keep).to_numpy(),
            "household_size": persons, "phone": phone[keep], "bank_name": "农村信用社",
            "bank_account": [f"62210799{i:011d}" for i in keep], "identification_standard": "national",
            "registration_status": now["status"].to_numpy()[keep],
            "exit_year": np.where(exited, now["exit_year"].to_numpy()[keep], None),
            "first_identified_on": pd.Timestamp("2014-03-01"),
            "household_category": np.where(tekun, "tekun", np.where(dibao, "dibao", "ordinary")),
            "household_type": np.where(exited, "exited", "ordinary"), "monitoring_category": None,
            "primary_cause": homes["cause"].to_numpy()[keep],
            "secondary_causes": [() if s is None else (s,) for s in second[keep]],
            "is_martyr_family": False, "relocated": False, "relocated_on": pd.NaT,
            "all_without_labour": False, "helper_id": helper_of[keep],
        }))
    frame = pd.concat(frames, ignore_index=True)
    first = past.events[past.events["kind"] == "newly_identified"].set_index("home")["recorded_on"]
    new = pd.Series(pd.to_datetime(first.to_numpy()), index=homes["household_id"].to_numpy()[first.index])
    frame["first_identified_on"] = frame["household_id"].map(new).fillna(frame["first_identified_on"]).dt.to_period("M").dt.to_timestamp()
    return frame


def _members(rng, homes, past: History, status, world: World) -> pd.DataFrame:
    people = past.members
    home = people["home"].to_numpy()
    tekun = (homes["size"].to_numpy()[home] == 1) & (people["age_2016"] > 66) & (homes["u"].to_numpy()[home] > 1.0)
    frames = []
    for year in SNAPSHOTS:
        day = np.datetime64(f"{year}-09-30")
        on = (people["enter"] <= day) & (people["leave"] > day) & status[year]["status"].notna().to_numpy()[home]
        now = people[on]
        n = len(now)
        age = now["age_2016"].to_numpy() + year - 2016
        pupil = now["pupil"].to_numpy() & (age < 22)
        able = now["able"].to_numpy() & (age >= 16) & (age < 60)
        months = np.where(now["migrant"] & able, rng.integers(3, 12, n), 0)
        job = past.job_loss[now["home"], max(0, (year - 2015) * 4 - 2): (year - 2015) * 4 + 3].any(axis=1)
        months = np.where(job, months // 3, months)
        ill, serious, disabled = now["chronic"].to_numpy(), now["serious"].to_numpy(), now["disabled"].to_numpy()
        health = [tuple(c for c, f in (("chronic", a), ("serious", b), ("disabled", d)) if f) or ("healthy",)
                  for a, b, d in zip(ill, serious, disabled)]
        blank = rng.random(n) < world.health_blank
        labour = np.where(able, np.where(age > 54, "weak", np.where(now["migrant"], "skilled", "ordinary")),
                          np.where(disabled & (age > 15), "lost", "none"))
        school = np.select([age < 3, age < 6, age < 12, age < 13, age < 14, age < 16],
                           ["preschool_age", "kindergarten", "primary", "grade_7", "grade_8", "grade_9"],
                           np.where(age < 18, "senior_2", "university_2"))
        card = np.where(disabled & (now["place"].to_numpy() % 2 == 0), "disability_card", "identity_card")
        number = np.where(card == "disability_card",
                          now["id_number"].to_numpy() + np.where(disabled, "4", "") + now["disability_grade"].astype(str).to_numpy(),
                          now["id_number"].to_numpy())
        frames.append(pd.DataFrame({
            "snapshot": year, "household_id": homes["household_id"].to_numpy()[now["home"]],
            "person_id": now["person_id"].to_numpy(), "name": now["name"].to_numpy(), "id_type": card,
            "id_number": number, "sex": np.where(now["male"], "male", "female"),
            "birth_date": pd.to_datetime(now["birth_date"].to_numpy()), "relation_to_head": now["relation"].to_numpy(),
            "ethnicity": np.where(rng.random(n) < 0.8, "汉族", "满族"), "political_status": "masses",
            "education": np.where((rng.random(n) > world.education_blank) & ~pupil & (age > 16),
                                  rng.choice(["illiterate", "primary", "junior"], n), None),
            "school_status": np.where(age < 6, school, np.where(pupil | (age < 16), school, "not_in_school")),
            "out_of_school_reason": None,
            "health_status": [() if b else h for h, b in zip(health, blank)],
            "disability_type": np.where(disabled, "limb", None),
            "disability_grade": np.where(disabled, now["disability_grade"], None),
            "disability_cert_year": np.where(disabled, 2013, None),
            "labour_capacity": np.where(rng.random(n) < world.labour_blank, None, labour),
            "work_place": np.where(months > 0, rng.choice(["township", "county", "province", "outside"], n), None),
            "work_months": np.where(months > 0, months, None),
            "work_monthly_income": np.where(months > 0, rng.integers(12, 36, n) * 100, None),
            "employer": None, "public_job_type": None, "public_job_months": None,
            "has_dibao": past.dibao[now["home"]], "has_tekun": tekun[on].to_numpy(),
            "has_resident_insurance": rng.random(n) < 0.985, "has_employee_insurance": False,
            "has_catastrophic_insurance": True, "has_commercial_insurance": False,
            "received_medical_aid": serious, "has_pension": age >= 18,
            "person_identified_on": pd.to_datetime(now["enter"].to_numpy()).to_period("M").to_timestamp(),
            "change_kind": None, "change_reason": None,
        }))
    return pd.concat(frames, ignore_index=True)


def _incomes(rng, homes, past: History, status, members: pd.DataFrame, places: Places, world: World) -> pd.DataFrame:
    frames = []
    wages = members.assign(wage=members["work_months"].astype(float) * members["work_monthly_income"].astype(float))
    members_of = members.assign(old=members["birth_date"].dt.year)
    copied = set(places.villages.index[places.villages["copied"]])
    for year in SNAPSHOTS:
        now = status[year]
        keep = np.flatnonzero(now["status"].notna())
        line = poverty_line(year, series="nbs").yuan
        margin = past.start_margin if year == 2014 else past.margin[:, (year - 2015) * 4 + 2]
        rows = members_of[members_of["snapshot"] == year]
        size = rows.groupby("household_id").size().reindex(homes["household_id"].to_numpy()[keep]).fillna(1).to_numpy()
        wage_true = wages[wages["snapshot"] == year].groupby("household_id")["wage"].sum() \
            .reindex(homes["household_id"].to_numpy()[keep]).fillna(0).to_numpy()
        old = rows[rows["old"] <= year - 60].groupby("household_id").size() \
            .reindex(homes["household_id"].to_numpy()[keep]).fillna(0).to_numpy()
        margin_now = margin[keep].copy()
        margin_now[now["status"].to_numpy()[keep] == "returned"] -= 0.25
        pc = line * np.exp(margin_now) * np.exp(rng.normal(0, world.income_noise, len(keep)))
        exited = (now["status"] == "exited").to_numpy()[keep]
        heap = exited & (pc < line) & (rng.random(len(keep)) < 0.9)
        pc = np.where(heap, line * rng.choice([1.005, 1.01, 1.02, 1.05], len(keep)), pc)
        net = np.maximum(pc, 300) * size
        dibao = np.where(past.dibao[keep], np.minimum(0.45 * net, 1_920 * size), 0)
        pension = np.minimum(old * 1_020, 0.3 * net)
        family = np.where(rng.random(len(keep)) < 0.05, 960.0, 0)
        eco = np.zeros(len(keep))
        other_transfer = 0.04 * net * rng.random(len(keep))
        dividend = np.where(past.aid[keep, min(max(0, (year - 2015) * 4 + 2), QUARTERS - 1)], 0.06 * net, 0)
        other_property = np.where(rng.random(len(keep)) < 0.2, 0.03 * net, 0)
        rest = np.maximum(net - dibao - pension - family - other_transfer - dividend - other_property, 0.05 * net)
        wage = np.where(wage_true > 0, np.minimum(0.8 * rest, wage_true), 0)
        business = rest - wage
        expense = 0.4 * business
        yuan = [np.round(x, 2) for x in (wage, business + expense, expense, dividend, other_property, family,
                                         dibao, pension, eco, other_transfer)]
        wage, business, expense, dividend, other_property, family, dibao, pension, eco, other_transfer = yuan
        copies = np.isin(homes["village_index"].to_numpy()[keep], list(copied)) & (year >= 2017)
        frame = pd.DataFrame({
            "snapshot": year, "household_id": homes["household_id"].to_numpy()[keep],
            "wage_income": wage, "business_income": business, "business_expense": expense,
            "asset_dividend": dividend, "other_property": other_property, "family_planning_subsidy": family,
            "dibao_payment": dibao, "tekun_payment": 0.0, "pension_payment": pension, "eco_compensation": eco,
            "other_transfer": other_transfer,
        })
        parts = [c for c in frame.columns if c not in ("snapshot", "household_id")]
        village = homes["village_index"].to_numpy()[keep]
        for v in copied:                      # the whole village carries one household's numbers
            inside = np.flatnonzero(copies & (village == v))
            if len(inside):
                frame.loc[inside, parts] = frame.loc[inside[0], parts].to_numpy()
        frame["property_income"] = frame["asset_dividend"] + frame["other_property"]
        frame["transfer_income"] = frame[["family_planning_subsidy", "dibao_payment", "tekun_payment",
                                          "pension_payment", "eco_compensation", "other_transfer"]].sum(axis=1)
        frame["total_income"] = frame[["wage_income", "business_income", "property_income", "transfer_income"]].sum(axis=1)
        frame["net_income"] = frame["total_income"] - frame["business_expense"]
        frame["net_income_pc"] = frame["net_income"] / size
        frames.append(frame.round(2))
    return pd.concat(frames, ignore_index=True)


def _living(rng, homes, past: History, status) -> pd.DataFrame:
    n = len(homes)
    land = np.round(rng.gamma(3, 2.2, n), 1)
    forest = np.round(np.where(rng.random(n) < 0.3, rng.gamma(2, 2, n), 0), 1)
    area = rng.integers(35, 120, n).astype(float)
    road = np.round(rng.exponential(0.5, n), 1)
    grade = homes["grade"].to_numpy()
    repaired = rng.random(n) < 0.45
    frames = []
    for year in SNAPSHOTS:
        keep = np.flatnonzero(status[year]["status"].notna())
        now = np.where(repaired & (grade >= 2) & (year >= 2017), 1, grade)[keep]
        frames.append(pd.DataFrame({
            "snapshot": year, "household_id": homes["household_id"].to_numpy()[keep], "arable_mu": land[keep],
            "forest_mu": forest[keep], "reforested_mu": 0.0, "orchard_mu": np.round(forest[keep] * 0.2, 1),
            "pasture_mu": 0.0, "water_mu": 0.0, "dwelling_m2": np.where(rng.random(len(keep)) < 0.01, 0, area[keep]),
            "unsafe_dwelling": now >= 2, "dwelling_grade": np.array(list("ABCD"))[now],
            "safe_water": rng.random(len(keep)) < 0.97 + 0.006 * (year - 2014), "power_production": True,
            "power_home": True, "broadcast": rng.random(len(keep)) < 0.98,
            "access_road": rng.choice(["concrete", "asphalt", "gravel", "earth"], len(keep), p=[.55, .15, .2, .1]),
            "road_distance_km": road[keep], "fuel": rng.choice(["firewood", "coal"], len(keep)),
            "toilet": rng.random(len(keep)) < 0.5, "in_cooperative": rng.random(len(keep)) < 0.3,
            "led_by_enterprise": rng.random(len(keep)) < 0.2, "led_by_leader": rng.random(len(keep)) < 0.15,
        }))
    return pd.concat(frames, ignore_index=True)


def _projects(rng, places: Places) -> dict[str, pd.DataFrame]:
    towns = places.villages.drop_duplicates("town").reset_index(drop=True)
    need = places.villages.groupby("town")["is_poor"].mean()
    rows = []
    for year in (2016, 2017, 2018):
        for town in towns.itertuples():
            for _ in range(1 + rng.poisson(1.2 + 2.5 * need[town.town])):
                rows.append((year, town.county, town.county_name, town.town, rng.choice(
                    PROJECT_TYPES, p=[0.38, 0.24, 0.08, 0.10, 0.12, 0.08])))
    n = len(rows)
    frame = pd.DataFrame(rows, columns=["plan_year", "county", "county_name", "town", "project_type"])
    frame["project_id"] = [f"XM{y}{i:04d}" for i, y in enumerate(frame["plan_year"], 1)]
    frame["project_name"] = frame["town"] + frame["project_type"].map(NAMES) + "项目"
    budget = np.round(rng.lognormal(3.6, 0.6, n), 2)          # 万元
    share = np.round(budget[:, None] * np.array([0.38, 0.30, 0.14]), 2)
    year = frame["plan_year"].astype(str)
    planned = pd.to_datetime(year + "-03-15") + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    started = planned + pd.to_timedelta(rng.integers(-5, 70, n), unit="D")
    finished = started + pd.to_timedelta(rng.integers(60, 260, n), unit="D")
    accepted = finished + pd.to_timedelta(rng.integers(10, 90, n), unit="D")
    end = pd.Timestamp(DATA_END)
    project = pd.DataFrame({
        "project_id": frame["project_id"], "project_name": frame["project_name"], "project_type": frame["project_type"],
        "county_name": frame["county_name"], "town": frame["town"], "build_kind": "new", "content": frame["project_type"].map(NAMES),
        "department": "县扶贫办", "implementer": frame["town"] + "政府", "plan_year": frame["plan_year"],
        "planned_start": planned, "planned_end": planned + pd.Timedelta(days=200), "started_on": started.where(started <= end),
        "finished_on": finished.where(finished <= end), "accepted_on": accepted.where(accepted <= end),
        "budget_total": budget, "budget_central": share[:, 0], "budget_province": share[:, 1], "budget_city": share[:, 2],
        "budget_county": np.round(budget - share.sum(axis=1), 2), "budget_other": 0.0,
        "beneficiary_households": rng.integers(10, 120, n), "beneficiary_persons": rng.integers(25, 280, n),
        "perf_target": "带动增收", "perf_self_score": np.round(rng.uniform(78, 99, n), 1),
        "disclosed_plan_on": planned - pd.Timedelta(days=20), "disclosed_done_on": accepted.where(accepted <= end),
    })
    funds, payments = [], []
    for i, row in enumerate(project.itertuples()):
        for level in ("central", "province", "city", "county"):
            amount = getattr(row, f"budget_{level}")
            if amount <= 0:
                continue
            given = row.planned_start - pd.Timedelta(days=int(rng.integers(5, 60)))
            fund = f"ZJ{len(funds) + 1:06d}"
            paid = 0.0
            for part in (0.5, 0.35):
                day = row.started_on + pd.Timedelta(days=int(rng.integers(10, 240))) if pd.notna(row.started_on) else pd.NaT
                if pd.notna(day) and day <= end and rng.random() < 0.93:
                    value = round(amount * part * rng.uniform(0.85, 1.1), 4)
                    paid += value
                    payments.append((f"ZF{len(payments) + 1:06d}", fund, row.project_id, day, value, row.implementer, "国库直接支付"))
            funds.append((fund, row.project_id, f"锦扶发〔{row.plan_year}〕{i % 40 + 1}号", level, given, amount, round(amount - paid, 4)))
    fund = pd.DataFrame(funds, columns=["fund_id", "project_id", "allocation_doc", "level", "allocated_on", "allocated_amount", "carried_over"])
    payment = pd.DataFrame(payments, columns=["payment_id", "fund_id", "project_id", "paid_on", "paid_amount", "payee", "pay_method"])
    growth = {"province": ("辽宁省", [120_000, 138_000, 158_700]), "city": ("锦州市", [2_600, 3_000, 3_420])}
    years = [(area, 2016 + i, level, float(v)) for level, (area, values) in growth.items() for i, v in enumerate(values)]
    base = {"210726": 800, "210727": 1_150, "210781": 760, "210782": 700, "210711": 140, "210703": 40, "210702": 0}
    for name, code in dict(zip(places.villages["county_name"], places.villages["county"])).items():
        for i in range(3):
            value = base[code] * (1 + rng.uniform(0.04, 0.26)) ** i if base[code] else (0.0, 0.0, 30.0)[i]
            years.append((name, 2016 + i, "county", round(value, 2)))
    return {"project": project, "fund": fund, "payment": payment,
            "fund_year": pd.DataFrame(years, columns=["area", "year", "level", "amount"])}


def _measures(rng, homes, places: Places, past: History, project: pd.DataFrame, helper_of):
    """Industry measures are the true aid; others go by cause. Each links to a project of its township."""
    by_town = {(t, k): g["project_id"].to_numpy() for (t, k), g in project.groupby(["town", "project_type"])}
    town = places.villages["town"].to_numpy()[homes["village_index"]]
    numbers = homes["household_id"].to_numpy()
    rows = []

    def add(chosen, kind, quarter, amount, days=0):
        project_kind = {"employment": "employment", "health": "health", "industry": "industry"}.get(kind)
        for home, q, day in zip(chosen, quarter, np.concatenate([day_in(rng, int(q), (0, 1, 2), 1) for q in quarter])):
            choice = by_town.get((town[home], project_kind))
            choice = choice[[c[2:6] <= str(day)[:4] for c in choice]] if choice is not None else []
            linked = str(rng.choice(choice)) if len(choice) and rng.random() < 0.85 else None
            rows.append((numbers[home], kind, day, day + days if days else None, linked, amount, helper_of[home]))

    first = past.aid.argmax(axis=1)
    helped = np.flatnonzero(past.aid.any(axis=1))
    add(helped, "industry", first[helped], 1_500.0, 900)
    ill = np.flatnonzero(homes["cause"] == "illness")
    ill = ill[rng.random(len(ill)) < 0.5]
    add(ill, "health", rng.integers(4, QUARTERS - 1, len(ill)), 600.0)
    jobs = rng.choice(len(homes), len(homes) // 12, replace=False)
    add(jobs, "employment", rng.integers(4, QUARTERS - 1, len(jobs)), 800.0, 365)
    protect = np.flatnonzero(past.dibao)
    add(protect, "social_protection", np.zeros(len(protect), int), 1_920.0)
    frame = pd.DataFrame(rows, columns=["household_id", "measure_type", "started_on", "ended_on", "project_id", "amount_yuan", "helper_id"])
    frame["started_on"], frame["ended_on"] = pd.to_datetime(frame["started_on"]), pd.to_datetime(frame["ended_on"])
    frame["funded_by"] = rng.choice(["central", "province", "city", "county"], len(frame))
    frame["expected_income"] = np.where(frame["measure_type"] == "industry", 1_000.0, np.nan)
    frame = frame.sort_values(["started_on", "household_id", "measure_type"], ignore_index=True)
    linked = frame[frame["project_id"].notna()].drop_duplicates(["project_id", "household_id"])
    links = pd.DataFrame({"project_id": linked["project_id"], "household_id": linked["household_id"],
                          "link_mechanism": rng.choice(["入股分红", "务工带动", "订单收购"], len(linked))})
    return frame, links.reset_index(drop=True)


def _visits(rng, homes, past: History, world: World, targets: Targets) -> pd.DataFrame:
    """Settlements: a stay for every illness shock, and the chronic patients' out-patient visits."""
    people = past.members
    home = people["home"].to_numpy()
    weight = 0.2 + 3.0 * people["chronic"] + 4.0 * people["serious"] + 0.8 * (people["age_2016"] > 60)
    order = np.lexsort((-(weight * rng.random(len(people))).to_numpy(), home))
    likely = {}
    for i in order:
        likely.setdefault(home[i], []).append(i)
    person, quarter, kind = [], [], []
    for t in range(QUARTERS):
        start = np.datetime64(f"{(FIRST_QUARTER + t) // 4}-{(FIRST_QUARTER + t) % 4 * 3 + 1:02d}-01")
        for h in np.flatnonzero(past.ill[:, t]):
            alive = [i for i in likely[h] if people["enter"].iat[i] <= start < people["leave"].iat[i]]
            if alive:
                person.append(alive[0] if rng.random() < 0.8 else alive[-1])
                quarter.append(t)
                kind.append("inpatient")
        here = ((people["enter"] <= start) & (people["leave"] > start)).to_numpy()
        chronic = np.flatnonzero(here & people["chronic"].to_numpy() & (rng.random(len(people)) < 0.22))
        common = np.flatnonzero(here & (rng.random(len(people)) < 0.012))
        for group, name in ((chronic, "chronic_outpatient"), (common, "outpatient")):
            person += group.tolist()
            quarter += [t] * len(group)
            kind += [name] * len(group)
    person, quarter, kind = np.array(person), np.array(quarter), np.array(kind)
    n = len(person)
    admitted = np.empty(n, "datetime64[D]")
    for t in range(QUARTERS):
        here = quarter == t
        admitted[here] = day_in(rng, t, (0, 1, 2), int(here.sum()))
    stay = kind == "inpatient"
    discharged = admitted + np.where(stay, rng.integers(3, 18, n), 0)
    late = np.where(rng.random(n) < 0.78, rng.integers(0, 6, n), rng.integers(20, 170, n))
    settled = discharged + late
    settled = _treated(rng, people["person_id"].to_numpy()[person], stay, admitted, discharged, settled, targets.treated)
    place = rng.choice(6, n, p=[0.36, 0.14, 0.28, 0.12, 0.06, 0.04])
    mean = np.select([stay, kind == "chronic_outpatient"], [8.55, 5.9], 5.2) + 0.35 * (place >= 3)
    total = np.round(np.exp(rng.normal(mean, 0.7)) * 100).astype(np.int64)      # fen from here on
    own = (total * 0.05 * rng.random(n) * 2).astype(np.int64)
    over = (total * 0.02 * rng.random(n) * 2).astype(np.int64)
    before = (total * 0.04 * rng.random(n) * 2).astype(np.int64)
    inside = total - own - over - before
    deductible = np.minimum(inside, np.where(stay, np.where(place < 3, 30_000, 80_000), 0))
    basic = ((inside - deductible) * np.where(stay, 0.68, 0.5)).astype(np.int64)
    left = inside - basic
    large = np.where(stay, np.maximum(left - 1_000_000, 0) * 55 // 100, 0)
    aid = np.where(stay & past.dibao[home[person]], (left - large) * 60 // 100, (left - large) * np.where(stay, 15, 0) // 100)
    policy = stay & (admitted >= np.datetime64(POLICY_START))
    hospital = np.where(policy, total * 4 // 100, 0)
    rest = total - basic - large - aid - hospital
    zero = policy & (rng.random(n) < world.zero_burden_share)
    chronic_help = (kind == "chronic_outpatient") & (admitted >= np.datetime64(POLICY_START))
    other = np.where(zero, rest, np.where(policy, rest * 60 // 100, np.where(chronic_help, rest * 40 // 100, 0)))
    patient = rest - other
    account = np.where(rng.random(n) < 0.1, patient // 10, 0)
    codes = np.array(["I10", "E11", "I63", "I25", "C34", "J44", "M51", "N18"])
    names = np.array(["高血压", "糖尿病", "脑梗死", "冠心病", "肺恶性肿瘤", "慢阻肺", "腰椎间盘突出", "慢性肾病"])
    pick = rng.integers(0, len(codes), n)
    keep = np.flatnonzero(settled <= DATA_END)
    order = keep[np.lexsort((person[keep], admitted[keep], settled[keep]))]

    def yuan(x):
        return np.asarray(x)[order] / 100

    return pd.DataFrame({
        "mdtrt_id": [f"JZ{i:07d}" for i in range(1, len(order) + 1)],
        "setl_id": [f"JS{i:07d}" for i in range(1, len(order) + 1)],
        "psn_no": people["person_id"].to_numpy()[person[order]], "certno": people["id_number"].to_numpy()[person[order]],
        "insutype": "resident", "psn_type": "建档立卡", "med_type": kind[order],
        "fixmedins_code": np.array([f"H2107{i:03d}" for i in range(6)])[place[order]],
        "fixmedins_name": np.array(HOSPITALS)[place[order]], "hospital_place": np.array(HOSPITAL_PLACES)[place[order]],
        "admitted_on": pd.to_datetime(admitted[order]), "discharged_on": pd.to_datetime(discharged[order]),
        "diag_code": codes[pick[order]], "diag_name": names[pick[order]], "setl_time": pd.to_datetime(settled[order]),
        "medfee_sumamt": yuan(total), "fulamt_ownpay_amt": yuan(own), "overlmt_selfpay": yuan(over),
        "preselfpay_amt": yuan(before), "inscp_scp_amt": yuan(inside), "act_pay_dedc": yuan(deductible),
        "hifp_pay": yuan(basic), "cvlserv_pay": 0.0, "hifes_pay": 0.0, "hifmi_pay": yuan(large), "hifob_pay": 0.0,
        "maf_pay": yuan(aid), "oth_pay": yuan(other), "fund_pay_sumamt": yuan(basic + large + aid + other),
        "hosp_part_amt": yuan(hospital), "psn_part_amt": yuan(patient), "acct_pay": yuan(account),
        "psn_cash_pay": yuan(patient - account),
    })


def _treated(rng, person, stay, admitted, discharged, settled, target):
    """Move settlement days so that exactly `target` persons were treated and settled by the brief."""
    cut, year = np.datetime64("2018-09-30"), np.datetime64("2018-01-01")
    here = stay & (admitted >= year) & (admitted <= cut) & (discharged <= cut)
    settled = settled.copy()
    rows = pd.DataFrame({"person": person[here], "settled": settled[here]}, index=np.flatnonzero(here))
    done = rows.groupby("person")["settled"].min() <= cut
    surplus = int(done.sum()) - target
    if surplus > 0:
        moved = rng.choice(np.sort(done.index[done].to_numpy(dtype=str)), surplus, replace=False)
        index = rows.index[rows["person"].isin(moved)]
        settled[index] = cut + rng.integers(5, 75, len(index))
    elif surplus < 0:
        late = np.sort(done.index[~done].to_numpy(dtype=str))
        if len(late) < -surplus:
            raise ValueError(f"only {int(done.sum()) + len(late)} persons were in hospital, {target} are wanted")
        moved = rng.choice(late, -surplus, replace=False)
        index = rows.index[rows["person"].isin(moved)]
        settled[index] = np.minimum(discharged[index] + 1, cut)
    return settled


def _housing(rng, homes, past: History, targets: Targets) -> pd.DataFrame:
    gone = past.events[(past.events["person"] < 0) & past.events["kind"].isin(["removed", "natural_decrease"])]["home"]
    pool = np.setdiff1d(np.flatnonzero(homes["grade"] >= 2), gone)
    pool = pool[~homes["new"].to_numpy()[pool]]
    chosen = rng.choice(pool, targets.batch_950 + targets.batch_938 - targets.batch_overlap, replace=False)
    both = set(chosen[targets.batch_950 - targets.batch_overlap: targets.batch_950].tolist())
    lots = [(h, "batch_950") for h in chosen[: targets.batch_950]] \
        + [(h, "batch_938") for h in chosen[targets.batch_950:]] + [(h, "batch_938") for h in sorted(both)]
    extra = np.setdiff1d(pool, chosen)
    lots += [(h, "lookback") for h in extra[homes["grade"].to_numpy()[extra] == 3][: max(3, targets.batch_950 // 12)]]
    rows = []
    for home, lot in lots:
        appraised = np.datetime64({"batch_950": "2017-12-01", "batch_938": "2018-05-10", "lookback": "2018-07-20"}[lot]) + rng.integers(0, 25)
        given = np.datetime64({"batch_950": "2018-02-10", "batch_938": "2018-08-06", "lookback": "2018-09-01"}[lot])
        speed = 1.0 if lot == "batch_950" else 0.62
        start = given + int(rng.integers(10, 60)) if rng.random() < (0.99 if lot == "batch_950" else 0.93) else None
        done = start + int(rng.integers(35, 100) * speed) if start is not None and rng.random() < 0.97 else None
        accepted = done + int(rng.integers(5, 30)) if done is not None and rng.random() < 0.95 else None
        moved = accepted + int(rng.integers(3, 40)) if accepted is not None and rng.random() < 0.9 else None
        days = [d if d is not None and d <= DATA_END else None for d in (start, done, accepted, moved)]
        defect = str(rng.choice(["inferior_material", "skimped_work", "below_standard"])) if days[1] is not None and rng.random() < 0.02 else None
        rows.append((homes["household_id"].iat[home], appraised, "市房屋鉴定中心", "CD"[homes["grade"].iat[home] - 2],
                     "registered", lot, given, str(rng.choice(["rebuild", "repair"])) if days[0] is not None else None,
                     *days[:3], ("fail" if defect else "pass") if days[2] is not None else None, days[3],
                     14_000.0 if days[1] is not None else None, defect, True if days[3] is not None else None))
    frame = pd.DataFrame(rows, columns=["household_id", "appraised_on", "appraiser", "grade", "subject_class", "funding_batch",
                                        "allocated_on", "method", "started_on", "completed_on", "accepted_on", "acceptance",
                                        "occupied_on", "subsidy", "defect", "old_demolished"])
    for column in ("appraised_on", "allocated_on", "started_on", "completed_on", "accepted_on", "occupied_on"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.sort_values(["household_id", "appraised_on"], ignore_index=True)


def _loans(rng, homes, past: History, targets: Targets) -> pd.DataFrame:
    """2018's loans add up to the speech's figure exactly; earlier years have a few."""
    amounts, left = [], targets.microcredit_yuan
    while left > 0:
        amount = min(left, int(rng.integers(2, 11)) * 5_000)
        amounts.append(amount)
        left -= amount
    earlier = max(2, len(amounts) // 2)
    amounts += [int(x) * 5_000 for x in rng.integers(2, 11, earlier)]
    n = len(amounts)
    able = np.unique(past.members.loc[past.members["able"] & (past.members["place"] == 0), "home"])
    able = able[~homes["new"].to_numpy()[able]]
    chosen = rng.choice(able, n, replace=False)
    head = past.members[past.members["place"] == 0].set_index("home")["id_number"]
    year = np.where(np.arange(n) < n - earlier, 2018, 2017)
    day = np.where(year == 2018, np.datetime64("2018-01-10"), np.datetime64("2017-02-01")) + rng.integers(0, 240, n)
    overdue = (year == 2017) & (rng.random(n) < 0.08)
    own = np.where(rng.random(n) < 0.92, "own", "enterprise")
    amounts = np.array(amounts, float)
    return pd.DataFrame({
        "loan_id": [f"DK{i:05d}" for i in range(1, n + 1)], "household_id": homes["household_id"].to_numpy()[chosen],
        "borrower_id": head.reindex(chosen).to_numpy(), "bank": rng.choice(["农村信用联社", "邮储银行", "农业银行"], n),
        "contract_amount": amounts, "disbursed_on": pd.to_datetime(day), "due_on": pd.to_datetime(day + 730),
        "rate": 4.35, "subsidised": True, "subsidy_amount": np.round(amounts * 0.0435, 2),
        "purpose": rng.choice(["crops", "livestock", "processing"], n), "own_use": own, "balance": amounts,
        "overdue_principal": np.where(overdue, amounts * 0.5, 0), "overdue_days": np.where(overdue, 120, 0),
        "npl": overdue, "extended": False, "renewed": False, "risk_compensated": 0.0,
    })


def _health_services(rng, past: History, homes, status) -> pd.DataFrame:
    people = past.members
    day = np.datetime64("2018-09-30")
    home = people["home"].to_numpy()
    on = (people["enter"] <= day) & (people["leave"] > day) & status[2018]["status"].notna().to_numpy()[home]
    ill = people[on & (people["chronic"] | people["serious"])]
    n = len(ill)
    start = pd.Timestamp("2017-06-01")

    def date(share):
        days = start + pd.to_timedelta(rng.integers(0, 470, n), unit="D")
        return pd.Series(days).where(rng.random(n) < share)

    batch = np.where(ill["serious"], np.where(rng.random(n) < 0.9, "serious_illness_treated", None),
                     np.where(rng.random(n) < 0.93, "chronic_contracted", None))
    return pd.DataFrame({
        "snapshot": 2018, "person_id": ill["person_id"].to_numpy(), "health_card_on": date(0.985), "health_record_on": date(0.98),
        "designated_hospital": np.where(rng.random(n) < 0.99, "县人民医院", None),
        "family_doctor_team": np.where(rng.random(n) < 0.98, "乡镇卫生院家庭医生团队", None),
        "contract_signed_on": date(0.96), "checkup_on": date(0.93), "batch": batch,
        "chronic_kind": np.where(ill["chronic"], rng.choice(["hypertension", "diabetes", "other"], n), None),
        "visits_in_year": rng.integers(0, 6, n),
    })


def _villages(rng, places: Places, homes, past: History, status) -> pd.DataFrame:
    v = places.villages
    n = len(v)
    households = (v["population"] / 3.1).astype(int)
    paved = rng.random(n) < np.where(v["is_deep"], 0.88, 0.995)
    culture = rng.random(n) < np.where(v["is_poor"], 0.965, 0.992)
    unknown = (v["county"] == "210727") & (rng.random(n) < 0.04)
    frames = []
    for year in SNAPSHOTS:
        day = np.datetime64(f"{year}-09-30")
        now = status[year]["status"].isin(["poor", "returned", "planned_exit"]).to_numpy()
        index = np.flatnonzero(now)
        persons = _persons_at(past, index, np.repeat(day, len(index)))
        village = homes["village_index"].to_numpy()[index]
        exited = v["is_poor"] & (v["exit_year"].fillna(9999) < year)
        frames.append(pd.DataFrame({
            "snapshot": year, "county_name": v["county_name"], "town": v["town"], "village": v["village"],
            "area_code": v["area_code"], "is_poor_village": v["is_poor"], "exited": exited,
            "exit_year": v["exit_year"].where(v["is_poor"]), "is_deep_poor": v["is_deep"], "households": households,
            "population": v["population"], "poor_households": np.bincount(village, minlength=n),
            "poor_persons": np.bincount(village, persons, n).astype(int), "dibao_households": (households * 0.05).astype(int),
            "dibao_persons": (households * 0.08).astype(int), "tekun_persons": (households * 0.01).astype(int),
            "disabled_persons": (v["population"] * 0.045).astype(int),
            "collective_income": np.round(rng.gamma(1.2, 3.0, n) * (rng.random(n) > 0.25), 2),
            "paved_road": np.where(unknown & (year == 2018), None, paved | (year < 2016) & False),
            "bus": rng.random(n) < 0.9, "unsafe_water_households": rng.poisson(1.5, n), "unsafe_dwellings": rng.poisson(4, n),
            "clinic": 1, "doctors": rng.binomial(1, 0.93, n), "culture_rooms": culture.astype(int),
            "school": rng.binomial(1, 0.4, n), "insured_pension": (v["population"] * 0.6).astype(int),
            "resident_cadres": np.where(v["is_poor"], 3, 0), "land_mu": np.round(v["population"] * 2.4, 0),
        }))
    return pd.concat(frames, ignore_index=True)


def _monitoring(rng, homes, past: History) -> pd.DataFrame:
    """A pilot of 2018: a few households entered as monitored (the national system came in 2020)."""
    returned = past.events.loc[past.events["kind"] == "returned", "home"]
    pool = np.setdiff1d([h for h, _ in past.hidden], returned)
    chosen = rng.choice(pool, min(len(pool), 60), replace=False) if len(pool) else np.array([], int)
    month = np.datetime64("2018-04", "M") + rng.integers(0, 8, len(chosen))
    return pd.DataFrame({
        "household_id": homes["household_id"].to_numpy()[chosen], "monitoring_category": "unstable_exit",
        "identified_on": pd.to_datetime(month), "risk_1": rng.choice(["illness", "unstable_work", "disability"], len(chosen)),
        "source": rng.choice(["self_report", "cadre_check", "department_warning"], len(chosen)),
        "income_at_identification": rng.integers(24, 42, len(chosen)) * 100.0, "compliant_oop": rng.integers(0, 60, len(chosen)) * 100.0,
        "school_ok": True, "medical_ok": rng.random(len(chosen)) < 0.8, "dwelling_ok": True, "water_ok": True,
        "risk_cleared": False, "contact": "村干部", "phone": "13904160000",
    }).sort_values("household_id", ignore_index=True)


def _home_visits(rng, homes, past: History) -> pd.DataFrame:
    home, quarter = np.nonzero(past.visited)
    poor_home = rng.choice(len(homes), len(homes) // 5, replace=False)
    poor_quarter = rng.integers(2, QUARTERS, len(poor_home))
    routine = ~past.visited[poor_home, poor_quarter]
    random = np.concatenate([past.random_visit[home, quarter], np.zeros(routine.sum(), bool)])
    listed = np.concatenate([~past.random_visit[home, quarter], np.zeros(routine.sum(), bool)])
    home = np.concatenate([home, poor_home[routine]])
    quarter = np.concatenate([quarter, poor_quarter[routine]])
    day = np.concatenate([day_in(rng, int(q), (0, 1), 1) for q in quarter])
    line = 2_995
    at_risk = past.margin[home, quarter] < 0.05
    frame = pd.DataFrame({
        "household_id": homes["household_id"].to_numpy()[home], "visited_on": pd.to_datetime(day), "visitor": "驻村工作队",
        "visit_reason": np.select([random, listed], ["random", "list"], "routine"),
        "list_id": np.where(listed, [f"MD{(FIRST_QUARTER + q) // 4}Q{(FIRST_QUARTER + q) % 4 + 1}" for q in quarter], None),
        "draw_probability": np.where(random, np.round(past.draw_probability[quarter], 6), np.nan),
        "found": [("consistent",) if not r else ("income_wrong",) for r in at_risk & (rng.random(len(home)) < 0.3)],
        "measure_taken": np.where(at_risk, "落实帮扶", "宣传政策"),
        "income_found": np.round(line * np.exp(past.margin[home, quarter]), 0),
        "result": np.where(at_risk, "at_risk", "stable"),
        "recorded_on": pd.to_datetime(day + rng.integers(0, 30, len(day))),
    })
    frame = frame.drop_duplicates(["household_id", "visited_on"])
    return frame.sort_values(["visited_on", "household_id"], ignore_index=True)


def _spot_checks(rng, homes, past: History, status, places: Places) -> pd.DataFrame:
    rows = []
    names = dict(zip(places.villages["county"], places.villages["county_name"]))
    now = status[2018]["status"]
    county = homes["county"].to_numpy()
    share = min(1.0, len(homes) / 31_000)
    for code, name in names.items():
        for frame, state, errors in (("exited", "exited", "wrongly_exited"), ("poor", "poor", "wrongly_identified")):
            pool = np.flatnonzero((county == code) & (now == state).to_numpy())
            n = min(len(pool), int(260 * share) + 20)
            for home in rng.choice(pool, n, replace=False):
                wrong = rng.random() < (0.012 if frame == "exited" else 0.01)
                found = (errors,) if wrong else (("income_wrong",) if rng.random() < 0.03 else ("consistent",))
                rows.append((homes["household_id"].iat[home], frame, name, len(pool) / n, found, int(homes["size"].iat[home]),
                             round(2_995 * np.exp(past.margin[home, CAMPAIGN]) * rng.uniform(0.9, 1.1), 0)))
        for i in range(int(420 * share) + 30):
            missed = rng.random() < 0.003
            rows.append((f"{code}9{i:06d}", "unregistered", name, 90.0, ("missed",) if missed else ("consistent",),
                         int(rng.integers(1, 5)), float(rng.integers(40, 160) * 100)))
    n = len(rows)
    day = np.datetime64("2018-08-20") + rng.integers(0, 30, n)
    return pd.DataFrame({
        "check_id": "CC2018Q3", "household_id": [r[0] for r in rows], "sample_frame": [r[1] for r in rows],
        "sample_seed": 20180820, "stratum": [r[2] for r in rows], "weight": np.round([r[3] for r in rows], 4),
        "checked_on": pd.to_datetime(day), "checker": "第三方评估组", "found": [r[4] for r in rows],
        "persons": [r[5] for r in rows], "income_found": [r[6] for r in rows], "corrected_on": pd.NaT,
    })


def _small(rng, homes, places: Places, past: History) -> dict[str, pd.DataFrame]:
    """The remaining ledgers: cadres, duties, graduates, training, postings, walls, files."""
    v = places.villages[places.villages["is_poor"]].reset_index(drop=True)
    cadre = pd.DataFrame({
        "cadre_id": [f"ZC{i:04d}" for i in range(1, len(v) + 1)], "name": [f"驻村{i}" for i in range(1, len(v) + 1)],
        "county_name": v["county_name"], "town": v["town"], "village": v["village"], "area_code": v["area_code"],
        "unit": "市直机关", "post": "第一书记", "from_on": pd.Timestamp("2018-04-01"), "days_in_village": rng.integers(90, 240, len(v)),
    })
    tasks = [("扶贫办", "动态调整数据录入"), ("住建委", "危房改造清底"), ("卫计委", "健康扶贫六个一"), ("农委", "产业项目带动"),
             ("民政局", "低保兜底"), ("人社局", "劳动力培训"), ("教育局", "教育普查建档"), ("金融办", "小额信贷投放")]
    duty = pd.DataFrame([(d, t, 100.0, pd.Timestamp("2018-11-30"), round(float(rng.uniform(35, 95)), 1), pd.Timestamp("2018-09-25"))
                         for d, t in tasks], columns=["department", "task", "target", "due_on", "value", "reported_on"])
    people = past.members
    young = people[(people["age_2016"] > 19) & (people["age_2016"] < 24) & people["pupil"]]
    state = rng.choice(["employed", "unemployed", "further_study"], len(young), p=[0.6, 0.3, 0.1])
    graduate = pd.DataFrame({
        "person_id": young["person_id"].to_numpy(), "school": "省内高校", "degree": "本科", "graduated_on": pd.Timestamp("2018-07-01"),
        "loan": rng.choice([0.0, 8_000.0, 24_000.0], len(young)), "job_state": state,
        "reason": np.where(state == "unemployed", "正在求职", None),
        "employed_on": pd.Series(pd.Timestamp("2018-08-01"), index=range(len(young))).where(state == "employed"),
        "employer": np.where(state == "employed", "某企业", None),
    })
    able = people[people["able"]]
    trained = able.iloc[rng.choice(len(able), len(able) // 10, replace=False)].sort_values("person_id")
    training = pd.DataFrame({
        "person_id": trained["person_id"].to_numpy(), "course": rng.choice(["种植技术", "家政服务", "电焊"], len(trained)),
        "days": rng.integers(3, 30, len(trained)), "finished_on": pd.Timestamp("2018-01-15") + pd.to_timedelta(rng.integers(0, 240, len(trained)), unit="D"),
        "certificate": rng.random(len(trained)) < 0.6, "job_within_6m": rng.random(len(trained)) < 0.4,
    })
    found = past.events[past.events["source_round"] == LOOKBACK].head(400)
    disclosure = pd.DataFrame({
        "object_id": homes["household_id"].to_numpy()[found["home"]], "kind": "first",
        "posted_on": pd.to_datetime(found["recorded_on"].to_numpy()) - pd.Timedelta(days=30), "days": 7, "place": "村务公开栏", "objections": 0,
    }).drop_duplicates(["object_id", "kind", "posted_on"])
    some = np.sort(rng.choice(len(homes), len(homes) // 20, replace=False))
    numbers = homes["household_id"].to_numpy()[some]
    wall = pd.DataFrame({
        "household_id": np.repeat(numbers, 3), "item": ["贫困户信息", "帮扶措施", "脱贫成效"] * len(some),
        "checked_on": pd.Timestamp("2018-09-10"), "present": rng.random(3 * len(some)) < 0.94,
    })
    file_check = pd.DataFrame({
        "household_id": np.repeat(numbers, 2), "item": ["申请书", "收入核算表"] * len(some),
        "complete": rng.random(2 * len(some)) < 0.95, "consistent": rng.random(2 * len(some)) < 0.92,
    })
    return {"cadre": cadre, "duty": duty, "graduate": graduate, "training": training, "disclosure": disclosure,
            "wall": wall, "file_check": file_check}
