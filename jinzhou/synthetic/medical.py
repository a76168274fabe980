"""Illness as the insurer and the health office see it: settlements by payer, and services."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jinzhou.synthetic.history import BLANK, History, given, quarter_start
from jinzhou.synthetic.parameters import (
    DATA_END,
    POLICY_START,
    QUARTERS,
    SUPPLEMENT_START,
    Targets,
    World,
)
from jinzhou.synthetic.units import hospital_code

HOSPITALS = (
    ("县人民医院", "county"),
    ("县中医院", "county"),
    ("乡镇卫生院", "county"),
    ("市中心医院", "city"),
    ("市第二医院", "city"),
    ("省肿瘤医院", "province"),
)
DISEASES = {
    # code: (name, share among serious, among chronic, among others) - chosen
    "I10": ("高血压", 0.02, 0.34, 0.08),
    "E11": ("2型糖尿病", 0.02, 0.20, 0.05),
    "I63": ("脑梗死", 0.22, 0.12, 0.12),
    "I25": ("冠心病", 0.14, 0.14, 0.10),
    "C34": ("肺恶性肿瘤", 0.16, 0.01, 0.01),
    "C16": ("胃恶性肿瘤", 0.10, 0.01, 0.01),
    "N18": ("慢性肾病", 0.20, 0.03, 0.01),
    "J44": ("慢性阻塞性肺病", 0.08, 0.10, 0.10),
    "J18": ("肺炎", 0.03, 0.02, 0.30),
    "M51": ("腰椎间盘突出", 0.03, 0.03, 0.22),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlements:
    """Visits and stays, arrays (n,); `place` is a row of `HOSPITALS`."""

    person: np.ndarray
    kind: np.ndarray
    admitted: np.ndarray
    discharged: np.ndarray
    place: np.ndarray
    serious: np.ndarray
    dibao: np.ndarray

    @property
    def stay(self) -> np.ndarray:
        """Stays in hospital."""
        return self.kind == "inpatient"

    def __len__(self) -> int:
        return len(self.person)


def visits(
    rng: np.random.Generator, past: History, world: World, targets: Targets
) -> pd.DataFrame:
    """Settlements: a stay for every illness shock, and the out-patient visits of the ill."""
    people = past.members
    person, quarter, kind = _who(rng, past, world)
    n, stay = len(person), kind == "inpatient"
    admitted, discharged = _stays(rng, quarter, stay)
    soon, days, weeks = rng.random(n), rng.integers(0, 6, n), rng.integers(20, 170, n)
    settled = discharged + np.where(soon < 0.78, days, weeks)
    place = np.zeros(n, int)
    serious = people["serious"].to_numpy()[person]
    found = Settlements(
        person=person,
        kind=kind,
        admitted=admitted,
        discharged=discharged,
        place=place,
        serious=serious,
        dibao=past.dibao[people["home"].to_numpy()[person]],
    )
    settled = _treated(rng, people, found, settled, targets.treated)
    place[:] = _places(rng, found)
    disease = _diseases(rng, people, found)
    fen = _payers(rng, found, world)
    keep = np.flatnonzero(settled <= np.datetime64(DATA_END))
    order = keep[np.lexsort((person[keep], admitted[keep], settled[keep]))]
    hospital = np.array(_hospitals(), dtype=object)[place[order]]
    codes = np.array(list(DISEASES), dtype=object)
    names = np.array([d[0] for d in DISEASES.values()], dtype=object)
    return pd.DataFrame(
        {
            "mdtrt_id": [f"JZ{i:07d}" for i in range(1, len(order) + 1)],
            "setl_id": [f"JS{i:07d}" for i in range(1, len(order) + 1)],
            "psn_no": people["person_id"].to_numpy(dtype=object)[person[order]],
            "certno": people["id_number"].to_numpy(dtype=object)[person[order]],
            "insutype": "resident",
            "psn_type": "建档立卡贫困人口",
            "med_type": kind[order],
            "fixmedins_code": hospital[:, 0],
            "fixmedins_name": hospital[:, 1],
            "hospital_place": hospital[:, 2],
            "admitted_on": pd.to_datetime(admitted[order]),
            "discharged_on": pd.to_datetime(discharged[order]),
            "diag_code": codes[disease[order]],
            "diag_name": names[disease[order]],
            "setl_time": pd.to_datetime(settled[order]),
            **{column: values[order] / 100 for column, values in fen.items()},
        }
    )


def _stays(
    rng: np.random.Generator, quarter: np.ndarray, stay: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Days of admission and discharge.

    The insurer closes the year: a stay that would run over New Year is moved before it.
    """
    n = len(quarter)
    first = np.array([quarter_start(t) for t in range(QUARTERS)])[quarter]
    admitted = first + rng.integers(0, 90, n)
    discharged = admitted + np.where(stay, rng.integers(3, 18, n), 0)
    new_year = (admitted.astype("datetime64[Y]") + 1).astype("datetime64[D]")
    over = np.maximum((discharged - new_year).astype(int) + 3, 0)
    over[~stay] = 0
    return admitted - over, discharged - over


