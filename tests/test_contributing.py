"""Each addition that CONTRIBUTING.md describes, made in a copy in exactly the files it names."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("jinzhou", "docs", "notebooks", *(p.name for p in ROOT.glob("*.md")))
TESTS = ("test_docs.py", "test_rooms.py", "test_texts.py", "test_notebooks.py")


class Copy:
    """A copy of the package in which an addition is made."""

    def __init__(self, root: Path) -> None:
        self.root = root
        skip = shutil.ignore_patterns("__pycache__", "*.png")
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, root / name, ignore=skip)
            else:
                shutil.copy(ROOT / name, root / name)
        (root / "tests").mkdir()
        for name in TESTS:
            shutil.copy(ROOT / "tests" / name, root / "tests" / name)
        (root / "docs" / "brief-page-1.png").touch()
        self._before = self._state()

    def _state(self) -> dict[str, str]:
        return {
            path.relative_to(self.root).as_posix(): hashlib.md5(
                path.read_bytes()
            ).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }

    def touched(self) -> set[str]:
        now = self._state()
        return {p for p in now if now[p] != self._before.get(p)} | (
            set(self._before) - set(now)
        )

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        self.write(path, self.text(path).rstrip("\n") + "\n" + text)

    def replace(self, path: str, old: str, new: str) -> None:
        assert self.text(path).count(old) == 1, (path, old)
        self.write(path, self.text(path).replace(old, new))

    def add_row(self, path: str, **values: str) -> None:
        heads = next(csv.reader([self.text(path).split("\n", 1)[0]]))
        assert set(values) <= set(heads), set(values) - set(heads)
        line = io.StringIO()
        csv.DictWriter(line, heads, restval="", lineterminator="\n").writerow(values)
        self.append(path, line.getvalue())

    def python(self, *args: str, **variables: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(self.root)} | variables
        done = subprocess.run(
            [sys.executable, "-B", *args],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
        return done.stdout

    def tests_pass(self, *names: str, only: str) -> None:
        said = self.python(
            *("-m", "pytest", "-x", "-p", "no:cacheprovider", "-k", only, *names)
        )
        assert "passed" in said


@pytest.fixture
def copy(tmp_path) -> Copy:
    return Copy(tmp_path)


def files(addition: str) -> list[str]:
    """Patterns of the files that an addition touches, as the page names them."""
    part = re.search(rf"^## To add {addition}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert part, addition
    named = re.search(r"^Files:\n\n((?:- .+\n(?:  .+\n)*)+)", part[1], re.M)
    return re.findall(r"^- `([^`]+)`", named[1], re.M)


def assert_touched(copy: Copy, addition: str) -> None:
    """Exactly the named files have changed."""
    touched = copy.touched()
    for pattern in sorted(files(addition), key=lambda p: ("<" in p, p)):
        form = re.escape(pattern)
        form = form.replace(r"\*\*/", "(?:.+/)?").replace(r"\*", "[^/]*")
        form = re.sub(r"<\w+>", r"[^/]+", form)
        matched = {path for path in touched if re.fullmatch(form, path)}
        assert matched, f"{addition}: {pattern} was not needed"
        touched -= matched
    assert not touched, f"{addition}: CONTRIBUTING.md does not name {sorted(touched)}"


def test_every_addition_of_the_page_is_made_here():
    here = Path(__file__).read_text(encoding="utf-8")
    for addition in re.findall(r"^## To add (.+)$", PAGE, re.M):
        assert f'"{addition}"' in here, addition


def test_add_a_rule(copy, store):
    copy.add_row(
        "jinzhou/reference/rules.csv",
        rule="Q-house-099",
        object="household",
        severity="doubt",
        tested="household_size is not null",
        failed="household_size > 6",
        show="household_size",
        zh="家庭人口超过6人",
        en="more than 6 members",
        source="ours",
        office="coordination",
    )
    assert_touched(copy, "a rule")
    said = copy.python(
        "-c",
        f"""
