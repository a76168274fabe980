"""What the registry's panel says of a household: terms of a hazard, and simple rules.

Two chapters read these; the words of the terms stand in the risk chapter's text.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

Values = Callable[[pd.DataFrame], np.ndarray]


def _column(name: str, least: float = -np.inf, most: float = np.inf) -> Values:
    return lambda panel: np.clip(panel[name].to_numpy(float), least, most)


def _any(name: str) -> Values:
    def value(panel: pd.DataFrame) -> np.ndarray:
        count = panel[name].to_numpy(float)
        return np.where(np.isnan(count), np.nan, count > 0)

    return value


def _past_margin(panel: pd.DataFrame) -> np.ndarray:
    known = panel["past_margin"].fillna(panel["log_margin"])
    return np.clip(known.to_numpy(float), -0.5, 1.2)


def _income_fall(panel: pd.DataFrame) -> np.ndarray:
    return np.clip(-panel["income_change"].to_numpy(float), 0, 1)


def _own_payment(panel: pd.DataFrame) -> np.ndarray:
    return np.log1p(panel["oop_year"].to_numpy(float) / 1_000)


def _no_labour(panel: pd.DataFrame) -> np.ndarray:
    return 1 - _any("labour")(panel)


def _no_work(panel: pd.DataFrame) -> np.ndarray:
    return np.isnan(panel["work_months"].to_numpy(float))


RETURN_TERMS: tuple[Mapping, ...] = (
    dict(
        name="log_margin",
        value=_column("log_margin", -0.5, 1.2),
        reason="income",
        missing=0.3,
    ),
    dict(name="past_margin", value=_past_margin, reason="income", missing=0.3),
    dict(name="income_fall", value=_income_fall, reason="income"),
    dict(name="ill_now", value=_column("ill_now"), reason="illness"),
    dict(name="ill_last", value=_column("ill_last"), reason="illness"),
    dict(name="own_payment", value=_own_payment, reason="illness"),
    dict(name="chronic", value=_any("chronic"), reason="illness"),
    dict(name="serious", value=_any("serious"), reason="illness"),
    dict(name="disabled", value=_any("disabled"), reason="disability"),
    dict(
        name="severely_disabled", value=_any("severely_disabled"), reason="disability"
    ),
    dict(name="elderly", value=_any("elderly"), reason="age"),
    dict(name="single_person", value=_column("single_person"), reason="age"),
    dict(name="no_labour", value=_no_labour, reason="labour"),
    dict(name="no_work", value=_no_work, reason="labour"),
    dict(name="dwelling_grade", value=_column("dwelling_grade"), reason="housing"),
    dict(name="dibao", value=_column("dibao"), reason="protection"),
    dict(name="deep_village", value=_column("deep_village"), reason="place"),
    dict(name="poor_village", value=_column("poor_village"), reason="place"),
    dict(
        name="quarters_since_exit",
        value=_column("quarters_since_exit", 0, 12),
        reason="history",
        missing=6.0,
    ),
    dict(name="aid", value=_column("measure_industry"), reason="income"),
    dict(name="winter", value=_column("winter")),
    dict(name="visited_now", value=_column("visited_now"), set_to=0.0),
)
"""Terms of the hazard of return: name, values, group of reasons, value when missing or
when scoring (a visit is scored as not made)."""


def income_rule(panel: pd.DataFrame) -> np.ndarray:
    """The lower the income margin the higher the rank; unknown income in the middle."""
    margin = panel["income_margin"].to_numpy(float)
    known = np.isfinite(margin)
    middle = np.nanmedian(margin) if known.any() else 0.0
    return -np.where(known, margin, middle)


def illness_rule(panel: pd.DataFrame) -> np.ndarray:
    """Number of signs of illness or disability in the household."""
    signs = [
        panel[name].fillna(0).to_numpy(float) > 0
        for name in ("chronic", "serious", "disabled", "ill_now", "ill_last")
    ]
    return np.sum(signs, axis=0).astype(float)


def trigger_rule(panel: pd.DataFrame) -> np.ndarray:
    """Number of monitoring rules that name the household (`triggers`), then income."""
    margin = income_rule(panel)
    place = np.argsort(np.argsort(margin, kind="stable"), kind="stable")
    return panel["triggers"].to_numpy(float) + 0.9 * (place + 1) / (len(margin) + 1)


RULES: Mapping[str, Values] = {
    "income margin": income_rule,
    "illness or disability": illness_rule,
    "monitoring rules": trigger_rule,
}
"""Simple rules; the last asks for the column `triggers`."""
GROUPS: Mapping[str, Values] = {
    name: _any(name) for name in ("elderly", "disabled", "single_person")
}
"""Households that the list must not pass over."""
