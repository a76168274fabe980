"""The registry's sheet of members by year: what a person is, and what the village writes of it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import History, given
from jinzhou.synthetic.parameters import SNAPSHOTS, World
from jinzhou.synthetic.sources import Sources

SCHOOL_YEARS = (
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
DISABILITIES = {
    # kind: (share, digit on the disability card) - chosen, and the card's own code
    "limb": (0.45, "4"),
    "sight": (0.15, "1"),
    "hearing": (0.12, "2"),
    "speech": (0.03, "3"),
    "intellectual": (0.10, "5"),
    "mental": (0.12, "6"),
    "multiple": (0.03, "7"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Habits:
    """What stays with a person from year to year, arrays (persons,).

    Who leaves a field blank leaves it blank most years: `blank_health`, `blank_labour` and
    `blank_school` are that person's inclination.
    """

    kind: np.ndarray
    card: np.ndarray
    party: np.ndarray
    ethnic: np.ndarray
    work_place: np.ndarray
    wage: np.ndarray
    public: np.ndarray
    uninsured: np.ndarray
    employee: np.ndarray
    schooling: np.ndarray
    blank_health: np.ndarray
    blank_labour: np.ndarray
    blank_school: np.ndarray

    def of(self, rows: np.ndarray) -> Habits:
        """The same of some persons."""
        return Habits(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Year:
    """Persons on the sheet of one year, arrays (n,), and what follows from their age."""

    year: int
    row: np.ndarray
    people: pd.DataFrame
    home: np.ndarray
    age: np.ndarray
    pupil: np.ndarray
    able: np.ndarray

    def flag(self, name: str) -> np.ndarray:
        """Values of a column of the persons."""
        return self.people[name].to_numpy()


def members(src: Sources) -> pd.DataFrame:
    """The sheets of all years, below one another."""
    habits = _habits(src.rng, src.past.members)
    frames = [_sheet(src, habits, year) for year in SNAPSHOTS]
    return _with_changes(pd.concat(frames, ignore_index=True), src.past)


def _habits(rng: np.random.Generator, people: pd.DataFrame) -> Habits:
    n = len(people)

    def pick(values: list[str], shares: list[float]) -> np.ndarray:
        return rng.choice(values, n, p=shares)

    return Habits(
        kind=pick(list(DISABILITIES), [share for share, _ in DISABILITIES.values()]),
        card=people["disabled"].to_numpy() & (rng.random(n) < 0.85),
        party=rng.random(n) < 0.04,
        ethnic=pick(["汉族", "满族", "锡伯族", "蒙古族"], [0.80, 0.17, 0.02, 0.01]),
        work_place=pick(
            ["township", "county", "province", "outside"], [0.3, 0.3, 0.28, 0.12]
        ),
        wage=rng.integers(12, 36, n) * 100,
        public=rng.random(n) < 0.012,
        uninsured=rng.random(n) < 0.012,
        employee=rng.random(n) < 0.01,
        schooling=pick(
            ["illiterate", "primary", "junior", "senior"], [0.15, 0.45, 0.36, 0.04]
        ),
        blank_health=rng.random(n),
        blank_labour=rng.random(n),
        blank_school=rng.random(n),
    )


def _sheet(src: Sources, habits: Habits, year: int) -> pd.DataFrame:
    row = np.flatnonzero(src.registered(year))
    people = src.past.members.iloc[row]
    age = people["age_2016"].to_numpy() + year - 2016
    pupil = (age < 16) | people["pupil"].to_numpy() & (age < 22.5)
    able = people["able"].to_numpy() & (age >= 16) & (age < 60) & ~pupil
    now = Year(
        year=year,
        row=row,
        people=people,
        home=people["home"].to_numpy(),
        age=age,
        pupil=pupil,
        able=able,
    )
    habit = habits.of(row)
    months = _months_of_work(src, now)
    return pd.DataFrame(
        _identity(src, now, habit)
        | _schooling(now, habit, src.world)
        | _health(src, now, habit)
        | _work(now, habit, months)
        | _cover(src, now, habit)
        | {"change_kind": None, "change_reason": None}
    )


def _months_of_work(src: Sources, now: Year) -> np.ndarray:
    """Months of work away from home; a third of them in a year with lost work."""
    away = src.rng.integers(3, 12, len(now.row))
    months = np.where(now.flag("migrant") & now.able, away, 0)
    if now.year == SNAPSHOTS[0]:
        return months
    first, last = max(0, (now.year - 2015) * 4 - 1), (now.year - 2015) * 4 + 3
    lost = src.past.job_loss[now.home, first:last].any(axis=1)
    return np.where(lost, months // 3, months)


def _identity(src: Sources, now: Year, habit: Habits) -> dict[str, object]:
    number = now.people["id_number"].to_numpy(dtype=object).copy()
    cards = habit.card
    digit = np.array([DISABILITIES[k][1] for k in habit.kind[cards]], dtype=object)
    grade = now.flag("disability_grade")[cards].astype(str)
    number[cards] = number[cards] + digit + grade
    member = habit.party & (now.age > 20)
    return {
        "snapshot": now.year,
        "household_id": src.homes["household_id"].to_numpy()[now.home],
        "person_id": now.flag("person_id"),
        "name": now.flag("name"),
        "id_type": np.where(cards, "disability_card", "identity_card"),
        "id_number": number,
        "sex": np.where(now.flag("male"), "male", "female"),
        "birth_date": pd.to_datetime(now.flag("birth_date")),
        "relation_to_head": now.flag("relation"),
        "ethnicity": habit.ethnic,
        "political_status": np.where(member, "party_member", "masses"),
    }


def _schooling(now: Year, habit: Habits, world: World) -> dict[str, object]:
    ages, grades = zip(*SCHOOL_YEARS, strict=True)
    level = np.searchsorted(ages, now.age, side="right").clip(0, len(grades) - 1)
    blank = habit.blank_school
    out = (now.age >= 6) & (now.age < 16) & (blank > 0.996)
    known = ~now.pupil & (blank > world.education_blank)
    grown = given(blank < 0.6, "not_in_school")
    status = np.where(now.pupil, np.array(grades, dtype=object)[level], grown)
    why = np.where(now.flag("disabled"), "disability", "unwilling")
    return {
        "education": given(known, habit.schooling),
        "school_status": np.where(out, "not_in_school", status),
        "out_of_school_reason": given(out, why),
    }


def _health(src: Sources, now: Year, habit: Habits) -> dict[str, object]:
    """Health and labour as written down, some of it left blank."""
    n, rng = len(now.row), src.rng
    kinds = ("chronic", "serious", "disabled")
    blank = habit.blank_health + rng.normal(0, 0.02, n) < src.world.health_blank
    status = np.empty(n, dtype=object)
    flags = np.column_stack([now.flag(kind) for kind in kinds])
    for i in range(n):
        held = tuple(k for k, f in zip(kinds, flags[i], strict=True) if f)
        status[i] = () if blank[i] else held or ("healthy",)
    disabled, migrant = now.flag("disabled"), now.flag("migrant")
    labour = np.select(
        [
            now.age < 16,
            now.able & (now.age > 54),
            now.able & migrant,
            now.able,
            disabled,
            now.pupil,
        ],
        ["none", "weak", "skilled", "ordinary", "lost", "none"],
        np.where(now.age < 65, "weak", "lost"),
    )
    unsaid = habit.blank_labour + rng.normal(0, 0.02, n) < src.world.labour_blank
    return {
        "health_status": status,
        "disability_type": given(disabled, habit.kind),
        "disability_grade": given(disabled, now.flag("disability_grade")),
        "disability_cert_year": given(habit.card, 2005 + now.row % 9),
        "labour_capacity": given(~unsaid, labour),
    }


def _work(now: Year, habit: Habits, months: np.ndarray) -> dict[str, object]:
    at_work = months > 0
    wage = habit.wage + 100 * (now.year - 2014)
    job = habit.public & (now.age >= 16) & (now.age < 70) & (now.year >= 2016)
    kind = np.where(now.row % 2, "护林员", "保洁员")
    return {
        "work_place": given(at_work, habit.work_place),
        "work_months": given(at_work, months),
        "work_monthly_income": given(at_work, wage),
        "employer": given(at_work & (now.row % 3 == 0), "某企业"),
        "public_job_type": given(job, kind),
        "public_job_months": given(job, 12),
    }


def _cover(src: Sources, now: Year, habit: Habits) -> dict[str, object]:
    """Minimum income, insurance and pension."""
    aided = src.rng.random(len(now.row)) < 0.7
    entered = pd.to_datetime(now.flag("enter"))
    return {
        "has_dibao": src.past.dibao[now.home],
        "has_tekun": now.flag("tekun"),
        "has_resident_insurance": ~habit.uninsured & ~habit.employee,
        "has_employee_insurance": habit.employee,
        "has_catastrophic_insurance": ~habit.uninsured,
        "has_commercial_insurance": (now.year >= 2017) & (now.row % 4 > 0),
        "received_medical_aid": now.flag("serious") & aided & ~habit.uninsured,
        "has_pension": (now.age >= 16) & ~now.pupil & (now.row % 17 > 0),
        "person_identified_on": entered.to_period("M").to_timestamp(),
    }


def _with_changes(frame: pd.DataFrame, past: History) -> pd.DataFrame:
    """Mark the persons whom an event added in the registry year of the row."""
    rows = past.events[
        (past.events["person"] >= 0)
        & past.events["kind"].isin(["natural_increase", "member_added"])
    ]
    recorded = pd.to_datetime(rows["recorded_on"])
    year = recorded.dt.year + (recorded.dt.strftime("%m%d") > "0930")
    persons = past.members["person_id"].to_numpy()[rows["person"]]
    keys = pd.MultiIndex.from_arrays([persons, year])
    of_row = pd.MultiIndex.from_frame(frame[["person_id", "snapshot"]])
    reason = np.where(rows["kind"] == "member_added", "遗漏补录", "出生")
    frame["change_kind"] = given(of_row.isin(keys), "natural_increase")
    frame["change_reason"] = pd.Series(reason, index=keys).reindex(of_row).to_numpy()
    return frame
