"""Sections into one HTML file: everything inline, nothing fetched, every name escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from lab.errors import RequestError
from reports import style
from reports.aggregate import CLASSES
from reports.labels import short
from reports.page.collect import SCENARIO, Results
from reports.page.section import Section, all_sections
from reports.tables import seeds_of

HERE = Path(__file__).parent
#: What the script needs to know of a figure besides its kind and its data.
SHOWN = ("facet", "title", "finding")
SCRIPTS = ("data", "draw", "curves", "forest", "heatmap", "scenarios", "cells", "page")


def html(results: Results) -> str:
    """The page.

    Raises
    ------
    RequestError
        The directory holds nothing that a page could show.
    """
    sections = all_sections(results)
    if all(section.id == "provenance" for section in sections):
        raise RequestError(
            f"{str(results.directory)!r} holds nothing to show: no finished cells, no result.json,"
            " no figures"
        )
    script, css = _script(), _css(results)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    return environment.get_template("page.html").render(
        title=results.title, asked=asked(results), warning=warning(results), sections=sections,
        data=_data(results, sections), css=Markup(css), script=Markup(script),
        policy=f"default-src 'none'; img-src data:; style-src {_hash(css)};"
        f" script-src {_hash(script)}; base-uri 'none'; form-action 'none'",
    )  # fmt: skip


def asked(results: Results) -> list[tuple[str, str]]:
    """What was asked: the values of every axis, and the schedules."""
    facts = []
    for name in SCENARIO if results.cells else ():
        values = [_shown(value) for value in dict.fromkeys(results.cells[name].tolist())]
        if name not in ("metric_every", "metric", "perturb") or values != [_shown(SCENARIO[name])]:
            labels = {v: v for v in values} if name == "perturb" else short(values)
            facts.append((name.replace("_", " "), ", ".join(labels[value] for value in values)))
    if results.schedules:
        labels = short(results.schedules)
        facts.append(("schedules", ", ".join(labels[name] for name in results.schedules)))
    if results.cells:
        facts.append(("paired seeds", seeds_of(results)))
    return facts


def warning(results: Results) -> str:
    """What a reader must know before anything else; empty in the ordinary case."""
    if results.manifest.get("complete", True):
        return ""
    done, planned = results.manifest.get("completed"), results.manifest.get("planned")
    part = f": {len(done)} of {planned} chunks" if isinstance(done, list) and planned else ""
    return f"This study is not complete{part}. What is here is whole; the rest is missing."


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _data(results: Results, sections: Sequence[Section]) -> dict[str, Any]:
    labels = short(results.schedules)
    lines = results.lines()
    return {
        "schedules": [
            {
                "written": name,
                "label": labels[name],
                "dashes": list(line.dashes),
                "spelled": results.spelled(name),
            }
            for name, line in zip(results.schedules, lines, strict=True)
        ],
        "classes": CLASSES,
        "figures": {
            section.id: [
                {name: getattr(figure, name) for name in ("kind", *SHOWN, "data")}
                for figure in section.figures
            ]
            for section in sections
            if section.figures
        },
        "widgets": {section.widget: section.data for section in sections if section.widget},
    }


def _script() -> str:
    parts = [(HERE / "script" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();"


def _css(results: Results) -> str:
    """The style sheet, with the colours of schedules and of heat maps for paper and for night."""
    lines = results.lines()
    paper = {f"--s{i}": line.colour for i, line in enumerate(lines)}
    night = {f"--s{i}": line.night for i, line in enumerate(lines)}
    for ramp, colours in ((style.HEAT, paper), (style.HEAT_NIGHT, night)):
        for i in range(len(CLASSES) + 1):
            ground = style.ramp(ramp, i / len(CLASSES))
            colours[f"--h{i}"] = ground
            colours[f"--t{i}"] = "#15181D" if style.luminance(ground) > 0.2 else "#FFFFFF"
    template = (HERE / "page.css").read_text(encoding="utf-8")
    return template.replace("/*PAPER*/", _variables(paper)).replace("/*NIGHT*/", _variables(night))


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"{name}: {colour};" for name, colour in colours.items())


def _hash(text: str) -> str:
    """The source expression of a content security policy that allows exactly this text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
