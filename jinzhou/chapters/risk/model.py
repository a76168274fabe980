"""The hazard of return in this registry: its terms, and who answers a reason."""

from collections.abc import Mapping

import pandas as pd

from jinzhou.registry.covariates import (
    RETURN_TERMS,
    RULES,
    Values,
    trigger_rule,
)
from jinzhou.statistics.returns.terms import HOUSEHOLD, VILLAGE, Covariate

COVARIATES = tuple(Covariate(**term) for term in RETURN_TERMS)
"""Terms of the hazard; their words stand in the chapter's text, ``[labels.term]``."""
TERMS = (*(c.name for c in COVARIATES), VILLAGE, HOUSEHOLD)
"""Terms in the order in which tables show them."""
OFFICES = {
    "illness": "health",
    "disability": "income_floor",
    "age": "income_floor",
    "labour": "jobs",
    "income": "industry",
    "housing": "housing",
    "place": "coordination",
    "history": "coordination",
    "protection": "income_floor",
}
"""Reason -> key of the office that answers (reference/offices.csv)."""


def rules_for(panel: pd.DataFrame) -> Mapping[str, Values]:
    """`RULES` that the panel's columns allow."""
    known = {k: rule for k, rule in RULES.items() if rule is not trigger_rule}
    return RULES if "triggers" in panel else known
