"""The state of the code in figures: ``make house``.

Prints what each figure was, what it is today, the limit that it may not pass again and
the goal. Figures, limits and goals stand in `house.toml`; a figure that has no function
here is measured by running something: the type checker, or the demonstration brief.
"""

from __future__ import annotations

import argparse
import ast
import functools
import json
import re
import resource
import subprocess
import sys
import tempfile
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("house.toml")
PACKAGE = ROOT / "jinzhou"
TEXT = (".toml", ".md", ".sql", ".html", ".typ", ".yml", ".yaml", ".cfg", ".txt")
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\u3001-\u3011]")


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository that exist, new ones too, ignored ones not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    paths = (ROOT / name for name in sorted(set(listing.decode().split("\0"))) if name)
    return tuple(path for path in paths if path.is_file() and not path.is_symlink())


def python(folder: Path = ROOT) -> list[Path]:
    return [p for p in tracked() if p.suffix == ".py" and p.is_relative_to(folder)]


@functools.cache
def lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines())


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in python(PACKAGE):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                yield path, node


def named(path: Path, node: ast.FunctionDef) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def long_functions(limit: int) -> list[str]:
    return [
        f"{named(path, node)} {length}"
        for path, node in functions()
        if (length := (node.end_lineno or 0) - node.lineno + 1) > limit
    ]


def parameters(node: ast.FunctionDef) -> int:
    """Number of parameters a caller may give, `self` and `cls` aside."""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(a.arg not in ("self", "cls") for a in given)


def functions_over_8_parameters() -> list[str]:
    return [
        f"{named(path, node)} {parameters(node)}"
        for path, node in functions()
        if parameters(node) > 8
    ]


def files_over_500_lines() -> list[str]:
    return [
        f"{path.relative_to(ROOT)} {len(lines(path))}"
        for path in python(PACKAGE)
        if len(lines(path)) > 500
    ]


def cells() -> Iterator[tuple[str, str]]:
    """Name and source of every code cell of the notebooks."""
    for path in tracked():
        if path.suffix == ".ipynb":
            for number, cell in enumerate(json.loads(path.read_bytes())["cells"]):
                if cell["cell_type"] == "code":
                    name = f"{path.relative_to(ROOT)} cell {number}"
                    yield name, "".join(cell["source"])


def dates_in_notebooks() -> list[str]:
    return [name for name, source in cells() for _ in re.findall(r"\bas_of=", source)]


def long_cells() -> list[str]:
    return [f"{name} {len(s)}" for name, s in cells() if len(s) > 400]


def matching(paths: list[Path], test: Callable[[str], object]) -> list[str]:
    """Lines of files that a test holds for, as file:line."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(lines(path), 1)
        if test(line)
    ]


def chinese_lines() -> list[str]:
    own = [p for p in python(PACKAGE) if "synthetic" not in p.parts]
    return matching(own, CHINESE.search)


def columns(line: str) -> int:
    """Width on a screen: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@functools.cache
def prose(path: Path) -> set[int]:
    """Numbers of the lines that are docstrings or comments."""
    found = {n for n, line in enumerate(lines(path), 1) if line.lstrip()[:1] == "#"}
    for node in ast.walk(tree(path)):
        text = node.value if isinstance(node, ast.Expr) else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            found |= set(range(text.lineno, (text.end_lineno or 0) + 1))
    return found


def code_over_88_columns() -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python()
        for number, line in enumerate(lines(path), 1)
        if columns(line) > 88 and number not in prose(path)
    ]


def prose_over_100_columns() -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python()
        for number in sorted(prose(path))
        if columns(lines(path)[number - 1]) > 100
    ]


def text_over_100_columns() -> list[str]:
    # a sentence of a text file stands on one line, however long it is
    sentences = (".zh.toml", ".en.toml")
    other = [
        p
        for p in tracked()
        if p.suffix in TEXT
        and p.name != "constraints.txt"
        and not p.name.endswith(sentences)
    ]
    return matching(other, lambda line: len(line) > 100)


