"""A landscape's value and gradient at any points, outside a simulation."""

from __future__ import annotations

import ctypes

import numpy as np

from lab.component import Chosen
from lab.engine.abi import BLOCK
from lab.engine.native import ARGUMENTS, address_of
from lab.engine.stage import SIGNATURE, Rows, argument_names, bind
from lab.engine.workspace import Layout, block_memory

_PROTOTYPE = ctypes.CFUNCTYPE(None, *(ARGUMENTS[letter] for letter in SIGNATURE))


def fields_at(landscape: Chosen, x: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """What the kernel takes in arrays, of shape (rows, lanes) or (lanes,), for points x.

    `x` has shape (dim, lanes). Instances and the draws of a step, where the landscape has them, are
    drawn anew for every lane; what the kernel fills is NaN.
    """
    component, values = landscape.component, landscape.values
    lanes = x.shape[1]
    # Not the plain seed: who makes x from that shall not meet the same numbers here.
    generator = np.random.default_rng([seed, 1])
    draws = {
        "instance": generator.standard_normal((component.instance_normals(values), lanes)),
        "step_uniform": generator.random((component.step_uniforms(values), lanes)),
        "step_normal": generator.standard_normal((component.step_normals(values), lanes)),
    }
    fields = {"x": np.array(x, dtype=np.float64), **{n: d for n, d in draws.items() if len(d)}}
    fields.update({name: np.full(lanes, np.nan) for name in ("value", "seen")})
    fields["grad"] = np.full(x.shape, np.nan)
    for name, rows in component.workspace(values).items():
        fields[name] = np.full((rows, lanes), np.nan)
    asked = argument_names(component.kernel)
    return {name: array for name, array in fields.items() if name in asked}


def evaluate(landscape: Chosen, fields: dict[str, np.ndarray], step: int = 0) -> None:
    """Run the compiled kernel over the fields of `fields_at`, in place, as lanes 0 .. of seed 0."""
    component, values = landscape.component, landscape.values
    layout = Layout("arm")
    places = {
        name: layout.row() if array.ndim == 1 else layout.rows(len(array))
        for name, array in fields.items()
    }
    numbers = {**component.kernel_values(values), **component.constants(values)}
    stage = bind(component.kernel, {**numbers, **places})
    call = _PROTOTYPE(stage.address)
    memory = block_memory(layout.size)
    cells = memory.reshape(-1, BLOCK)
    for first in range(0, fields["x"].shape[1], BLOCK):
        cut = {name: _rows(array)[:, first : first + BLOCK] for name, array in fields.items()}
        for name, part in cut.items():
            # A block that is not full is filled up with its last lane.
            padding = ((0, 0), (0, BLOCK - part.shape[1]))
            cells[_span(places[name])] = np.pad(part, padding, mode="edge")
        call(
            *(address_of(memory),) * 3, address_of(stage.rows), address_of(stage.parameters),
            step, first, 0,
        )  # fmt: skip
        for name, part in cut.items():
            part[:] = cells[_span(places[name]), : part.shape[1]]


def look(landscape: Chosen, x: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Value (lanes,) and gradient (dim, lanes) at points x of shape (dim, lanes).

    For a landscape of which a step sees a sample, the value is the full one and the gradient the
    sample's; instances and samples are drawn from `seed`.
    """
    fields = fields_at(landscape, x, seed)
    evaluate(landscape, fields)
    return fields["value"], fields["grad"]


def _rows(array: np.ndarray) -> np.ndarray:
    """A view of shape (rows, lanes)."""
    return array.reshape(-1, array.shape[-1])


def _span(place: Rows) -> slice:
    return slice(place.first, place.first + place.height)
