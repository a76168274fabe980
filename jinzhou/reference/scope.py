"""What a brief measures in some years only, and what to read in others."""

from dataclasses import dataclass
from datetime import date

from jinzhou.errors import ParameterError
from jinzhou.reference.files import rows, unknown


@dataclass(frozen=True, slots=True)
class Scope:
    """Something that a brief measures, the days for which it is meant, and what to read
    instead.

    `parts` names the tables, figures and page-one figures that show it;
    ``county:<chapter>`` the chapter's columns beside the counties.
    """

    key: str
    parts: tuple[str, ...]
    first_day: date
    last_day: date
    zh: str
    en: str
    instead_zh: str
    instead_en: str
    source: str


def scopes() -> tuple[Scope, ...]:
    """What is measured in some years only, in the order of the file."""
    return tuple(
        Scope(
            key=row["matter"],
            parts=tuple(row["parts"].split()),
            first_day=date.fromisoformat(row["from"]),
            last_day=date.fromisoformat(row["to"]),
            zh=row["zh"],
            en=row["en"],
            instead_zh=row["instead_zh"],
            instead_en=row["instead_en"],
            source=row["source"],
        )
        for row in rows("scope")
    )


def not_applicable(as_of: str) -> tuple[Scope, ...]:
    """What has ended by a day, so that a brief must not show it as if it still held."""
    return tuple(s for s in scopes() if s.last_day < date.fromisoformat(as_of))


def require_scope(key: str, as_of: str) -> None:
    """Refuse to measure on a day what ended before it.

    Raises
    ------
    ParameterError
        The matter ended before the day (the message says what to read instead), or is
        unknown.
    """
    known = {scope.key: scope for scope in scopes()}
    if key not in known:
        raise unknown(key, "scope", "matter")
    scope = known[key]
    if scope.last_day < date.fromisoformat(as_of):
        raise ParameterError(
            "reference.scope.ended",
            day=as_of,
            last=scope.last_day.isoformat(),
            matter_zh=scope.zh,
            matter_en=scope.en,
            instead_zh=scope.instead_zh,
            instead_en=scope.instead_en,
        )