from jinzhou import registry
now = registry.open_store({str(store)!r}).at("2018-09-30")
rules = registry.check(now, findings=False).table()
print(int(rules.set_index("rule").loc["Q-house-099", "tested"]))
""",
    )
    assert int(said) > 1_000
    copy.tests_pass("tests/test_docs.py", only="source")


def test_add_an_indicator(copy, store):
    copy.add_row(
        "jinzhou/reference/indicators.csv",
        id="core_children",
        requirement="R13",
        object="person",
        zh="其中：未满16岁",
        en="of which: under 16",
        counted="poor",
        met="age < 16",
        office="coordination",
        unit="persons",
        shown_in="hard_core",
        source="ours",
    )
    copy.python("-m", "jinzhou.reference.document")
    assert_touched(copy, "an indicator")
    said = copy.python(
        "-c",
        f"""
from jinzhou import registry
now = registry.open_store({str(store)!r}).at("2018-09-30")
print(int(registry.count_indicators(now).at().loc["core_children", "met"]))
""",
    )
    assert int(said) > 100
    copy.tests_pass("tests/test_docs.py", only="generated or requirement or source")


def test_add_a_field_or_a_label(copy):
    text = copy.text("jinzhou/reference/columns.csv")
    last = [line for line in text.splitlines() if line.startswith("living,")][-1]
    field = "living,broadband,是否通宽带,flag,宽带,,,,,"
    copy.write("jinzhou/reference/columns.csv", text.replace(last, f"{last}\n{field}"))
    copy.add_row("jinzhou/reference/codes/fuel.csv", label="沼气", code="biogas")
    copy.python("-m", "jinzhou.reference.document")
    assert_touched(copy, "a field or a label")
    said = copy.python(
        "-c",
        """
from jinzhou.reference.vocabulary import TABLES
living = TABLES["living"]
print(living["broadband"].headings, living["fuel"].labels["沼气"])
""",
    )
    assert said.strip() == "('是否通宽带', '宽带', 'broadband') biogas"
    copy.tests_pass("tests/test_docs.py", only="generated or dictionary")


WITHOUT_DOCTOR = '''

@section("village")
def villages_without_doctor(snapshot: Snapshot) -> Section:
    """Villages without a doctor, by county."""
    villages = data.village_clinics(snapshot)
    lacking = villages[villages["doctors"] == 0]
    page = Page(
        "illness.villages_without_doctor",
        snapshot,
        lacking=len(lacking),
        villages=len(villages),
    )
    name = "villages_without_doctor"
    rows = lacking.groupby("county").size().rename("villages").reset_index()
    return page.section(
        findings=[page.finding("count", tables=name)],
        tables=[page.table(name, rows, {"county": "place", "villages": "count"})],
    )
'''
WORDS = """
[villages_without_doctor]
question = "{question}"
unanswered = "{question}"
reading = "{reading}"
[villages_without_doctor.findings]
count = "{finding}"
[villages_without_doctor.tables.villages_without_doctor]
title = "{title}"
[villages_without_doctor.columns]
villages = "{heading}"
"""


def test_add_a_section(copy, store):
    chapter = "jinzhou/chapters/illness"
    copy.append(f"{chapter}/sections/services.py", WITHOUT_DOCTOR)
    copy.replace(
        f"{chapter}/__init__.py",
        "    screening,\n)\n",
        "    screening,\n    villages_without_doctor,\n)\n",
    )
    copy.replace(
        f"{chapter}/__init__.py",
        "        clinics,\n    ),",
        "        clinics,\n        villages_without_doctor,\n    ),",
    )
    copy.append(
        f"{chapter}/text.zh.toml",
        WORDS.format(
            question="哪些县的村还没有医师？",
            reading="医师数空白的村不计。",
            finding="{villages:count}个村中{lacking:count}个没有医师。",
            title="没有医师的村",
            heading="行政村",
        ),
    )
    copy.append(
        f"{chapter}/text.en.toml",
        WORDS.format(
            question="Where are villages without a doctor?",
            reading="Villages with a blank number of doctors are left out.",
            finding="{lacking:count} of {villages:count} villages have no doctor.",
            title="Villages without a doctor",
            heading="Villages",
        ),
    )
    copy.python("-m", "jinzhou.notebook")
    assert_touched(copy, "a section")
    book = json.loads(copy.text("notebooks/illness_poverty.ipynb"))["cells"]
    last, cell, release = ("".join(c["source"]) for c in book[-3:])
    assert last.startswith("## 哪些县的村还没有医师？")
    assert cell == "illness.villages_without_doctor(now)" and "release" in release
    said = copy.python(
        "-c",
        f"""
