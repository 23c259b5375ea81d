"""GreedyLR whose factor adapts itself, from how often the rate turns back: Kesten's rule.

Every move of the rate is up, lr / F, or down, lr F. With u = 1 - F the size of the move (its
logarithm is u to first order), and after the first move:

    a reversal (up after down, or down after up):  u = max(shrink u, smallest)
    a move in the same direction:                  u = min(grow u, 1 - min_factor)

Derivation. log lr is the iterate of a stochastic approximation whose only observation is the sign
of the next move, and u is its gain. Far from the rate that suits, the signs agree and every move
should be larger; around it they alternate, and the gain must shrink, or the rate keeps wandering by
a factor of F. Kesten (1958) lets the gain shrink only where the sign changes; letting it grow where
the sign stays makes it track a target that moves. Let p be the share of reversals. log u drifts by

    p log(shrink) + (1 - p) log(grow)

a move, which is 0 at p = `reversals` if log(grow) = -log(shrink) p / (1 - p): this is how `grow` is
set (to first order in 1 - shrink). Signs that are fair coins reverse half of the time, so that a
target below 1/2 lets u shrink where the loss says nothing; a target of 0 leaves Kesten's own rule,
which never grows. Nothing is divided or averaged: the two numbers of the state beyond those of
greedy-robust, whose decisions these are, are u and the direction of the last move.

With patience 0 each loss moves the rate. Moves of one direction double up to the bound; each of the
two turns at the end halves them:

>>> import numpy as np
>>> from lab.replay import replay
>>> from lab.schedules import SCHEDULES
>>> text = "greedy-kesten:patience=0,factor=0.9,shrink=0.5,reversals=0.5,min_factor=0.6"
>>> losses = np.array([6.0, 5.0, 4.0, 3.0, 3.0, 2.0])
>>> rates = replay(SCHEDULES.choose(text), losses, lr=0.01)
>>> np.exp(-np.abs(np.diff(np.log([0.01, *rates])))).round(3).tolist()
[1.0, 0.9, 0.8, 0.6, 0.8, 0.9]

Source: Kesten, "Accelerated stochastic approximation", The Annals of Mathematical Statistics 29
(1958); Delyon and Juditsky, "Accelerated stochastic approximation", SIAM Journal on Optimization 3
(1993); the growth on agreeing signs: Jacobs, "Increased rates of convergence through learning rate
adaptation", Neural Networks 1 (1988). Its use for the factor of GreedyLR: this laboratory.
"""

from __future__ import annotations

from lab.component import Feedback, Parameter, State
from lab.schedules.greedy import exact_mean, limits
from lab.schedules.greedy_robust import MEMORY, PARAMETERS, decide

#: Smallest size of a move: a factor of 0.9999.
SMALLEST = 1e-4


def step(
    metric, lr, initial_lr, current, move, best, lowest, bad, good, recent, filled, slot,
    shrunk, side,
    factor, shrink, reversals, min_factor, patience, threshold, min_lr, max_lr, room, smooth,
    window_size, mode,
):  # fmt: skip
    """One call of the schedule for every lane.

    shrunk: (lanes,), 1 - u / (1 - factor), so that 0 is the beginning. side: the last move.
    """
    if smooth:
        exact_mean(metric, current, recent, filled, slot, window_size)
    else:
        for k in range(lr.shape[0]):
            current[k] = metric[k]
    decide(current, move, best, lowest, bad, good, patience, threshold, 1.0 - 2.0 * mode)
    first = 1.0 - factor
    grow = 1.0 + reversals / (1.0 - reversals) * (1.0 / shrink - 1.0)
    largest = 1.0 - min_factor if min_factor < factor else first
    for k in range(lr.shape[0]):
        old = (1.0 - shrunk[k]) * first
        turned = side[k] * move[k]
        size = old * shrink if turned < 0.0 else (old * grow if turned > 0.0 else old)
        size = largest if size > largest else size
        size = SMALLEST if size < SMALLEST else size
        near, far = initial_lr[k] / room, initial_lr[k] * room
        low = near if near < min_lr else min_lr
        high = far if far > max_lr else max_lr
        up = lr[k] / (1.0 - size)
        up = high if high < up else up
        down = lr[k] * (1.0 - size)
        down = low if low > down else down
        lr[k] = up if move[k] > 0.0 else (down if move[k] < 0.0 else lr[k])
        shrunk[k] = 1.0 - size / first
        side[k] = move[k] if abs(move[k]) > 0.0 else side[k]


GREEDY_KESTEN = Feedback(
    name="greedy-kesten",
    summary="greedy-robust with a factor that adapts to how often the rate turns back",
    source="Kesten 1958 and Delyon and Juditsky 1993, for the factor of GreedyLR",
    kernel=step,
    parameters=(
        Parameter("factor", 0.95, "the factor of the first move", "(0, 1)"),
        Parameter("shrink", 0.7, "1 - F is multiplied by it where the rate turns back", "(0, 1)"),
        Parameter("reversals", 0.3, "share of reversals that leaves the factor alone", "[0, 0.5]"),
        Parameter("min_factor", 0.9, "lowest factor: the largest move", "(0, 1)"),
        *PARAMETERS,
    ),
    rule=limits,
    state={**MEMORY, "shrunk": State(), "side": State()},
    notes="A factor below min_factor is its own bound. The rule is accelerated by the same amount"
    " upwards and downwards; on quadratics with sgd this can lead past the largest stable rate.",
)
