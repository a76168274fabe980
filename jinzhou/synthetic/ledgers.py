"""The registry's own tables, written from what happened. Codes, not labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jinzhou.reference.policy import poverty_line
from jinzhou.synthetic import field, medical, money
from jinzhou.synthetic.history import History
from jinzhou.synthetic.housing import Dwellings
from jinzhou.synthetic.parameters import QUARTERS, SNAPSHOTS, Targets, World
from jinzhou.synthetic.people import Places

POOR = ("poor", "returned", "planned_exit")
PUPIL_GRADES = (
    (3, "preschool_age"),
    (6, "kindergarten"),
    (12, "primary"),
    (13, "grade_7"),
    (14, "grade_8"),
    (15.5, "grade_9"),
    (16.5, "senior_1"),
    (17.5, "senior_2"),
    (18.5, "senior_3"),
    (19.5, "university_1"),
    (20.5, "university_2"),
    (21.5, "university_3"),
    (99, "university_4"),
)
"""School year below each age on 30 September."""


def tables(
    rng: np.random.Generator,
    homes: pd.DataFrame,
    places: Places,
    dwellings: Dwellings,
    plan: money.Programme,
    past: History,
    world: World,
    targets: Targets,
) -> dict[str, pd.DataFrame]:
    """Every table of the vocabulary by name, as frames of codes in the vocabulary's columns."""
    status = {year: _status(homes, past, year) for year in SNAPSHOTS}
    size = {
        year: _persons_at(past, homes.index.to_numpy(), np.full(len(homes), _day(year)))
        for year in SNAPSHOTS
    }
    made: dict[str, pd.DataFrame] = {"event": _events(rng, homes, past)}
    made["helper"], helper_of = _helpers(rng, homes)
    made["household"] = _households(rng, homes, places, past, status, size, helper_of)
    made["member"] = _members(rng, homes, past, status, world)
    made |= {
        "project": plan.project,
        "fund": plan.fund,
        "payment": plan.payment,
        "fund_year": plan.fund_year,
    }
    made["measure"], made["project_household"] = money.measures(
        rng, homes, places, past, plan, helper_of, past.members
    )
    made["income"] = _incomes(
        rng, homes, past, status, size, made["member"], places, world
    )
    made["measure"] = money.as_recorded(
        made["measure"], made["income"], homes["household_id"].to_numpy()[past.dibao]
    )
    made["living"] = _living(rng, homes, dwellings, status)
    made["visit"] = medical.visits(rng, past, world, targets)
    made["housing"] = dwellings.ledger.drop(columns="home")
    made["loan"] = money.loans(rng, homes, past, targets)
    made["health_service"] = medical.health_services(
        rng, past, _registered(past, status[2018], 2018)
    )
    made["village"] = _villages(rng, places, homes, dwellings, status, size)
    made["monitoring"] = field.monitoring(rng, homes, past)
    made["home_visit"] = field.home_visits(rng, homes, past)
    made["spot_check"] = field.spot_checks(
        rng, homes, past, status[2018]["status"], size[2018], places
    )
    return made | field.small_ledgers(rng, homes, places, past, dwellings.ledger)


def _day(year: int) -> np.datetime64:
    return np.datetime64(f"{year}-09-30")


def _registered(past: History, state: pd.DataFrame, year: int) -> np.ndarray:
    """Whether each person stands in the registry of a year."""
    people, day = past.members, _day(year)
    return ((people["enter"] <= day) & (people["leave"] > day)).to_numpy() & state[
        "status"
    ].notna().to_numpy()[people["home"]]


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
    persons = np.where(
        household,
        _persons_at(past, rows["home"].to_numpy(), rows["recorded_on"].to_numpy()),
        1,
    )
    people = past.members["person_id"].to_numpy()
    recorded = pd.to_datetime(rows["recorded_on"])
    formal = rows["kind"].isin(["exited", "returned", "newly_identified", "removed"])
    lag = rng.integers(0, 3, len(rows))

    def before(days: int) -> pd.Series:
        return (recorded - pd.to_timedelta(days + lag, unit="D")).where(formal)

    return pd.DataFrame(
        {
            "event_id": [f"SJ{i:07d}" for i in range(1, len(rows) + 1)],
            "household_id": numbers[rows["home"]],
            "person_id": np.where(household, None, people[rows["person"]]),
            "kind": rows["kind"],
            "persons": persons,
            "happened_on": pd.to_datetime(rows["happened_on"]),
            "recorded_on": recorded,
            "reason": rows["reason"],
            "approved_by": np.where(formal, "县扶贫办", "乡镇政府"),
            "meeting_on": before(34),
            "first_public_on": before(30),
            "second_public_on": before(18),
            "announced_on": before(6),
            "source_round": rows["source_round"].replace("", None),
        }
    )


