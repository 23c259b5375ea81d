"""Lion: steps of exactly the rate, in the direction of a sign.

    u_t = sign((1 - b1) g_t + b1 m_(t-1)),  sign(0) = 0
    m_t = (1 - b2) g_t + b2 m_(t-1)
    x_(t+1) = x_t - lr_t (u_t + weight_decay x_t)

Source: Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, program 1; optax
0.2.8, `lion`.
"""

from __future__ import annotations

from lab.component import Optimizer, Parameter, State


def step(x, grad, lr, mu, b1, b2, weight_decay):
    """One step of every lane."""
    # No fused operations: a sum that cancels must be 0 where the reference's is.
    weight1, weight2 = 1.0 - b1, 1.0 - b2
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k]
            mixed = weight1 * g + b1 * mu[i, k]
            up = 1.0 if mixed > 0.0 else 0.0
            down = 1.0 if mixed < 0.0 else 0.0
            mu[i, k] = weight2 * g + b2 * mu[i, k]
            x[i, k] -= lr[k] * (up - down + weight_decay * x[i, k])


LION = Optimizer(
    name="lion",
    summary="steps of exactly the rate, in the direction of a sign",
    source="optax 0.2.8, lion",
    kernel=step,
    parameters=(
        Parameter("b1", 0.9, "share of the mean in the direction", "[0, 1)"),
        Parameter("b2", 0.99, "share of the mean gradient that a step keeps", "[0, 1)"),
        Parameter("weight_decay", 1e-3, "share of x, times the rate, that decays", "[0, inf)"),
    ),
    state={"mu": State(rows="vector")},
    default_lr=0.001,
    notes="Starts from a tenth of adam's rate, as the paper advises (section 5: 3 to 10 times"
    " smaller); optax has no default.",
)
