"""Assumptions of theory as text for one landscape, and as a table of all of them.

python -m reports.assumptions        prints the table, in Markdown
"""

from __future__ import annotations

import textwrap

from experiments.assumptions import MEANINGS, THEOREMS, Statement, assumptions, theorems
from lab.component import Chosen
from landscapes import LANDSCAPES
from reports.text import aligned

#: What a theorem asks of the rates and of how they are set, besides what it asks of the landscape.
RATES = {
    "A.1 as claimed": "with every rate in [a, b]",
    "A.1 repaired": "with every rate in [a, b], b < 1/L_max; A: fixed before the draw",
    "A.2": "for an F of 1 - 1/L_max",
}
INTRODUCTION = """\
# Assumptions of theory

Which landscape, with its default parameters, meets which assumption, over the whole space: **y** it
does, n it does not, ? not stated. Noise models come on top: this is the landscape and its own
samples. `lab show landscape NAME` gives the numbers and the reasons, for any parameters. Every
entry is tried on the kernels in `tests/landscapes/test_assumptions.py`. `lab list landscapes
--assumptions` prints the table."""


def lines(landscape: Chosen, width: int) -> list[str]:
    """A table of what is assumed and whether it holds, then which theorems have their premises."""
    found = assumptions(landscape)
    table = [["assumption", "says", "holds"]]
    taken = 4 + max(map(len, MEANINGS)) + max(map(len, MEANINGS.values()))
    for name, statement in found.items():
        first, *rest = textwrap.wrap(said(statement), max(width - taken, 30))
        table += [[name, MEANINGS[name], first], *(["", "", line] for line in rest)]
    out = [aligned(table, left=True)]
    for name, statement in theorems(found).items():
        text = f"theorem {name}: premises {_verdict(statement)}, {RATES[name]}"
        out.append(textwrap.fill(text, width, subsequent_indent="  "))
    return out


def said(statement: Statement) -> str:
    """`yes`, `no` or `not stated`, with the number or the reason."""
    word = {True: "yes", False: "no", None: "not stated"}[statement.holds]
    return f"{word}: {statement.detail}" if statement.detail else word


def _verdict(statement: Statement) -> str:
    word = {True: "hold", False: "fail", None: "are not all stated"}[statement.holds]
    return f"{word} ({statement.detail})" if statement.detail else word


def rows() -> list[list[str]]:
    """A header, then a row for every registered landscape: its name, and y, n or ? a column."""
    table = [["landscape", *MEANINGS, *(f"theorem {name}" for name in THEOREMS)]]
    for name in LANDSCAPES.all():
        found = assumptions(LANDSCAPES.choose(name))
        marks = [_mark(s) for s in (*found.values(), *theorems(found).values())]
        table.append([name, *marks])
    return table


def _mark(statement: Statement) -> str:
    return {True: "**y**", False: "n", None: "?"}[statement.holds]


def overview() -> str:
    """The table for a terminal: what each number at the top means, then a line a landscape."""
    header, *body = rows()
    keys = [f"{i:2} {name}: {meaning}" for i, (name, meaning) in enumerate(MEANINGS.items(), 1)]
    first = len(keys) + 1
    keys += [
        f"{i:2} premises of theorem {name}, {RATES[name]}" for i, name in enumerate(THEOREMS, first)
    ]
    short = [["", *(str(i) for i in range(1, len(header)))]]
    short += [[cell.strip("*") for cell in row] for row in body]
    told = "y holds over the whole space, with the default parameters; n does not; ? not stated"
    return "\n".join([*keys, told, "", aligned(short)])


def markdown() -> str:
    """The page: what the columns mean, and the table."""
    header, *body = rows()
    meanings = [f"- *{name}*: {_plain(meaning)}" for name, meaning in MEANINGS.items()]
    meanings += [
        f"- *theorem {name}* ({RATES[name]}): {', '.join(premises)}"
        for name, premises in THEOREMS.items()
    ]
    table = [header, ["---"] * len(header), *body]
    shown = "\n".join(f"| {' | '.join(row)} |" for row in table)
    return "\n\n".join([INTRODUCTION, "\n".join(meanings), shown]) + "\n"


def _plain(formula: str) -> str:
    """A formula that Markdown takes for nothing else."""
    return f"`{formula}`" if "|" in formula or "*" in formula else formula
