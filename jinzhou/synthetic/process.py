"""What happens, quarter by quarter: shocks, visits, returns, exits, and what gets recorded.

Processes follow the simulation notes: a return hazard with an unrecorded household effect and a
village effect, competing departure of the household, visits that change the outcome and are not
random, detection that rises in the 2018 campaign, and a record that comes later than the event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.housing import D, Dwellings
from jinzhou.synthetic.parameters import (
    CAMPAIGN,
    FIRST_QUARTER,
    QUARTERS,
    Targets,
    World,
)
from jinzhou.synthetic.people import id_numbers

NOT_YET, POOR, EXITED, GONE = range(4)
LOOKBACK = "2018回头看"
FOREVER = np.datetime64("2099-12-31")


@dataclass(frozen=True, slots=True)
class History:
    """What happened (H households, Q quarters).

    Attributes
    ----------
    events : DataFrame
        `home`, `person` (index into `members`, -1 for the household), `kind`, `reason`,
        `happened_on`, `recorded_on`, `source_round`.
    members : DataFrame
        All persons ever recorded, with `enter` and `leave` (days of the records).
    margin, ill, job_loss, disaster, visited, random_visit, aid : arrays (H, Q)
        log(income / line), and what happened in the quarter.
    start_margin : array (H,)
        log(income / line) in 2014.
    exited_before : array (H,)
        Exited before the window opens (left truncation).
    planned : array (H,)
        Planned to exit at the end of 2018.
    draw_probability : array (Q,)
        Probability of a random visit.
    dibao : array (H,)
    hazards : DataFrame
        The truth, one row per household-quarter at risk: `home`, `quarter`, `h0` (without a visit),
        `h`, `eta` of h0, `visited`, `returned`, `detected` (the return is in the records), and the
        value of every term of `eta` by the name of its coefficient.
    hidden : DataFrame
        `home`, `quarter` of true returns that were never recorded.
    """

    events: pd.DataFrame
    members: pd.DataFrame
    margin: np.ndarray
    start_margin: np.ndarray
    ill: np.ndarray
    job_loss: np.ndarray
    disaster: np.ndarray
    visited: np.ndarray
    random_visit: np.ndarray
    aid: np.ndarray
    dibao: np.ndarray
    exited_before: np.ndarray
    planned: np.ndarray
    draw_probability: np.ndarray
    hazards: pd.DataFrame
    hidden: pd.DataFrame


def day_in(
    rng: np.random.Generator,
    quarter: int | np.ndarray,
    months: tuple[int, ...],
    count: int,
) -> np.ndarray:
    """Random days (1-28) in the given months (0-2) of quarters counted from the window's start."""
    month = (FIRST_QUARTER + quarter) * 3 + rng.choice(months, count) - 1970 * 12
    return month.astype("datetime64[M]").astype("datetime64[D]") + rng.integers(
        0, 28, count
    )


