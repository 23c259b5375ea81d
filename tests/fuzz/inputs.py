"""Bad, odd and good input for the command line, drawn from a random generator.

Every input is a command with the files that it finds in its directory. Sizes stay small wherever a
request might be right, so that thousands can be tried.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from experiments.components import REGISTRIES
from lab.parameter import written
from tests.fuzz.declared import declared_source
from tests.fuzz.plugins import plugin_source

#: Kinds of components by the option that names them.
OPTIONS = {
    "--landscape": "landscapes", "--noise": "noises", "--channel": "channels",
    "--schedule": "schedules", "--optimizer": "optimizers", "--perturb": "perturbations",
}  # fmt: skip
SMALL = ("--seeds", "3", "--steps", "6")
NUMBERS = (
    "0", "1", "2", "3", "0.5", "-1", "-0", "1e-300", "1e300", "1e308", "1e309", "-1e309", "5e-324",
    "nan", "NaN", "inf", "-inf", "1e16", "9007199254740993", "18446744073709551616", "007", "1_0",
    "0x10", "1e", "1e5", "1,5", "10%", "1e400%", "nan%", "-5%", "true", "", " ", "1/2", "1/2/3",
    "0/0", "/", "٣", "１", "½", "1" * 400,
)  # fmt: skip
WORDS = (
    "a", "none", "true", "false", "TRUE", "last", "loss", "🐢", "ß", "é", "a b", "'", '"', "''",
    "()", "(", ")", "(cosine)", "(cosine:T_max=3)", "((", "=", ":", ",", "\\", "%s", "{0}", "\t",
    "\n", "\r", "\x00", "\x1b[31m", "\u202e", "\udcff", "../..", "/etc/passwd", "~", "*", "-", "--",
    "<script>", "; rm", "$(ls)", "x" * 3000,
)  # fmt: skip


@dataclass
class Input:
    """A command line with the files of its directory; `stdin` is what it reads there."""

    arguments: list[str]
    files: dict[str, bytes] = field(default_factory=dict)
    stdin: bytes = b""


def some(rng: Random, options: Sequence[Any]) -> Any:
    return options[rng.randrange(len(options))]


def chance(rng: Random, per_cent: int) -> bool:
    return rng.randrange(100) < per_cent


def text(rng: Random) -> str:
    """A word, a number, or noise."""
    kind = rng.randrange(4)
    if kind == 0:
        return some(rng, NUMBERS)
    if kind == 1:
        return some(rng, WORDS)
    if kind == 2:
        return "".join(chr(some(rng, (rng.randrange(32, 127), rng.randrange(1, 0xD7FF))))
                       for _ in range(rng.randrange(12)))  # fmt: skip
    return "".join(some(rng, (*"abz019:=,/()'\" .%-_",)) for _ in range(rng.randrange(16)))


def mutated(rng: Random, original: str) -> str:
    """The same with some characters gone, doubled, replaced or added."""
    characters = list(original)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(characters) + 1)
        characters[at : at + rng.randrange(3)] = some(rng, ("", text(rng), characters[at : at + 2]))
    return "".join(characters)


def value_of(rng: Random, parameter: Any, depth: int) -> str:
    """A value that is right more often than not."""
    if chance(rng, 25):
        return some(rng, (*NUMBERS, *WORDS))
    if parameter.choices:
        return some(rng, parameter.choices)
    default = parameter.default
    if isinstance(default, bool):
        return some(rng, ("true", "false"))
    if isinstance(default, int):
        return str(some(rng, (0, 1, 2, 3, 5, 10, 40)))
    if isinstance(default, float):
        return some(rng, ("0", "1e-3", "0.1", "0.5", "0.99", "1", "2", "10", "1e6", "10%"))
    if isinstance(default, tuple):
        return "/".join(some(rng, ("0", "1", "3", "0.5", "9")) for _ in range(rng.randrange(1, 4)))
    if hasattr(default, "values") and depth < 3:
        return f"({component(rng, 'schedules', depth + 1)})"
    return some(rng, (written(default), "rates.txt", "rates.txt", "none.txt", "."))


def component(rng: Random, kind: str, depth: int = 0) -> str:
    """A component as it is written, often a right one."""
    if chance(rng, 4):
        return text(rng)
    every = REGISTRIES[kind].all()
    chosen = every[some(rng, list(every))]
    name = some(rng, (chosen.name, chosen.name, *chosen.aliases, *chosen.not_the_same))
    parts = []
    for parameter in chosen.parameters:
        if parameter.required or chance(rng, 30):
            value = value_of(rng, parameter, depth)
            parts.append(f"{parameter.name}={value}")
    if chance(rng, 4):
        parts.append(f"{text(rng)}={text(rng)}")
    rng.shuffle(parts)
    whole = f"{name}:{','.join(parts)}" if parts else name
    return mutated(rng, whole) if chance(rng, 8) else whole


def spec_input(rng: Random) -> Input:
    """`lab trace` with one or two components in question."""
    arguments = ["trace", "--landscape", "rosenbrock", "--noise", "gaussian"]
    for option in {some(rng, list(OPTIONS)), some(rng, list(OPTIONS))}:
        arguments += [option, component(rng, OPTIONS[option])]
    files = {"rates.txt": rates(rng)}
    return Input([*arguments, *SMALL, "--json"], files)


def rates(rng: Random) -> bytes:
    if chance(rng, 60):
        return b"\n".join(b"%g" % (0.01 * rng.randrange(1, 9)) for _ in range(9))
    return some(rng, (b"", b"#", b"\xff\xfe1", b"1 2", b"nan", b"-1", b"\x00" * 9, b"1e999"))


STUDY = """seeds = 3
[constants]
steps = 6
lr = 0.01
[axes]
landscape = ["rosenbrock", "quadratic:dim=3"]
noise = ["none", "gaussian"]
schedule = ["greedy", "cosine"]
"""


def toml_input(rng: Random) -> Input:
    """`lab sweep` of a study file that is nearly right, or far from it."""
    kind = rng.randrange(4)
    content = STUDY.encode()
    if kind == 0:
        content = mutated(rng, STUDY).encode("utf-8", "surrogateescape")
    elif kind == 1:
        content = toml_text(rng).encode("utf-8", "surrogateescape")
    elif kind == 2:
        content = bytes(rng.randrange(256) for _ in range(rng.randrange(60)))
    else:
        content = some(rng, (b"", b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n"),
                             content[: rng.randrange(len(content))], content + b"\xff",
                             b"[" * 5000, b"a=" + b"[" * 2000, content.replace(b"3", b"9" * 5000),
                             content.decode().encode("utf-16")))  # fmt: skip
    files = {"study.toml": content, "rates.txt": rates(rng)}
    return Input(["sweep", "study.toml", "--out", "out", "--json", "--quiet"], files)


def toml_text(rng: Random) -> str:
    """A study with values from everywhere."""
    lines = []
    if chance(rng, 50):
        lines.append(f"seeds = {toml_value(rng, ('1', '2', '3'))}")
    if chance(rng, 30):
        lines.append(f"seed = {toml_value(rng, ('0', '7', '18446744073709551615'))}")
    if chance(rng, 30):
        lines.append(f"title = {toml_value(rng, (quoted('a study'), quoted('<b>')))}")
    for table in ("components", "constants", "axes", "[zip]", "[exclude]", "keep", text(rng)):
        if chance(rng, 50):
            lines.append(f"[{table}]")
            lines += [toml_line(rng, table) for _ in range(rng.randrange(4))]
    if chance(rng, 70):
        lines += ["[axes]", 'landscape = ["rosenbrock"]', 'schedule = ["cosine", "greedy"]']
    return "\n".join(lines)


KEYS = ("landscape", "noise", "channel", "strength", "steps", "metric_every", "metric", "perturb",
        "optimizer", "schedule", "lr", "rows", "bands", "losses", "g5")  # fmt: skip


def toml_line(rng: Random, table: str) -> str:
    key = some(rng, KEYS) if chance(rng, 90) else quoted(text(rng))
    right = ("1", "2", "0.5", "true", quoted("all"), quoted("last"), quoted("none"), quoted("adam"))
    one = lambda: toml_value(rng, right, key)  # noqa: E731
    listed = table in ("axes", "[zip]") or key == "losses"
    count = rng.randrange(1, 4)
    return f"{key} = [{', '.join(one() for _ in range(count))}]" if listed else f"{key} = {one()}"


def toml_value(rng: Random, right: Sequence[str], key: str = "") -> str:
    kind = f"{key}s" if f"{key}s" in REGISTRIES else {"perturb": "perturbations"}.get(key)
    if kind and chance(rng, 60):
        return quoted(component(rng, kind))
    if chance(rng, 60):
        return some(rng, right)
    return some(rng, (
        quoted(text(rng)), "[]", "{}", "inf", "nan", "-1", "1979-05-27", "07:32:00", "[[1]]",
        "{a = 1}", "1e400", "9" * 30, "0x1F", "'''a\nb'''", some(rng, NUMBERS), some(rng, WORDS),
    ))  # fmt: skip


def quoted(value: str) -> str:
    return json.dumps(value)


def log_content(rng: Random) -> bytes:
    """A loss log: right, wrong, or hardly one."""
    kind = rng.randrange(8)
    values = [some(rng, ("1", "0.5", "2e-3", "nan", "inf", "-inf", "1e400", "", "x", "1,5", "-0"))
              if chance(rng, 20) else f"{rng.randrange(1, 1000) / 100}"
              for _ in range(rng.randrange(30))]  # fmt: skip
    end = some(rng, ("\n", "\n", "\r\n", "\r", "\x0b", "\u2028"))
    if kind == 0:
        content = end.join(values)
    elif kind == 1:
        header = some(rng, ("step,loss", "loss", "a;b", "step,loss,loss", '"loss"', "Step,Train"))
        content = end.join([header, *(f"{i},{v}" for i, v in enumerate(values))])
    elif kind == 2:
        keys = ("loss", "train_loss", "step", "x")
        odd = (1.5, "2", None, [], True, float("nan"), 10**400)
        records = [{some(rng, keys): some(rng, (*odd, v))} for v in values]
        content = end.join(json.dumps(record) for record in records)
    elif kind == 3:
        content = mutated(rng, "step,loss\n1,2\n2,1.5\n3,1\n")
    elif kind == 4:
        content = some(
            rng,
            (
                "{",
                "[1, 2]",
                '{"loss": ',
                "{" * 9999,
                "[" * 99999,
                '"' * 3,
                "," * 9,
                "1" * 200_000,
                '{"loss":' * 5000,
                'loss\n"unclosed',
                "loss\n" + "1,",
            ),
        )
    elif kind == 5:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(200)))
    elif kind == 6:
        return some(rng, (b"\xef\xbb\xbf1\n2", "1\n2".encode("utf-16"), b"\x00" * 50, b"", b"\n\n",
                          b"1\n\xff", b"\x1f\x8b\x08\x00", b"PAR1"))  # fmt: skip
    else:
        content = "1\n" * rng.randrange(1, 3000)
    return content.encode("utf-8", "surrogateescape")


def log_input(rng: Random) -> Input:
    """`lab replay` of a log."""
    schedule = component(rng, "schedules")
    if chance(rng, 60):
        schedule = some(rng, ("greedy", "greedy-simple", "reduce-on-plateau:patience=1", "cosine"))
    arguments = ["replay", schedule, "--losses", some(rng, ("log", "log", "log", "-", "none", "."))]
    if chance(rng, 30):
        arguments += ["--column", some(rng, ("loss", "step", "x", text(rng)))]
    if chance(rng, 20):
        arguments += ["--lr", some(rng, NUMBERS)]
    if chance(rng, 20):
        arguments += ["--metric-every", some(rng, ("1", "2", "7", "100", "0", "x"))]
        arguments += ["--metric", some(rng, ("mean", "last", "clean", "x"))]
    if chance(rng, 70):
        arguments.append("--json")
    return Input(arguments, {"log": log_content(rng), "rates.txt": rates(rng)}, log_content(rng))


def plugin_input(rng: Random) -> Input:
    """A plug-in of some kind, with the command that uses it."""
    kind, source = declared_source(rng) if chance(rng, 70) else plugin_source(rng)
    if chance(rng, 6):
        source = mutated(rng, source)
    files = {"mine.py": source.encode("utf-8", "surrogateescape"), "log": b"3\n2\n2\n1\n"}
    return Input(plugin_use(rng, kind), files)


#: Commands that take a plug-in, besides the option that names its component.
USES = (
    ("trace",), ("run", "--no-tune", "--schedule", "constant"),
    ("recovery", "--no-published", "--hold", "2"),
    ("rank", "--contender", "greedy", "--contender", "constant", "--tuning-seeds", "0"),
    ("early",), ("sensitivity", "--rates", "3"),
    ("tune", "--vary", "lr=0.5x/1x", "--tuning-seeds", "3"),
)  # fmt: skip
#: How many of them, from the first, take events.
EVENTFUL = 4
#: A parameter that plug-ins of a kind may have.
OWN = {"landscape": "weight", "noise": "width", "perturbation": "at", "schedule": "gain",
       "optimizer": "decay"}  # fmt: skip


def plugin_use(rng: Random, kind: str) -> list[str]:
    """A command that loads a plug-in and has its component take part."""
    load = ["--plugin", "mine.py"]
    if chance(rng, 4):
        load = some(rng, (load * 2, ["--plugin", "."], ["--plugin", "log"], ["--plugin", ""]))
    mine = "mine"
    if chance(rng, 12):
        mine = some(rng, (f"mine:{OWN.get(kind, 'x')}={some(rng, NUMBERS)}", "ours", "mine:"))
    simple = [["validate", "mine.py"], ["list", f"{kind}s", *load], ["show", kind, mine, *load]]
    if kind == "schedule":
        simple.append(["replay", mine, "--losses", "log", *load])
    if chance(rng, 50):
        return some(rng, simple)
    command = list(some(rng, USES[: EVENTFUL if kind == "perturbation" else None]))
    option = {"perturbation": "--perturb", "landscape": "--landscape"}.get(kind, f"--{kind}")
    if command[0] == "rank" and kind in ("schedule", "optimizer"):
        option = "--contender"
        mine = mine if kind == "schedule" else f"constant with {mine}"
    taken = [] if kind == "landscape" else ["--landscape", "quadratic:dim=2"]
    noise = [] if kind == "noise" else ["--noise", "gaussian"]
    return [*command, *taken, *noise, option, mine, *SMALL, *load, "--json"]


#: What makes an input of each kind; `tests.fuzz.commands` has those of `cli`.
MAKERS: dict[str, Callable[[Random], Input]] = {
    "spec": spec_input, "toml": toml_input, "log": log_input, "plugin": plugin_input,
}  # fmt: skip
