"""The two semantics of reduce-on-plateau."""

import numpy as np
import pytest

from lab.errors import RequestError
from lab.replay import replay
from lab.schedules import SCHEDULES


@pytest.mark.parametrize("patience", [1, 2, 5])
@pytest.mark.parametrize("cooldown", [0, 3])
def test_optax_patience_is_one_more_than_torchs(patience, cooldown):
    losses = np.random.default_rng(2).normal(size=(200, 8)).round(1)
    common = f"factor=0.5,cooldown={cooldown},eps=0"
    torch = SCHEDULES.choose(f"reduce-on-plateau:{common},patience={patience - 1}")
    optax = SCHEDULES.choose(f"reduce-on-plateau:{common},patience={patience},semantics=optax")
    # The factor is a power of two: the scale and the rate itself round alike.
    np.testing.assert_array_equal(replay(torch, losses, 1.0), replay(optax, losses, 1.0))


def test_optax_patience_of_zero_is_refused():
    with pytest.raises(RequestError, match="patience=0"):
        SCHEDULES.choose("reduce-on-plateau:patience=0,semantics=optax")


def test_optax_name_is_explained():
    with pytest.raises(RequestError, match="semantics=optax"):
        SCHEDULES.choose("reduce_on_plateau")
