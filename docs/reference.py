"""The reference pages of the site, made anew in every build from the code: they cannot be stale.

A hook of MkDocs (`mkdocs.yml` names it): a page of the command line from `--help`, and one for each
kind of component from its registry. A new component or option is there without a line of its own.
In a page, a line `::: package.object member ...` becomes that object's signature and docstring.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from docstrings import section  # MkDocs looks beside the hook too
from mkdocs.structure.files import File, Files
from typer.testing import CliRunner

import cli
from experiments.components import REGISTRIES
from lab.component import Facts, Feedback, Landscape, OpenLoop, Parameter
from lab.parameter import written
from reports import assumptions
from reports.numbers import significant

DOCSTRING = re.compile(r"^::: (\S+)(.*)$", re.MULTILINE)
#: The title of a kind's page, and what stands below it.
KINDS = {
    "landscapes": ("Landscapes", "An objective: its value, its gradient, and what is known of it."),
    "noises": (
        "Noise models",
        "A scalar sequence eta_t of strength s; a [channel](channels.md) says where it enters. A"
        " *proportional* model is multiplied by the previous clean size of what it corrupts.",
    ),
    "channels": ("Channels", "Where the noise enters, which matters more than what it is."),
    "perturbations": (
        "Perturbations",
        "A one-off event at a known step, from which recovery is measured: `--perturb`.",
    ),
    "schedules": (
        "Schedules",
        "What sets the rate: a table over the steps (open-loop), or a rule that hears the loss.",
    ),
    "optimizers": ("Optimizers", "What turns a gradient and a rate into a step."),
}


def on_config(config: Any) -> Any:
    """List the pages of the claims, which `make claims` writes, in the order of their numbers."""
    claims = next(entry["Claims"] for entry in config.nav if "Claims" in entry)
    pages = sorted(
        (Path(config.docs_dir) / "claims").glob("c[0-9]*.md"),
        key=lambda path: (int(re.sub(r"\D", "", path.stem)), path.stem),
    )
    for path in pages:
        title = path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        claims.append({title.replace(":", ""): f"claims/{path.name}"})
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages to those of the folder."""
    for name, text in pages().items():
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put docstrings where a page asks for them; give wide tables the place of the contents."""
    if page.file.src_uri.startswith(("index", "tasks/", "claims/")):
        page.meta["hide"] = ["toc"]
    return DOCSTRING.sub(lambda found: section(found[1], found[2].split()), markdown)


def pages() -> dict[str, str]:
    """Markdown of every generated page, by its name."""
    kinds = {kind: components(kind) for kind in REGISTRIES}
    return {"command-line": command_line(), "assumptions": assumptions.markdown(), **kinds}


def command_line() -> str:
    """All commands: what `lab --help` and `lab COMMAND --help` print."""
    group: Any = typer.main.get_command(cli.app)
    parts = ["# The command line", "What `lab --help` and the `--help` of each command print."]
    parts.append(_block(_help()))
    for name in group.commands:
        parts += [f"## lab {name}", _block(_help(name))]
    return "\n\n".join(parts) + "\n"


def _help(*command: str) -> str:
    done = CliRunner().invoke(cli.app, [*command, "--help"], prog_name="lab", env={"COLUMNS": "80"})
    return done.output


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


def components(kind: str) -> str:
    """All components of a kind: a table of them, then a section each."""
    found = REGISTRIES[kind].all()
    title, introduction = KINDS[kind]
    rows = [[f"[{name}](#{name})", _text(c.summary)] for name, c in found.items()]
    parts = [f"# {title}", introduction, _table(["name", "what it is"], rows)]
    for component in found.values():
        parts += _section(component)
    return "\n\n".join(parts) + "\n"


def _section(component: Any) -> Iterator[str]:
    yield f"## {component.name}"
    yield f"{_text(component.summary[0].upper() + component.summary[1:])}."
    if formula := getattr(component, "formula", ""):
        yield f"`{formula}`"
    if traits := _traits(component):
        yield traits
    if component.parameters:
        header = ["parameter", "default", "allowed", "meaning"]
        yield _table(header, [_row(p) for p in component.parameters])
    else:
        yield "No parameters."
    if component.notes:
        yield _text(component.notes.strip())
    if component.aliases:
        yield f"Also known as {', '.join(f'`{name}`' for name in component.aliases)}."
    for name, difference in component.not_the_same.items():
        yield f"Not the same as `{name}`: {_text(difference)}."
    yield f"*Source: {_text(component.source)}.*"


def _traits(component: Any) -> str:
    """What tells this component from others of its kind."""
    if isinstance(component, Landscape):
        values = {parameter.name: parameter.default for parameter in component.parameters}
        return _known(component.facts(values), component.start_text)
    if isinstance(component, OpenLoop):
        return "Open-loop: a table of rates, whatever the loss."
    if isinstance(component, Feedback):
        which = "this step, before it is taken" if component.before else "the next step"
        heard = getattr(component, "heard", "the loss")
        return f"Feedback: sets the rate of {which} from {heard}."
    return "Proportional." if getattr(component, "proportional", False) else ""


def _known(facts: Facts, start: str) -> str:
    """What is known of a landscape with its default parameters."""
    minimum = "unknown" if facts.minimum is None else significant(facts.minimum, 6)
    where = "unknown, or its own for every seed"
    if facts.minimiser is not None:
        shown = [significant(float(x), 4) for x in facts.minimiser[:6]]
        where = f"({', '.join(shown)}{', ...' if facts.dim > 6 else ''})"
    smooth = "none" if facts.L is None else significant(facts.L, 6)
    convex = "none" if facts.mu is None else significant(facts.mu, 6)
    why = f" ({_text(facts.reason)})" if facts.reason else ""
    return (
        f"With the default parameters: dimension {facts.dim}; minimum {minimum} at {where};"
        f" L {smooth}, mu {convex}{why}; start {_text(start)}; base rate {facts.base_lr:.4g}."
    )


def _row(p: Parameter) -> list[str]:
    allowed = p.type_name
    if not p.choices and p.interval != "(-inf, inf)":
        allowed += f" in {p.interval}"
    default = "required" if p.required else f"`{written(p.default)}`"
    share = ", or % of the initial rate" if p.rate else ""
    source = f" [{p.source}]" if p.source else ""
    return [f"`{p.name}`", default, _text(allowed + share), _text(p.meaning + source)]


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(words: str) -> str:
    """Words as Markdown that says just them, in a table too."""
    plain = html.escape(words, quote=False)
    for sign in "\\*_[]|`":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