def exact_subset(sizes: np.ndarray, order: np.ndarray, total: int) -> np.ndarray:
    """Indices, taken in `order`, whose sizes add up to `total` exactly.

    Large ones are passed over near the end, so the last places go to households that fit.
    """
    chosen, left = [], total
    for index in order:
        size = sizes[index]
        if 0 < size <= left and (
            left > 40 or size <= max(1, left // 2) or size == left
        ):
            chosen.append(index)
            left -= size
            if not left:
                return np.array(chosen)
    for index in order:
        if 0 < sizes[index] <= left and index not in set(chosen):
            chosen.append(index)
            left -= sizes[index]
            if not left:
                return np.array(chosen)
    raise ValueError(
        f"{total} persons cannot be put together from {len(order)} households"
    )


def simulate(
    rng: np.random.Generator,
    homes: pd.DataFrame,
    members: pd.DataFrame,
    dwellings: Dwellings,
    aid_from: np.ndarray,
    world: World,
    targets: Targets,
) -> History:
    """Run the window and return everything that happened and was recorded.

    Parameters
    ----------
    aid_from : array (H,)
        Quarter index from which an industry project takes the household in.
    """
    H, Q, beta = len(homes), QUARTERS, world.hazard
    size = homes["size"].to_numpy().copy()
    village = homes["village_index"].to_numpy()

    def any_member(column: str) -> np.ndarray:
        return np.bincount(members["home"], members[column], H) > 0

    chronic, disabled, labour = (
        any_member("chronic"),
        any_member("disabled"),
        any_member("able"),
    )
    elderly = np.bincount(members["home"], members["age_2016"] >= 60, H) > 0
    migrant = any_member("migrant")
    deep = homes["deep"].to_numpy()
    level = homes["level"].to_numpy() - 0.10 * chronic - 0.10 * disabled + 0.12 * labour
    ar = rng.normal(0, 0.22, H)
    start_margin = level + ar
    dibao = (
        rng.random(H)
        < np.where(start_margin < 0, 0.40, 0.12) + 0.12 * disabled + 0.05 * elderly
    )
    dibao &= ~any_member("tekun")

    state = np.full(H, POOR)
    new = homes["new"].to_numpy()
    state[new] = NOT_YET
    old = np.flatnonzero(~new)
    exited_before = np.zeros(H, bool)
    first_exits = old[np.argsort(-(start_margin[old] + rng.normal(0, 0.15, len(old))))][
        : int(0.14 * H)
    ]
    exited_before[first_exits] = True
    state[first_exits] = EXITED
    since_exit = np.where(state == EXITED, rng.integers(1, 4, H), 0)
    poor_start = size[state == POOR].sum()
    final = (
        targets.poor_persons
        - targets.returned
        - targets.newly_identified
        - targets.omitted
        + round(0.005 * targets.poor_persons)
    )
    goal = {
        3: poor_start - 0.36 * (poor_start - final),
        7: poor_start - 0.70 * (poor_start - final),
        11: final,
    }

    arrays = {
        name: np.zeros((H, Q), bool)
        for name in ("ill", "job_loss", "disaster", "visited", "random_visit", "aid")
    }
    margin = np.zeros((H, Q))
    draw_probability = np.zeros(Q)
    hidden_until = np.full(H, -1)  # a true return that nobody has recorded
    waiting: list[
        tuple[int, int, int, bool]
    ] = []  # home, happened, record quarter, detected
    truth, rows = [], []
    enter = np.full(len(members), np.datetime64("2014-01-01"))
    leave = np.full(len(members), FOREVER)
    home_left = np.full(H, FOREVER)  # day after the whole household left the registry
    age = members["age_2016"].to_numpy() - 1.75
    person_home = members["home"].to_numpy()
    enter[new[person_home]] = FOREVER
    born: list[dict] = []
    planned = np.zeros(H, bool)
    ill_last = np.zeros(H, bool)
    taken = np.zeros(H, bool)  # already in the look-back
    just_in = np.zeros(H, bool)  # became poor this quarter: no exit in the same quarter

    def record(home, kind, reason, happened, recorded, source="", person=-1):
        rows.append((home, person, kind, reason, happened, recorded, source))

    def identify(chosen, quarter, kind, source=""):
        days = day_in(rng, quarter, (1,), len(chosen))
        for home, day in zip(chosen, days):
            record(
                home,
                kind,
                homes["cause"].iat[home],
                day - rng.integers(8, 40),
                day,
                source,
            )
            enter[person_home == home] = day
        state[chosen] = POOR
        just_in[chosen] = True

    new_order = rng.permutation(np.flatnonzero(new))
    lookback_new = exact_subset(size, new_order, targets.newly_identified)
    earlier_new = np.setdiff1d(new_order, lookback_new)
    new_quarter = rng.integers(1, CAMPAIGN - 1, len(earlier_new))

    for t in range(Q):
        just_in[:] = False
        winter = (FIRST_QUARTER + t) % 4 in (0, 3)
        summer = (FIRST_QUARTER + t) % 4 == 2
        # 1 shocks and income
        ar = world.income_rho * ar + rng.normal(
            0, 0.22 * np.sqrt(1 - world.income_rho**2), H
        )
        aid = (t >= aid_from) & (t < aid_from + world.aid_quarters)
        grade = dwellings.grade_on(quarter_start(t + 1) - 1)
        margin[:, t] = level + 0.02 * t + ar + world.aid_margin * aid
        p_ill = 1 / (1 + np.exp(3.55 - 0.9 * chronic - 0.5 * elderly - 0.3 * winter))
        ill = rng.random(H) < p_ill
        job = migrant & (rng.random(H) < 0.035)
        hit = rng.random(village.max() + 1) < (
            world.disaster_summer if summer else world.disaster_else
        )
        disaster = hit[village] & (rng.random(H) < 0.5)
        # 2 visits: the office's rule on what it can see, and a random slice
        exited = state == EXITED
        capacity = int(world.visit_capacity * exited.sum())
        visited, random = np.zeros(H, bool), np.zeros(H, bool)
        if capacity and t >= 2:
            pool = np.flatnonzero(exited)
            drawn = rng.choice(
                pool, max(1, int(world.random_slice * capacity)), replace=False
            )
            draw_probability[t] = len(drawn) / len(pool)
            seen = (
                0.8 * ill_last
                + 0.5 * chronic
                + 0.4 * disabled
                - 1.0 * margin[:, t]
                + rng.normal(0, 0.8, H)
            )
            rest = np.setdiff1d(pool, drawn)
            chosen = rest[np.argsort(-seen[rest])][: capacity - len(drawn)]
            visited[drawn] = visited[chosen] = True
            random[drawn] = True
        # 3 true returns
        at_risk = exited & (hidden_until < t)
        terms = {
            "log_margin": np.clip(margin[:, t], -0.5, 1.2).astype(np.float32),
            "ill_now": ill,
            "ill_last": ill_last,
            "chronic": chronic,
            "job_loss": job,
            "disaster": disaster,
            "dibao": dibao,
            "elderly": elderly,
            "disabled": disabled,
            "labour": labour,
            "dwelling_grade": grade.astype(np.int8),
            "deep_village": deep,
            "quarters_since_exit": np.minimum(since_exit, 12).astype(np.int8),
            "aid": aid,
            "winter": np.full(H, winter),
        }
        eta = (
            beta.intercept
            + sum(getattr(beta, name) * value for name, value in terms.items())
            + beta.unrecorded * homes["u"].to_numpy()
            + homes["village_effect"].to_numpy()
        )
        h0 = 1 - np.exp(-np.exp(eta))
        h = 1 - np.exp(-np.exp(eta + beta.visit * visited))
        returned = at_risk & (rng.random(H) < h)
        index = np.flatnonzero(at_risk)
        truth.append(
            pd.DataFrame(
                {
                    "home": index,
                    "quarter": FIRST_QUARTER + t,
                    "h0": h0[index],
                    "h": h[index],
                    "eta": eta[index],
                    "visited": visited[index],
                    "returned": returned[index],
                    **{name: value[index] for name, value in terms.items()},
                }
            )
        )
        for home in np.flatnonzero(returned):
            p = world.detection_visited if visited[home] else world.detection_unvisited
            delay = rng.choice(4, p=world.delay_shares)
            waiting.append((home, t, t + delay, rng.random() < p))
            hidden_until[home] = t + 4
            ar[home] -= 0.35
        # 4 natural change, recorded in the quarter's first month
        living = (
            (enter <= quarter_start(t))
            & (leave == FOREVER)
            & np.isin(state[person_home], (POOR, EXITED))
        )
        several = np.bincount(person_home, living, H)[person_home] > 1
        now = age + t / 4
        p_death = 0.0006 + 0.006 * (now > 70) + 0.012 * (now > 82)
        gone = living & several & (rng.random(len(now)) < p_death)
        gone &= ~pd.Series(person_home).where(gone).duplicated().to_numpy()
        gone &= members["relation"].to_numpy() != "head"
        married = (
            living
            & several
            & ~gone
            & (members["relation"].to_numpy() == "daughter")
            & (now > 20)
            & (now < 32)
            & (rng.random(len(now)) < 0.012)
        )
        for who, reason in ((gone, "death"), (married, "married_out")):
            for person, day in zip(
                np.flatnonzero(who), day_in(rng, t, (0,), int(who.sum()))
            ):
                if size[person_home[person]] > 1:
                    leave[person] = day
                    size[person_home[person]] -= 1
                    record(
                        person_home[person],
                        "natural_decrease",
                        reason,
                        day - rng.integers(1, 50),
                        day,
                        person=person,
                    )
        mothers = np.flatnonzero(
            np.isin(state, (POOR, EXITED))
            & labour
            & (size >= 2)
            & (rng.random(H) < 0.0022)
        )
        for home, day in zip(mothers, day_in(rng, t, (0,), len(mothers))):
            born.append(
                {
                    "home": home,
                    "day": day,
                    "birth": day - rng.integers(5, 60),
                    "reason": "born",
                }
            )
            size[home] += 1
        # 5 the whole household leaves: the competing event
        p_leave = 0.0010 + 0.006 * ((size == 1) & elderly)
        leaving = np.flatnonzero(
            np.isin(state, (POOR, EXITED)) & ~returned & (rng.random(H) < p_leave)
        )
        for home, day in zip(leaving, day_in(rng, t, (1, 2), len(leaving))):
            record(
                home,
                "natural_decrease",
                "death" if size[home] == 1 else "moved_out",
                day - rng.integers(2, 45),
                day,
            )
            home_left[home] = day + 1
        state[leaving] = GONE
        # 6 households identified for the first time
        identify(earlier_new[new_quarter == t], t, "newly_identified")
        # 7 returns that get recorded; in the campaign all that are waiting, up to the count found
        if t == CAMPAIGN:
            recent = [w for w in waiting if w[1] >= t - 6 and (w[2] >= t or not w[3])]
            known = {}
            for home, happened, *_ in recent:
                known.setdefault(home, happened)
            order = np.array([h for h in known if state[h] == EXITED], dtype=int)
            order = (
                order[rng.random(len(order)) < world.detection_visited]
                if size[order].sum() * world.detection_visited > 1.02 * targets.returned
                else order
            )
            short = targets.returned - size[order].sum()
            if short > -30:  # too few waiting: the likeliest others return too
                others = np.flatnonzero(
                    (state == EXITED) & ~np.isin(np.arange(H), order)
                )
                others = others[np.argsort(-h0[others])][: 40 + max(0, short)]
                for home in others:
                    known[home] = t
                order = np.concatenate([order, others])
            found = exact_subset(size, order, targets.returned)
            truth[-1]["returned"] |= truth[-1]["home"].isin(
                [home for home in found if known[home] == t]
            )
            for home, day in zip(found, day_in(rng, t, (1, 2), len(found))):
                happened = day_in(rng, known[home], (0, 1, 2), 1)[0]
                record(
                    home,
                    "returned",
                    _cause(
                        rng,
                        ill[home] or ill_last[home],
                        chronic[home],
                        job[home],
                        disaster[home],
                    ),
                    min(happened, day - 5),
                    day,
                    LOOKBACK,
                )
            state[found] = POOR
            taken[found] = True
            waiting = [
                (h_, q_, max(r_, t + int(rng.integers(1, 3))), d_)
                for h_, q_, r_, d_ in waiting
                if r_ >= t and d_ and not taken[h_]
            ]
        due = [w for w in waiting if w[2] == t and w[3] and t != CAMPAIGN]
        for home, happened, _, _ in due:
            if state[home] == EXITED:
                day = day_in(rng, t, (2,), 1)[0]
                record(
                    home,
                    "returned",
                    _cause(
                        rng,
                        arrays["ill"][home, happened] or ill[home],
                        chronic[home],
                        arrays["job_loss"][home, happened] or job[home],
                        disaster[home],
                    ),
                    min(day_in(rng, happened, (0, 1), 1)[0], day - 5),
                    day,
                )
                state[home] = POOR
                just_in[home] = True
        if t == CAMPAIGN:
            identify(lookback_new, t, "newly_identified", LOOKBACK)
            taken[lookback_new] = True
            # omitted members: one a household, in poor households that the look-back has not touched
            pool = np.flatnonzero(
                (state == POOR) & ~taken & (homes["size"].to_numpy() < 6)
            )
            for home, day in zip(
                rng.choice(pool, targets.omitted, replace=False),
                day_in(rng, t, (1, 2), targets.omitted),
            ):
                born.append(
                    {"home": home, "day": day, "birth": None, "reason": "omitted"}
                )
                size[home] += 1
                taken[home] = True
            surplus = int(size[state == POOR].sum()) - targets.poor_persons
            pool = np.flatnonzero((state == POOR) & ~taken)
            if surplus > 0:
                out = exact_subset(size, pool[np.argsort(-margin[pool, t])], surplus)
                for home, day in zip(out, day_in(rng, t, (1, 2), len(out))):
                    record(
                        home, "removed", "not_eligible", day - rng.integers(5, 60), day
                    )
                    home_left[home] = day + 1
                state[out] = GONE
            elif surplus < 0:
                raise ValueError(f"the stock is {-surplus} persons short of its target")
            pool = np.flatnonzero(state == POOR)
            score = margin[pool, t] + rng.normal(0, 0.2, len(pool)) - 5.0 * taken[pool]
            planned[
                exact_subset(size, pool[np.argsort(-score)], targets.planned_exit)
            ] = True
        # 8 exits, in the year's last quarter
        if t in goal or t == Q - 1:
            pool = np.flatnonzero((state == POOR) & ~just_in & (grade < D))
            if t == Q - 1:
                out = np.flatnonzero(planned & (state == POOR))
            else:
                order = pool[
                    np.argsort(-(margin[pool, t] + rng.normal(0, 0.25, len(pool))))
                ]
                surplus = size[state == POOR].sum() - goal[t]
                out = order[: np.searchsorted(np.cumsum(size[order]), surplus)]
            for home, day in zip(out, day_in(rng, t, (1,), len(out))):
                record(
                    home, "exited", "met_exit_standard", day - rng.integers(3, 16), day
                )
            state[out] = EXITED
            since_exit[out] = 0
        since_exit += state == EXITED
        for name, value in (
            ("ill", ill),
            ("job_loss", job),
            ("disaster", disaster),
            ("visited", visited),
            ("random_visit", random),
            ("aid", aid),
        ):
            arrays[name][:, t] = value
        ill_last = ill

    hazards = _with_detection(pd.concat(truth, ignore_index=True), rows)
    hidden = hazards[hazards["returned"] & ~hazards["detected"]]
    rows += _monitored(rng, hidden, state)
    people = members.assign(enter=enter, leave=leave)
    people, rows = _add_persons(rng, people, homes, born, rows)
    people["leave"] = np.minimum(
        people["leave"].to_numpy(dtype="datetime64[D]"), home_left[people["home"]]
    )
    events = pd.DataFrame(
        rows,
        columns=[
            "home",
            "person",
            "kind",
            "reason",
            "happened_on",
            "recorded_on",
            "source_round",
        ],
    )
    return History(
        events=events,
        members=people,
        margin=margin,
        start_margin=start_margin,
        dibao=dibao,
        exited_before=exited_before,
        planned=planned,
        draw_probability=draw_probability,
        hazards=hazards,
        hidden=hidden[["home", "quarter"]].reset_index(drop=True),
        **arrays,
    )


def _with_detection(truth: pd.DataFrame, rows: list) -> pd.DataFrame:
    """`detected`: the return of that household and quarter is in the records."""
    found = [
        (home, int(happened.astype("datetime64[M]").astype(int)) // 3 + 1970 * 4)
        for home, _, kind, _, happened, *_ in rows
        if kind == "returned"
    ]
    keys = pd.MultiIndex.from_tuples(found, names=["home", "quarter"])
    return truth.assign(
        detected=truth["returned"]
        & pd.MultiIndex.from_frame(truth[["home", "quarter"]]).isin(keys)
    )


def _monitored(rng, hidden: pd.DataFrame, state: np.ndarray) -> list[tuple]:
    """A pilot of 2018: a few unrecorded returns are entered as monitored (nationwide only from 2020)."""
    pool = np.unique(
        hidden.loc[hidden["quarter"] >= FIRST_QUARTER + CAMPAIGN - 6, "home"]
    )
    pool = pool[state[pool] == EXITED]
    chosen = (
        rng.choice(pool, min(len(pool), max(2, len(state) // 500)), replace=False)
        if len(pool)
        else []
    )
    days = np.datetime64("2018-04-05") + rng.integers(0, 240, len(chosen))
    return [
        (home, -1, "monitored", reason, day - 12, day, "")
        for home, day, reason in zip(
            chosen,
            days,
            rng.choice(
                ["illness", "unstable_work", "disability"],
                len(chosen),
                p=[0.6, 0.2, 0.2],
            ),
        )
    ]


def quarter_start(quarter: int) -> np.datetime64:
    """First day of a quarter counted from the window's start."""
    return np.datetime64(
        f"{(FIRST_QUARTER + quarter) // 4}-{(FIRST_QUARTER + quarter) % 4 * 3 + 1:02d}-01"
    )


def _cause(rng, ill: bool, chronic: bool, job: bool, disaster: bool) -> str:
    """Cause that the village writes down: what it saw, most of the time."""
    if ill and rng.random() < 0.9:
        return "illness"
    if disaster and rng.random() < 0.8:
        return "disaster"
    if job and rng.random() < 0.7:
        return "unstable_work"
    if chronic and rng.random() < 0.5:
        return "illness"
    return str(rng.choice(["labour", "skills", "capital", "disability", "other"]))


def _add_persons(
    rng, members: pd.DataFrame, homes: pd.DataFrame, born: list[dict], rows: list
) -> tuple:
    """Append persons who join during the window, and their events."""
    if not born:
        return members, rows
    more = pd.DataFrame(born)
    n = len(more)
    omitted = (more["reason"] == "omitted").to_numpy()
    age = np.where(
        omitted,
        rng.choice(
            [rng.uniform(3, 18, n), rng.uniform(20, 45, n), rng.uniform(62, 85, n)]
        ),
        0,
    )
    days = more["day"].to_numpy(dtype="datetime64[D]")
    birth = np.where(
        omitted,
        days - (age * 365.25).astype("timedelta64[D]"),
        pd.to_datetime(more["birth"])
        .fillna(pd.Timestamp("2016-01-01"))
        .to_numpy(dtype="datetime64[D]"),
    )
    male = rng.random(n) < 0.5
    old = age > 60
    # an old person is the head's mother only where a generation lies between them
    head_age = (
        members[members["place"] == 0]
        .set_index("home")["age_2016"]
        .reindex(more["home"])
        .to_numpy()
    )
    relation = np.where(
        old,
        np.where(age > head_age + 16, "mother", "other"),
        np.where(male, "grandson", "granddaughter"),
    )
    relation = np.where(
        (age > 19) & ~old,
        np.where(age < head_age - 16, np.where(male, "son", "daughter"), "other"),
        relation,
    )
    male &= relation != "mother"
    place = members.groupby("home")["place"].max().reindex(more["home"]).to_numpy() + 1
    place = place + more.groupby("home").cumcount().to_numpy()
    dates = pd.Series(birth).dt.strftime("%Y%m%d").to_numpy(dtype=str)
    turn = (
        400
        + pd.DataFrame({"d": dates, "m": male})
        .groupby(["d", "m"])
        .cumcount()
        .to_numpy()
    )
    head = members[members["place"] == 0].set_index("home")["name"]
    frame = pd.DataFrame(
        {
            "home": more["home"],
            "place": place,
            "person_id": [
                f"{homes['household_id'].iat[h]}{p + 1:02d}"
                for h, p in zip(more["home"], place)
            ],
            "tekun": False,
            "name": [
                head[h][0] + g
                for h, g in zip(more["home"], rng.choice(list("宝欣怡浩宇晨涵"), n))
            ],
            "id_number": id_numbers(dates, turn % 500 * 2 + male),
            "male": male,
            "birth_date": birth,
            "age_2016": (np.datetime64("2016-09-30") - birth).astype(float) / 365.25,
            "relation": relation,
            "pupil": (age >= 6) & (age < 17),
            "chronic": omitted & old,
            "serious": False,
            "disabled": False,
            "disability_grade": 0,
            "able": (age > 18) & (age < 60),
            "migrant": (age > 19) & (age < 46),
            "enter": days,
            "leave": FOREVER,
        }
    )
    first = len(members)
    for i, one in enumerate(born):
        late = one["reason"] == "omitted"
        rows.append(
            (
                one["home"],
                first + i,
                "member_added" if late else "natural_increase",
                "omitted" if late else "birth",
                one["day"] - 8 if late else one["birth"],
                one["day"],
                LOOKBACK if late else "",
            )
        )
    return pd.concat([members, frame], ignore_index=True), rows
