"""What happens, quarter by quarter: shocks, visits, returns, exits, and what gets recorded.

Processes follow the simulation study (docs/methods.md): a return hazard with an unrecorded
household effect and a village effect, competing departure of the household, visits that
change the outcome and are not random, detection that rises in the 2018 campaign, and a
record that comes later than the event.
Every draw comes from one stream: the order of the draws is part of the registry.
"""

import numpy as np
import pandas as pd

from jinzhou.synthetic import lookback
from jinzhou.synthetic.history import (
    EXITED,
    FOREVER,
    GONE,
    LOOKBACK,
    NOT_YET,
    POOR,
    Event,
    History,
    Joining,
    Place,
    Quarter,
    Unrecorded,
    day_in,
    exact_subset,
    quarter_start,
    with_detection,
)
from jinzhou.synthetic.housing import D, Dwellings
from jinzhou.synthetic.joiners import add_persons
from jinzhou.synthetic.parameters import (
    CAMPAIGN,
    FIRST_QUARTER,
    QUARTERS,
    Targets,
    World,
)

KEPT = ("ill", "job_loss", "disaster", "visited", "random_visit", "aid")
"""What every quarter leaves in the history, household by household."""


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
    rng : Generator
    homes, members : DataFrame
        As the window opens.
    dwellings : Dwellings
    aid_from : array (H,)
        Quarter index from which an industry project takes the household in.
    world, targets : World, Targets
        What is true, and the counts to hit.
    """
    window = Window(rng, homes, members, world, targets)
    window.dwellings, window.aid_from = dwellings, aid_from
    window.begin()
    for t in range(QUARTERS):
        window.step(t)
    return window.history()


class Window:
    """State of the households in the window; one method for each thing that happens.

    Attributes
    ----------
    state : array (H,)
        `NOT_YET`, `POOR`, `EXITED` or `GONE`.
    size : array (H,)
        Persons on the record.
    hidden_until : array (H,)
        Quarter until which a return that nobody has recorded lasts.
    touched : array (H,)
        Already in the look-back.
    just_in : array (H,)
        Became poor this quarter: no exit in the same quarter.
    home_left : array (H,)
        Day after the whole household left the registry.
    """

    dwellings: Dwellings
    aid_from: np.ndarray

    def __init__(
        self,
        rng: np.random.Generator,
        homes: pd.DataFrame,
        members: pd.DataFrame,
        world: World,
        targets: Targets,
    ) -> None:
        self.rng, self.homes, self.members = rng, homes, members
        self.world, self.targets = world, targets
        H = self.H = len(homes)
        self.size = homes["size"].to_numpy().copy()
        self.village = homes["village_index"].to_numpy()
        self.person_home = members["home"].to_numpy()
        self.age = members["age_2016"].to_numpy() - 1.75
        self.chronic, self.disabled, self.labour, self.migrant = (
            self.any_member(members[c])
            for c in ("chronic", "disabled", "able", "migrant")
        )
        self.elderly = self.any_member(members["age_2016"] >= 60)
        self.new = homes["new"].to_numpy()
        self.state = np.full(H, POOR)
        self.events: list[Event] = []
        self.joining: list[Joining] = []
        self.waiting: list[Unrecorded] = []
        self.truth: list[pd.DataFrame] = []
        self.kept = {name: np.zeros((H, QUARTERS), bool) for name in KEPT}
        self.margin = np.zeros((H, QUARTERS))
        self.draw_probability = np.zeros(QUARTERS)
        self.hidden_until = np.full(H, -1)
        self.enter = np.full(len(members), np.datetime64("2014-01-01"))
        self.leave = np.full(len(members), FOREVER)
        self.home_left = np.full(H, FOREVER)
        self.planned = np.zeros(H, bool)
        self.ill_last = np.zeros(H, bool)
        self.touched = np.zeros(H, bool)
        self.just_in = np.zeros(H, bool)

    def any_member(self, flag: pd.Series) -> np.ndarray:
        """Households with a member for whom the flag holds."""
        return np.bincount(self.person_home, flag, self.H) > 0

    # before the window

    def begin(self) -> None:
        """Incomes, minimum-income households, and who exited before the window opens."""
        rng, H = self.rng, self.H
        self.level = (
            self.homes["level"].to_numpy()
            - 0.10 * self.chronic
            - 0.10 * self.disabled
            + 0.12 * self.labour
        )
        self.ar = rng.normal(0, 0.22, H)
        self.start_margin = self.level + self.ar
        likely = np.where(self.start_margin < 0, 0.40, 0.12)
        self.dibao = rng.random(H) < likely + 0.12 * self.disabled + 0.05 * self.elderly
        self.dibao &= ~self.any_member(self.members["tekun"])
        self.state[self.new] = NOT_YET
        old = np.flatnonzero(~self.new)
        score = self.start_margin[old] + rng.normal(0, 0.15, len(old))
        first_exits = old[np.argsort(-score)][: int(0.14 * H)]
        self.exited_before = np.zeros(H, bool)
        self.exited_before[first_exits] = True
        self.state[first_exits] = EXITED
        self.since_exit = np.where(self.state == EXITED, rng.integers(1, 4, H), 0)
        self.enter[self.new[self.person_home]] = FOREVER
        self.goal = self.stock_goals()
        order = rng.permutation(np.flatnonzero(self.new))
        self.lookback_new = exact_subset(
            self.size, order, self.targets.newly_identified
        )
        self.earlier_new = np.setdiff1d(order, self.lookback_new)
        self.new_quarter = rng.integers(1, CAMPAIGN - 1, len(self.earlier_new))

    def stock_goals(self) -> dict[int, float]:
        """Poor persons to be left after the exits of each December but the last."""
        aim = self.targets
        start = self.size[self.state == POOR].sum()
        found = aim.returned + aim.newly_identified + aim.omitted
        final = aim.poor_persons - found + round(0.005 * aim.poor_persons)
        return {
            3: start - 0.36 * (start - final),
            7: start - 0.70 * (start - final),
            11: final,
        }

    # records

    def record(
        self,
        home: Place,
        kind: str,
        reason: str,
        days: tuple[np.datetime64, np.datetime64],
        source: str = "",
        person: Place = -1,
    ) -> None:
        """Write down what happened on the first of two days and was recorded on the second."""
        self.events.append(Event(home, person, kind, reason, *days, source))

    def identify(self, chosen: np.ndarray, t: int, source: str = "") -> None:
        """Identify households as poor in a quarter."""
        days = day_in(self.rng, t, (1,), len(chosen))
        for home, day in zip(chosen, days, strict=True):
            cause = self.homes["cause"].iat[home]
            found = day - self.rng.integers(8, 40)
            self.record(home, "newly_identified", cause, (found, day), source)
            self.enter[self.person_home == home] = day
        self.state[chosen] = POOR
        self.just_in[chosen] = True

    # one quarter

    def step(self, t: int) -> None:
        """Everything that happens in a quarter, in the order in which it is drawn."""
        self.just_in[:] = False
        now = self.shocks(t)
        self.visits(now)
        self.returns(now)
        self.members_leave(t)
        self.births(t)
        self.households_leave(now)
        self.identify(self.earlier_new[self.new_quarter == t], t)
        if t == CAMPAIGN:
            lookback.record_returns(self, now)
        else:
            self.record_returns(now)
        if t == CAMPAIGN:
            self.identify(self.lookback_new, t, LOOKBACK)
            self.touched[self.lookback_new] = True
            lookback.find_omitted(self, t)
            lookback.correct_the_stock(self, t)
            lookback.plan_exits(self, t)
        if t in self.goal or t == QUARTERS - 1:
            self.exits(now)
        self.since_exit += self.state == EXITED
        for name in KEPT:
            self.kept[name][:, t] = getattr(now, name)
        self.ill_last = now.ill

    def shocks(self, t: int) -> Quarter:
        """Income, illness, lost work and disaster of the quarter."""
        rng, H, world = self.rng, self.H, self.world
        spread = 0.22 * np.sqrt(1 - world.income_rho**2)
        self.ar = world.income_rho * self.ar + rng.normal(0, spread, H)
        aid = (t >= self.aid_from) & (t < self.aid_from + world.aid_quarters)
        grade = self.dwellings.grade_on(quarter_start(t + 1) - 1)
        self.margin[:, t] = self.level + 0.02 * t + self.ar + world.aid_margin * aid
        now = Quarter(
            t=t,
            aid=aid,
            grade=grade,
            margin=self.margin[:, t],
            visited=np.zeros(H, bool),
            random_visit=np.zeros(H, bool),
        )
        logit = 3.55 - 0.9 * self.chronic - 0.5 * self.elderly - 0.3 * now.winter
        now.ill = rng.random(H) < 1 / (1 + np.exp(logit))
        now.job_loss = self.migrant & (rng.random(H) < 0.035)
        summer = (FIRST_QUARTER + t) % 4 == 2
        share = world.disaster_summer if summer else world.disaster_else
        hit = rng.random(self.village.max() + 1) < share
        now.disaster = hit[self.village] & (rng.random(H) < 0.5)
        return now

    def visits(self, now: Quarter) -> None:
        """Visits by the office's rule on what it can see, and a random slice of them."""
        rng, world = self.rng, self.world
        exited = self.state == EXITED
        capacity = int(world.visit_capacity * exited.sum())
        if not capacity or now.t < 2:
            return
        pool = np.flatnonzero(exited)
        count = max(1, int(world.random_slice * capacity))
        drawn = rng.choice(pool, count, replace=False)
        self.draw_probability[now.t] = len(drawn) / len(pool)
        seen = (
            0.8 * self.ill_last
            + 0.5 * self.chronic
            + 0.4 * self.disabled
            - 1.0 * now.margin
            + rng.normal(0, 0.8, self.H)
        )
        rest = np.setdiff1d(pool, drawn)
        chosen = rest[np.argsort(-seen[rest])][: capacity - len(drawn)]
        now.visited[drawn] = now.visited[chosen] = True
        now.random_visit[drawn] = True

    def terms(self, now: Quarter) -> dict[str, np.ndarray]:
        """Values of the terms of the hazard, by the name of their coefficient."""
        return {
            "log_margin": np.clip(now.margin, -0.5, 1.2).astype(np.float32),
            "ill_now": now.ill,
            "ill_last": self.ill_last,
            "chronic": self.chronic,
            "job_loss": now.job_loss,
            "disaster": now.disaster,
            "dibao": self.dibao,
            "elderly": self.elderly,
            "disabled": self.disabled,
            "labour": self.labour,
            "dwelling_grade": now.grade.astype(np.int8),
            "deep_village": self.homes["deep"].to_numpy(),
            "quarters_since_exit": np.minimum(self.since_exit, 12).astype(np.int8),
            "aid": now.aid,
            "winter": np.full(self.H, now.winter),
        }

    def returns(self, now: Quarter) -> None:
        """True returns of those at risk, and when each would be recorded."""
        rng, world, beta = self.rng, self.world, self.world.hazard
        terms = self.terms(now)
        eta = (
            beta.intercept
            + sum(getattr(beta, name) * value for name, value in terms.items())
            + beta.unrecorded * self.homes["u"].to_numpy()
            + self.homes["village_effect"].to_numpy()
        )
        now.h0 = 1 - np.exp(-np.exp(eta))
        h = 1 - np.exp(-np.exp(eta + beta.visit * now.visited))
        at_risk = (self.state == EXITED) & (self.hidden_until < now.t)
        now.returned = at_risk & (rng.random(self.H) < h)
        columns = {
            "h0": now.h0,
            "h": h,
            "eta": eta,
            "visited": now.visited,
            "returned": now.returned,
            **terms,
        }
        index = np.flatnonzero(at_risk)
        frame = pd.DataFrame({"home": index, "quarter": FIRST_QUARTER + now.t})
        values = {name: value[index] for name, value in columns.items()}
        self.truth.append(frame.assign(**values))
        for home in np.flatnonzero(now.returned):
            visited = now.visited[home]
            p = world.detection_visited if visited else world.detection_unvisited
            delay = rng.choice(4, p=world.delay_shares)
            detected = rng.random() < p
            self.waiting.append(Unrecorded(home, now.t, now.t + delay, detected))
            self.hidden_until[home] = now.t + 4
            self.ar[home] -= 0.35

    def members_leave(self, t: int) -> None:
        """Deaths and marriages, recorded in the quarter's first month."""
        rng, home_of = self.rng, self.person_home
        living = (
            (self.enter <= quarter_start(t))
            & (self.leave == FOREVER)
            & np.isin(self.state[home_of], (POOR, EXITED))
        )
        several = np.bincount(home_of, living, self.H)[home_of] > 1
        age = self.age + t / 4
        relation = self.members["relation"].to_numpy()
        p_death = 0.0006 + 0.006 * (age > 70) + 0.012 * (age > 82)
        gone = living & several & (rng.random(len(age)) < p_death)
        gone &= ~pd.Series(home_of).where(gone).duplicated().to_numpy()
        gone &= relation != "head"
        marriageable = (relation == "daughter") & (age > 20) & (age < 32)
        married = living & several & ~gone & marriageable
        married &= rng.random(len(age)) < 0.012
        for who, reason in ((gone, "death"), (married, "married_out")):
            days = day_in(rng, t, (0,), int(who.sum()))
            for person, day in zip(np.flatnonzero(who), days, strict=True):
                home = home_of[person]
                if self.size[home] > 1:
                    self.leave[person] = day
                    self.size[home] -= 1
                    dates = day - rng.integers(1, 50), day
                    self.record(home, "natural_decrease", reason, dates, person=person)

    def births(self, t: int) -> None:
        """Children born, recorded in the quarter's first month."""
        here = np.isin(self.state, (POOR, EXITED)) & self.labour & (self.size >= 2)
        mothers = np.flatnonzero(here & (self.rng.random(self.H) < 0.0022))
        days = day_in(self.rng, t, (0,), len(mothers))
        for home, day in zip(mothers, days, strict=True):
            birth = day - self.rng.integers(5, 60)
            self.joining.append(Joining(home, day, birth, "born"))
            self.size[home] += 1

    def households_leave(self, now: Quarter) -> None:
        """The whole household dies out or moves away: the competing event."""
        p = 0.0010 + 0.006 * ((self.size == 1) & self.elderly)
        here = np.isin(self.state, (POOR, EXITED)) & ~now.returned
        leaving = np.flatnonzero(here & (self.rng.random(self.H) < p))
        days = day_in(self.rng, now.t, (1, 2), len(leaving))
        for home, day in zip(leaving, days, strict=True):
            reason = "death" if self.size[home] == 1 else "moved_out"
            dates = day - self.rng.integers(2, 45), day
            self.record(home, "natural_decrease", reason, dates)
            self.home_left[home] = day + 1
        self.state[leaving] = GONE

    def cause(self, home: Place, now: Quarter, *, ill: bool, job_loss: bool) -> str:
        """Cause that the village writes down: what it saw, most of the time."""
        rng = self.rng
        if ill and rng.random() < 0.9:
            return "illness"
        if now.disaster[home] and rng.random() < 0.8:
            return "disaster"
        if job_loss and rng.random() < 0.7:
            return "unstable_work"
        if self.chronic[home] and rng.random() < 0.5:
            return "illness"
        return str(rng.choice(["labour", "skills", "capital", "disability", "other"]))

    def record_returns(self, now: Quarter) -> None:
        """Detected returns whose day of record has come."""
        kept, t = self.kept, now.t
        for case in [w for w in self.waiting if w.record_quarter == t and w.detected]:
            home, quarter = case.home, case.quarter
            if self.state[home] != EXITED:
                continue
            day = day_in(self.rng, t, (2,), 1)[0]
            cause = self.cause(
                home,
                now,
                ill=kept["ill"][home, quarter] or now.ill[home],
                job_loss=kept["job_loss"][home, quarter] or now.job_loss[home],
            )
            happened = min(day_in(self.rng, quarter, (0, 1), 1)[0], day - 5)
            self.record(home, "returned", cause, (happened, day))
            self.state[home] = POOR
            self.just_in[home] = True

    # the year's end

    def exits(self, now: Quarter) -> None:
        """Exits in the year's last quarter, best-off first; in 2018 those that were planned."""
        poor = self.state == POOR
        if now.t == QUARTERS - 1:
            out = np.flatnonzero(self.planned & poor)
        else:
            pool = np.flatnonzero(poor & ~self.just_in & (now.grade < D))
            score = now.margin[pool] + self.rng.normal(0, 0.25, len(pool))
            order = pool[np.argsort(-score)]
            surplus = self.size[poor].sum() - self.goal[now.t]
            out = order[: np.searchsorted(np.cumsum(self.size[order]), surplus)]
        days = day_in(self.rng, now.t, (1,), len(out))
        for home, day in zip(out, days, strict=True):
            dates = day - self.rng.integers(3, 16), day
            self.record(home, "exited", "met_exit_standard", dates)
        self.state[out] = EXITED
        self.since_exit[out] = 0

    def monitored(self, hidden: pd.DataFrame) -> None:
        """A pilot of 2018: a few unrecorded returns are entered as monitored (all from 2020)."""
        late = hidden["quarter"] >= FIRST_QUARTER + CAMPAIGN - 6
        pool = np.unique(hidden.loc[late, "home"])
        pool = pool[self.state[pool] == EXITED]
        count = min(len(pool), max(2, self.H // 500))
        chosen = self.rng.choice(pool, count, replace=False) if len(pool) else pool
        days = np.datetime64("2018-04-05") + self.rng.integers(0, 240, len(chosen))
        kinds = ["illness", "unstable_work", "disability"]
        reasons = self.rng.choice(kinds, len(chosen), p=[0.6, 0.2, 0.2])
        for home, day, reason in zip(chosen, days, reasons, strict=True):
            self.record(home, "monitored", reason, (day - 12, day))

    def history(self) -> History:
        """Everything that happened and was recorded."""
        truth = pd.concat(self.truth, ignore_index=True)
        hazards = with_detection(truth, self.events)
        hidden = hazards[hazards["returned"] & ~hazards["detected"]]
        self.monitored(hidden)
        people = self.members.assign(enter=self.enter, leave=self.leave)
        people, events = add_persons(self.rng, people, self.homes, self.joining)
        left = people["leave"].to_numpy(dtype="datetime64[D]")
        people["leave"] = np.minimum(left, self.home_left[people["home"]])
        return History(
            events=pd.DataFrame([*self.events, *events], columns=list(Event._fields)),
            members=people,
            margin=self.margin,
            start_margin=self.start_margin,
            dibao=self.dibao,
            exited_before=self.exited_before,
            planned=self.planned,
            draw_probability=self.draw_probability,
            hazards=hazards,
            hidden=hidden[["home", "quarter"]].reset_index(drop=True),
            **self.kept,
        )
