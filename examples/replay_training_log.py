"""What schedules would have done with a recorded training log, as a figure.

    python examples/replay_training_log.py [DIRECTORY]      (default: results/replay)

Reads training-log.csv beside this file (train_small_network.py wrote it) and draws, for each of
these schedules, the rate that it sets once it has seen the loss of a step. A replay says what a
schedule would have done with *this* loss; under its own rates the loss would have become another.
"""

# %%
import sys
from pathlib import Path

from experiments.losslog import read_losses
from lab.replay import replay
from lab.schedules import SCHEDULES
from reports.bands import save
from reports.replay import figure

LR = 0.3
LOG = Path(__file__).with_name("training-log.csv")

# %% A replay needs the losses, a rate to start from, and a schedule.
#: Schedules that listen to the loss, then tables; lengths made for a log of 400 steps.
SHOWN = (
    "greedy",
    "greedy:preset=paper",
    "greedy:preset=study",
    "greedy-paper",
    "greedy-research",
    "greedy-simple:max_lr=1",
    "reduce-on-plateau",
    "constant",
    "linear",
    "cosine",
    "cosine-restarts:T_0=100",
    "polynomial:power=2",
    "exponential:gamma=0.99",
    "step:step_size=100",
    "multistep:milestones=150/300",
    "piecewise:boundaries=200/300,scales=0.3/0.3",
    "inverse-time:decay_rate=0.02",
    "inverse-sqrt:timescale=40",
    "cyclic:base_lr=0.03,max_lr=0.3,step_size_up=50",
    "one-cycle",
    "warmup-stable-decay:num_warmup_steps=40,num_decay_steps=100",
    "constant-with-warmup:num_warmup_steps=60",
    "constant-lr:total_iters=100",
    "linear-lr:total_iters=100",
    "polynomial-lr",
    "warmup:steps=40,then=(cosine)",
)


# %% The rate that each sets once it has seen the loss of a step, drawn below the log.
def main(directory):
    losses = read_losses(str(LOG))
    rates = {text: replay(SCHEDULES.choose(text), losses, LR) for text in SHOWN}
    for path in save(figure(losses, rates, LR), Path(directory), "training-log", ("png", "svg")):
        print(path)


# %%
if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "results/replay")
