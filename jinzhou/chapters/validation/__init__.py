"""Whether the estimators give published figures, and hold on real data."""

from jinzhou.chapters.validation.data import material
from jinzhou.chapters.validation.sections import (
    argentina,
    envelopment,
    stochastic,
    teen,
    viet_nam,
    worked,
)
from jinzhou.publish.chapter import Plan

CHAPTER = Plan(
    name="validation",
    folder="validation",
    office="coordination",
    sections=(teen, envelopment, stochastic, viet_nam, worked, argentina),
)
"""Every section, in the order of the notebook."""
