"""Feedback schedules against the rates of their reference implementations, bit for bit."""

import numpy as np
import pytest

from lab.replay import replay

#: Keys of the golden data; optax is reduce-on-plateau with that semantics.
NAMES = ("greedy", "reduce-on-plateau", "optax")


def cases(golden, name):
    columns = (golden["losses"].astype(np.float64) * golden["factors"]).T
    return zip(
        golden[f"{name}/specs"], golden[f"{name}/lr"], columns, golden[f"{name}/rates"].T,
        strict=True,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_rates_are_the_references(name, golden_feedback, choose):
    for text, lr, losses, rates in cases(golden_feedback, name):
        found = replay(choose(str(text)), losses, float(lr))
        wrong = np.flatnonzero(found != rates)
        assert wrong.size == 0, f"{text}, lr {lr}: step {wrong[0]}"


@pytest.mark.parametrize("name", NAMES)
def test_uncompiled_kernel_agrees(name, golden_feedback, choose, plain_replay):
    for text, lr, losses, rates in list(cases(golden_feedback, name))[:24]:
        found = plain_replay(choose(str(text)), losses[:, None], float(lr))
        np.testing.assert_array_equal(found[:, 0], rates, err_msg=str(text))


@pytest.mark.parametrize("name", NAMES)
def test_series_try_what_they_should(name, golden_feedback):
    """The golden data would notice: rates rise or fall often, and the losses hold every oddity."""
    losses = golden_feedback["losses"]
    rates = golden_feedback[f"{name}/rates"]
    assert losses.shape[1] > 100
    assert np.isnan(losses).any(axis=0).sum() > 20
    assert np.isposinf(losses).any()
    assert np.isneginf(losses).any()
    assert (losses[1:] == losses[:-1]).mean() > 0.1
    assert ((np.diff(rates, axis=0) != 0).sum(axis=0) > 3).mean() > 0.5
