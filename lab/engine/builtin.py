"""Kernels of the engine itself: draws, start, divergence, measures, recording.

Every lane loop runs over the whole block; what lies beyond the last lane asked for is computed and
never looked at.
"""

from __future__ import annotations

import math

import numpy as np

from lab.engine.bits import fma, from_bits, stream, to_bits, to_integer
from lab.engine.maths import EXPONENT_SHIFT, MANTISSA, ONE_BITS, integer_to_float
from lab.engine.philox import fill_normals, fill_uniforms

#: A loss beyond this has diverged (design, "Divergence").
LOSS_LIMIT = 1e150
#: Suboptimality below this counts as this in the area under the log loss: log10 0 has no mean.
AREA_FLOOR = 1e-300
#: From so many values on a record goes past the caches, which would not hold it until it is read.
STREAMED = 2**19


def draw_normals(tile, step, lane, seed, width, stream):
    """Standard normals for a tile of steps; `width` numbers a step."""
    fill_normals(tile, step * width, stream, lane, seed)


def draw_block(rows, first, lane, seed, stream):
    """Standard normals for the whole run, number `first` and on of their stream."""
    fill_normals(rows, first, stream, lane, seed)


def draw_uniforms(tile, step, lane, seed, width, stream):
    """Uniforms on [0, 1) for a tile of steps; `width` numbers a step."""
    fill_uniforms(tile, step * width, stream, lane, seed)


def set_point(start, point):
    """The same start point for every lane."""
    d, n = start.shape
    for i in range(d):
        for k in range(n):
            start[i, k] = point[i]


def begin(x, start):
    """x_0 from the block's start points."""
    d, n = x.shape
    for i in range(d):
        for k in range(n):
            x[i, k] = start[i, k]


def spread_rate(lr, rate_uniform, decades, lowest, highest):
    """Initial rates lr * 10^((U - 1/2) decades), clamped to [lowest, highest]."""
    for k in range(lr.shape[0]):
        factor = 10.0 ** ((rate_uniform[0, k] - 0.5) * decades)
        lr[k] = min(max(lr[k] * factor, lowest), highest)


def scale(shock, size, scalar):
    """Metric part of the noise before its base: size * z, z the scalar unit draw."""
    for k in range(shock.shape[0]):
        shock[k] = size[k] * scalar[k]


def guard(x, grad, value, lr, diverged, count, check, held_x, held_lr, step):
    """Mark lanes whose value, gradient or parameters are no longer finite; their value is +inf.

    From the first such lane on, x and lr are kept in `held_x` and `held_lr` for `freeze`. 0 * y is
    0 for finite y and NaN otherwise, so one sum tells of all coordinates. Of a coordinate's two
    multiply-adds only one waits for the coordinate before. `count` is the number of lanes marked.
    """
    d, n = x.shape
    for k in range(n):
        check[k] = fma(0.0, x[0, k], 0.0 * grad[0, k])
    for i in range(1, d - 1):
        for k in range(n):
            check[k] = fma(0.0, fma(0.0, x[i, k], grad[i, k]), check[k])
    unsound = 0
    for k in range(n):
        # The last coordinate, which may be the first once more.
        total = fma(0.0, fma(0.0, x[d - 1, k], grad[d - 1, k]), check[k])
        sound = (abs(value[k]) <= LOSS_LIMIT) & (total == 0.0)
        unsound += 0 if sound else 1
    if unsound > 0 or count[0] > 0.0:
        mark(x, grad, value, lr, diverged, count, check, held_x, held_lr, step)


def mark(x, grad, value, lr, diverged, count, check, held_x, held_lr, step):
    """The part of `guard` for a block with a lane that is or becomes marked."""
    d, n = x.shape
    dead = 0
    for k in range(n):
        total = fma(0.0, fma(0.0, x[d - 1, k], grad[d - 1, k]), check[k])
        sound = (abs(value[k]) <= LOSS_LIMIT) & (total == 0.0)
        first = diverged[k] if sound else min(diverged[k], float(step))
        gone = first <= float(step)
        diverged[k] = first
        value[k] = math.inf if gone else value[k]
        dead += 1 if gone else 0
    count[0] = float(dead)
    for k in range(n):
        held_lr[k] = lr[k]
    for i in range(d):
        for k in range(n):
            held_x[i, k] = x[i, k]


def freeze(x, lr, diverged, count, held_x, held_lr, step):
    """Put diverged lanes back to where the step began."""
    if count[0] > 0.0:
        d, n = x.shape
        # Both values are fetched whichever is taken: a choice of what to fetch is no vector code.
        for k in range(n):
            held, now = held_lr[k], lr[k]
            lr[k] = held if diverged[k] <= float(step) else now
        for i in range(d):
            for k in range(n):
                held, now = held_x[i, k], x[i, k]
                x[i, k] = held if diverged[k] <= float(step) else now


