"""Simulation studies that `make bench` runs in full and the tests in small."""

from __future__ import annotations

import re
import resource
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from jinzhou import registry
from jinzhou.chapters.review.analysis.numbers import number_tests
from jinzhou.reference.vocabulary import TABLES
from jinzhou.registry import relations
from jinzhou.registry.rules import DELIVERED, catalogue
from jinzhou.registry.store import stored_columns
from jinzhou.statistics.spot_check import spot_check_rates
from jinzhou.synthetic import build
from jinzhou.synthetic.exports import write_exports


def village_incomes(
    seed: int, *, villages: int = 60, copied: float = 0.0
) -> tuple[pd.DataFrame, set[str]]:
    """A small registry's incomes: honest, or with a share of villages that copy one household's sheet.

    Wages and businesses are lognormal with a third of the households without one of them; a fifth
    round an amount to 100 yuan; aid is statutory (multiples of 12); some exits.
    """
    rng = np.random.default_rng([seed, villages])
    size = rng.integers(12, 45, villages)
    village = np.repeat(np.arange(villages), size)
    n = len(village)
    wage = np.where(rng.random(n) < 0.35, 0, rng.lognormal(8.2, 0.6, n))
    business = np.where(rng.random(n) < 0.2, 0, rng.lognormal(7.9, 0.7, n))
    for amount in (wage, business):
        rounded = rng.random(n) < 0.2
        amount[rounded] = np.round(amount[rounded], -2)
    frame = pd.DataFrame(
        {
            "county": np.where(village < villages // 2, "210726", "210727"),
            "area_code": [f"2107{v:08d}" for v in village],
            "wage_income": wage.round(2),
            "business_income": business.round(2),
            "property_income": np.where(
                rng.random(n) < 0.7, 0, rng.integers(1, 6, n) * 100.0
            ),
            "transfer_income": rng.integers(0, 40, n) * 12.0,
        }
    )
    frame["net_income_pc"] = (
        frame[
            ["wage_income", "business_income", "property_income", "transfer_income"]
        ].sum(axis=1)
        / rng.integers(1, 5, n)
    ).round(2)
    frame["net_before"] = (frame["net_income_pc"] / rng.lognormal(0.08, 0.2, n)).round(
        2
    )
    frame["aid"], frame["aid_before"], frame["aid_after"] = (
        rng.integers(0, 40, n) * 60.0 for _ in range(3)
    )
    chosen = rng.permutation(villages)[: int(round(copied * villages))]
    parts = [
        "wage_income",
        "business_income",
        "property_income",
        "transfer_income",
        "net_income_pc",
    ]
    for v in chosen:
        rows = np.flatnonzero(village == v)
        model = (
            frame.iloc[rows]
            .assign(both=lambda f: (f["wage_income"] > 0) & (f["business_income"] > 0))
            .sort_values("both")
            .index[-1]
        )
        share = rows[rng.random(len(rows)) < 0.8]  # the rest have sheets of their own
        frame.loc[share, parts] = frame.loc[model, parts].to_numpy(float)
    return frame, {f"2107{v:08d}" for v in chosen}


def forensic_study(seeds: int, *, copied: float = 0.0) -> dict[str, float]:
    """Shares of villages with a doubt, over many small registries.

    Returns
    -------
    dict
        `copied`: share of the villages that copy which carry a doubt; `honest`: the same for the others.
    """
    caught = kept = copies = honest = 0
    for seed in range(seeds):
        incomes, true = village_incomes(seed, copied=copied)
        found = set(number_tests(incomes, seed=seed).flagged("village")["unit"])
        everyone = set(incomes["area_code"])
        caught, copies = caught + len(found & true), copies + len(true)
        kept, honest = kept + len(found - true), honest + len(everyone - true)
    return {"copied": caught / copies if copies else np.nan, "honest": kept / honest}


EXITED = (345, 350, 1_150, 5_500, 6_950, 4_600, 4_100)
"""Exited households of the seven units."""


def spot_check_study(draws: int, *, seed: int = 1) -> dict[str, float]:
    """Share of intervals that cover the truth: of one unit (exact), and of the city (strata joined).

    Each draw has a registry of its own, with a rate of wrong exits between 0.5 and 4 %.
    """
    rng = np.random.default_rng(seed)
    covered = {"unit": 0, "city": 0}
    for _ in range(draws):
        rate = rng.uniform(0.005, 0.04)
        wrong = rng.binomial(EXITED, rate)
        found = [
            rng.hypergeometric(bad, size - bad, 280) for bad, size in zip(wrong, EXITED)
        ]
        checks = pd.DataFrame(
            {
                "county": np.repeat([f"{i}" for i in range(7)], 280),
                "sample_frame": "exited",
                "weight": np.repeat(np.array(EXITED) / 280, 280),
                "found": [
                    ("wrongly_exited",) if i < k else ("consistent",)
                    for k in found
                    for i in range(280)
                ],
            }
        )
        rows = spot_check_rates(checks, threshold=0.02).rows
        rows = rows[rows["rate"] == "wrong_exit"].set_index("county")
        unit, city = rows.loc["4"], rows.loc["all"]
        covered["unit"] += unit["ci_low"] <= wrong[4] / EXITED[4] <= unit["ci_high"]
        covered["city"] += (
            city["ci_low"] <= wrong.sum() / sum(EXITED) <= city["ci_high"]
        )
    return {name: hits / draws for name, hits in covered.items()}


def rule_study(folder: Path, *, households: int = 3_000, seed: int = 7) -> pd.DataFrame:
    """Planted errors found, and false alarms, by rule.

    The registry is made twice: with its planted errors, and without. What a rule reports in the
    second was planted by nobody: it is what the generator makes on purpose (blanks, late entries,
    missing services, people who share a telephone) or a false alarm of the rule.

    Returns
    -------
    DataFrame, indexed by rule
        `severity`, `tested`, `failed`, `failed_without_errors`, `zh`.
    """
    made = build(households_count=households, seed=seed)
    reports = {}
    for name, tables in (("with", made.tables), ("without", made.true_tables)):
        write_exports(folder / name / "exports", tables)
        registry.load(folder / name / "exports", folder / name / "data" / "store")
        reports[name] = registry.check(
            registry.open_store(folder / name / "data" / "store").at("2018-12-31")
        ).results.set_index("rule")
    found = reports["with"][["severity", "tested", "failed", "zh"]]
    found.insert(3, "failed_without_errors", reports["without"]["failed"])
    return found[(found["failed"] > 0) | (found["failed_without_errors"] > 0)]


KEYS = {
    c.name
    for t in TABLES.values()
    for c in t.columns
    if c.name.endswith("_id") and c.kind == "text"
} - {"list_id"}


def stacked_store(store: Path, target: Path, times: int) -> None:
    """The generator's store `times` times over under different numbers, villages once: a registry of a million persons."""
    con = duckdb.connect(config={"threads": 1})
    con.execute(f"create table copies as select range as k from range({times})")
    for file in store.rglob("*.parquet"):
        out = target / file.relative_to(store)
        out.parent.mkdir(parents=True, exist_ok=True)
        columns = [
            row[0]
            for row in con.execute(
                f"describe select * from read_parquet('{file}')"
            ).fetchall()
        ]
        renamed = [
            f"case when {c} is not null then k::varchar || '-' || {c} end as {c}"
            for c in columns
            if c in KEYS | {"person_key"}
        ]
        sql = (
            f"select * from read_parquet('{file}')"
            if file.parent.name in ("village", "fund_year", "duty")
            else f"select * exclude (k) replace ({', '.join(renamed)}) from (select t.*, k from read_parquet('{file}') t, copies) order by k"
            if renamed
            else f"select t.* from read_parquet('{file}') t, copies"
        )
        con.execute(f"copy ({sql}) to '{out}' (format parquet, compression zstd)")
    con.close()
    shutil.copy(store / "manifest.json", target / "manifest.json")


def cpu() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


SOURCE = re.compile(r"\b(stored|side)\.(\w+)")


def _texts(schema: str, name: str) -> list[str]:
    """The query of a relation and those of the relations that it reads."""
    own = relations.text("/".join(filter(None, (relations.SCHEMAS[schema], name))))
    read = set(re.findall(r"\b(relation|rules)\.(\w+)", re.sub(r"--.*", "", own)))
    return [own, *(text for one in sorted(read) for text in _texts(*one))]


def rule_cost(store: Path, *, as_of: str = "2018-12-31") -> dict[str, float]:
    """CPU seconds of all rules and of a bare scan that groups by the same columns, in one process.

    The bare scan reads, for each object, every table that its relation reads: the columns that the
    relation or a rule names, of the registry year, with ``group by all``. `narrow` is the same for
    the object's own table alone.
    """
    opened = registry.open_store(store)
    start = cpu()
    report = registry.check(opened.at(as_of))
    cost = {"rules": cpu() - start, "failures": float(len(report.failures))}
    con = opened.connect(as_of=pd.Timestamp(as_of).date())
    opened.side_views(con)
    cost["persons"] = float(
        con.execute(
            f"select count(*) from member where snapshot = {report.year}"
        ).fetchone()[0]
    )
    scan = narrow = 0.0
    for name, own in DELIVERED.items():
        relation = " ".join(_texts("rules", name))
        text = " ".join(
            [
                relation,
                *(f"{r.tested} {r.failed}" for r in catalogue() if r.object == name),
            ]
        )
        for schema, source in sorted(set(SOURCE.findall(relation))):
            table = TABLES.get(source)
            if table is None:
                continue
            have = (
                [c.name for c in table.columns if c.private or c.name in table.key]
                if schema == "side"
                else [c for c in stored_columns(table) if not c.startswith("source_")]
            )
            columns = ", ".join(c for c in have if re.search(rf"\b{c}\b", text))
            where = f" where snapshot = {report.year}" if table.yearly else ""
            place = f"private_{source}" if schema == "side" else source
            start = cpu()
            con.execute(
                f"select count(*) from (select {columns}, count(*) from {place}{where} group by all)"
            ).fetchall()
            scan += cpu() - start
            narrow += (cpu() - start) * (source == own)
    con.close()
    return cost | {"scan": scan, "narrow": narrow}
