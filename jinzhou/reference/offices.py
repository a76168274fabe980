"""The offices that answer for a matter, before and after the reform of 2021."""

from jinzhou.errors import message
from jinzhou.reference.files import rows, unknown
from jinzhou.reference.lines import monitored_period


def office(key: str, lang: str = "zh", *, as_of: str = "") -> str:
    """Name of the office that answers for a matter (R69) on a day.

    Raises
    ------
    ParameterError
        No office answers for the matter.
    """
    known = offices(lang, as_of=as_of)
    if key not in known:
        raise unknown(key, "offices")
    return known[key]


def offices(lang: str = "zh", *, as_of: str = "") -> dict[str, str]:
    """Names of all offices that answer, by key; a key that stands twice has both names.

    On a day after 2020 those of the reform take the place of the earlier ones.
    """
    later = {}
    if as_of and monitored_period(as_of):
        later = {row["key"]: row[lang] for row in rows("offices_after_2020")}
    named: dict[str, list[str]] = {}
    for row in rows("offices"):
        named.setdefault(row["key"], []).append(row[lang])
    between = message("reference.offices.between", lang)
    return {key: between.join(names) for key, names in named.items()} | later


def answering(*, as_of: str = "") -> dict[str, int]:
    """How many offices answer under each key on a day."""
    between = message("reference.offices.between", "zh")
    named = offices("zh", as_of=as_of)
    return {key: len(names.split(between)) for key, names in named.items()}