def measure(value, best, best_step, mantissa, exponent, minimum, floor, step):
    """Best suboptimality so far, its step, and the sum of log2 suboptimality.

    The sum is kept as a product: mantissas multiply in [1, 2), exponents add; no logarithm a step.
    """
    for k in range(value.shape[0]):
        s = max(value[k] - minimum, floor)
        better = s < best[k]
        best[k] = s if better else best[k]
        best_step[k] = float(step) if better else best_step[k]
        bits = to_bits(max(s, AREA_FLOOR))
        p = mantissa[k] * from_bits((bits & MANTISSA) | ONE_BITS)
        whole = integer_to_float(bits >> EXPONENT_SHIFT) - 1023.0
        carry = p >= 2.0
        mantissa[k] = 0.5 * p if carry else p
        exponent[k] = exponent[k] + (whole + 1.0 if carry else whole)


def follow_table(lr, table, step):
    """The rate of the next step from an open-loop schedule's table."""
    rate = table[min(step + 1, table.shape[0] - 1)]
    for k in range(lr.shape[0]):
        lr[k] = rate


def accumulate(total, observed):
    """Add the observed loss to the running sum of a metric that is a mean."""
    for k in range(total.shape[0]):
        total[k] = total[k] + observed[k]


def average(metric, total, every):
    """The mean over the last `every` steps; the sum starts anew."""
    for k in range(metric.shape[0]):
        metric[k] = total[k] / every
        total[k] = 0.0


def add_to_sums(x, value, x_sum, value_sum):
    """Add the iterate and its loss to the running sums of the run."""
    d, n = x.shape
    for i in range(d):
        for k in range(n):
            x_sum[i, k] = x_sum[i, k] + x[i, k]
    for k in range(n):
        value_sum[k] = value_sum[k] + value[k]


def take_means(x_sum, value_sum, x_mean, mean_loss, step):
    """The means of the iterates and losses of the steps 0 .. step."""
    d, n = x_sum.shape
    count = step + 1.0
    for i in range(d):
        for k in range(n):
            x_mean[i, k] = x_sum[i, k] / count
    for k in range(n):
        mean_loss[k] = value_sum[k] / count


def bury(loss_of_mean, diverged, step):
    """The mean iterate of a lane that has diverged has an infinite loss."""
    for k in range(loss_of_mean.shape[0]):
        gone = diverged[k] <= float(step)
        loss_of_mean[k] = math.inf if gone else loss_of_mean[k]


def record(row, out, step, lane, first):
    """out[step, lane] = row, for a value of every step; an `out` of `STREAMED` values streams."""
    n = row.shape[0]
    if out.shape[0] * out.shape[1] < STREAMED:
        at = np.uint64(lane - first)
        for k in range(n):
            out[step, at + np.uint64(k)] = row[k]
    else:
        for k in range(0, n, 8):
            stream(out, step, lane - first + k, row, k)


def record_sample(row, out, slots, step, lane, first):
    """out[slots[step], lane] = row in the steps that have a slot of 0 or more."""
    slot = to_integer(slots[step])
    if slot >= 0:
        at = np.uint64(lane - first)
        for k in range(row.shape[0]):
            out[slot, at + np.uint64(k)] = row[k]


def record_once(row, out, lane, first):
    """out[0, lane] = row, for a value of the whole run."""
    at = lane - first
    for k in range(row.shape[0]):
        out[0, at + k] = row[k]


def record_rows_once(rows, out, lane, first):
    """out[i, lane] = rows[i], for values of the whole run."""
    d, n = rows.shape
    at = lane - first
    for i in range(d):
        for k in range(n):
            out[i, at + k] = rows[i, k]


def record_rows(rows, out, step, lane, first):
    """out[step * d + i, lane] = rows[i], for a vector of every step."""
    d, n = rows.shape
    at = np.uint64(lane - first)
    for i in range(d):
        for k in range(n):
            out[step * d + i, at + np.uint64(k)] = rows[i, k]


def record_lane(row, out, step, lane, only):
    """out[step, 0] = row of the lane `only`, for a value of every step."""
    at = only - lane
    if 0 <= at < row.shape[0]:
        out[step, 0] = row[at]


def record_lane_rows(rows, out, step, lane, only):
    """out[step * d + i, 0] = rows[i] of the lane `only`, for a vector of every step."""
    d, n = rows.shape
    at = only - lane
    if 0 <= at < n:
        for i in range(d):
            out[step * d + i, 0] = rows[i, at]


def record_sum(row, out, step, lane, first, lanes):
    """out[step, block] = sum over the block's lanes, in eight partial sums of fixed order."""
    n = row.shape[0]
    block = (lane - first) // n
    valid = max(0, min(n, first + lanes - lane))
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    whole = valid // 8 * 8
    for k in range(0, whole, 8):
        s0 += row[k]
        s1 += row[k + 1]
        s2 += row[k + 2]
        s3 += row[k + 3]
        s4 += row[k + 4]
        s5 += row[k + 5]
        s6 += row[k + 6]
        s7 += row[k + 7]
    rest = 0.0
    for k in range(whole, valid):
        rest += row[k]
    out[step, block] = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) + rest
