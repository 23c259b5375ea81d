"""A move of the rate by `eps` or less is skipped, as the references skip it."""

import numpy as np
import pytest

from lab.replay import replay

#: The rates 1 and 0.75 lie exactly a quarter apart.
QUARTER, LESS = 0.25, 0.25 * (1.0 - 2.0**-40)


def rates(choose, text, losses, lr):
    return replay(choose(f"{text},factor=0.75,patience=0,min_lr=0"), np.array(losses), lr).tolist()


@pytest.mark.parametrize("name", ["greedy", "greedy-paper", "reduce-on-plateau"])
def test_down(name, choose):
    bound = "" if name == "reduce-on-plateau" else ",max_lr=1"  # the first loss is an improvement
    assert rates(choose, f"{name}:eps={LESS!r}{bound}", [1.0, 1.0], 1.0) == [1.0, 0.75]
    assert rates(choose, f"{name}:eps={QUARTER}{bound}", [1.0, 1.0], 1.0) == [1.0, 1.0]


def test_up(choose):
    assert rates(choose, f"greedy:eps={LESS!r}", [1.0], 0.75) == [1.0]
    assert rates(choose, f"greedy:eps={QUARTER}", [1.0], 0.75) == [0.75]
    # As printed, only a reduction is held against eps.
    assert rates(choose, f"greedy-paper:eps={QUARTER}", [1.0], 0.75) == [1.0]