def shadowed_modules() -> list[str]:
    """Modules that importing their package replaces by another object of that name."""
    found = []
    for path in python(PACKAGE):
        if path.name != "__init__.py":
            continue
        modules = {p.stem for p in path.parent.glob("*.py")}
        modules |= {p.parent.name for p in path.parent.glob("*/__init__.py")}
        package = ".".join(path.parent.relative_to(ROOT).parts)
        for node in tree(path).body:
            names: set[str] = set()
            if isinstance(node, ast.ImportFrom) and node.module != package:
                names = {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = {node.name}
            found += [f"{package}.{name}" for name in sorted(names & modules)]
    return found


def settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def exempt_files() -> list[str]:
    """Files that the settings exempt from a lint rule, one by one."""
    return [n for n in settings()["ruff"]["lint"]["per-file-ignores"] if "*" not in n]


def exempt_modules() -> list[str]:
    """Modules whose type errors the settings do not count."""
    overrides = settings()["mypy"].get("overrides", [])
    return [m for o in overrides if o.get("ignore_errors") for m in o["module"]]


def run(*command: str) -> str:
    out = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    if out.returncode > 1:
        raise SystemExit(out.stdout + out.stderr)
    return out.stdout


def lint_errors() -> list[str]:
    """What ruff says where no file is exempt; the rules for whole folders stand."""
    rules = settings()["ruff"]["lint"]["per-file-ignores"]
    kept = ", ".join(f"{k!r} = {v!r}" for k, v in rules.items() if "*" in k)
    without = f"lint.per-file-ignores = {{{kept}}}"
    out = run("ruff", "check", "--output-format", "concise", "--config", without, ".")
    return [line for line in out.splitlines() if re.match(r"[^:]+:\d+:", line)]


def type_errors() -> list[str]:
    """What mypy says where no module is exempt."""
    options = {k: v for k, v in settings()["mypy"].items() if k != "overrides"}
    lines = [
        f"{k} = {', '.join(v) if isinstance(v, list) else v}"
        for k, v in options.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mypy.ini"
        config.write_text("\n".join(["[mypy]", *lines]), encoding="utf-8")
        out = run("mypy", "--config-file", str(config))
    return [line for line in out.splitlines() if ": error:" in line]


def brief_cpu_seconds() -> float:
    """CPU seconds of the demonstration brief, from store to finished folder."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "2018Q3")
        command = [sys.executable, "-m", "jinzhou", "brief", "2018Q3", "--out", out]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return round(user + system, 1)


def files_to_touch(task: str) -> list[str] | None:
    """Files that CONTRIBUTING.md names under "To add a ...", tests aside."""
    guide = ROOT / "CONTRIBUTING.md"
    if not guide.exists():
        return None
    pattern = rf"^#+ [^\n]*\b{task}\b[^\n]*\n(.*?)(?=^#|\Z)"
    found = re.search(pattern, guide.read_text(encoding="utf-8"), re.M | re.S)
    if not found:
        return None
    named = re.findall(r"^(?:\d+\.|[-*]) +`([^`]+)`", found[1], re.M)
    return [name for name in named if not name.startswith("tests/")]


READ: dict[str, Callable[[], list[str] | None]] = {  # read from the files
    "package_lines": lambda: [
        str(p) for p in python(PACKAGE) for _ in range(len(lines(p)))
    ],
    "functions_over_100_lines": lambda: long_functions(100),
    "functions_over_60_lines": lambda: long_functions(60),
    "functions_over_8_parameters": functions_over_8_parameters,
    "files_over_500_lines": files_over_500_lines,
    "dates_in_notebooks": dates_in_notebooks,
    "long_cells": long_cells,
    "chinese_lines": chinese_lines,
    "shadowed_modules": shadowed_modules,
    "code_over_88_columns": code_over_88_columns,
    "prose_over_100_columns": prose_over_100_columns,
    "text_over_100_columns": text_over_100_columns,
    "lint_errors": lint_errors,
    "lint_exemptions": exempt_files,
    "type_exemptions": exempt_modules,
    "files_for_a_section": lambda: files_to_touch("section"),
    "files_for_a_model_number": lambda: files_to_touch("model number"),
    "files_for_a_rule": lambda: files_to_touch("rule"),
}
SLOW = {"type_errors": type_errors}


def table() -> dict[str, dict]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def figure(key: str) -> float | None:
    """Today's value of a figure; None where nothing states it."""
    if key == "brief_cpu_seconds":
        return brief_cpu_seconds()
    found = (READ | SLOW)[key]()
    return None if found is None else len(found)


def exempt(*, more: bool) -> None:
    """Write the exemptions of pyproject.toml anew: those still needed, with `more` new ones too."""
    rules: dict[str, set[str]] = {}
    for line in lint_errors():
        name, rule = re.match(r"([^:]+):\d+:\d+: (\w+)", line).groups()  # type: ignore[union-attr]
        if more or name in exempt_files():
            rules.setdefault(name, set()).add(rule)
    failing = {
        line.split(":")[0].removesuffix(".py").replace("/", ".")
        for line in type_errors()
    }
    modules = failing if more else failing & set(exempt_modules())
    path = ROOT / "pyproject.toml"
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not re.match(r'"[^"*]+\.py" = \[|    "jinzhou\.[\w.]+",$', line)
    ]
    at = next(i for i, line in enumerate(kept) if line.startswith('"{tests')) + 1
    kept[at:at] = [f'"{n}" = {json.dumps(sorted(r))}' for n, r in sorted(rules.items())]
    at = kept.index("module = [") + 1
    kept[at:at] = [f'    "{name}",' for name in sorted(modules)]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def tighten(today: dict[str, float | None]) -> None:
    """Write today's figures as limits where they are below the limits that stand."""
    key, kept, rows = "", [], table()
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        key = line.strip("[]") if line.startswith("[") else key
        if not line.startswith("limit ="):
            kept.append(line)
        values = today.get(key), rows.get(key, {}).get("limit")
        known = [v for v in values if v is not None]
        if line.startswith("goal =") and known and key != "brief_cpu_seconds":
            kept.append(f"limit = {min(known):g}")
    TABLE.write_text("\n".join(kept) + "\n", encoding="utf-8")


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what is run")
    parser.add_argument("--list", metavar="FIGURE", help="every place it counts")
    parser.add_argument("--tighten", action="store_true", help="lower the limits")
    parser.add_argument(
        "--exempt", action="store_true", help="exempt what is not clean"
    )
    options = parser.parse_args()
    if options.exempt or options.tighten:
        exempt(more=options.exempt)
    if options.list:
        print("\n".join((READ | SLOW)[options.list]() or []))
        return
    print(f"{'':<58}{'start':>9}{'today':>9}{'limit':>9}{'goal':>9}")
    today: dict[str, float | None] = {}
    for key, row in table().items():
        if key in READ or not options.quick:
            today[key] = figure(key)
        values = row.get("start"), today.get(key), row.get("limit"), row["goal"]
        print(
            f"{row['label']:<58}{''.join(f'{shown(v):>9}' for v in values)}", flush=True
        )
    if options.tighten:
        tighten(today)


if __name__ == "__main__":
    main()
