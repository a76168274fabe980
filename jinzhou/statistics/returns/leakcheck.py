"""Does the list know what it could not have known? A planted leak must fail.

The builder of the panel is taken as it is and asked twice: once for an early day, once
for a late one. What is said about the early quarters must not depend on which.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.errors import EstimationError, ParameterError
from jinzhou.result import Result
from jinzhou.statistics.returns.return_risk import return_risk
from jinzhou.statistics.returns.terms import Covariate, term_values
from jinzhou.words import Words

TOO_GOOD = 0.95
"""A single term that orders the outcome this well (AUC) holds the outcome."""
AREA_ROWS = 20_000
"""An area under the curve is read off all returns and at most so many other rows."""
SHUFFLES = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeakCheck(Result):
    """Answers of the checks.

    Attributes
    ----------
    rows : DataFrame, indexed by check
        `passed`, `found` (names of terms, or a count). Checks: ``features_fixed`` (a
        row's terms are the same whether asked early or late), ``labels_closed`` (an
        early label comes from a window that had closed, and was recorded),
        ``time_order`` (a household's clocks run forward), ``outcome_outside`` (no
        single term orders the outcome), ``list_unmoved`` (the early list is the same
        when all that came later is noise), ``future_shuffled`` (later outcomes,
        shuffled, are not predicted).
    early, late : str
    """

    rows: pd.DataFrame
    early: str
    late: str

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return bool(self.rows["passed"].all())

    def sentence(self, words: Words) -> str:
        """That all passed, or what failed."""
        failed = self.rows[~self.rows["passed"]]
        if not len(failed):
            return words("summary.LeakCheck.passed", checks=len(self.rows))
        named = [f"{name} {found}" for name, found in failed["found"].items()]
        return words("summary.LeakCheck.failed", failed=named)


def leakcheck(
    panel: pd.DataFrame,
    build: Callable[[str], pd.DataFrame],
    known: Callable[[pd.DataFrame, str], pd.Series],
    *,
    early: str,
    late: str,
    covariates: Sequence[Covariate],
    seed: int = 2018,
) -> LeakCheck:
    """Ask a panel's builder for an early day and compare with the panel of a late one.

    Parameters
    ----------
    panel : DataFrame
        As known on the late day.
    build : callable(day) -> panel
        The panel as known on a day; it may leave out old quarters.
    known : callable(panel, day) -> Series
        The label of each row as known on a day (NaN when not known).
    early, late : str
        Quarter ends; both with at least 30 known returns.

    Raises
    ------
    ParameterError
        `early` is not before `late`.
    EstimationError
        Too few returns are known on the early day.
    """
    day = pd.Timestamp(early)
    if not day < pd.Timestamp(late):
        raise ParameterError("statistics.leakcheck.order", early=early, late=late)
    first = build(early)
    last = panel[panel["at_risk"].to_numpy(bool)]
    label, final = known(last, early), known(last, late)
    scores = return_risk(
        last, as_of=early, outcome=label, covariates=covariates, score_all=False
    ).scores
    rows = {
        "features_fixed": _features_fixed(
            first[first["at_risk"].to_numpy(bool)],
            last[(last["quarter_end"] >= first["quarter_end"].min()).to_numpy()],
            day,
            covariates,
        ),
        "labels_closed": _labels_closed(last, label, day),
        "time_order": _time_order(last),
        "outcome_outside": _outcome_outside(last, final, covariates),
        "list_unmoved": _list_unmoved(scores, last, early, covariates, known, seed),
        "future_shuffled": _future_shuffled(scores, last, final, day, seed),
    }
    return LeakCheck(
        rows=pd.DataFrame.from_dict(rows, orient="index", columns=["passed", "found"]),
        early=early,
        late=late,
    )


def _keyed(panel: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([panel["household_id"], panel["quarter_end"]])


def _features_fixed(first, last, day, covariates) -> tuple[bool, str]:
    """Compare every term of the rows up to the early day in both panels."""
    a, b = _keyed(first), _keyed(last)
    inside_a, inside_b = (
        (first["quarter_end"] <= day).to_numpy(),
        (last["quarter_end"] <= day).to_numpy(),
    )
    both = a[inside_a].intersection(b[inside_b])
    if len(both) != inside_a.sum() or len(both) != inside_b.sum():
        return (
            False,
            f"{inside_a.sum() + inside_b.sum() - 2 * len(both)} rows are in one panel alone",
        )
    (X, unknown_x), (Y, unknown_y) = (
        tuple(
            np.asarray(part)[keys.get_indexer(both)]
            for part in term_values(panel, covariates)
        )
        for panel, keys in ((first, a), (last, b))
    )
    moved = [
        c.name
        for j, c in enumerate(covariates)
        if not np.allclose(X[:, j], Y[:, j], rtol=1e-9, atol=1e-12)
        or not (unknown_x[:, j] == unknown_y[:, j]).all()
    ]
    return not moved, ", ".join(moved)


def _labels_closed(first, label, day) -> tuple[bool, str]:
    """A known label needs a closed window; a known event a record by the day."""
    known = label.notna()
    ahead = int((known & (first["quarter_end"] >= day)).sum())
    late = (
        int(((label > 0) & (first["next_return_recorded_on"] > day)).sum())
        if "next_return_recorded_on" in first
        else 0
    )
    return (
        not (ahead or late),
        f"{ahead} labels of windows still open, {late} events not yet recorded"
        if ahead or late
        else "",
    )


def _time_order(panel) -> tuple[bool, str]:
    """Within a spell the clock since the exit runs forward with the calendar."""
    if "quarters_since_exit" not in panel:
        return True, "no clock in the panel"
    rows = panel[panel["at_risk"].to_numpy(bool)].sort_values(
        ["household_id", "quarter_end"]
    )
    number = rows["quarter_end"].dt.year * 4 + rows["quarter_end"].dt.quarter
    same = rows["household_id"].eq(rows["household_id"].shift()) & number.eq(
        number.shift() + 1
    )
    step = rows["quarters_since_exit"] - rows["quarters_since_exit"].shift()
    clock = step[same & step.notna()]
    # capped clocks stand still; a later exit record moves a clock back
    wrong = (
        (
            (clock != 1)
            & ~((clock == 0) & (rows["quarters_since_exit"][clock.index] >= 8))
        ).mean()
        if len(clock)
        else 0.0
    )
    return bool(
        wrong < 0.10
    ), f"{wrong:.0%} of the clocks do not run forward" if wrong >= 0.10 else ""


def _outcome_outside(panel, label, covariates) -> tuple[bool, str]:
    known = label.to_numpy(float)
    if not 0 < np.nansum(known) < np.isfinite(known).sum():
        raise EstimationError("statistics.leakcheck.no_event")
    others = np.flatnonzero(known == 0)
    use = np.sort(
        np.concatenate(
            [np.flatnonzero(known > 0), others[:: max(1, len(others) // AREA_ROWS)]]
        )
    )
    rows, y = panel.iloc[use], known[use]
    X, unknown = term_values(rows, covariates)
    names = []
    for j, c in enumerate(covariates):
        for value in (X[:, j], unknown[c.name].to_numpy(float)):
            area = _area(y, value)
            if max(area, 1 - area) > TOO_GOOD:
                names.append(c.name)
    return not names, ", ".join(dict.fromkeys(names))


def _area(y: np.ndarray, value: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y, value))


def _list_unmoved(scores, last, early, covariates, known, seed) -> tuple[bool, str]:
    """The early list again, with noise in the place of everything later."""
    rng = np.random.default_rng(seed)
    later = (last["quarter_end"] > pd.Timestamp(early)).to_numpy()
    noise = last.copy()
    for name in noise.columns:
        if name in ("household_id", "quarter_end", "quarter", "at_risk", "county"):
            continue
        if pd.api.types.is_bool_dtype(noise[name]):
            noise.loc[later, name] = rng.random(later.sum()) < 0.5
        elif pd.api.types.is_numeric_dtype(noise[name]):
            noise[name] = noise[name].astype(float)
            noise.loc[later, name] = rng.normal(0, 3, later.sum())
    if "quarters_since_exit" in noise:
        noise["quarters_since_exit"] = noise["quarters_since_exit"].abs()
    again = return_risk(
        noise,
        as_of=early,
        outcome=known(noise, early),
        covariates=covariates,
        score_all=False,
    ).scores
    columns = ["household_id", "risk", "rank"]
    same = scores[columns].equals(again[columns])
    return (
        same,
        "" if same else "the list moves when what came later is replaced by noise",
    )


def _future_shuffled(scores, last, final, day, seed) -> tuple[bool, str]:
    """Scores of the early day must not predict outcomes that were shuffled."""
    here = last[(last["quarter_end"] == day).to_numpy() & final.notna().to_numpy()]
    y = final[here.index].to_numpy(float)
    risk = (
        here["household_id"]
        .map(scores.set_index("household_id")["risk"])
        .to_numpy(float)
    )
    y, risk = y[np.isfinite(risk)], risk[np.isfinite(risk)]
    if y.sum() < 5:
        return True, "too few later outcomes"
    rng = np.random.default_rng(seed)
    area = np.mean([_area(rng.permutation(y), risk) for _ in range(SHUFFLES)])
    error = np.sqrt(1 / (12 * y.sum() * SHUFFLES))
    wrong = abs(area - 0.5) > 4 * error
    return not wrong, f"AUC {area:.2f} on shuffled outcomes" if wrong else ""
