"""Any command with some of its options, right and wrong."""

from __future__ import annotations

from random import Random

from experiments.components import REGISTRIES
from experiments.families import FAMILIES
from tests.fuzz.inputs import (
    OPTIONS,
    STUDY,
    Input,
    chance,
    component,
    log_content,
    rates,
    some,
    text,
)

#: Values that options of single commands are made for, right and nearly right.
VALUES = {
    "--vary": ("lr=0.1x/1x/10x", "lr=1x", "lr=0.01/0.1", "lr=0.5x..2x", "factor=0.5..0.99",
               "factor=0.5/x", "patience=0/1/2", "patience=0..3", "smooth=true/false", "F=0.5",
               "gamma=0.9/0.9", "nothing=1", "lr=1..2x", "lr=", "=1", "min_lr=0/1%", "lr=2x..1x"),
    "--search": ("grid", "tpe", "tpe"),
    "--trials": ("1", "5", "17", "0", "20001"),
    "--budget": ("steps", "evaluations", "time"),
    "--floor": ("0", "1e-12", "1e-3", "1e300", "-1"),
    "--points": ("8", "16", "7", "0"),
    "--along": ("1,2", "1,dim", "2,1", "1,1", "1", "1,99", "0,1", "1,2,3"),
    "--figure": ("a.png", "a.svg", "a.pdf", "a.txt", "new/a.png", ".", "log/a.png"),
    "--format": ("markdown", "latex", "csv", "text", "md"),
    "--figures": ("pdf", "svg", "png", "new", "."),
    "--columns": ("1", "2", "3", "0"),
    "--at": ("10,50,100", "50", "0", "100,10", "0.001"),
    "--start": ("1,1", "0,0", "1e200,1", "1", "-1.2,1.0"),
    "--strength": ("0", "0.5", "0,0.5", "1e300", "0.5,0.5"),
    "--clamp": ("none", "0.1..1", "theory", "0..1", "1..0.1"),
    "--hold": ("1", "2", "5", "100"),
    "--factor": ("1", "1.1", "10", "0.9"),
    "--metric-every": ("1", "2", "7", "100"),
}  # fmt: skip


def contender(rng: Random) -> str:
    """A schedule with an optimizer, as `lab rank` takes them."""
    if chance(rng, 5):
        return some(rng, ("all", "greedy with", " with adam", "greedy with adam with sgd", ""))
    schedule = component(rng, "schedules")
    return f"{schedule} with {component(rng, 'optimizers')}" if chance(rng, 60) else schedule


def option_value(rng: Random, name: str) -> str:
    """A value for an option, of its own kind more often than not."""
    if name in OPTIONS and chance(rng, 80):
        return component(rng, OPTIONS[name])
    if name in VALUES and chance(rng, 80):
        return some(rng, VALUES[name])
    if name in ("--contender", "--against") and chance(rng, 90):
        return contender(rng)
    if name == "--family" and chance(rng, 90):
        return some(rng, tuple(FAMILIES))
    if chance(rng, 60):
        return some(rng, ("1", "2", "3", "5", "0.1", "greedy", "last", "out", "new/out", "mean"))
    return text(rng)


def command_input(rng: Random, commands: dict[str, list[tuple[str, bool]]]) -> Input:
    """Any command with some of its options; `commands` lists them, with whether each is a flag."""
    name = some(rng, list(commands))
    arguments = [name]
    if name in ("list", "show"):
        arguments.append(some(rng, (*REGISTRIES, "landscape", "schedule", text(rng))))
    if name == "show" and chance(rng, 60):
        arguments = ["show", "landscape", component(rng, "landscapes")]
    elif name == "show":
        arguments.append(some(rng, ("rosenbrock", "greedy", "adam", "gaussian", text(rng))))
    if name == "replay":
        arguments += [component(rng, "schedules"), "--losses", some(rng, ("log", "-", "none"))]
    if name in ("sweep", "report", "query", "validate", "check"):
        arguments.append(some(rng, ("study.toml", "out", ".", "none", "log", text(rng))))
    for option, flag in commands[name]:
        if chance(rng, 10) and option not in ("--open", "--dry-run", "--dask"):
            arguments += [option] if flag else [option, option_value(rng, option)]
    if chance(rng, 8):
        arguments.insert(rng.randrange(len(arguments) + 1), text(rng))
    taken = {option for option, _ in commands[name]}
    if "--landscape" in taken:
        arguments += ["--landscape", component(rng, "landscapes")]
    if name == "rank":  # all there are would take a minute
        arguments += ["--contender", "greedy with adam", "--contender", contender(rng)]
    arguments += bounds(rng, name, taken)
    files = {"log": log_content(rng), "rates.txt": rates(rng), "study.toml": STUDY.encode()}
    return Input(arguments, files, log_content(rng))


#: What keeps a command small, by option. `bench`, which takes its time by intention, is only
#: refused here.
BOUNDS = {
    "--seeds": ("3", "3", "8"), "--steps": ("12",), "--rates": ("3",), "--targets": ("3",),
    "--lipschitz": ("2",), "--points": ("8",), "--trials": ("3",),
    "--tuning-seeds": ("3", "3", "0"), "--design-seeds": ("3", "1"),
}  # fmt: skip


def bounds(rng: Random, name: str, taken: set[str]) -> list[str]:
    """Options at the end that keep the work small, or are wrong and prevent it."""
    given = []
    for option, small in BOUNDS.items():
        if option in taken:
            wrong = ("-1", "x", "1.5", "nan", "99999999999999999999")
            given += [option, some(rng, wrong if chance(rng, 5) else small)]
    flags = {"run": ("--no-tune", "--json"), "recovery": ("--no-published", "--json"),
             "bench": (some(rng, ("0", "-1", "x", "")),)}  # fmt: skip
    return [*given, *flags.get(name, ("--json",) * ("--json" in taken))]