def _status(homes: pd.DataFrame, past: History, year: int) -> pd.DataFrame:
    """Registry state of each household on 30 September: `status` code or None, `exit_year`."""
    day = np.datetime64(f"{year}-09-30")
    kinds = {
        "identified": "poor",
        "newly_identified": "poor",
        "returned": "returned",
        "exited": "exited",
        "removed": None,
        "natural_decrease": None,
        "monitored": "exited",
    }
    rows = past.events[
        (past.events["person"] < 0) & (past.events["recorded_on"] <= day)
    ]
    last = rows.sort_values("recorded_on").groupby("home").last()
    state = pd.Series(
        np.where(past.exited_before, "exited", "poor"), index=homes.index, dtype=object
    )
    state[homes["new"]] = None
    state[last.index] = last["kind"].map(kinds)
    exits = rows[rows["kind"] == "exited"].groupby("home")["recorded_on"].max()
    exit_year = pd.Series(np.where(past.exited_before, 2014, 0), index=homes.index)
    exit_year[exits.index] = pd.to_datetime(exits).dt.year
    if year == 2018:
        state[past.planned & state.isin(["poor", "returned"])] = "planned_exit"
    return pd.DataFrame(
        {"status": state, "exit_year": exit_year.where(state == "exited", 0)}
    )


