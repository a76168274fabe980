"""The registry's own tables, written from what happened. Codes, not labels."""

import numpy as np
import pandas as pd

from jinzhou.synthetic import (
    field,
    household_sheets,
    income_sheet,
    measures,
    medical,
    member_sheet,
    money,
    small_ledgers,
    village_sheet,
)
from jinzhou.synthetic.sources import Sources, persons_at

FORMAL = ("exited", "returned", "newly_identified", "removed")
"""Kinds of event that are discussed, posted and approved."""


def tables(src: Sources, plan: money.Programme) -> dict[str, pd.DataFrame]:
    """Every table of the vocabulary by name, as frames of codes in the vocabulary's columns."""
    rng, past = src.rng, src.past
    made: dict[str, pd.DataFrame] = {"event": _events(src)}
    made["helper"], helper_of = _helpers(src)
    made["household"] = household_sheets.households(src, helper_of)
    made["member"] = member_sheet.members(src)
    made |= {
        "project": plan.project,
        "fund": plan.fund,
        "payment": plan.payment,
        "fund_year": plan.fund_year,
    }
    measure, made["project_household"] = measures.measures(src, plan, helper_of)
    made["income"] = income_sheet.incomes(src, made["member"])
    made["measure"] = measures.as_recorded(
        measure, made["income"], src.numbers[past.dibao]
    )
    made["living"] = household_sheets.living(src)
    made["visit"] = medical.visits(rng, past, src.world, src.targets)
    made["housing"] = src.dwellings.ledger.drop(columns="home")
    made["loan"] = measures.loans(src)
    made["health_service"] = medical.health_services(rng, past, src.registered(2018))
    made["village"] = village_sheet.villages(src)
    made["monitoring"] = field.monitoring(rng, src.homes, past)
    made["home_visit"] = field.home_visits(rng, src.homes, past)
    made["spot_check"] = field.spot_checks(src)
    return made | small_ledgers.small_ledgers(src)


def _events(src: Sources) -> pd.DataFrame:
    """The ledger of changes, with the days of discussion and posting before each record."""
    past = src.past
    rows = past.events.sort_values(["recorded_on", "home", "person"], ignore_index=True)
    household = rows["person"] < 0
    home, day = rows["home"].to_numpy(), rows["recorded_on"].to_numpy()
    people = past.members["person_id"].to_numpy()
    recorded = pd.to_datetime(rows["recorded_on"])
    formal = rows["kind"].isin(FORMAL)
    lag = src.rng.integers(0, 3, len(rows))

    def before(days: int) -> pd.Series:
        return (recorded - pd.to_timedelta(days + lag, unit="D")).where(formal)

    return pd.DataFrame(
        {
            "event_id": [f"SJ{i:07d}" for i in range(1, len(rows) + 1)],
            "household_id": src.numbers[rows["home"]],
            "person_id": np.where(household, None, people[rows["person"]]),
            "kind": rows["kind"],
            "persons": np.where(household, persons_at(past, home, day), 1),
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


def _helpers(src: Sources) -> tuple[pd.DataFrame, np.ndarray]:
    """Helpers, seven households each, and the helper of every household."""
    rng, H = src.rng, len(src.homes)
    n = max(1, H // 7)
    surnames, given = list("张王李赵刘陈杨孙周吴"), list("建国志强丽华春明秀英")
    names = [
        "".join(rng.choice(surnames, 1)) + "".join(rng.choice(given, 2))
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
    return frame, numbers[np.arange(H) % n]
