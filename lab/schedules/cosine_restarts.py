"""Half a cosine from the initial rate to eta_min, begun anew after T_0, T_0 T_mult, ... steps.

    lr_t = eta_min + (lr_0 - eta_min) (1 + cos(pi T_cur / T_i)) / 2

T_cur counts the steps since the last restart; T_i, the length of the present period, starts as T_0
and is multiplied by T_mult at each restart. eta_min itself is never reached.

>>> rates(1.0, 7, {"T_0": 2, "T_mult": 2, "eta_min": 0.0}).round(3).tolist()
[1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]

Source: torch 2.13, `CosineAnnealingWarmRestarts`; Loshchilov & Hutter, "SGDR", ICLR 2017,
equation 5.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    period, growth, low = values["T_0"], values["T_mult"], values["eta_min"]
    out = np.empty(steps)
    since = 0
    for t in range(steps):
        out[t] = low + (lr - low) * (1 + math.cos(math.pi * since / period)) / 2
        since += 1
        if since >= period:
            since, period = 0, period * growth
    return out


COSINE_RESTARTS = OpenLoop(
    name="cosine-restarts",
    summary="half a cosine to eta_min, begun anew after every period",
    source="torch 2.13, CosineAnnealingWarmRestarts",
    parameters=(
        Parameter("T_0", 50, "steps of the first period", "[1, inf)"),
        Parameter("T_mult", 1, "each period is this many times the one before", "[1, inf)"),
        Parameter(
            "eta_min", 1e-5, "rate a period tends to (torch's default: 0)", "[0, inf)", rate=True
        ),
    ),
    rates=rates,
    aliases=("CosineAnnealingWarmRestarts",),
    not_the_same={
        "cosine_with_restarts": "transformers divides all steps after a warm-up into num_cycles"
        " equal periods and decays to 0; torch's warm restarts have periods T_0, T_0 T_mult, ..."
        " of their own; write cosine-restarts:T_0=...",
    },
)
