"""pyproject.toml, constraints.txt and environment.yml speak of one set of packages."""

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
EXTRAS = PROJECT["optional-dependencies"]


def pinned() -> dict[str, list[Requirement]]:
    pins: dict[str, list[Requirement]] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            pins.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return pins


def test_every_dependency_is_pinned_inside_its_bounds():
    pins = pinned()
    for text in [
        *PROJECT["dependencies"],
        *(t for extra in EXTRAS.values() for t in extra),
    ]:
        wanted = Requirement(text)
        assert "<" in str(wanted.specifier), f"{text}: no upper bound"
        versions = [
            next(iter(p.specifier)).version
            for p in pins[canonicalize_name(wanted.name)]
        ]
        assert versions and all(wanted.specifier.contains(v) for v in versions), (
            text,
            versions,
        )


def test_constraints_name_exact_versions_and_no_host():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text and "--" not in text
    assert all(
        str(p.specifier).startswith("==") for ps in pinned().values() for p in ps
    )


def test_conda_environment_installs_this_project_under_the_same_constraints():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert f"python{PROJECT['requires-python']}" in text
    listed = re.findall(r"^\s+- (.+)$", text, re.M)
    assert listed[-2:] == ["-c constraints.txt", "-e ."]


def test_makefile_help_names_every_command():
    listing = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.M)
    assert phony
    for command in phony[1].split():
        assert f"make {command}" in listing


def test_both_readmes_give_the_two_commands():
    for name in ("README.md", "README.zh.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "make brief" in text and "make test" in text and "make lab" in text


def test_ci_calls_the_linter_and_the_test_command_of_the_readme():
    commands = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\nmake lint\nmake test\n" in commands


def test_hooks_use_the_tools_of_the_project_alone():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (.+)", text) == ["local"] and "://" not in text
    called = re.findall(r"entry: make --no-print-directory (\w+)", text)
    assert called == ["format", "lint"]
