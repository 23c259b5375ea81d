"""The rate times a factor when the loss has not improved for some time.

    better:  m_t < best (1 - threshold)          threshold_mode rel
             m_t < best - threshold              threshold_mode abs
    better:  best = m_t, bad = 0;                otherwise bad += 1
    while a cooldown runs: it falls by 1 and bad = 0
    bad > patience:  lr = max(lr factor, min_lr), unless the change is at most eps;
                     cooldown begins, bad = 0

Mode max mirrors every comparison. With patience 1 and a metric that never improves on the first,
torch lowers the rate at the second failure, optax, whose patience counts that failure too, at the
first:

>>> import numpy as np
>>> from lab.replay import replay
>>> from lab.schedules import SCHEDULES
>>> losses = np.ones(5)
>>> replay(SCHEDULES.choose("reduce-on-plateau:patience=1"), losses, lr=1.0).round(6).tolist()
[1.0, 1.0, 0.1, 0.1, 0.01]
>>> optax = SCHEDULES.choose("reduce-on-plateau:patience=1,semantics=optax")
>>> replay(optax, losses, lr=1.0).round(6).tolist()
[1.0, 0.1, 0.01, 0.001, 0.0001]

Source: torch 2.13, `ReduceLROnPlateau`; optax 0.2.8, `contrib.reduce_on_plateau`.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State, Values

OPTAX = 1
RELATIVE = 0


def step(
    metric, lr, initial_lr, scale, best, bad, cooldown_left,
    mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps, semantics,
):  # fmt: skip
    """One call of the schedule for every lane."""
    # Mode max is mode min on mirrored numbers: negation is exact.
    sign = 1.0 - 2.0 * mode
    allowed = patience - 1 if semantics == OPTAX else patience
    for k in range(lr.shape[0]):
        seen = sign * metric[k]
        relative = best[k] * (1.0 - sign * threshold)
        better = seen < (relative if threshold_mode == RELATIVE else best[k] - threshold)
        resting = cooldown_left[k] > 0.0
        count = 0.0 if better | resting else bad[k] + 1.0
        fall = count > allowed
        # torch multiplies the rate itself, optax the initial rate by a scale.
        old = lr[k]
        down = old * factor
        down = min_lr if min_lr > down else down
        scale[k] = scale[k] * factor if fall else scale[k]
        scaled = initial_lr[k] * scale[k]
        scaled = min_lr if min_lr > scaled else scaled
        reduced = down if fall & (old - down > eps) else old
        lr[k] = scaled if semantics == OPTAX else reduced
        best[k] = seen if better else best[k]
        bad[k] = 0.0 if fall else count
        cooldown_left[k] = cooldown if fall else cooldown_left[k] - (1.0 if resting else 0.0)


def optax_patience(values: Values) -> str:
    """What is wrong with the patience, or nothing."""
    if values["semantics"] == "optax" and values["patience"] == 0:
        return "patience=0 has no meaning with semantics=optax, which counts from 1"
    return ""


REDUCE_ON_PLATEAU = Feedback(
    name="reduce-on-plateau",
    summary="the rate times a factor when the loss has not improved for `patience` steps",
    source="torch 2.13, ReduceLROnPlateau",
    kernel=step,
    parameters=(
        Parameter("mode", "min", "whether a smaller metric is better", choices=("min", "max")),
        Parameter("factor", 0.1, "the rate is multiplied by it", "(0, 1)"),
        Parameter("patience", 10, "calls without improvement that may pass", "[0, inf)"),
        Parameter("threshold", 1e-4, "margin by which a loss must be better", "[0, inf)"),
        Parameter(
            "threshold_mode",
            "rel",
            "whether the margin is relative to the best loss or absolute",
            choices=("rel", "abs"),
        ),
        Parameter("cooldown", 0, "calls of rest after a reduction", "[0, inf)"),
        Parameter("min_lr", 0.0, "lower bound of the rate", "[0, inf)", rate=True),
        Parameter("eps", 1e-8, "a change of at most this much is skipped", "[0, inf)"),
        Parameter(
            "semantics",
            "torch",
            "torch, or optax: the rate falls at failure number `patience`, not at the one after it,"
            " eps is not used, and the rate is the initial one times a scale",
            choices=("torch", "optax"),
            source="optax 0.2.8, contrib.reduce_on_plateau",
        ),
    ),
    rule=optax_patience,
    state={
        "initial_lr": State(initial="lr"),
        "scale": State(initial=1.0),
        "best": State(initial=math.inf),
        "bad": State(),
        "cooldown_left": State(),
    },
    notes="optax's transformation applies a new scale to the very step whose loss caused it,"
    " torch's schedule to the next one; here both act on the next. optax's rtol and atol are"
    " threshold with threshold_mode rel and abs, min_scale is min_lr as a share of the initial"
    " rate.",
    aliases=("ReduceLROnPlateau", "reduce_lr_on_plateau"),
    not_the_same={
        "reduce_on_plateau": "optax's reduce_on_plateau counts its patience differently; write"
        " reduce-on-plateau:semantics=optax",
    },
)
