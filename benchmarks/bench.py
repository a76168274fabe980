"""Cost of each stage on the demonstration registry: ``make bench``.

Prints wall and CPU seconds (children included) and peak memory of each stage, each in a process
of its own, the loading of 100,000 rows of xlsx against openpyxl in one run, all rules on a million
persons against a bare scan, and the full simulation studies of `studies.py`.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

from jinzhou.reference import vocabulary


def stage(name: str, *arguments: str) -> None:
    """Run one command of the package and print what it cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "jinzhou", *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{name:<34}{wall:8.1f} s wall {cpu:8.1f} s CPU {after.ru_maxrss / 1024:8.0f} MB peak so far",
        flush=True,
    )


def big_workbook(path: Path, rows: int = 100_000) -> None:
    """A household export of 19 columns in the real layout."""
    columns = [
        c
        for c in vocabulary.TABLES["household"].columns
        if not c.private or c.signature
    ][:19]
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["建档立卡户信息（演示数据）"])
        sheet.write_row(2, 0, [c.zh for c in columns])
        sample = {
            "snapshot": "2018",
            "county_name": "义县",
            "area_code": "210727101201",
            "household_size": "3",
            "registration_status": "未脱贫",
            "first_identified_on": "201409",
            "primary_cause": "因病",
        }
        for row in range(rows):
            sheet.write_row(
                row + 3,
                0,
                [
                    f"2107270{row:07d}"
                    if c.name == "household_id"
                    else sample.get(c.name, "")
                    for c in columns
                ],
            )


def with_openpyxl(path: Path) -> int:
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True))


def with_jinzhou(path: Path) -> int:
    from jinzhou.registry import load

    load(path.parent, path.parent.parent / "store")
    return 0


def run_cells(notebook: Path, store: Path, out: Path) -> None:
    """Every code cell of a notebook, its imports with it, in this process."""
    names: dict = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            with contextlib.redirect_stdout(io.StringIO()):
                exec("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", []):
                names |= {"store": str(store), "out": str(out)}


def cpu_of(work, *arguments) -> float:
    """CPU seconds of a call in a fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    import duty_studies
    import frontier_bench
    import gain_studies
    import illness_bench
    import illness_studies
    import plan_world
    import sfa_bench
    import studies  # here, so that the processes measured do not import it

    from jinzhou import run

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for part in (
        "speed",
        "backtest",
        "studies",
        "panel",
    ):  # first: a process begins with the peak memory of the one that starts it
        subprocess.run(
            [sys.executable, Path(__file__).with_name("risk_bench.py"), part],
            check=True,
        )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        demo, store, out = place / "demo", place / "data" / "store", place / "2018Q3"
        stage("synth 31,000 households", "synth", str(demo))
        stage("load", "load", str(demo), "--store", str(store))
        stage("check", "check", "--store", str(store))
        stage(
            "brief 2018Q3 (store to brief)",
            "brief",
            "2018Q3",
            "--store",
            str(store),
            "--out",
            str(out),
        )
        stage(
            "brief 2018Q3, two workers",
            "brief",
            "2018Q3",
            "--store",
            str(store),
            "--out",
            str(out),
            "--workers",
            "2",
        )
        for name in run.CHAPTERS:
            reach = " (to reach: 8)" if name == "illness_poverty" else ""
            print(
                f"{name}.ipynb, all cells with imports: {cpu_of(run_cells, run.NOTEBOOKS / f'{name}.ipynb', store, place / 'explore'):.1f} s CPU{reach}",
                flush=True,
            )
        (place / "big" / "exports").mkdir(parents=True)
        workbook = place / "big" / "exports" / "household.xlsx"
        big_workbook(workbook)
        slow, fast = cpu_of(with_openpyxl, workbook), cpu_of(with_jinzhou, workbook)
        print(
            f"100,000 rows x 19 of xlsx: openpyxl reads {slow:.1f} s CPU, load to store {fast:.1f} s CPU,"
            f" ratio {fast / slow:.2f} (to reach: 0.20)",
            flush=True,
        )
        studies.stacked_store(store, place / "million", 14)
        cost = studies.rule_cost(place / "million")
        print(
            f"all rules on {cost['persons']:,.0f} persons: {cost['rules']:.1f} s CPU ({cost['failures']:,.0f} findings); bare scan grouped by the same columns"
            f" {cost['scan']:.1f} s, ratio {cost['rules'] / cost['scan']:.1f} (to reach: 4); own tables alone {cost['narrow']:.1f} s",
            flush=True,
        )
        cost = duty_studies.indicator_cost(store)
        print(
            f"{cost['indicators']:.0f} indicators of {cost['relations']:.0f} relations, one scan each: {cost['cpu']:.1f} s CPU (to reach: 5)",
            flush=True,
        )
        print(
            "\nRules: planted registry against the same without errors, 3,000 households"
        )
        print(studies.rule_study(place / "rules").to_string(), flush=True)
    print(
        f"\nForensic tests, 200 small registries: honest {studies.forensic_study(200)} (to reach: honest <= 0.05)",
        flush=True,
    )
    print(
        f"with 10 % of the villages copied: {studies.forensic_study(200, copied=0.1)} (to reach: copied >= 0.90)",
        flush=True,
    )
    print(
        f"Spot-check intervals, 2,000 draws: {studies.spot_check_study(2_000)} (to reach: 0.94-0.97)"
    )
    for world in duty_studies.WORLDS:
        found = duty_studies.on_time_study(500, world=world)["difference"]
        print(
            f"Chance of being in time, 500 counties, {world} speeds: worst tenth {100 * found.abs().max():.1f} points off (to reach: 7 with gamma; a season is not modelled)",
            flush=True,
        )
    illness_bench.main()
    print(f"\n{illness_studies.report()}", flush=True)
    sfa_bench.main()
    plan_world.main()
    gain_studies.main()
    print()
    frontier_bench.main()


if __name__ == "__main__":
    main()
