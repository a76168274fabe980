"""One quarter's run: every notebook by papermill, then the brief, then one move into place."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from jinzhou.errors import JinzhouError, ParameterError, ReleaseError
from jinzhou.kernels import WarmParent, manager, warm_parent
from jinzhou.notebook import NOTEBOOKS, worded
from jinzhou.publish.manifest import write_manifest
from jinzhou.reference.lines import monitored_period
from jinzhou.registry import open_store, quarter_end

# an import of JupyterLab's that builds 35 parsers nobody here uses
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat  # noqa: E402
from papermill import PapermillExecutionError, execute_notebook, inspect_notebook  # noqa: E402
from papermill.engines import NBClientEngine, papermill_engines  # noqa: E402
from papermill.translators import PythonTranslator, papermill_translators  # noqa: E402

CHAPTERS = (
    "registry_review",
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
    "exit_readiness",
)
AFTER_2020 = {"exit_readiness": "monitoring"}
"""Notebooks that take another's place once nobody is registered as poor."""
BRIEF = "quarterly_brief"
PLACES = ("store", "out")
"""Parameters that say where, not what: they are taken out of the executed copies, so that the
same inputs give the same bytes wherever they lie."""

SETTINGS = {
    "kernel_name": "python3",
    "engine_name": "jinzhou",
    "progress_bar": False,
    "log_output": False,
    "execution_timeout": 600,  # seconds of a cell
    "start_timeout": 120,
    "coalesce_streams": True,  # where one print ends depends on the kernel's clock
    "extra_arguments": ["--IPKernelApp.log_level=CRITICAL"],
}
"""How papermill runs every notebook."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run made: the folder, its brief, and the number of files."""

    folder: Path
    brief: Path
    files: int


class _Translator(PythonTranslator):
    """Writes Chinese parameters as they are, not as escapes."""

    @classmethod
    def translate_str(cls, val):
        return repr(str(val))


