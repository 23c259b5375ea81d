"""The price of a landscape: nanoseconds for value and gradient of one lane, against Rosenbrock's.

Usage: python benchmarks/landscape_cost.py [LANDSCAPE ...]

Without arguments: every landscape with its default parameters, and some variants. The compiled
stage is called on one block of lanes that stays in the cache; the smallest of 9 rounds counts.
What costs more than SLOW times as much a coordinate needs a reason, which stands beside it; without
one the exit code is 1.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from lab.engine.abi import BLOCK, call_stage
from lab.engine.native import address_of, native
from lab.engine.stage import bind
from lab.engine.workspace import Layout, block_memory
from lab.oracle import fields_at
from landscapes import LANDSCAPES

ROUNDS, SHORTEST = 9, 0.003
#: Times Rosenbrock's price of a coordinate.
SLOW = 4.0
REASONS = {
    "ackley": "a sine and cosine a coordinate, two exponentials and a root",
    "cliff": "an exponential and a difference of exponentials a point",
    "different-powers": "a power with an exponent of its own a coordinate",
    "griewank": "a sine and cosine a coordinate, products before and after each",
    "hinge": "40 examples",
    "lasso": "a dense matrix of dim^2 numbers",
    "least-squares": "terms are gathered, a lane another one; f itself by a triangular matrix",
    "levy": "a sine and cosine a coordinate",
    "log-cosh": "an exponential and a logarithm a coordinate",
    "logistic": "80 examples, each with an exponential and a logarithm",
    "max-affine": "20 pieces",
    "michalewicz": "two sines and cosines a coordinate",
    "network": "32 examples, each with 6 hyperbolic tangents",
    "power": "a power a coordinate",
    "rastrigin": "a sine and cosine a coordinate",
    "rotated-rastrigin": "every seed's own rotation: dim^2/2 reflections' numbers, there and back",
    "rotated-rosenbrock": "every seed's own rotation: dim^2/2 reflections' numbers, there and back",
    "schaffers-f7": "a power, a sine and cosine and two roots a pair of coordinates",
    "schwefel": "a root, a sine and cosine a coordinate",
    "switching": "two landscapes, and a choice a coordinate",
    "transformed": "a dense matrix there and back, or the reflections of a rotation",
    "valley": "a sine and cosine a point",
}
VARIANTS = [
    "rosenbrock:dim=10",
    "rastrigin:dim=10",
    "ackley:dim=10",
    "griewank:dim=10",
    "levy:dim=10",
    "schaffers-f7:dim=10",
    "transformed:of=(rastrigin:dim=10),shift=1",
    "transformed:of=(rastrigin:dim=10),rotate=true,fixed=1",
    "rotated-rastrigin:fixed=1",
]


def repeat(address, arm, rows, parameters, count):
    """Call a stage `count` times from compiled code, as the driver does."""
    for step in range(count):
        call_stage(address, arm, arm, arm, rows, parameters, step, 0, np.uint64(0))


def nanoseconds(text: str) -> tuple[int, float]:
    """Coordinates, and time of a lane-step."""
    chosen = LANDSCAPES.choose(text)
    component, values = chosen.component, chosen.values
    dim = component.facts(values).dim
    fields = fields_at(chosen, np.random.default_rng(0).standard_normal((dim, BLOCK)))
    layout = Layout("arm")
    places = {
        name: layout.row() if field.ndim == 1 else layout.rows(len(field))
        for name, field in fields.items()
    }
    numbers = {**component.kernel_values(values), **component.constants(values)}
    stage = bind(component.kernel, {**numbers, **places})
    memory = block_memory(layout.size)
    for name, field in fields.items():
        first = places[name].first * BLOCK
        memory[first : first + field.size] = np.nan_to_num(field).ravel()
    call = native(repeat, "lpqpl").call
    where = (stage.address, *map(address_of, (memory, stage.rows, stage.parameters)))

    def seconds(count: int) -> float:
        begun = time.perf_counter()
        call(*where, count)
        return time.perf_counter() - begun

    count = 16
    while seconds(count) < SHORTEST:
        count *= 2
    return dim, min(seconds(count) for _ in range(ROUNDS)) / count / BLOCK * 1e9


def main(texts: list[str]) -> None:
    unit_dim, unit = nanoseconds("rosenbrock")
    print(f"{'landscape':56} {'dim':>4} {'ns':>9} {'a coordinate':>13} {'Rosenbrocks':>12}")
    unexplained = []
    for text in texts:
        dim, cost = nanoseconds(text)
        why = ""
        if cost / dim > SLOW * unit / unit_dim:
            why = REASONS.get(text.partition(":")[0], "")
            unexplained += [] if why else [text]
        print(f"{text:56} {dim:4} {cost:9.2f} {cost / dim:13.2f} {cost / unit:12.1f}  {why}")
    if unexplained:
        sys.exit(f"slow without a reason: {', '.join(unexplained)}")


if __name__ == "__main__":
    main(sys.argv[1:] or [*LANDSCAPES.all(), *VARIANTS])
