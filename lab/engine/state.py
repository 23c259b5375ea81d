"""Where a component's memory lives: its state fields as rows of a workspace."""

from __future__ import annotations

from collections.abc import Mapping

from lab.component import State, Values
from lab.engine.stage import Rows
from lab.engine.workspace import Layout


def allocate(
    layout: Layout, state: Mapping[str, State], values: Values, lr: float, dim: int
) -> dict[str, Rows]:
    """Rows of `layout` for every field, with the initial values that the fields declare.

    Parameters
    ----------
    layout:
        The workspace that hands out the rows.
    state, values:
        A component's fields and its checked parameter values.
    lr:
        The initial rate, for fields that start from it.
    dim:
        Coordinates of the landscape: the rows of a "vector".
    """
    return {name: _rows(layout, field, values, lr, dim) for name, field in state.items()}


def _rows(layout: Layout, field: State, values: Values, lr: float, dim: int) -> Rows:
    initial = _initial(field.initial, values, lr)
    if field.rows == "scalar":
        return layout.row(initial)
    if isinstance(field.rows, str):
        return layout.rows(dim, initial)
    return layout.rows(field.rows(values), initial)


def _initial(rule: float | str, values: Values, lr: float) -> float:
    if isinstance(rule, str):
        return float(lr if rule == "lr" else values[rule])
    return float(rule)
