"""Figures that an experiment has drawn itself, taken into the page."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from pathlib import Path

from reports.page.collect import Results
from reports.page.section import Figure, Section

PLACE = 50
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
#: Bytes of all figures together, at most.
MOST = 3_000_000
#: What `reports.bands.save` writes into an SVG.
DESCRIPTION = re.compile(r"<dc:description>(.*?)</dc:description>", re.DOTALL)


def sections(results: Results) -> Iterator[Section]:
    """The figures in `report/`, where the page does not draw the directory's data itself."""
    if results.cells:
        return
    figures, size = [], 0
    for path in _figures(results.directory / "report"):
        size += path.stat().st_size
        if size > MOST:
            break
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        name = path.stem.replace("-", " ").replace("_", " ")
        src = f"data:{TYPES[path.suffix]};base64,{data}"
        finding = described(path) or f"{name} ({results.experiment})"
        figures.append(Figure("image", finding, {"src": src}, name))
    if figures:
        yield Section(
            "figures", "Figures", figures=figures, facets="figure", command=results.command
        )


def described(path: Path) -> str:
    """What an SVG itself says that it shows; nothing where it says nothing, or of a PNG."""
    if path.suffix != ".svg":
        return ""
    found = DESCRIPTION.search(path.read_text(encoding="utf-8", errors="replace"))
    return html.unescape(found[1]) if found else ""


def _figures(folder: Path) -> Iterator[Path]:
    """Each figure once: as SVG where there is one, else as PNG."""
    for stem in sorted({path.stem for path in folder.glob("*") if path.suffix in TYPES}):
        yield next(p for s in TYPES if (p := folder / f"{stem}{s}").is_file())
