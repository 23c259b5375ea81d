"""Half a cosine from the initial rate to eta_min over T_max steps, and back after them.

    lr_t = eta_min + (lr_0 - eta_min) (1 + cos(pi t / T_max)) / 2

computed, as in the reference, from the rate before it:

    lr_t = eta_min + (lr_(t-1) - eta_min) (1 + cos(pi t / T_max)) / (1 + cos(pi (t-1) / T_max))

or, where the denominator is 0, lr_(t-1) + (lr_0 - eta_min) (1 - cos(pi / T_max)) / 2.

>>> rates(1.0, 7, {"T_max": 4, "eta_min": 0.0}).round(3).tolist()
[1.0, 0.854, 0.5, 0.146, 0.0, 0.146, 0.5]

Source: torch 2.13, `CosineAnnealingLR`; Loshchilov & Hutter, "SGDR", ICLR 2017, equation 5, without
restarts.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    period, low = values["T_max"], values["eta_min"]
    out = np.empty(steps)
    rate = lr
    for t in range(steps):
        if t > 0 and (t - 1 - period) % (2 * period) == 0:
            rate = rate + (lr - low) * (1 - math.cos(math.pi / period)) / 2
        elif t > 0:
            now, before = math.cos(math.pi * t / period), math.cos(math.pi * (t - 1) / period)
            rate = (1 + now) / (1 + before) * (rate - low) + low
        out[t] = rate
    return out


COSINE = OpenLoop(
    name="cosine",
    summary="half a cosine from the initial rate to eta_min over all steps",
    source="torch 2.13, CosineAnnealingLR",
    parameters=(
        Parameter(
            "T_max",
            0,
            "steps of the half wave; 0 = all steps of the run",
            "[0, inf)",
            zero_is_steps=True,
        ),
        Parameter(
            "eta_min", 1e-5, "rate at step T_max (torch's default: 0)", "[0, inf)", rate=True
        ),
    ),
    rates=rates,
    notes="transformers' schedule of the same name decays to 0 and may warm up first; with"
    " eta_min=0 and no warm-up the two differ by rounding only. Past T_max the rate rises again.",
    aliases=("CosineAnnealingLR",),
    not_the_same={
        "cosine_with_min_lr": "transformers' schedule has a warm-up and num_cycles; write"
        " cosine:eta_min=..., inside warmup where one is wanted",
    },
)
