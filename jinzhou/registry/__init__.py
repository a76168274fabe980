"""This room turns county exports into a checked store and a household-quarter panel.

It leaves statistics to `measures` and `models`, and documents to `briefs`.
"""

from jinzhou.registry.panel import (
    coverage, outcomes, panel, quarter_end, quarter_number, quarter_text, require_quarter,
)
from jinzhou.registry.read import load
from jinzhou.registry.rules import check
from jinzhou.registry.store import open_store

__all__ = [
    "check", "coverage", "load", "open_store", "outcomes", "panel", "quarter_end", "quarter_number",
    "quarter_text", "require_quarter",
]
