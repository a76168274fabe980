"""The brief itself, written as HTML and PDF from one model."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path

import jinja2
import typst

from jinzhou.errors import ReleaseError
from jinzhou.publish.brief import brief_model
from jinzhou.publish.drawing import font_files
from jinzhou.words import words

PRINTED = datetime(2018, 1, 1, tzinfo=timezone.utc)
"""Time stamp inside the PDF, fixed so that the same brief gives the same bytes."""


@dataclass(frozen=True, kw_only=True)
class Brief:
    """The brief that was written: its folder and its files."""

    folder: Path = field(repr=False)  # an executed notebook says no path
    lang: str

    @property
    def html(self) -> Path:
        """The page."""
        return self.folder / "brief.html"

    @property
    def pdf(self) -> Path:
        """The print."""
        return self.folder / "brief.pdf"

    def _repr_html_(self) -> str:
        said = words("publish/text", self.lang)
        return f"<p>{said('brief.made', files=list(FORMATS))}</p>"


def write_brief(
    out: str | Path,
    *,
    as_of: str,
    sources: Sequence[Mapping[str, object]],
    synthetic: bool,
    county: str = "",
    lang: str = "zh",
    unit: str = "",
) -> Brief:
    """Gather what was released into the files of `FORMATS`.

    Parameters
    ----------
    out : path
        Folder into which the chapters were released.
    as_of : str
        Last day of the quarter.
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
        raise ReleaseError("publish.brief.disk", why=error.strerror or error) from error
    return Brief(folder=out, lang=lang)


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
        raise ReleaseError("publish.brief.typesetting", why=error) from error
    if caught:
        raise ReleaseError("publish.brief.warning", why=caught[0].message)
    return made


FORMATS: dict[str, Callable[[dict, Path], bytes]] = {
    "brief.html": _html,
    "brief.pdf": _pdf,
}
"""File of a brief -> its content, from the brief's model and the folder of outputs."""
