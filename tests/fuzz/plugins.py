"""Sources of plug-ins: right, and wrong in all the ways that people get them wrong."""

from __future__ import annotations

from random import Random

LANDSCAPE = """
from lab.component import Facts, Landscape, Parameter
{top}

def oracle({signature}):
    dim, lanes = x.shape
    for k in range(lanes):
        value[k] = 0.0
    for i in range(dim):
        for k in range(lanes):
            value[k] += {value}
            {target} = {slope}
            {more}

def facts(values):
    return Facts({facts})

MINE = Landscape(name={name}, summary="s", source="s", formula="f",
    parameters=({parameters}), kernel={kernel}, facts=facts)
"""
PIECES = {
    "top": ("", "", "", "import os", "1 / 0", "raise SystemExit", "raise SystemExit(3)",
            "import no", "exit()", "def f(:",
            "assert False", "raise BaseException('x')", "raise RecursionError",
            "raise ValueError('a\\nb')"),
    "signature": ("x, value, grad", "x, value, grad", "x, value, grad, c", "x, value",
                  "value, grad", "x, value, grad, strange", "", "*x", "x, value, grad, dim",
                  "x, value, grad, step",
                  "x, value, grad=1", "x, value, grad, *, c", "x, value, grad, **more", "x, x"),
    "value": ("x[i, k] * x[i, k]", "x[i, k] * x[i, k]", "1.0 / x[i, k]", "math.sqrt(-1.0)", "'a'",
              "x[i, k] ** x[i, k]", "float('nan')", "0.0 * (1e300 * 1e300)", "x", "[1.0][0]",
              "x[i]", "nothing", "c * x[i, k]", "abs(x[i, k])", "int(x[i, k] * 1e300)", "1e300"),
    # No index that leaves its array: that writes where it likes, into this process too.
    "target": ("grad[i, k]", "grad[i, k]", "grad[i]", "grad", "x[i, k]", "value[k]", "grad.shape"),
    "slope": ("2.0 * x[i, k]", "2.0 * x[i, k]", "x[i, k]", "0.0", "1.0 / 0.0", "None", "x[i]",
              "float('inf')", "print(1)", "[x[i, k]]"),
    "more": ("", "", "", "return 1", "raise ValueError", "yield", "open('none')", "del x",
             "while x[i, k] != x[i, k]: x[i, k] = 0.0", "assert x[i, k] > 0", "import os",
             "oracle(x, value, grad)", "np.sin(x)", "global k"),
    "facts": ("dim=2, minimum=0.0, minimiser=None, base_lr=0.1, L=2.0, mu=2.0",
              "dim=2, minimum=0.0, minimiser=None, base_lr=0.1, L=2.0, mu=2.0",
              "dim=0, minimum=0.0, minimiser=None, base_lr=0.1, L=2.0, mu=2.0",
              "dim=-1, minimum=0.0, minimiser=None, base_lr=0.1, L=2.0, mu=2.0",
              "dim='2', minimum=0.0, minimiser=None, base_lr=0.1, L=2.0, mu=2.0",
              "dim=2, minimum=None, minimiser=None, base_lr=0.1, L=None, mu=None",
              "dim=2, minimum=float('nan'), minimiser=None, base_lr=0.1, L=2.0, mu=2.0",
              "dim=2, minimum='0', minimiser=None, base_lr=-1.0, L=2.0, mu=2.0",
              "dim=2, minimum=0.0, minimiser=None, base_lr=None, L=2.0, mu=2.0",
              "dim=2", "", "1 / 0", "dim=2.5, minimum=0.0, minimiser=None, base_lr=0.1, L=1, mu=1"),
    "name": ("'mine'", "'mine'", "'mine'", "'<script>'", "''", "'a b'", "'rosenbrock'", "3", "None",
             "'mine:x'", "'x' * 5000"),
    "parameters": ("", "", "Parameter('c', 1.0, 'm'),", "Parameter('c', None, 'm'),", "1,",
                   "Parameter('c', 1.0, 'm', '[0'),", "Parameter('x', 1.0, 'm'),",
                   "Parameter('c', 1.0, 'm', '(0, 1)'), Parameter('c', 1.0, 'm'),",
                   "Parameter('c', (), 'm'),", "Parameter('c'),", "'c',",
                   "Parameter('c', 1.0, 'm', '[2, 1]'),", "Parameter('c', 1.0, 'm', 'any'),"),
    "kernel": ("oracle", "oracle", "oracle", "None", "print", "lambda x, value, grad: None", "3",
               "facts", "'oracle'"),
}  # fmt: skip

OTHERS = {
    "noise": """
from lab.component import NoiseModel
def bump(size, strength, step):
    for k in range(size.shape[0]):
        size[k] = {0}
MINE = NoiseModel(name="mine", summary="s", source="s", formula="f", kernel=bump)
""",
    "schedule": """
from lab.component import Feedback, OpenLoop, Parameter, PythonSchedule
import numpy as np
class Own:
    def __init__(self, lr): self.lr = lr
    def step(self, loss): return {0}
MINE = {1}
""",
    "optimizer": """
from lab.component import Optimizer
def step(x, grad, lr):
    dim, lanes = x.shape
    for i in range(dim):
        for k in range(lanes):
            x[i, k] -= {0}
MINE = Optimizer(name="mine", summary="s", source="s", kernel=step)
""",
}
EXPRESSIONS = (
    "1.0", "0.0", "lr[k]", "float('nan')", "1.0 / 0.0", "-1.0", "'x'", "None", "nothing", "1e308",
    "strength", "lr[k] * grad[i, k]", "x[i, k]", "self.lr", "loss", "[]", "10 ** 400", "1 / 0",
    "strength if step == 3 else 0.0", "True", "1j", "(lambda: 1)()", "loss.nothing",
)  # fmt: skip
SCHEDULES = (
    'OpenLoop(name="mine", summary="s", source="s", rates=lambda lr, steps, values: {0})',
    'PythonSchedule(name="mine", summary="s", source="s", factory=Own)',
    'Feedback(name="mine", summary="s", source="s", kernel=lambda metric, lr: None)',
    'PythonSchedule(name="mine", summary="s", source="s", factory=lambda lr: {0})',
)
TABLES = (
    "lr * np.ones(steps)", "np.ones(3)", "None", "[lr] * steps", "-np.ones(steps)", "'x'", "1 / 0",
    "np.full(steps, np.nan)", "np.full(steps, np.inf)", "np.ones((steps, 2))", "lr", "3", "[]",
    "np.zeros(steps)", "np.array(['a'] * steps)", "np.ones(steps, dtype=complex)",
    "np.ones(steps, dtype=np.float32)", "iter([1.0] * steps)",
)  # fmt: skip


def some(rng: Random, options: tuple[str, ...]) -> str:
    return options[rng.randrange(len(options))]


def plugin_source(rng: Random) -> tuple[str, str]:
    """The kind of the plug-in's component, and the file."""
    kind = some(rng, ("landscape", "landscape", "noise", "schedule", "optimizer"))
    if kind == "landscape":
        # Mostly right, so that it is one mistake that shows and not the first of many.
        pieces = {name: options[0] for name, options in PIECES.items()}
        for name in (some(rng, tuple(PIECES)), some(rng, tuple(PIECES))):
            pieces[name] = some(rng, PIECES[name])
        return kind, LANDSCAPE.format(**pieces)
    declared = some(rng, SCHEDULES).format(some(rng, TABLES))
    return kind, OTHERS[kind].format(some(rng, EXPRESSIONS), declared)