from jinzhou import registry
from jinzhou.chapters import illness
for lang in ("zh", "en"):
    now = registry.open_store({str(store)!r}).at("2018-09-30", lang=lang)
    print(illness.villages_without_doctor(now)._repr_html_())
""",
    )
    assert re.search(r"\d+个村中\d+个没有医师。", said)
    assert "Villages without a doctor" in said
    copy.tests_pass("tests/test_texts.py", "tests/test_notebooks.py", only="illness")


def test_add_a_model_number(copy, store):
    chapter = "jinzhou/chapters/illness"
    copy.replace(
        f"{chapter}/sections/services.py",
        'Page("illness.clinics", snapshot)',
        'Page("illness.clinics", snapshot, most=found.loc["all", "villages"])',
    )
    start = r'note = "("{2}\\\n)?'
    for lang, said in (
        ("zh", "共{most:count}个村。"),
        ("en", "{most:count} villages. "),
    ):
        text = copy.text(f"{chapter}/text.{lang}.toml")
        part = text.index("[clinics.tables.clinics]")
        note = part + re.search(start, text[part:]).end()
        copy.write(f"{chapter}/text.{lang}.toml", text[:note] + said + text[note:])
    assert_touched(copy, "a model number")
    said = copy.python(
        "-c",
        f"""
from jinzhou import registry
from jinzhou.chapters import illness
now = registry.open_store({str(store)!r}).at("2018-09-30")
print(illness.clinics(now).tables[0].note)
""",
    )
    assert re.match(r"共\d+个村。", said)
    copy.tests_pass("tests/test_texts.py", only="illness")


MEDIAN = '''"""The median of a variable with an interval that assumes no distribution.

scipy has quantile tests; a median by its own order statistics is shorter than a call to them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """Median with its interval; `dropped` rows had no value."""

    median: float
    ci_low: float
    ci_high: float
    n: int
    dropped: int


def median_interval(frame: pd.DataFrame, *, value: str, level: float = 0.95) -> Median:
    """Median and interval between two order statistics.

    References
    ----------
    Conover (1999).
    """
    known = np.sort(frame[value].dropna().to_numpy(float))
    rank = int(binom.ppf((1 - level) / 2, len(known), 0.5))
    return Median(
        median=float(np.median(known)),
        ci_low=float(known[rank - 1]),
        ci_high=float(known[-rank]),
        n=len(known),
        dropped=len(frame) - len(known),
    )
'''


def test_add_a_model(copy):
    copy.write("jinzhou/statistics/median.py", MEDIAN)
    copy.replace(
        "docs/methods.md",
        "## Spot checks\n",
        """## Median

- **Question.** What is the middle household's value?
- **Formula.** The order statistics whose ranks a binomial of one half does not exceed.
- **Assumes.** Independent rows.
- **Source.** Conover (1999).
- **Cannot say.** Anything about the mean.
- **Where.** `statistics/median.py`: `median_interval`.

## Spot checks
""",
    )
    copy.append(
        "docs/bibliography.md",
        "- **Conover (1999)**. *Practical Nonparametric Statistics*. Wiley.\n",
    )
    assert_touched(copy, "a model")
    said = copy.python(
        "-c",
        """
import pandas as pd
from jinzhou.statistics.median import median_interval
found = median_interval(pd.DataFrame({"y": range(101)}), value="y")
print(found.ci_low, found.median, found.ci_high)
""",
    )
    assert said.split() == ["40.0", "50.0", "60.0"]
    copy.tests_pass(
        "tests/test_docs.py", "tests/test_rooms.py", only="median or methods or works"
    )


def test_add_an_output(copy):
    copy.write(
        "jinzhou/publish/plain.py",
        '''"""The brief as plain text."""


def plain(model, out) -> bytes:
    """The day, alone."""
    return str(model["as_of"]).encode()
