"""The manifest of a run: inputs, parameters, code, and every file written, each with its checksum."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinzhou
from jinzhou.words import REFERENCE_VARIABLE

NAME = "manifest.json"
CODE = {".py", ".sql", ".csv", ".toml", ".typ", ".html"}
"""Endings of the files that decide what a run writes."""


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def code_version(notebooks: Path) -> dict[str, str]:
    """Version number of the package, and one checksum over its files and the notebooks."""
    package = Path(jinzhou.__file__).parent
    digest = hashlib.sha256()
    files = [p for p in package.rglob("*") if p.suffix in CODE]
    for path in sorted(
        [*files, *notebooks.glob("*.ipynb")], key=lambda p: p.as_posix()
    ):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return {"version": jinzhou.__version__, "sha256": digest.hexdigest()}


def write_manifest(
    folder: Path,
    *,
    inputs: Sequence[Mapping[str, object]],
    parameters: Mapping[str, object],
    notebooks: Path,
) -> int:
    """Write `manifest.json` into `folder` and return the number of files it lists.

    The manifest carries no time and no path of the machine, so two runs on the same inputs write
    the same bytes. ``reference`` has the files that an office put in place of the package's own.
    """
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != NAME)
    own = (
        Path(os.environ[REFERENCE_VARIABLE])
        if os.environ.get(REFERENCE_VARIABLE)
        else None
    )
    manifest = {
        "reference": {
            p.relative_to(own).as_posix(): checksum(p)
            for p in sorted((*own.rglob("*.csv"), *own.rglob("*.toml")))
        }
        if own
        else {},
        "parameters": dict(parameters),
        "code": code_version(notebooks),
        "inputs": [dict(one) for one in inputs],
        "files": {p.relative_to(folder).as_posix(): checksum(p) for p in files},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
    return len(files)
