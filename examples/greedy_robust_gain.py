"""What greedy-robust gains over greedy under every noise in every channel, with intervals.

    python examples/greedy_robust_gain.py --optimizer adam --steps 200 --seeds 1000

A row a noise and channel: the geometric mean over the landscapes of median / median of greedy, at
the shared rate and with each of the two at its own tuned rate, tuned on other seeds. The last row
is over all scenarios together. Losses below --floor count as that: it makes no difference whether a
loss is 1e-20 or 1e-40. Intervals are 95 % each: of 33 rows one or two miss by chance.
"""

import argparse

from experiments.tune.judge import geometric_mean, judge
from experiments.tune.run import make_tune
from reports.numbers import with_interval

LANDSCAPES = ("rosenbrock", "quadratic", "rastrigin", "ackley", "huber")
NOISES = (
    "gaussian", "periodic-spikes", "spikes", "plateau", "oscillation", "drift", "bursts",
    "adversarial",
)  # fmt: skip
CHANNELS = ("metric", "gradient", "batch", "parameters")


def scenarios():
    """No noise once, then every noise in every channel."""
    yield "none", "batch"
    for noise in NOISES:
        for channel in CHANNELS:
            yield noise, channel


def compared(noise, channel, schedule, options):
    """The ratio at the shared and at the tuned rates."""
    grid = make_tune(
        LANDSCAPES, (noise,), (channel,), optimizers=(options.optimizer,), steps=options.steps,
        seeds=options.seeds, against=(schedule,), axes=("patience=10",),
    )  # fmt: skip
    *_, shared, tuned = judge(grid.space, grid.requests, grid.space.default, options.floor, None)
    return shared.gain, tuned.at_rate


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--optimizer", default="adam")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--floor", type=float, default=1e-8)
    parser.add_argument("--schedule", default="greedy-robust")
    options = parser.parse_args()
    print("| noise | channel | at the shared rate | each at its tuned rate |")
    print("| --- | --- | --- | --- |")
    found = []
    for noise, channel in scenarios():
        found.append(compared(noise, channel, options.schedule, options))
        print(row(noise, channel, found[-1]), flush=True)
    print(row("all", "", [geometric_mean(column) for column in zip(*found, strict=True)]))


def row(noise, channel, ratios):
    shared, tuned = (with_interval(ratio.interval()) for ratio in ratios)
    return f"| {noise} | {channel} | {shared} | {tuned} |"


if __name__ == "__main__":
    main()