''',
    )
    path = "jinzhou/publish/documents.py"
    copy.replace(
        path,
        "import typst\n",
        "import typst\n\nfrom jinzhou.publish.plain import plain\n",
    )
    copy.replace(
        path, '    "brief.pdf": ', '    "brief.txt": plain,\n    "brief.pdf": '
    )
    assert_touched(copy, "an output")
    said = copy.python(
        "-c",
        """
from jinzhou.publish.chapter import Chapter
from jinzhou.publish.brief import ORDER
from jinzhou.publish.documents import write_brief
from jinzhou.publish.release import release
for name in ORDER:
    release("out", Chapter(name=name, title=name, lang="zh"), synthetic=True)
write_brief("out", as_of="2018-09-30", sources=(), synthetic=True)
with open("out/brief.txt", encoding="utf-8") as file:
    print(file.read())
""",
    )
    assert "2018年9月30日" in said


def test_add_a_language(copy):
    for path in sorted(copy.root.glob("jinzhou/**/*.en.toml")):
        text = path.read_text(encoding="utf-8")
        text = text.replace('unknown = "Unknown"', 'unknown = "Inconnu"')
        path.with_name(path.name.replace(".en.", ".fr.")).write_text(text, "utf-8")
    assert_touched(copy, "a language")
    said = copy.python(
        "-c",
        """
from jinzhou import errors
from jinzhou.words import LANGUAGES, words
errors.speak("fr")
print(LANGUAGES, words("", "fr")("unknown"))
""",
    )
    assert said.strip() == "('zh', 'en', 'fr') Inconnu"


CITY = {
    "areas": (
        "code,level,parent,zh,en,aliases,tile_column,tile_row,source",
        "450000,province,,云海省,Yunhai,,,,invented",
        "451300,city,450000,星港市,Xinggang,,,,invented",
        "451302,county,451300,东江区,Dongjiang District,,,,invented",
        "451321,county,451300,北岭县,Beiling County,,,,invented",
        "451322,county,451300,南沙县,Nansha County,,,,invented",
        "451381,county,451300,西河市,Xihe City,,,,invented",
    ),
    "targets": (
        "key,year,value,unit,phrase,source,mark",
        "exit_persons,2018,6000,persons,,invented,demo",
        "exit_persons,2019,7000,persons,,invented,demo",
    ),
    "exit_counties": (
        "county,year,phrase,source,mark",
        "451322,2019,,invented,demo",
    ),
    "demonstration": (
        "county,household_share,townships,rural_population,own_funds,urban,exits",
        "451302,0.1,5,50000,60,yes,",
        "451321,0.3,12,200000,500,,",
        "451322,0.35,14,240000,900,,yes",
        "451381,0.25,12,180000,400,,",
    ),
    "statements": ("id,left,relation,right,zh,en,source",),
}
"""An invented city of four counties; its offices and days differ in one row each."""
CHANGED = {
    "offices": ("transport,交通局,Transport Bureau", "transport,公路局,Road Bureau"),
    "offices_after_2020": ("农业农村局", "农村局"),
    "standards": ("exit_culture,0.98", "exit_culture,0.95"),
    "deadlines": ("2018-10-31", "2018-09-15"),
}


def test_add_a_city(copy):
    """The whole road, from invented exports to a brief, for another city by files alone."""
    (copy.root / "office").mkdir()
    for name, lines in CITY.items():
        copy.write(f"office/{name}.csv", "\n".join(lines) + "\n")
    for name, (old, new) in CHANGED.items():
        given = copy.text(f"jinzhou/reference/city/{name}.csv")
        assert old in given
        copy.write(f"office/{name}.csv", given.replace(old, new))
    assert_touched(copy, "a city")
    run = ("-m", "jinzhou")
    office = {"JINZHOU_REFERENCE": str(copy.root / "office")}
    copy.python(*run, "synth", "exports", "--households", "1500", **office)
    copy.python(*run, "load", "exports", "--store", "store", **office)
    copy.python(*run, "brief", "2018Q3", "--store", "store", "--out", "out", **office)
    shown = words_of(copy.root / "out")
    assert all(
        name in shown for name in ("星港市", "东江区", "北岭县", "南沙县", "西河市")
    )
    assert "公路局" in shown and "Xinggang" not in shown
    own = list(
        csv.DictReader(copy.text("jinzhou/reference/city/areas.csv").split("\n"))
    )
    assert not [area["zh"] for area in own if area["zh"] in shown]
    assert {p.stem.split("_")[1] for p in (copy.root / "out/lists").glob("risk_*")} == {
        "451302",
        "451321",
        "451322",
        "451381",
    }


def words_of(folder: Path) -> str:
    """What people read in a folder of outputs, workbooks included."""
    found = []
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".csv", ".json", ".ipynb"):
            found.append(path.read_text(encoding="utf-8-sig"))
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found += [
                    book.read(name).decode()
                    for name in book.namelist()
                    if name.endswith(".xml")
                ]
    return "".join(found)
