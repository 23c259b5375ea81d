"""Plug-ins of every kind with all that a declaration may hold, and one or two fields wrong.

The kernels use what they declare: state, draws, constants, workspaces, trials. No wrong value makes
an array shorter than the kernel's loops: that would write where it likes, into this process too.
"""

from __future__ import annotations

from random import Random
from typing import Any

HEAD = """
import math
import numpy as np
from lab.component import (Channel, Composite, Facts, Feedback, Landscape, NoiseModel, OpenLoop,
                           Optimizer, Parameter, Percent, Perturbation, PythonSchedule, State)

def each(values): return {{}}
def one(values): return 1
def fail(*values): raise KeyError("lost")
"""
KERNELS = {
    "landscape": """
def oracle(x, value, grad, weight, shift, instance, step_uniform, step_normal, seen, spare, step):
    dim, lanes = x.shape
    for k in range(lanes):
        value[k] = shift
        seen[k] = step_uniform[0, k] + step_normal[0, k]
    for i in range(dim):
        for k in range(lanes):
            spare[0, k] = x[i, k] - instance[0, k]
            value[k] += weight * spare[0, k] * spare[0, k]
            grad[i, k] = 2.0 * weight * spare[0, k]
def begin(start):
    dim, lanes = start.shape
    for i in range(dim):
        for k in range(lanes):
            start[i, k] = 1.0 + start[i, k]
def facts(values):
    return Facts(dim=2, minimum=None, minimiser=None, base_lr=0.1)
""",
    "noise": """
def bump(size, strength, step, uniform, normal, width, table):
    for k in range(size.shape[0]):
        size[k] = strength * (uniform[0, k] + width * normal[0, k]) * table[0]
def answer(effect, size, value, kept):
    for k in range(size.shape[0]):
        effect[k] = size[k] + kept[k]
        kept[k] = value[k]
def blend(draw, memory, step):
    n, lanes = draw.shape
    for i in range(n):
        for k in range(lanes):
            draw[i, k] = draw[i, k] + 0.5 * (memory[i, k] if step > 0 else 0.0)
            memory[i, k] = draw[i, k]
""",
    "channel": """
def path(value, observed, term, grad, x, shock, size, direction, metric_base, vector_base,
         proportional):
    dim, lanes = grad.shape
    for k in range(lanes):
        term[k] = metric_base[k] * shock[k]
        observed[k] = value[k] + term[k]
    for i in range(dim):
        for k in range(lanes):
            grad[i, k] += size[k] * direction[i, k]
""",
    "perturbation": """
def event(x, direction, at, size, step, minimum):
    if step == at:
        dim, lanes = x.shape
        for i in range(dim):
            for k in range(lanes):
                x[i, k] += size * direction[i, k]
""",
    "schedule": """
def decide(metric, lr, best, seen, gain, step):
    for k in range(lr.shape[0]):
        better = metric[k] < best[k]
        best[k] = metric[k] if better else best[k]
        seen[0, k] = seen[0, k] + 1.0
        lr[k] = lr[k] * gain if better else lr[k]
def look(lr, grad, searching, slope, x, start, update, diverged):
    for k in range(lr.shape[0]):
        slope[k] = grad[0, k] * grad[0, k]
        searching[k] = 1.0 if slope[k] > 0.0 else 0.0
def weigh(lr, trial, trial_loss, sample_loss, searching, slope):
    for k in range(lr.shape[0]):
        low = trial_loss[k] <= sample_loss[k]
        searching[k] = 0.0 if low else searching[k]
        lr[k] = lr[k] if low else 0.5 * lr[k]
""",
    "optimizer": """
def move(x, grad, lr, m, count, decay, warm, step):
    dim, lanes = x.shape
    for k in range(lanes):
        count[k] = count[k] + 1.0
    for i in range(dim):
        for k in range(lanes):
            m[i, k] = decay * m[i, k] + grad[i, k]
            x[i, k] -= lr[k] * warm[0] * m[i, k]
def shown(evaluated, x, m):
    dim, lanes = x.shape
    for i in range(dim):
        for k in range(lanes):
            evaluated[i, k] = x[i, k] - 0.1 * m[i, k]
""",
}
NUMBER = "(Parameter('{0}', 0.5, 'm', '[0, inf)'),)"
#: Declarations that are right, field by field; those of a kind of which there are several forms
#: take one of them.
FORMS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "landscape": (("Landscape", {
        "formula": "'f'", "kernel": "oracle", "facts": "facts", "start": "begin",
        "parameters": NUMBER.format("weight"), "constants": "lambda values: {'shift': 0.25}",
        "instance_normals": "one", "step_uniforms": "one", "step_normals": "one",
        "workspace": "lambda values: {'spare': 1}", "start_text": "'near 1'",
    }),),
    "noise": (
        ("NoiseModel", {
            "formula": "'f'", "kernel": "bump", "uniforms": "1", "normals": "one",
            "parameters": NUMBER.format("width"), "gaussian": "True", "proportional": "True",
            "constants": "lambda values: {'table': np.ones(2)}", "colour": "blend",
        }),
        ("NoiseModel", {
            "formula": "'f'", "kernel": "bump", "uniforms": "one", "normals": "1",
            "parameters": NUMBER.format("width"), "respond": "answer",
            "constants": "lambda values: {'table': np.ones(2)}", "state": "{'kept': State()}",
        }),
    ),
    "channel": (("Channel", {
        "kernel": "path", "acts_on_metric": "True", "acts_on_steps": "True", "scalar": "True",
        "vector": "True",
    }),),
    "perturbation": (("Perturbation", {
        "kernel": "event", "place": "'start'", "vector": "True",
        "parameters": "(Parameter('at', 3, 'm', '[0, inf)'), Parameter('size', 1.0, 'm'))",
    }),),
    "schedule": (
        ("Feedback", {
            "kernel": "decide", "parameters": NUMBER.format("gain"),
            "state": "{'best': State(initial=math.inf), 'seen': State(one)}", "before": "False",
        }),
        ("Feedback", {
            "kernel": "look", "judge": "weigh", "trials": "lambda values: 3", "before": "True",
            "hears": "('gradient', 'trials')", "state": "{'slope': State()}",
            "made_for": "'sgd'", "parameters": "()",
        }),
        ("OpenLoop", {
            "rates": "lambda lr, steps, values: np.full(steps, lr * values['part'])",
            "parameters": NUMBER.format("part"), "rule": "lambda values: ''",
            "presets": "{'low': {'part': 0.1}}", "aliases": "('ours',)",
        }),
    ),
    "optimizer": (("Optimizer", {
        "kernel": "move", "parameters": "(Parameter('decay', 0.5, 'm', '[0, 1)'),)",
        "state": "{'m': State('vector'), 'count': State(initial=1.0)}", "default_lr": "0.05",
        "constants": "lambda values, steps: {'warm': np.ones(1)}", "evaluated": "shown",
    }),),
}  # fmt: skip
#: What a field holds that is wrong, or only odd. Shorter arrays are not among it.
ODD = (
    "None", "True", "False", "-1", "2.5", "float('nan')", "math.inf", "10**30", "''", "'x'", "b'x'",
    "'strange'", "()", "('x',)", "(1,)", "[]", "{}", "{'x': 1}", "{3: State()}", "{'m': 3}",
    "{'lr': State()}", "{'kept': State('matrix')}", "{'kept': State(initial='nobody')}", "object()",
    "len", "math", "Facts", "each", "one", "fail", "lambda: 1", "lambda *a: None",
    "lambda *a: -1", "lambda *a: 'x'", "lambda *a: 1.5", "lambda *a: {'x': 1.0}",
    "lambda *a: {'table': 'x'}", "lambda *a: {'table': None}", "lambda *a: [1]",
    "lambda *a: {'shift': np.ones(3)}", "lambda *a: {'warm': np.ones((2, 2, 2))}",
    "lambda *a: {'warm': np.array(['a'])}", "np.ones(3)", "Percent(5.0)", "'lr'", "('loss',)",
    "'loss'", "('strange',)", "('x' * 4000)", "'<script>'", "'\\x1b[31m'", "'a\\nb'", "type",
)  # fmt: skip
#: Fields that every declaration has.
COMMON = {
    "name": "'mine'", "summary": "'s'", "source": "'s'", "notes": "''", "aliases": "()",
    "not_the_same": "{}", "presets": "{}", "rule": "lambda values: ''",
    "contents": "lambda values: ''",
}  # fmt: skip


def some(rng: Random, options: tuple[Any, ...]) -> Any:
    return options[rng.randrange(len(options))]


def declared_source(rng: Random) -> tuple[str, str]:
    """The kind of the plug-in's component, and the file."""
    kind = some(rng, tuple(FORMS))
    form, fields = FORMS[kind][rng.randrange(len(FORMS[kind]))]
    fields = {**{name: COMMON[name] for name in ("name", "summary", "source")}, **fields}
    for _ in range(some(rng, (0, 1, 1, 1, 2))):
        name = some(rng, (*fields, *COMMON))
        if rng.randrange(10) == 0:
            fields.pop(name, None)
        else:
            fields[name] = some(rng, ODD)
    given = ", ".join(f"{name}={value}" for name, value in fields.items())
    more = ""
    if rng.randrange(8) == 0:
        more = some(rng, ("AGAIN = MINE\n", "OTHER = [MINE]\n", "MINE = MINE, MINE\n",
                          "del MINE\n", "import greedy\n", "MINE.name = 'b'\n"))  # fmt: skip
    return kind, f"{HEAD.format()}{KERNELS[kind]}MINE = {form}({given})\n{more}"
