"""Quarters, their last days, and the registry years that are known by them."""

import numpy as np
import pandas as pd

from jinzhou.errors import ParameterError


def quarter_number(quarter: str) -> int:
    """``"2018Q3"`` -> 8074 (year x 4 + quarter - 1).

    Raises
    ------
    ParameterError
        The text is not a year from 2010 to 2099, Q and 1-4.
    """
    year, _, number = str(quarter).strip().upper().partition("Q")
    if not (
        year.isdecimal()
        and len(year) == 4
        and 2010 <= int(year)
        and number in {"1", "2", "3", "4"}
    ):
        raise ParameterError(
            "registry.quarters.quarter", found=quarter, example="2018Q3"
        )
    return int(year) * 4 + int(number) - 1


def quarter_text(number: int) -> str:
    """8074 -> ``"2018Q3"``."""
    return f"{number // 4}Q{number % 4 + 1}"


def quarter_end(quarter: str | int) -> pd.Timestamp:
    """Last day of a quarter given as ``"2018Q3"`` or as a number."""
    number = (
        quarter if isinstance(quarter, (int, np.integer)) else quarter_number(quarter)
    )
    return pd.Timestamp(
        year=int(number) // 4, month=int(number) % 4 * 3 + 3, day=1
    ) + pd.offsets.MonthEnd(0)


def quarters_before(as_of: str, count: int) -> str:
    """Last day of the quarter that lies `count` quarters before the quarter of a day."""
    day = day_of(as_of)
    return quarter_end(day.year * 4 + day.quarter - 1 - count).date().isoformat()


def registry_year_before(as_of: str) -> tuple[str, str]:
    """The last two 30 Septembers up to a day: registry years are counted between them."""
    day = day_of(as_of)
    year = day.year if (day.month, day.day) >= (9, 30) else day.year - 1
    return f"{year - 1}-09-30", f"{year}-09-30"


def backtest_dates(as_of: str, *, folds: int, horizon_quarters: int) -> list[str]:
    """Dates of a rolling backtest, oldest first.

    `folds` quarter ends whose outcome's window has closed by `as_of`, and `as_of` itself, which
    judges.
    """
    return [
        quarters_before(as_of, n)
        for n in range(folds + horizon_quarters - 1, horizon_quarters - 1, -1)
    ] + [as_of]


def snapshot_of(number: int) -> int:
    """Registry year known at the end of a quarter: year y is known from 30 September of y."""
    return number // 4 if number % 4 >= 2 else number // 4 - 1


def day_of(text: str) -> pd.Timestamp:
    """A day given as text.

    Raises
    ------
    ParameterError
        The text is no day.
    """
    try:
        return pd.Timestamp(text).normalize()
    except ValueError as error:
        raise ParameterError(
            "registry.quarters.day", found=text, example="2018-09-30"
        ) from error