def _places(rng: np.random.Generator, found: Settlements) -> np.ndarray:
    """Where each was treated; serious illness stays in the county, more each year."""
    n, year = len(found), found.admitted.astype("datetime64[Y]").astype(int) + 1970
    share = np.where(found.stay, 0.76 + 0.04 * (year - 2015), 0.95)
    near = rng.random(n) < share
    inside = rng.choice(3, n, p=[0.46, 0.18, 0.36])
    outside = rng.choice([3, 4, 5], n, p=[0.55, 0.25, 0.20])
    return np.where(near, inside, outside)


def _diseases(
    rng: np.random.Generator, people: pd.DataFrame, found: Settlements
) -> np.ndarray:
    """Disease of each; a person's chronic disease stays the same from visit to visit."""
    n, chronic = len(found), people["chronic"].to_numpy()[found.person]
    group = np.where(found.serious, 0, np.where(chronic, 1, 2))
    each, own = rng.random(n), rng.random(len(people))[found.person]
    draw = np.where(group == 2, each, own)
    shares = np.array([d[1:] for d in DISEASES.values()])
    steps = np.cumsum(shares / shares.sum(axis=0), axis=0).T
    return (draw[:, None] > steps[group]).sum(axis=1).clip(0, len(shares) - 1)


def _who(
    rng: np.random.Generator, past: History, world: World
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Person, quarter and kind of every visit; the ill member of an ill household is likeliest."""
    people = past.members
    home = people["home"].to_numpy()
    chronic, serious = people["chronic"].to_numpy(), people["serious"].to_numpy()
    weight = np.log(
        0.2 + 3.0 * chronic + 4.0 * serious + 0.8 * (people["age_2016"].to_numpy() > 60)
    )
    enter, leave = people["enter"].to_numpy(), people["leave"].to_numpy()
    found = []
    for t in range(QUARTERS):
        here = np.flatnonzero((enter <= quarter_start(t)) & (leave > quarter_start(t)))
        ill = here[past.ill[home[here], t]]
        ill = ill[np.lexsort((-(weight[ill] + rng.gumbel(size=len(ill))), home[ill]))]
        found.append((ill[np.unique(home[ill], return_index=True)[1]], t, "inpatient"))
        unwell = here[chronic[here] | serious[here]]
        found.append(
            (
                np.repeat(unwell, rng.poisson(world.chronic_visits, len(unwell))),
                t,
                "chronic_outpatient",
            )
        )
        found.append((here[rng.random(len(here)) < 0.015], t, "outpatient"))
    person = np.concatenate([rows for rows, _, _ in found])
    counts = [len(rows) for rows, _, _ in found]
    return (
        person,
        np.repeat([t for _, t, _ in found], counts),
        np.repeat(np.array([k for _, _, k in found]), counts),
    )


def _payers(
    rng: np.random.Generator, found: Settlements, world: World
) -> dict[str, np.ndarray]:
    """Every payer in fen, so that the identities of the platform hold exactly."""
    n, stay, near = len(found), found.stay, found.place < 3
    chronic = found.kind == "chronic_outpatient"
    mean = (
        np.select([stay, chronic], [8.45, 5.6], 5.0)
        + 0.40 * ~near
        + 0.45 * (found.serious & stay)
    )
    yuan = np.exp(rng.normal(mean, np.where(stay, 0.75, 0.6)))
    total = np.round(yuan * 100).astype(np.int64)

    def part(share: float) -> np.ndarray:
        return (total * rng.uniform(0, 2 * share, n)).astype(np.int64)

    own, over, before = part(0.05), part(0.015), part(0.035)
    inside = total - own - over - before
    floor = np.where(stay, np.where(near, 30_000, 80_000), 0)
    deductible = np.minimum(inside, floor)
    rate = np.where(stay, np.where(near, 0.74, 0.60), 0.5)
    basic = ((inside - deductible) * rate).astype(np.int64)
    left = inside - basic
    large = np.where(stay, np.maximum(left - 1_000_000, 0) * 55 // 100, 0)
    aid = (left - large) * np.where(stay, np.where(found.dibao, 60, 12), 0) // 100
    rest = total - basic - large - aid
    hospital, other = _supplements(rng, found, total, rest, world)
    patient = rest - hospital - other
    account = np.where(rng.random(n) < 0.1, patient // 10, 0)
    nothing = np.zeros(n, np.int64)
    return {
        "medfee_sumamt": total,
        "fulamt_ownpay_amt": own,
        "overlmt_selfpay": over,
        "preselfpay_amt": before,
        "inscp_scp_amt": inside,
        "act_pay_dedc": deductible,
        "hifp_pay": basic,
        "cvlserv_pay": nothing,
        "hifes_pay": nothing,
        "hifmi_pay": large,
        "hifob_pay": nothing,
        "maf_pay": aid,
        "oth_pay": other,
        "fund_pay_sumamt": basic + large + aid + other,
        "hosp_part_amt": hospital,
        "psn_part_amt": patient,
        "acct_pay": account,
        "psn_cash_pay": patient - account,
    }


def _supplements(
    rng: np.random.Generator,
    found: Settlements,
    total: np.ndarray,
    rest: np.ndarray,
    world: World,
) -> tuple[np.ndarray, np.ndarray]:
    """What the hospital and the supplementary insurance take over of the rest."""
    since_policy = found.admitted >= np.datetime64(POLICY_START)
    supplement = found.stay & (found.admitted >= np.datetime64(SUPPLEMENT_START))
    policy = found.stay & since_policy
    hospital = np.where(policy, np.minimum(total * 4 // 100, rest), 0)
    rest = rest - hospital
    near, far = world.zero_burden_county, world.zero_burden_outside
    zero = policy & (rng.random(len(found)) < np.where(found.place < 3, near, far))
    helped = (found.kind == "chronic_outpatient") & since_policy
    share = np.select(
        [policy, supplement, helped], [0.6, world.supplement_share, 0.4], 0
    )
    return hospital, np.where(zero, rest, (rest * share).astype(np.int64))


def _treated(
    rng: np.random.Generator,
    people: pd.DataFrame,
    found: Settlements,
    settled: np.ndarray,
    target: int,
) -> np.ndarray:
    """Move settlement days so that exactly `target` persons were treated and settled by the brief.

    They are all on the record on the day of the brief, so every way of counting them agrees.
    """
    cut, year = np.datetime64("2018-09-30"), np.datetime64("2018-01-01")
    in_year = (found.admitted >= year) & (found.discharged <= cut)
    here = np.flatnonzero(found.stay & in_year)
    settled = settled.copy()
    enter, leave = (
        people[c].to_numpy()[found.person[here]] for c in ("enter", "leave")
    )
    registered = (enter <= cut) & (leave > cut)

    def postpone(rows: np.ndarray) -> None:
        settled[rows] = np.maximum(settled[rows], cut + rng.integers(5, 75, len(rows)))

    postpone(here[~registered])
    here = here[registered]
    person = found.person[here]
    early = np.unique(person[settled[here] <= cut])
    if len(early) > target:
        moved = rng.choice(early, len(early) - target, replace=False)
        postpone(here[np.isin(person, moved)])
    elif len(early) < target:
        late = np.setdiff1d(person, early)
        short = target - len(early)
        if len(late) < short:
            raise ValueError(
                f"only {len(early) + len(late)} persons were in hospital, {target} are wanted"
            )
        rows = here[np.isin(person, rng.choice(late, short, replace=False))]
        settled[rows] = np.minimum(found.discharged[rows] + 1, cut)
    return settled


def health_services(
    rng: np.random.Generator, past: History, registered: np.ndarray
) -> pd.DataFrame:
    """The six ones and three batches of every ill person registered on 30 September 2018.

    Parameters
    ----------
    rng : Generator
    past : History
    registered : array (persons,) of bool
    """
    people = past.members
    ill = people[registered & (people["chronic"] | people["serious"]).to_numpy()]
    n = len(ill)
    serious, chronic = ill["serious"].to_numpy(), ill["chronic"].to_numpy()

    def day(share: float) -> pd.Series:
        days = pd.Timestamp("2017-06-01") + pd.to_timedelta(
            rng.integers(0, 470, n), unit="D"
        )
        return pd.Series(days).where(rng.random(n) < share)

    draw = rng.random(n)
    batch = np.select(
        [serious & (draw < 0.88), serious & (draw < 0.97), ~serious & (draw < 0.93)],
        ["serious_illness_treated", "safety_net", "chronic_contracted"],
        BLANK,
    )
    return pd.DataFrame(
        {
            "snapshot": 2018,
            "person_id": ill["person_id"].to_numpy(),
            "health_card_on": day(0.985),
            "health_record_on": day(0.98),
            "designated_hospital": given(rng.random(n) < 0.99, "县人民医院"),
            "family_doctor_team": given(rng.random(n) < 0.98, "乡镇卫生院家庭医生团队"),
            "contract_signed_on": day(0.96),
            "checkup_on": day(0.93),
            "batch": batch,
            "chronic_kind": given(
                chronic,
                rng.choice(
                    [
                        "hypertension",
                        "diabetes",
                        "tuberculosis",
                        "severe_mental",
                        "other",
                    ],
                    n,
                    p=[0.45, 0.22, 0.02, 0.06, 0.25],
                ),
            ),
            "visits_in_year": np.where(
                chronic, rng.integers(0, 6, n), rng.integers(0, 3, n)
            ),
        }
    )


def _hospitals() -> list[tuple[str, str, str]]:
    """Code, name and place of each hospital."""
    return [
        (hospital_code(number, of_city=where != "province"), name, where)
        for number, (name, where) in enumerate(HOSPITALS, 1)
    ]
