"""Heavy-tailed noise: Student's t distribution."""

from __future__ import annotations

import math

from lab.component import NoiseModel, Parameter
from lab.engine.bits import fma
from lab.engine.maths import log

#: The smallest chi-square that is divided by: below it, once in 10^9 draws at worst, sizes end.
SMALLEST = 2.0**-64


def student_t(size, strength, uniform, normal, df):
    """Fill `size` (lanes,) with strength * sqrt(df / W), W chi-square of df degrees of freedom.

    W is -2 log of a product of df // 2 uniforms, `uniform` (max(df // 2, 1), lanes), and for an odd
    df the square of `normal` (1, lanes) besides.
    """
    odd = 1.0 if df % 2 == 1 else 0.0
    n = size.shape[0]
    for k in range(n):
        size[k] = 1.0
    for i in range(df // 2):
        for k in range(n):
            size[k] *= 1.0 - uniform[i, k]
    for k in range(n):
        z = odd * normal[0, k]
        square = fma(z, z, -2.0 * log(size[k]))
        size[k] = strength * math.sqrt(df / max(square, SMALLEST))


STUDENT_T = NoiseModel(
    name="student-t",
    summary="heavy-tailed noise: a normal draw whose size is random, too",
    source="Lange, Little & Taylor, Journal of the American Statistical Association 84 (1989)"
    " 881-896",
    parameters=(
        Parameter("df", 3, "degrees of freedom: moments exist below this order", "[1, 30]"),
    ),
    notes=(
        "strength is the scale, not the standard deviation, which is strength sqrt(df/(df-2)) for"
        " df above 2 and infinite otherwise. A vector channel draws one size for the whole vector:"
        " the noise is a multivariate t, with outliers in all coordinates at once. df=1 is Cauchy's"
        " distribution."
    ),
    formula="eta_t = strength * T, T ~ Student's t with df degrees of freedom",
    kernel=student_t,
    uniforms=lambda values: max(values["df"] // 2, 1),
    normals=1,
    gaussian=True,
)
