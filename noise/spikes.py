"""Spikes at random steps."""

from __future__ import annotations

from lab.component import NoiseModel, Parameter
from lab.engine.bits import fma


def spikes(size, strength, uniform, probability):
    """Fill `size` (lanes,): `uniform` (2, lanes) draws whether a spike comes, and its height."""
    for k in range(size.shape[0]):
        height = strength * fma(1.5, uniform[1, k], 0.5)
        size[k] = height if uniform[0, k] < probability else 0.0


SPIKES = NoiseModel(
    name="spikes",
    summary="spikes at random steps, of random height, proportional to the base",
    source="GreedyLR, arXiv 2512.14527, robustness study (random spikes)",
    parameters=(Parameter("probability", 0.02, "chance of a spike at a step", "[0, 1]"),),
    notes="Heights are uniform on [0.5, 2) times strength * base; steps are independent.",
    formula="eta_t = base * strength * (0.5 + 1.5 U) with the given probability, U on [0, 1)",
    kernel=spikes,
    uniforms=2,
    proportional=True,
)
