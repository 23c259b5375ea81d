"""What the channels that add a vector share."""

from __future__ import annotations

import math

from lab.engine.bits import fma

#: What every reader of a vector channel must know.
SIGN_IS_LOST = (
    "The direction z is drawn anew at every step, so the sign of the noise model is lost: drift,"
    " oscillation and adversarial terms push no particular way."
)


def add_vector(target, direction, size, base, scratch, proportional):
    """Add base * size * z / sqrt(dim) to `target` (dim, lanes), z being `direction`.

    The RMS norm of the vector is base * size. `base` (lanes,) becomes the norm of `target` before
    the addition where `proportional`, 1 otherwise; `scratch` (lanes,) is overwritten.
    """
    dim, n = target.shape
    unit = 1.0 / math.sqrt(dim)
    for k in range(n):
        base[k] = base[k] * size[k] * unit  # the length of a coordinate's share, from here on
        scratch[k] = 0.0
    for i in range(dim):
        for k in range(n):
            clean = target[i, k]
            scratch[k] = fma(clean, clean, scratch[k])
            target[i, k] = fma(base[k], direction[i, k], clean)
    for k in range(n):
        base[k] = math.sqrt(scratch[k]) if proportional else 1.0
