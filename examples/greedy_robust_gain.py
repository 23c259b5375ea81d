"""What greedy-robust gains over greedy under every noise in every channel, with intervals.

    python examples/greedy_robust_gain.py --run adam,200,1000 --run sgd,500,400

A column a run (optimizer, steps, seeds), a row a noise and channel: the geometric mean over the
landscapes of median / median of greedy; first at the shared rate, then with each of the two at its
own tuned rate, tuned on other seeds. The last rows are over all scenarios together, and how many
intervals lie below and above 1. Losses below --floor count as that: it makes no difference whether
a loss is 1e-20 or 1e-40. Intervals are 95 % each: of 33 rows one or two miss by chance.
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
RUNS = ("adam,200,1000", "adam,1000,400", "sgd,500,400")


def scenarios():
    """No noise once, then every noise in every channel."""
    yield "none", "batch"
    for noise in NOISES:
        for channel in CHANNELS:
            yield noise, channel


def compared(noise, channel, run, options):
    """The ratio at the shared and at the tuned rates."""
    optimizer, steps, seeds = run.split(",")
    grid = make_tune(
        LANDSCAPES, (noise,), (channel,), optimizers=(optimizer,), steps=int(steps),
        seeds=int(seeds), against=(options.schedule,), axes=("patience=10",),
    )  # fmt: skip
    *_, shared, tuned = judge(grid.space, grid.requests, grid.space.default, options.floor, None)
    return shared.gain, tuned.at_rate


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", action="append", help="OPTIMIZER,STEPS,SEEDS; repeat")
    parser.add_argument("--floor", type=float, default=1e-8)
    parser.add_argument("--schedule", default="greedy-robust")
    options = parser.parse_args()
    runs = options.run or RUNS
    found = {
        scenario: [compared(*scenario, run, options) for run in runs] for scenario in scenarios()
    }
    print(table("shared rate", runs, found, 0), end="\n\n")
    print(table("tuned rates", runs, found, 1))


def table(title, runs, found, kind):
    """The ratios at one kind of rate, their geometric means, and the verdicts."""
    columns = [[row[i][kind] for row in found.values()] for i in range(len(runs))]
    names = ["{}, {} steps".format(*run.split(",")) for run in runs]
    rows = [[f"noise, {title}", "channel", *names], ["---"] * (2 + len(runs))]
    rows += [
        [*scenario, *(with_interval(column[k].interval()) for column in columns)]
        for k, scenario in enumerate(found)
    ]
    rows.append(["all", "", *(with_interval(geometric_mean(c).interval()) for c in columns)])
    intervals = [[ratio.interval() for ratio in column] for column in columns]
    for word, lies in (("below", lambda i: i.high < 1.0), ("above", lambda i: i.low > 1.0)):
        rows.append([f"intervals {word} 1", "", *(str(sum(map(lies, c))) for c in intervals)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    main()