def _helpers(rng, homes: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    n = max(1, len(homes) // 7)
    names = [
        "".join(rng.choice(list("张王李赵刘陈杨孙周吴"), 1))
        + "".join(rng.choice(list("建国志强丽华春明秀英"), 2))
        for _ in range(n)
    ]
    numbers = np.array([f"BF{i:05d}" for i in range(1, n + 1)])
    frame = pd.DataFrame(
        {
            "helper_id": numbers,
            "name": names,
            "unit": rng.choice(["县直机关", "乡镇政府", "市直机关", "企业"], n),
            "post": rng.choice(["科员", "副科长", "科长", "经理"], n),
            "from_on": pd.Timestamp("2016-03-01"),
            "to_on": pd.NaT,
            "phone": [f"1380416{i % 10_000:04d}" for i in range(n)],
        }
    )
    return frame, numbers[np.arange(len(homes)) % n]


def _households(
    rng, homes, places: Places, past: History, status, size, helper_of
) -> pd.DataFrame:
    H = len(homes)
    village = places.villages.iloc[homes["village_index"]].reset_index(drop=True)
    people = past.members
    heads = people[people["place"] == 0].set_index("home").sort_index()
    tekun = heads["tekun"].to_numpy()
    no_labour = np.bincount(people["home"], people["able"], H) == 0
    serial = rng.permutation(H)
    phone = np.where(serial % 97 == 0, None, [f"1394{i:07d}" for i in serial])
    phone[serial % 193 == 1] = "13940000001"  # the village office's number
    second = rng.choice(
        ["illness", "disability", "labour", "skills", "capital", "motivation"], H
    )
    second = np.where((rng.random(H) < 0.4) & (second != homes["cause"]), second, None)
    identified = pd.Series(
        pd.to_datetime(
            rng.choice(["2013-12-01", "2014-03-01", "2014-04-01", "2014-06-01"], H)
        )
    )
    new = past.events[past.events["kind"] == "newly_identified"]
    identified[new["home"]] = (
        pd.to_datetime(new["recorded_on"])
        .dt.to_period("M")
        .dt.to_timestamp()
        .to_numpy()
    )
    martyr, moved = rng.random(H) < 0.006, rng.random(H) < 0.012
    moved_on = pd.Series(
        pd.Timestamp("2017-05-01") + pd.to_timedelta(rng.integers(0, 400, H), unit="D")
    )
    everything = pd.DataFrame(
        {
            "county_name": village["county_name"],
            "town": village["town"],
            "village": village["village"],
            "area_code": village["area_code"],
            "hamlet": [f"{i % 6 + 1}组" for i in range(H)],
            "household_id": homes["household_id"],
            "head_name": heads["name"].to_numpy(),
            "head_id_number": heads["id_number"].to_numpy(),
            "head_person_id": heads["person_id"].to_numpy(),
            "phone": phone,
            "bank_name": "农村信用社",
            "bank_account": [f"62210799{i:011d}" for i in range(H)],
            "identification_standard": np.where(
                rng.random(H) < 0.97, "national", "provincial"
            ),
            "first_identified_on": identified,
            "household_category": np.select(
                [tekun, past.dibao], ["tekun", "dibao"], "ordinary"
            ),
            "monitoring_category": None,
            "primary_cause": homes["cause"],
            "secondary_causes": [() if s is None else (s,) for s in second],
            "is_martyr_family": martyr,
            "all_without_labour": no_labour & (tekun | past.dibao),
            "helper_id": helper_of,
        }
    )
    frames = []
    for year in SNAPSHOTS:
        now = status[year]
        keep = np.flatnonzero(now["status"].notna())
        exited = (now["status"] == "exited").to_numpy()[keep]
        gone = moved[keep] & (moved_on.to_numpy()[keep] <= _day(year))
        frames.append(
            everything.iloc[keep].assign(
                snapshot=year,
                household_size=size[year][keep],
                registration_status=now["status"].to_numpy()[keep],
                exit_year=np.where(exited, now["exit_year"].to_numpy()[keep], None),
                household_type=np.where(exited, "exited", "ordinary"),
                relocated=gone,
                relocated_on=moved_on.iloc[keep].where(gone),
            )
        )
    return pd.concat(frames, ignore_index=True)


def _members(rng, homes, past: History, status, world: World) -> pd.DataFrame:
    people = past.members
    P = len(people)
    kind = rng.choice(
        ["limb", "sight", "hearing", "speech", "intellectual", "mental", "multiple"],
        P,
        p=[0.45, 0.15, 0.12, 0.03, 0.10, 0.12, 0.03],
    )
    type_digit = (
        pd.Series(kind)
        .map(
            {
                "sight": "1",
                "hearing": "2",
                "speech": "3",
                "limb": "4",
                "intellectual": "5",
                "mental": "6",
                "multiple": "7",
            }
        )
        .to_numpy(dtype=object)
    )
    card = people["disabled"].to_numpy() & (rng.random(P) < 0.85)
    party = rng.random(P) < 0.04
    ethnic = rng.choice(
        ["汉族", "满族", "锡伯族", "蒙古族"], P, p=[0.80, 0.17, 0.02, 0.01]
    )
    place_of_work = rng.choice(
        ["township", "county", "province", "outside"], P, p=[0.3, 0.3, 0.28, 0.12]
    )
    wage = rng.integers(12, 36, P) * 100
    public = rng.random(P) < 0.012
    uninsured, employee = rng.random(P) < 0.012, rng.random(P) < 0.01
    schooling = rng.choice(
        ["illiterate", "primary", "junior", "senior"], P, p=[0.15, 0.45, 0.36, 0.04]
    )
    grades = np.array([g for _, g in PUPIL_GRADES], dtype=object)
    blank_health = rng.random(P)  # who leaves a field blank leaves it blank most years
    blank_labour, blank_school = rng.random(P), rng.random(P)
    frames = []
    for year in SNAPSHOTS:
        row = np.flatnonzero(_registered(past, status[year], year))
        now = people.iloc[row]
        n, home = len(row), now["home"].to_numpy()
        age = now["age_2016"].to_numpy() + year - 2016
        pupil = (age < 16) | now["pupil"].to_numpy() & (age < 22.5)
        able = now["able"].to_numpy() & (age >= 16) & (age < 60) & ~pupil
        ill, serious, disabled = (
            now[c].to_numpy() for c in ("chronic", "serious", "disabled")
        )
        first, last = max(0, (year - 2015) * 4 - 1), (year - 2015) * 4 + 3
        months = np.where(now["migrant"].to_numpy() & able, rng.integers(3, 12, n), 0)
        if year > 2014:
            months = np.where(
                past.job_loss[home, first:last].any(axis=1), months // 3, months
            )
        health = np.empty(n, dtype=object)
        for i, flags in enumerate(
            zip(
                ill,
                serious,
                disabled,
                blank_health[row] + rng.normal(0, 0.02, n) < world.health_blank,
            )
        ):
            health[i] = (
                ()
                if flags[3]
                else tuple(
                    c for c, f in zip(("chronic", "serious", "disabled"), flags) if f
                )
                or ("healthy",)
            )
        labour = np.select(
            [
                age < 16,
                able & (age > 54),
                able & (now["migrant"].to_numpy()),
                able,
                disabled,
                pupil,
            ],
            ["none", "weak", "skilled", "ordinary", "lost", "none"],
            np.where(age < 65, "weak", "lost"),
        )
        school = grades[
            np.searchsorted([a for a, _ in PUPIL_GRADES], age, side="right").clip(
                0, len(grades) - 1
            )
        ]
        out = (age >= 6) & (age < 16) & (blank_school[row] > 0.996)
        cards = card[row]
        number = now["id_number"].to_numpy(dtype=object).copy()
        number[cards] = (
            number[cards]
            + type_digit[row][cards]
            + now["disability_grade"].to_numpy()[cards].astype(str)
        )
        job = public[row] & (age >= 16) & (age < 70) & (year >= 2016)
        frames.append(
            pd.DataFrame(
                {
                    "snapshot": year,
                    "household_id": homes["household_id"].to_numpy()[home],
                    "person_id": now["person_id"].to_numpy(),
                    "name": now["name"].to_numpy(),
                    "id_type": np.where(cards, "disability_card", "identity_card"),
                    "id_number": number,
                    "sex": np.where(now["male"], "male", "female"),
                    "birth_date": pd.to_datetime(now["birth_date"].to_numpy()),
                    "relation_to_head": now["relation"].to_numpy(),
                    "ethnicity": ethnic[row],
                    "political_status": np.where(
                        party[row] & (age > 20), "party_member", "masses"
                    ),
                    "education": np.where(
                        ~pupil & (blank_school[row] > world.education_blank),
                        schooling[row],
                        None,
                    ),
                    "school_status": np.where(
                        out,
                        "not_in_school",
                        np.where(
                            pupil,
                            school,
                            np.where(blank_school[row] < 0.6, "not_in_school", None),
                        ),
                    ),
                    "out_of_school_reason": np.where(
                        out, np.where(disabled, "disability", "unwilling"), None
                    ),
                    "health_status": health,
                    "disability_type": np.where(disabled, kind[row], None),
                    "disability_grade": np.where(
                        disabled, now["disability_grade"], None
                    ),
                    "disability_cert_year": np.where(cards, 2005 + row % 9, None),
                    "labour_capacity": np.where(
                        blank_labour[row] + rng.normal(0, 0.02, n) < world.labour_blank,
                        None,
                        labour,
                    ),
                    "work_place": np.where(months > 0, place_of_work[row], None),
                    "work_months": np.where(months > 0, months, None),
                    "work_monthly_income": np.where(
                        months > 0, wage[row] + 100 * (year - 2014), None
                    ),
                    "employer": np.where((months > 0) & (row % 3 == 0), "某企业", None),
                    "public_job_type": np.where(
                        job, np.where(row % 2, "护林员", "保洁员"), None
                    ),
                    "public_job_months": np.where(job, 12, None),
                    "has_dibao": past.dibao[home],
                    "has_tekun": now["tekun"].to_numpy(),
                    "has_resident_insurance": ~uninsured[row] & ~employee[row],
                    "has_employee_insurance": employee[row],
                    "has_catastrophic_insurance": ~uninsured[row],
                    "has_commercial_insurance": np.full(n, year >= 2017)
                    & (row % 4 > 0),
                    "received_medical_aid": serious
                    & (rng.random(n) < 0.7)
                    & ~uninsured[row],
                    "has_pension": (age >= 16) & ~pupil & (row % 17 > 0),
                    "person_identified_on": pd.to_datetime(now["enter"].to_numpy())
                    .to_period("M")
                    .to_timestamp(),
                    "change_kind": None,
                    "change_reason": None,
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    return _with_changes(frame, past)


def _with_changes(frame: pd.DataFrame, past: History) -> pd.DataFrame:
    """Mark the persons whom an event added in the registry year of the row."""
    rows = past.events[
        (past.events["person"] >= 0)
        & past.events["kind"].isin(["natural_increase", "member_added"])
    ]
    recorded = pd.to_datetime(rows["recorded_on"])
    year = recorded.dt.year + (recorded.dt.strftime("%m%d") > "0930")
    keys = pd.MultiIndex.from_arrays(
        [past.members["person_id"].to_numpy()[rows["person"]], year]
    )
    added = pd.MultiIndex.from_frame(frame[["person_id", "snapshot"]]).isin(keys)
    reason = pd.Series(
        np.where(rows["kind"] == "member_added", "遗漏补录", "出生"), index=keys
    )
    frame["change_kind"] = np.where(added, "natural_increase", None)
    frame["change_reason"] = reason.reindex(
        pd.MultiIndex.from_frame(frame[["person_id", "snapshot"]])
    ).to_numpy()
    return frame


def _incomes(
    rng,
    homes,
    past: History,
    status,
    size,
    members: pd.DataFrame,
    places: Places,
    world: World,
) -> pd.DataFrame:
    """Incomes as reported: the true ones with an error, pressed over or under the line, some villages copied."""
    numbers = homes["household_id"].to_numpy()
    earned = (
        members["work_months"].astype(float)
        * members["work_monthly_income"].astype(float)
    ).fillna(0)
    old = members["has_pension"] & (
        members["birth_date"].dt.year <= members["snapshot"] - 60
    )
    per_home = (
        pd.DataFrame({"wage": earned, "old": old})
        .groupby([members["snapshot"], members["household_id"]])
        .sum()
    )
    tekun = (
        past.members[past.members["place"] == 0]
        .set_index("home")
        .sort_index()["tekun"]
        .to_numpy()
    )
    village = homes["village_index"].to_numpy()
    copied = places.villages.index[places.villages["copied"]]
    habits = {name: rng.random(len(homes)) for name in ("family", "other", "property")}
    frames = []
    for year in SNAPSHOTS:
        now = status[year]["status"]
        keep = np.flatnonzero(now.notna())
        n, persons = len(keep), size[year][keep]
        state = now.to_numpy()[keep]
        quarter = (year - 2015) * 4 + 2
        line = poverty_line(year, series="nbs").yuan
        margin = (past.start_margin if year == 2014 else past.margin[:, quarter])[
            keep
        ] - 0.25 * (state == "returned")
        pc = line * np.exp(margin + rng.normal(0, world.income_noise, n))
        draw = rng.random(n)
        up = (state == "exited") & (pc < line) & (draw < world.pressed_up)
        down = (
            np.isin(state, POOR)
            & (pc > line)
            & (pc < 1.25 * line)
            & (draw < world.pressed_down)
        )
        pc = np.select(
            [up, down],
            [line * rng.uniform(1.002, 1.07, n), line * rng.uniform(0.92, 0.998, n)],
            pc,
        )
        net = np.maximum(pc, 300) * persons
        known = per_home.loc[year].reindex(numbers[keep]).fillna(0)
        support = np.where(tekun[keep], np.minimum(4_800, 0.8 * net), 0)
        dibao = np.where(past.dibao[keep], np.minimum(0.45 * net, 1_920 * persons), 0)
        pension = np.minimum(known["old"].to_numpy() * 1_020, 0.3 * net)
        family = np.where(
            habits["family"][keep] < 0.05, np.minimum(960.0, 0.1 * net), 0
        )
        eco = np.minimum(homes["reforested_mu"].to_numpy()[keep] * 125, 0.1 * net)
        other_transfer = 0.04 * net * habits["other"][keep]
        aided = (
            past.aid[keep, min(quarter, QUARTERS - 1)]
            if year > 2014
            else np.zeros(n, bool)
        )
        dividend = np.where(aided, 0.06 * net, 0)
        other_property = np.where(habits["property"][keep] < 0.2, 0.03 * net, 0)
        rest = np.maximum(
            net
            - support
            - dibao
            - pension
            - family
            - eco
            - other_transfer
            - dividend
            - other_property,
            0.02 * net,
        )
        wage = np.minimum(0.8 * rest, known["wage"].to_numpy())
        business = rest - wage
        frame = pd.DataFrame(
            {
                "snapshot": year,
                "household_id": numbers[keep],
                "wage_income": wage,
                "business_income": business / 0.6,
                "business_expense": business * 0.4 / 0.6,
                "asset_dividend": dividend,
                "other_property": other_property,
                "family_planning_subsidy": family,
                "dibao_payment": dibao,
                "tekun_payment": support,
                "pension_payment": pension,
                "eco_compensation": eco,
                "other_transfer": other_transfer,
            }
        ).round(2)
        parts = list(frame.columns[2:])
        for v in (
            copied if year >= 2017 else ()
        ):  # the whole village carries one household's numbers
            inside = np.flatnonzero(village[keep] == v)
            if len(inside):
                usable = (wage[inside] > 0) & (business[inside] > 0)
                model = inside[np.argmin(np.abs(persons[inside] - 2) + 10 * ~usable)]
                frame.loc[inside, parts] = frame.loc[model, parts].to_numpy(dtype=float)
        frame["property_income"] = frame["asset_dividend"] + frame["other_property"]
        frame["transfer_income"] = frame[
            [
                "family_planning_subsidy",
                "dibao_payment",
                "tekun_payment",
                "pension_payment",
                "eco_compensation",
                "other_transfer",
            ]
        ].sum(axis=1)
        frame["total_income"] = frame[
            ["wage_income", "business_income", "property_income", "transfer_income"]
        ].sum(axis=1)
        frame["net_income"] = frame["total_income"] - frame["business_expense"]
        frame["net_income_pc"] = frame["net_income"] / persons
        frames.append(frame.round(2))
    return pd.concat(frames, ignore_index=True)


def _living(rng, homes, dwellings: Dwellings, status) -> pd.DataFrame:
    n = len(homes)
    land = np.round(rng.gamma(3, 2.2, n), 1)
    forest = homes["forest_mu"].to_numpy()
    area = np.where(rng.random(n) < 0.01, 0, rng.integers(35, 120, n)).astype(float)
    water, toilet = rng.random(n), rng.random(n)
    road = np.round(rng.exponential(0.5, n), 1)
    surface = rng.choice(
        ["concrete", "asphalt", "gravel", "earth", "brick"],
        n,
        p=[0.50, 0.15, 0.18, 0.10, 0.07],
    )
    fuel = rng.choice(["firewood", "coal", "clean"], n, p=[0.6, 0.3, 0.1])
    groups = {
        name: rng.random(n) < share
        for name, share in (
            ("power_production", 0.985),
            ("power_home", 0.999),
            ("broadcast", 0.98),
            ("in_cooperative", 0.3),
            ("led_by_enterprise", 0.2),
            ("led_by_leader", 0.15),
        )
    }
    frames = []
    for year in SNAPSHOTS:
        keep = np.flatnonzero(status[year]["status"].notna())
        grade = dwellings.grade_on(_day(year))[keep]
        frames.append(
            pd.DataFrame(
                {
                    "snapshot": year,
                    "household_id": homes["household_id"].to_numpy()[keep],
                    "arable_mu": land[keep],
                    "forest_mu": forest[keep],
                    "reforested_mu": homes["reforested_mu"].to_numpy()[keep],
                    "orchard_mu": np.round(forest[keep] * 0.2, 1),
                    "pasture_mu": 0.0,
                    "water_mu": 0.0,
                    "dwelling_m2": area[keep],
                    "unsafe_dwelling": grade >= 2,
                    "dwelling_grade": np.array(list("ABCD"), dtype=object)[grade],
                    "safe_water": water[keep] < 0.965 + 0.008 * (year - 2014),
                    **{
                        name: flag[keep]
                        for name, flag in groups.items()
                        if name.startswith(("power", "broad"))
                    },
                    "access_road": surface[keep],
                    "road_distance_km": road[keep],
                    "fuel": fuel[keep],
                    "toilet": toilet[keep] < 0.42 + 0.04 * (year - 2014),
                    **{
                        name: flag[keep]
                        for name, flag in groups.items()
                        if not name.startswith(("power", "broad"))
                    },
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _villages(
    rng, places: Places, homes, dwellings: Dwellings, status, size
) -> pd.DataFrame:
    v = places.villages
    n = len(v)
    households = (v["population"] / 3.1).astype(int)
    paved_from = np.where(
        v["is_deep"],
        rng.integers(2016, 2020, n),
        np.where(v["is_poor"], rng.integers(2013, 2018, n), 2013),
    )
    culture_from = np.where(
        v["is_poor"], rng.integers(2013, 2019, n), 2013 + 6 * (rng.random(n) < 0.008)
    )
    unknown = ((v["county"] == "210727") & (rng.random(n) < 0.04)).to_numpy()
    doctor, clinic, school, bus = (
        rng.random(n),
        rng.random(n) < 0.985,
        rng.random(n) < 0.4,
        rng.random(n) < 0.92,
    )
    collective = rng.gamma(1.2, 3.0, n) * (
        rng.random(n) > np.where(v["is_poor"], 0.45, 0.22)
    )
    village = homes["village_index"].to_numpy()
    frames = []
    for year in SNAPSHOTS:
        state = status[year]["status"]
        poor = state.isin(POOR).to_numpy()
        unsafe = state.notna().to_numpy() & (dwellings.grade_on(_day(year)) >= 2)
        culture = pd.Series((culture_from <= year).astype(int), dtype=object)
        culture[unknown & (year == 2018)] = (
            None  # not yet checked in the county that is to exit
        )
        frames.append(
            pd.DataFrame(
                {
                    "snapshot": year,
                    "county_name": v["county_name"],
                    "town": v["town"],
                    "village": v["village"],
                    "area_code": v["area_code"],
                    "is_poor_village": v["is_poor"],
                    "exited": v["is_poor"] & (v["exit_year"].fillna(9999) < year),
                    "exit_year": v["exit_year"].where(v["is_poor"]),
                    "is_deep_poor": v["is_deep"],
                    "households": households,
                    "population": v["population"],
                    "poor_households": np.bincount(village[poor], minlength=n),
                    "poor_persons": np.bincount(
                        village[poor], size[year][poor], n
                    ).astype(int),
                    "dibao_households": (households * 0.05).astype(int),
                    "dibao_persons": (households * 0.08).astype(int),
                    "tekun_persons": (households * 0.01).astype(int),
                    "disabled_persons": (v["population"] * 0.045).astype(int),
                    "collective_income": np.round(
                        collective * 1.12 ** (year - 2014), 2
                    ),
                    "paved_road": paved_from <= year,
                    "bus": bus,
                    "unsafe_water_households": rng.poisson(
                        1.5 * 0.8 ** (year - 2014), n
                    ),
                    "unsafe_dwellings": np.bincount(village[unsafe], minlength=n)
                    + rng.poisson(1.0, n),
                    "clinic": clinic.astype(int),
                    "doctors": (
                        clinic & (doctor < 0.85 + 0.025 * (year - 2014))
                    ).astype(int),
                    "culture_rooms": culture,
                    "school": school.astype(int),
                    "insured_pension": (v["population"] * 0.6).astype(int),
                    "resident_cadres": np.where(v["is_poor"] & (year >= 2015), 3, 0),
                    "land_mu": np.round(v["population"] * 2.4, 0),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
