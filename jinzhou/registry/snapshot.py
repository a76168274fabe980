"""A store as it was known on one day: what every section of a chapter is computed from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from jinzhou.errors import ParameterError
from jinzhou.reference.lines import line_series
from jinzhou.registry.quarters import quarter_number, quarter_text, quarters_before
from jinzhou.registry.relations import Views
from jinzhou.registry.store import Store
from jinzhou.words import LANGUAGES

P = ParamSpec("P")
R = TypeVar("R")
_MAKING = threading.Lock()


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """A store, the day up to which it is known, the county and the language.

    Attributes
    ----------
    store : Store
    as_of : str
        Last day of a quarter, ``yyyy-mm-dd``; nothing recorded later is used.
    county : str
        Six-digit code; empty for all counties.
    lang : str
        ``zh`` or ``en``.
    line_series : str
        Series of poverty lines; empty for the one in force on the day.
    sections : dict
        What has been computed from it so far: (chapter, section) -> the latest `Section`.
    """

    store: Store
    as_of: str
    county: str = ""
    lang: str = "zh"
    line_series: str = ""
    sections: dict = field(default_factory=dict, repr=False)
    _kept: dict = field(default_factory=dict, repr=False)
    _views: list[Views] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise ParameterError("errors.language", found=self.lang, known=LANGUAGES)
        try:
            date.fromisoformat(self.as_of)
        except ValueError:
            raise ParameterError(
                "registry.snapshot.day", found=self.as_of, example="2018-09-30"
            ) from None

    @property
    def quarter(self) -> str:
        """The quarter of the day, for example ``2018Q3``."""
        day = date.fromisoformat(self.as_of)
        return f"{day.year}Q{(day.month + 2) // 3}"

    @property
    def year(self) -> int:
        """The year of the day."""
        return int(self.as_of[:4])

    @property
    def synthetic(self) -> bool:
        """Whether the store holds a demonstration registry."""
        return self.store.synthetic

    @property
    def series(self) -> str:
        """The series of poverty lines asked for, or the one in force on the day."""
        return self.line_series or line_series(self.as_of)

    @property
    def everywhere(self) -> Snapshot:
        """The same for all counties."""
        return self.of("")

    @property
    def views(self) -> Views:
        """The connection to the store as known on the day, which all its queries share."""
        with _MAKING:
            if not self._views:
                self._views.append(Views(self.store, date.fromisoformat(self.as_of)))
        return self._views[0]

    def before(self, quarters: int) -> Snapshot:
        """The same store as known some quarters earlier."""
        return self.on(self.quarters_back(quarters))

    def on(self, as_of: str) -> Snapshot:
        """The same store as known on another day."""
        return self._with(as_of=as_of)

    def of(self, county: str) -> Snapshot:
        """The same for one county; empty for all."""
        return self._with(county=county)

    def held_to(self, line_series: str) -> Snapshot:
        """The same with another series of poverty lines; empty for the one in force."""
        return self._with(line_series=line_series)

    def _with(self, **changes: Any) -> Snapshot:
        if all(getattr(self, name) == value for name, value in changes.items()):
            return self
        views = [] if "as_of" in changes else self._views
        return replace(self, **changes, _kept={}, _views=views, sections={})

    def quarters_back(self, count: int) -> str:
        """Last day of the quarter `count` quarters earlier."""
        return quarters_before(self.as_of, count)

    def quarter_back(self, count: int) -> str:
        """Name of the quarter `count` quarters earlier."""
        return quarter_text(quarter_number(self.quarter) - count)

    def keep(self, key: object, make: Callable[[], R]) -> R:
        """What was made under `key` before, or make it now."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def per_snapshot(
    function: Callable[Concatenate[Snapshot, P], R],
) -> Callable[Concatenate[Snapshot, P], R]:
    """Run a function once per snapshot and arguments; its result must not be changed in place."""

    @wraps(function)
    def kept(snapshot: Snapshot, /, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (function, args, tuple(sorted(kwargs.items())))
        return snapshot.keep(key, lambda: function(snapshot, *args, **kwargs))

    return kept
