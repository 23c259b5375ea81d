"""Heavy-tailed noise: symmetric alpha-stable laws."""

from __future__ import annotations

import math

from lab.component import NoiseModel, Parameter
from lab.engine.maths import exp, log, sine_cosine_of_turn

#: Half a unit of the last place of a uniform: keeps it off both ends.
HALF_UNIT = 2.0**-53


def alpha_stable(size, strength, uniform, alpha):
    """Fill `size` (lanes,) with strength * sqrt(2 A), A positive and alpha/2-stable.

    A comes from `uniform` (2, lanes) by Kanter's formula; a normal draw of this standard deviation
    is then alpha-stable.
    """
    half = 0.5 * alpha
    rest = (1.0 - half) / half
    for k in range(size.shape[0]):
        turn = 0.5 * (uniform[0, k] + HALF_UNIT)
        whole, _ = sine_cosine_of_turn(turn)
        part, _ = sine_cosine_of_turn(half * turn)
        other, _ = sine_cosine_of_turn((1.0 - half) * turn)
        waiting = -log((1.0 - uniform[1, k]) - HALF_UNIT)
        # Where alpha is 2 the last sine is 0, and so is the power it is taken to.
        ratio = max(other, HALF_UNIT) / waiting
        power = log(part) - log(whole) / half + rest * log(ratio)
        size[k] = strength * math.sqrt(2.0) * exp(0.5 * power)


ALPHA_STABLE = NoiseModel(
    name="alpha-stable",
    summary="heavy-tailed noise without a variance: symmetric alpha-stable",
    source=(
        "Samorodnitsky & Taqqu, Stable Non-Gaussian Random Processes, Chapman & Hall 1994, sections"
        " 1.3 and 2.5; Kanter, The Annals of Probability 3 (1975) 697-707; in training noise"
        " Simsekli, Sagun & Gurbuzbalaban, ICML 2019"
    ),
    parameters=(Parameter("alpha", 1.5, "stability: moments exist below this order", "[0.5, 2]"),),
    notes=(
        "strength is the scale: the characteristic function is exp(-|strength u|^alpha). alpha=2 is"
        " normal with the standard deviation sqrt(2) strength, alpha=1 Cauchy's distribution. The"
        " variance is infinite below 2. A vector channel draws one size for the whole vector: the"
        " noise is isotropic (sub-Gaussian) alpha-stable."
    ),
    formula="eta_t = strength * S, E exp(i u S) = exp(-|u|^alpha)",
    kernel=alpha_stable,
    uniforms=2,
    gaussian=True,
)
