"""The brief itself: one model read from the released chapters, written as HTML and PDF."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timezone
from importlib.resources import files
from pathlib import Path

import jinja2
import typst

from jinzhou.errors import ReleaseError
from jinzhou.publish.chapter import county_name, words
from jinzhou.publish.figures import font_files
from jinzhou.reference.policy import monitored_period
from jinzhou.reference.vocabulary import CAUTION, COUNTIES, DEMO

ORDER = (
    "registry_review",
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
    "exit_readiness",
)
PROBLEMS = (
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
    "exit_readiness",
    "registry_review",
)
"""Order of section three."""
ORDER_AFTER = (
    "monitoring",
    "registry_review",
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
)
PROBLEMS_AFTER = (
    "monitoring",
    "return_risk",
    "illness_poverty",
    "funding_efficiency",
    "registry_review",
)
"""The same after 2020."""
ELSEWHERE = ("bridge", "monitored_bridge", "risk_map", "risk_splits")
"""Figures that stand on page one, beside the counties, and in the annex on methods."""
LONGEST = 32
"""Rows of a table that a page shows; the rest is in its CSV."""
PRINTED = datetime(2018, 1, 1, tzinfo=timezone.utc)
"""Time stamp inside the PDF, fixed so that the same brief gives the same bytes."""


def write_brief(
    out: str | Path,
    *,
    quarter: str,
    as_of: str,
    sources: Sequence[Mapping[str, object]],
    synthetic: bool,
    county: str = "",
    lang: str = "zh",
    unit: str = "",
) -> Path:
    """Gather what was released into the files of `FORMATS`.

    Parameters
    ----------
    out : path
        Folder into which the chapters were released.
    sources : sequence of mappings
        Input sheets with `name`, `sheet`, `table`, `sha256`, `rows`, `accepted`, `rejected`.
    synthetic : bool
        Whether every page must say that the data are a demonstration.
    unit : str
        Name of the office that issues the brief.

    Raises
    ------
    ReleaseError
        A chapter has not been released, the PDF cannot be set without a warning, or a file cannot
        be written.
    """
    out = Path(out)
    model = brief_model(
        out,
        quarter=quarter,
        as_of=as_of,
        sources=sources,
        synthetic=synthetic,
        county=county,
        lang=lang,
        unit=unit,
    )
    made = {name: write(model, out) for name, write in FORMATS.items()}
    try:
        for name, content in made.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise ReleaseError(
            f"无法写入简报：{error.strerror or error}。请检查磁盘空间和写入权限。",
            f"cannot write the brief: {error.strerror or error}. Check free space and permission.",
        ) from error
    return out / "brief.html"


def brief_model(
    out: Path, *, quarter, as_of, sources, synthetic, county, lang, unit
) -> dict:
    """Everything the pages show, as plain lists and texts; ReleaseError when a chapter is missing."""
    w = words(lang)
    year, number = quarter.split("Q")
    monitoring = monitored_period(as_of)
    order, section = (ORDER_AFTER, PROBLEMS_AFTER) if monitoring else (ORDER, PROBLEMS)
    chapters = {}
    for name in order:
        path = out / "released" / f"{name}.json"
        if not path.is_file():
            raise ReleaseError(
                f"尚未发布「{name}」，无法汇总简报；请先运行该笔记本。",
                f"chapter {name} has not been released; run its notebook first.",
            )
        chapters[name] = json.loads(path.read_text(encoding="utf-8"))
    numbered, tables = {}, []
    for name in order:
        for table in chapters[name]["tables"]:
            numbered[table["name"]] = len(tables) + 1
            rows = table["rows"]
            more = (
                w(
                    f"共{len(rows)}行，此处列前{LONGEST}行，全表见 tables/{table['name']}.csv。",
                    f"{len(rows)} rows, the first {LONGEST} shown; all in tables/{table['name']}.csv.",
                )
                if len(rows) > LONGEST and not table["whole"]
                else ""
            )
            note = " ".join(
                x
                for x in (
                    table["note"],
                    more,
                    w(
                        "隐去：不足最小单元，或可由合计推出。",
                        "Withheld: too few, or would follow from the sums.",
                    )
                    if any(c == w("隐去", "withheld") for r in rows for c in r)
                    else "",
                )
                if x
            )
            tables.append(
                table
                | {
                    "number": len(tables) + 1,
                    "rows": rows if table["whole"] else rows[:LONGEST],
                    "note": note,
                    "label": w(f"表{len(tables) + 1}", f"Table {len(tables) + 1}"),
                }
            )

    drawn = {
        f["name"]: w(f"图「{f['title']}」", f"figure '{f['title']}'")
        for name in order
        for f in chapters[name]["figures"]
    }
    comma = w("、", ", ")
    for table in tables:
        for column in table["links"]:
            table["rows"] = [
                [
                    comma.join(
                        w(f"表{numbered[n]}", f"table {numbered[n]}")
                        if n in numbered
                        else drawn.get(n, n)
                        for n in cell.split(comma)
                        if n
                    )
                    if place == column
                    else cell
                    for place, cell in enumerate(row)
                ]
                for row in table["rows"]
            ]

    def named(sentence: Mapping) -> str:
        marks = w("、", ", ").join(
            w(f"表{numbered[t]}", f"table {numbered[t]}")
            for t in sentence["tables"]
            if t in numbered
        )
        return (
            sentence["text"] + (f"（{marks}）" if lang == "zh" else f" ({marks})")
            if marks
            else sentence["text"]
        )

    first = [
        *chapters[order[0]]["sentences"],
        *(
            chapters[n]["problems"][0]["sentences"][0]
            for n in order
            if chapters[n]["problems"] and n not in ("monitoring", "registry_review")
        ),
    ]
    columns = {}
    for name in order:
        columns |= chapters[name]["county"]
    codes = [c for c in COUNTIES if any(c in texts for texts in columns.values())] + [
        "all"
    ]
    day = date.fromisoformat(as_of)
    heading = w(
        "防止返贫监测工作简报" if monitoring else "脱贫攻坚工作简报",
        "Preventing return to poverty"
        if monitoring
        else "Brief on the fight against poverty",
    )
    place = w("锦州市", "Jinzhou") if not county else county_name(county, lang)
    banner = " · ".join(
        x
        for x in (
            w(CAUTION, "for checking only"),
            w(DEMO, f"demonstration data ({DEMO})") if synthetic else "",
        )
        if x
    )
    problems = []
    for name in section:
        for problem in chapters[name]["problems"]:
            problems.append(
                {
                    "title": problem["title"],
                    "office": problem["office"],
                    "sentences": [named(s) for s in problem["sentences"]],
                    "figures": [
                        f
                        for f in chapters[name]["figures"]
                        if f["name"] not in ELSEWHERE
                    ],
                    "lists": _lists(chapters[name]["lists"], w),
                }
            )
    apart = {
        f["name"]: f
        for name in order
        for f in chapters[name]["figures"]
        if f["name"] in ELSEWHERE
    }
    return {
        "lang": lang,
        "heading": heading,
        "place": place,
        "unit": unit
        or (
            w(f"{place}乡村振兴局", f"{place} rural revitalisation bureau")
            if monitoring
            else w(
                f"{place}扶贫开发领导小组办公室", f"{place} poverty alleviation office"
            )
        ),
        "issue": w(
            f"{year}年第{'一二三四'[int(number) - 1]}季度", f"{year} quarter {number}"
        ),
        "banner": banner,
        "synthetic": synthetic,
        "as_of": w(
            f"数据截止{day.year}年{day.month}月{day.day}日",
            f"data up to {day:%d %B %Y}",
        ),
        "facts": [
            f | {"spark": _spark(f["trend"])}
            for name in order
            for f in chapters[name]["facts"]
        ],
        "summary": [named(s) for s in first[:5]],
        "bridge": apart.get("monitored_bridge", apart.get("bridge")),
        "map": apart.get("risk_map"),
        "counties": {
            "columns": [w("县（市、区）", "County"), *columns],
            "rows": [
                [
                    county_name(c, lang),
                    *(texts.get(c, "—") for texts in columns.values()),
                ]
                for c in codes
            ],
        },
        "problems": problems,
        "steps": [
            [
                s["matter"],
                s["office"],
                s["target"],
                s["deadline"],
                w(f"表{numbered[s['basis']]}", f"table {numbered[s['basis']]}"),
            ]
            for name in section
            for s in chapters[name]["steps"]
        ],
        "tables": tables,
        "method_figures": [apart["risk_splits"]] if "risk_splits" in apart else [],
        "notes": [n for name in order for n in chapters[name]["notes"]],
        "sources": _sources(sources, lang),
        "words": _WORDS[lang],
    }


def _lists(lists: Sequence[Mapping], w) -> list[str]:
    """One text per list, or per workbook when it has several sheets."""
    books: dict[str, list[Mapping]] = {}
    for one in lists:
        books.setdefault(one["name"], []).append(one)
    texts = []
    for name, book in books.items():
        rows = [x["rows"] for x in book]
        count, many = (
            ("", "")
            if None in rows
            else (w(f"{sum(rows)}行", f"{sum(rows)} rows"), w("、", ", "))
        )  # a small number is not told here either
        sheets = w(f"{len(book)}张表", f"{len(book)} sheets") if len(book) > 1 else ""
        inside = sheets + (many if sheets else "") + count
        title = f"{name}.xlsx" if len(book) > 1 else book[0]["title"]
        texts.append(title + (w(f"（{inside}）", f" ({inside})") if inside else ""))
    return texts


def _sources(sources: Sequence[Mapping[str, object]], lang: str) -> list[list[str]]:
    """Sheets that were read, then those that no table knew: a file that is missing from the figures is seen here."""
    unread = words(lang)("未识别", "not recognised")
    return [
        [
            str(s["name"]),
            str(s["sheet"]),
            str(s["rows"]),
            str(s["accepted"]),
            str(s["rejected"]) if s["table"] else unread,
            str(s["sha256"])[:12],
        ]
        for s in sorted(sources, key=lambda s: not s["table"])
    ]


_WORDS = {
    "zh": {
        "one": "一、总体情况",
        "two": "二、分县情况",
        "three": "三、重点问题",
        "four": "四、下一步",
        "annex": "附件",
        "tables": "附件1　数据表",
        "methods": "附件2　指标、口径与不确定性",
        "data": "附件3　数据来源与校验",
        "office": "责任单位：",
        "lists": "名单另附，不公开：",
        "steps": ["事项", "责任单位", "对象", "时限", "依据"],
        "source": "来源：",
        "note": "注：",
        "files": ["文件", "工作表", "行数", "读入", "拒收", "指纹"],
        "caution": "本简报由登记数据自动生成，数字可追溯到附表；疑点供核查参考，由人决定。",
        "rules": "初步数：迟录的数据尚未到齐；未能判定：缺数据；无法识别：数据分不开；疑点：需核查，不等于造假。",
        "demo": "演示数据：由程序模拟生成，不含任何真实农户。",
    },
    "en": {
        "one": "1  The whole",
        "two": "2  By county",
        "three": "3  Main problems",
        "four": "4  Next steps",
        "annex": "Annex",
        "tables": "Annex 1  Tables",
        "methods": "Annex 2  Definitions and uncertainty",
        "data": "Annex 3  Data and checks",
        "office": "Answers: ",
        "lists": "Lists kept apart, not public: ",
        "steps": ["Matter", "Office", "Of", "By", "Basis"],
        "source": "Source: ",
        "note": "Note: ",
        "files": ["File", "Sheet", "Rows", "Accepted", "Rejected", "Fingerprint"],
        "caution": "Made from registry data; every figure can be traced to a table of the annex. Doubts are for checking; people decide.",
        "rules": "Preliminary: late records are still to come. Unknown: data are missing. Not identified: the data cannot separate. A doubt (疑点) is no proof.",
        "demo": "Demonstration data (演示数据): simulated, no real household.",
    },
}


def _spark(trend: Sequence[float]) -> str:
    """A small trend line as SVG, empty without at least two values."""
    if len(trend) < 2:
        return ""
    low, high = min(trend), max(trend)
    points = [
        (
            4 + 92 * i / (len(trend) - 1),
            20 - 16 * ((v - low) / (high - low) if high > low else 0.5),
        )
        for i, v in enumerate(trend)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="24" viewBox="0 0 100 24"><polyline points="{line}" fill="none" '
        f'stroke="#2f6690" stroke-width="1.6"/><circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="2.4" fill="#b23a48"/></svg>'
    )


def _html(model: dict, out: Path) -> bytes:
    """One page with everything inside it; nothing is fetched."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def drawing(name: str):
        text = (out / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        text = re.sub(
            r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL
        )
        # ids of several drawings on one page must not meet
        text = re.sub(r'(id="|href="#|url\(#)', lambda m: f"{m.group(1)}{name}-", text)
        return jinja2.utils.markupsafe.Markup(text)

    environment.globals["drawing"] = drawing
    environment.filters["raw"] = jinja2.utils.markupsafe.Markup
    template = environment.from_string(
        files("jinzhou.publish").joinpath("brief.html").read_text(encoding="utf-8")
    )
    return template.render(**model).encode()


def _pdf(model: dict, out: Path) -> bytes:
    """The PDF, set with our own fonts only; any warning of the typesetter is an error."""
    source = files("jinzhou.publish").joinpath("brief.typ").read_bytes()
    try:
        made, caught = typst.compile_with_warnings(
            source,
            root=str(out.resolve()),
            format="pdf",
            ignore_system_fonts=True,
            font_paths=sorted({str(p.parent) for p in font_files()}),
            sys_inputs={"data": json.dumps(model, ensure_ascii=False)},
            timestamp=PRINTED,
        )
    except typst.TypstError as error:
        raise ReleaseError(
            f"排版失败：{error}", f"typesetting failed: {error}"
        ) from error
    if caught:
        raise ReleaseError(
            f"排版有警告：{caught[0].message}",
            f"typesetting gave a warning: {caught[0].message}",
        )
    return made


FORMATS: dict[str, Callable[[dict, Path], bytes]] = {
    "brief.html": _html,
    "brief.pdf": _pdf,
}
"""File of a brief -> its content, from the brief's model and the folder of outputs."""