class _Engine(NBClientEngine):
    """papermill's own engine, telling a callback which cell has begun."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, on_cell=None, **kwargs):
        begin = nb_man.cell_start

        def cell_start(cell, cell_index=None, **more):
            if on_cell:
                on_cell((cell_index or 0) + 1, len(nb_man.nb.cells))
            return begin(cell, cell_index, **more)

        nb_man.cell_start = cell_start
        return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)


papermill_engines.register("jinzhou", _Engine)
papermill_translators.register("python", _Translator)


def chapters(as_of: str) -> tuple[str, ...]:
    """Names of the notebooks that make up the brief of a day."""
    return (
        tuple(AFTER_2020.get(name, name) for name in CHAPTERS)
        if monitored_period(as_of)
        else CHAPTERS
    )


def execute(
    notebook: Path,
    target: Path,
    parameters: Mapping[str, object],
    *,
    parent: WarmParent | None = None,
    on_cell: Callable[[int, int], None] | None = None,
) -> Path:
    """Run one notebook and keep its executed copy under `target`.

    The copy is called ``unfinished-...`` until its last cell has run, and carries no times, no
    paths and no machine names, so that the same inputs give the same bytes.

    Raises
    ------
    ParameterError
        A parameter that the notebook does not declare.
    JinzhouError
        A cell failed; the message names the notebook and the cell and repeats the cell's own
        message. The half-run copy stays beside `target`.
    """
    _require_declared(notebook, parameters)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"unfinished-{target.name}")
    forked = {"kernel_manager_class": manager(parent)} if parent else {}
    try:
        execute_notebook(
            str(notebook),
            str(half),
            parameters=dict(parameters),
            cwd=str(notebook.parent),
            on_cell=on_cell,
            **SETTINGS,
            **forked,
        )
    except PapermillExecutionError as error:
        raise JinzhouError(
            "run.failed",
            notebook=notebook.stem,
            cell=error.exec_count,
            why=error.evalue,
            half=half.name,
            ename=error.ename,
            path=str(half),
        ) from error
    book = worded(nbformat.read(half, as_version=4), str(parameters.get("lang", "zh")))
    _forget_run(book)
    nbformat.write(book, half)
    os.replace(half, target)
    return target


def _require_declared(notebook: Path, parameters: Mapping[str, object]) -> None:
    """Refuse a parameter that the notebook does not declare."""
    declared = inspect_notebook(str(notebook))
    unknown = sorted(set(parameters) - set(declared))
    if unknown:
        raise ParameterError(
            "run.unknown_parameters",
            notebook=notebook.stem,
            found=unknown,
            known=sorted(declared),
        )


def _forget_run(book: nbformat.NotebookNode) -> None:
    """Take out of an executed notebook what differs between two runs on the same inputs."""
    book.metadata.pop("papermill", None)
    for number, cell in enumerate(book.cells):
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        cell["id"] = f"cell-{number}"
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join(
                line
                for line in cell.source.splitlines()
                if line.partition("=")[0].strip() not in PLACES
            )


def run_quarter(
    quarter: str,
    *,
    store: Path,
    out: Path,
    county: str = "",
    lang: str = "zh",
    workers: int = 1,
    notebooks: Path = NOTEBOOKS,
    on_cell: Callable[[str, int, int], None] | None = None,
) -> Run:
    """Execute the five notebooks of the day and the brief, and move the result to `out`.

    Everything is written into ``.unfinished-<name>`` beside `out` and moved at the end; what stood
    at `out` stays readable until then, and stays for good when anything fails.

    Parameters
    ----------
    quarter : str
        For example ``"2018Q3"``; nothing recorded after its last day is used.
    store, out : Path
    county : str
        Six-digit code, empty for the city.
    workers : int
        Notebooks that run at the same time; the results do not depend on it.
    on_cell : callable(notebook, cell, cells), optional
        Called when a cell begins.

    Raises
    ------
    ParameterError
        Fewer than one worker.
    ReleaseError
        The folder cannot be written (full disk, no permission).
    JinzhouError
        A notebook failed.
    """
    if workers < 1:
        raise ParameterError("run.workers", found=workers, least=1)
    out = out.resolve()
    unfinished = out.with_name(f".unfinished-{out.name}")
    parameters = {
        "store": str(store.resolve()),
        "out": str(unfinished),
        "quarter": quarter,
        "as_of": quarter_end(quarter).date().isoformat(),
        "county": county,
        "lang": lang,
    }
    try:
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(parents=True)
        _execute_all(notebooks, parameters, workers, on_cell)
        files = _write_manifest(notebooks, parameters)
        _move(unfinished, out)
    except OSError as error:
        why = error.strerror or str(error)
        raise ReleaseError("run.disk", name=out.name, why=why) from error
    return Run(folder=out, brief=out / "brief.html", files=files)


def _execute_all(
    notebooks: Path,
    parameters: Mapping[str, str],
    workers: int,
    on_cell: Callable[[str, int, int], None] | None,
) -> None:
    """Execute the chapters of the day side by side, and the brief after them."""
    with warm_parent() as parent:

        def one(name: str) -> Path:
            return execute(
                notebooks / f"{name}.ipynb",
                Path(parameters["out"]) / "notebooks" / f"{name}.ipynb",
                parameters,
                parent=parent,
                on_cell=partial(on_cell, name) if on_cell else None,
            )

        _run_all(one, chapters(parameters["as_of"]), workers)
        one(BRIEF)


def _write_manifest(notebooks: Path, parameters: Mapping[str, str]) -> int:
    """List what a run read and wrote; the number of files."""
    read = open_store(parameters["store"]).manifest["inputs"]
    return write_manifest(
        Path(parameters["out"]),
        inputs=cast(Sequence[Mapping[str, object]], read),
        notebooks=notebooks,
        parameters={k: v for k, v in parameters.items() if k not in PLACES},
    )


def _run_all(one: Callable[[str], Path], names: Sequence[str], workers: int) -> None:
    """Run notebooks side by side; the first failure stops those that have not begun."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting = [pool.submit(one, name) for name in names]
        try:
            for chapter in waiting:
                chapter.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _move(unfinished: Path, out: Path) -> None:
    """Put the finished folder in place of the earlier one, which is removed only afterwards."""
    earlier = out.with_name(f".earlier-{out.name}")
    if earlier.exists():
        shutil.rmtree(earlier)
    if out.exists():
        os.replace(out, earlier)
    try:
        os.replace(unfinished, out)
    except OSError:
        if earlier.exists():
            os.replace(earlier, out)
        raise
    if earlier.exists():
        shutil.rmtree(earlier)
