"""What greedy offers beside its reference: presets, the exact window, bounds as shares."""

import numpy as np
import pytest

from lab.errors import RequestError
from lab.replay import replay


def test_presets(choose):
    """The three parameter sets of the paper's text, its study and the release."""
    release = choose("greedy").values
    assert release == choose("greedy:preset=hf").values
    assert (release["factor"], release["patience"], release["threshold"]) == (0.95, 10, 1e-6)
    assert (release["min_lr"], release["max_lr"], release["eps"]) == (1e-3, 1.0, 1e-8)
    assert (release["smooth"], release["window_size"], release["reset_start"]) == (False, 50, 500)

    paper = choose("greedy:preset=paper").at(0.02, 10).values
    assert paper == {**release, "preset": "paper", "smooth": True, "min_lr": 0.002}

    study = choose("greedy:preset=study").values
    assert study == {**release, "preset": "study", "factor": 0.9, "min_lr": 1e-5}


def test_a_given_value_goes_before_the_preset(choose):
    values = choose("greedy:preset=study,factor=0.7").values
    assert (values["factor"], values["min_lr"]) == (0.7, 1e-5)


def test_shares_of_the_initial_rate(choose):
    share = choose("greedy:min_lr=25%,max_lr=400%")
    assert share.text.count("%") == 2
    at = share.at(0.04, 10).values
    assert (at["min_lr"], at["max_lr"]) == (0.01, 0.16)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("greedy:min_lr=2", "min_lr=2 is above max_lr=1"),
        ("greedy:min_lr=10%,max_lr=0.0001", "min_lr=0.001 is above max_lr=0.0001"),
    ],
)
def test_bounds_that_cross_are_refused(text, message, choose):
    with pytest.raises(RequestError, match=message):
        replay(choose(text), np.ones(3), 0.01)


@pytest.mark.parametrize("text", ["greedy:preset=pap", "greedy:min_lr=-10%", "greedy:factor=10%"])
def test_wrong_values_are_refused(text, choose):
    with pytest.raises(RequestError):
        choose(text)


def windowed(losses, size):
    """Means of the last `size` losses, from the oldest on."""
    return np.array([sum(w) / len(w) for w in (losses[max(0, i - size + 1) : i + 1]
                                               for i in range(len(losses)))])  # fmt: skip


def test_exact_window_is_the_mean_of_the_window(choose):
    """Smoothing by hand and then comparing gives the same rates, spikes and infinities included."""
    rng = np.random.default_rng(3)
    losses = (3.0 + np.cumsum(rng.normal(-0.01, 0.2, 400))).tolist()
    losses[50], losses[90], losses[150] = 1e12, np.inf, np.nan
    common = "patience=2,factor=0.8,min_lr=1e-6,reset_start=100000"
    exact = choose(f"greedy:{common},smooth=true,window_size=7,window=exact")
    plain = choose(f"greedy:{common}")
    np.testing.assert_array_equal(
        replay(exact, losses, 0.01), replay(plain, windowed(losses, 7), 0.01)
    )


def test_a_reset_empties_the_exact_window(choose):
    """Constant losses at the lower bound reset the rate; then the window holds new losses only."""
    text = "greedy:patience=0,min_lr=0.1,reset_start=1,smooth=true,window_size=3,window=exact"
    losses = np.array([9.0, 9.0, 5.0, 5.0, 1.0])
    # Step 1 fails and, at the bound, resets; step 2 is better than infinity; step 3 resets again.
    assert replay(choose(text), losses, 0.1).tolist() == [
        0.1 / 0.95, 0.1, 0.1 / 0.95, 0.1, 0.1 / 0.95,
    ]  # fmt: skip


def test_running_sum_never_forgets_a_spike(choose):
    """The reference's weakness, which window=exact does not share."""
    losses = np.full(300, 1.0)
    losses[100] = np.inf
    losses[150:] = np.linspace(1.0, 0.5, 150)
    text = "greedy:patience=3,smooth=true,window_size=10,reset_start=100000,window={}"
    running = replay(choose(text.format("running")), losses, 0.1)
    exact = replay(choose(text.format("exact")), losses, 0.1)
    assert (np.diff(running[101:]) <= 0.0).all()
    assert (np.diff(exact[160:]) > 0.0).any()
