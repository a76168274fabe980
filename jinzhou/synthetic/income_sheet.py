"""Incomes as reported: true ones with an error, some pressed over or under the line or copied."""

import numpy as np
import pandas as pd

from jinzhou.reference.lines import poverty_line
from jinzhou.synthetic.parameters import QUARTERS, SNAPSHOTS
from jinzhou.synthetic.sources import Sources

POOR = ("poor", "returned", "planned_exit")
TRANSFERS = (
    "family_planning_subsidy",
    "dibao_payment",
    "tekun_payment",
    "pension_payment",
    "eco_compensation",
    "other_transfer",
)


def incomes(src: Sources, members: pd.DataFrame) -> pd.DataFrame:
    """The sheets of all years, below one another."""
    months, wage = (
        members[c].astype(float) for c in ("work_months", "work_monthly_income")
    )
    born = members["birth_date"].dt.year
    old = members["has_pension"] & (born <= members["snapshot"] - 60)
    per_home = (
        pd.DataFrame({"wage": (months * wage).fillna(0), "old": old})
        .groupby([members["snapshot"], members["household_id"]])
        .sum()
    )
    names = ("family", "other", "property")
    habits = {name: src.rng.random(len(src.homes)) for name in names}
    frames = []
    for year in SNAPSHOTS:
        keep = src.kept(year)
        known = per_home.loc[year].reindex(src.numbers[keep]).fillna(0)
        net = _per_person(src, keep, year) * src.size[year][keep]
        parts = _unearned(src, keep, year, net, known, habits)
        frame = _by_source(net, parts, known["wage"].to_numpy())
        frame.insert(0, "snapshot", year)
        frame.insert(1, "household_id", src.numbers[keep])
        if year >= 2017:
            _copy_villages(src, frame, keep, year)
        frames.append(closed(frame, src.size[year][keep]).round(2))
    return pd.concat(frames, ignore_index=True)


def _per_person(src: Sources, keep: np.ndarray, year: int) -> np.ndarray:
    """Reported net income per person: exited lifted over the line, poor pressed under it."""
    rng, world, past, n = src.rng, src.world, src.past, len(keep)
    state = src.status[year]["status"].to_numpy()[keep]
    line = poverty_line(year, series="nbs").yuan
    first = year == SNAPSHOTS[0]
    true = past.start_margin if first else past.margin[:, _quarter(year)]
    margin = true[keep] - 0.25 * (state == "returned")
    reported = line * np.exp(margin + rng.normal(0, world.income_noise, n))
    draw = rng.random(n)
    up = (state == "exited") & (reported < line) & (draw < world.pressed_up)
    near = (reported > line) & (reported < 1.25 * line)
    down = np.isin(state, POOR) & near & (draw < world.pressed_down)
    above, below = (rng.uniform(*b, n) for b in ((1.002, 1.07), (0.92, 0.998)))
    pressed = np.select([up, down], [line * above, line * below], reported)
    return np.maximum(pressed, 300)


def _quarter(year: int) -> int:
    """Index of the quarter that ends on 30 September."""
    return (year - 2015) * 4 + 2


def _unearned(
    src: Sources,
    keep: np.ndarray,
    year: int,
    net: np.ndarray,
    known: pd.DataFrame,
    habits: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Transfers and property income of each household."""
    past, homes, persons = src.past, src.homes, src.size[year][keep]
    tekun = src.heads["tekun"].to_numpy()[keep]
    family, other, owned = (habits[k][keep] for k in ("family", "other", "property"))
    aided = np.zeros(len(keep), bool)
    if year > SNAPSHOTS[0]:
        aided = past.aid[keep, min(_quarter(year), QUARTERS - 1)]
    minimum = np.minimum(0.45 * net, 1_920 * persons)
    forest = homes["reforested_mu"].to_numpy()[keep]
    return {
        "asset_dividend": np.where(aided, 0.06 * net, 0),
        "other_property": np.where(owned < 0.2, 0.03 * net, 0),
        "family_planning_subsidy": np.where(
            family < 0.05, np.minimum(960.0, 0.1 * net), 0
        ),
        "dibao_payment": np.where(past.dibao[keep], minimum, 0),
        "tekun_payment": np.where(tekun, np.minimum(4_800, 0.8 * net), 0),
        "pension_payment": np.minimum(known["old"].to_numpy() * 1_020, 0.3 * net),
        "eco_compensation": np.minimum(forest * 125, 0.1 * net),
        "other_transfer": 0.04 * net * other,
    }


SUBTRACTED = (
    "tekun_payment",
    "dibao_payment",
    "pension_payment",
    "family_planning_subsidy",
    "eco_compensation",
    "other_transfer",
    "asset_dividend",
    "other_property",
)
"""Order in which the parts are taken from the net income; sums of floats depend on it."""


def _by_source(
    net: np.ndarray, parts: dict[str, np.ndarray], paid: np.ndarray
) -> pd.DataFrame:
    """Net income by source: what is left is wages, up to those paid, and business."""
    rest = net
    for name in SUBTRACTED:
        rest = rest - parts[name]
    rest = np.maximum(rest, 0.02 * net)
    wage = np.minimum(0.8 * rest, paid)
    business = rest - wage
    earned = {
        "wage_income": wage,
        "business_income": business / 0.6,
        "business_expense": business * 0.4 / 0.6,
    }
    return pd.DataFrame(earned | parts).round(2)


def _copy_villages(
    src: Sources, frame: pd.DataFrame, keep: np.ndarray, year: int
) -> None:
    """Give every household of a copying village the numbers of one of them."""
    villages, persons = src.places.villages, src.size[year][keep]
    village = src.homes["village_index"].to_numpy()[keep]
    parts = list(frame.columns[2:])
    for copied in villages.index[villages["copied"]]:
        inside = np.flatnonzero(village == copied)
        if not len(inside):
            continue
        wage, business = (
            frame[c].to_numpy()[inside] for c in ("wage_income", "business_income")
        )
        usable = (wage > 0) & (business > 0)
        model = inside[np.argmin(np.abs(persons[inside] - 2) + 10 * ~usable)]
        frame.loc[inside, parts] = frame.loc[model, parts].to_numpy(dtype=float)


def closed(frame: pd.DataFrame, persons: np.ndarray) -> pd.DataFrame:
    """Incomes with the sums that follow from their parts."""
    property_income = frame["asset_dividend"] + frame["other_property"]
    frame = frame.assign(
        property_income=property_income,
        transfer_income=frame[list(TRANSFERS)].sum(axis=1),
    )
    sources = ["wage_income", "business_income", "property_income", "transfer_income"]
    total = frame[sources].sum(axis=1)
    net = total - frame["business_expense"]
    return frame.assign(total_income=total, net_income=net, net_income_pc=net / persons)
