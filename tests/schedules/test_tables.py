"""Open-loop schedules against the tables of their reference implementations, bit for bit."""

import numpy as np
import pytest

from lab.replay import replay


def test_tables_are_the_references(golden_tables, choose):
    rows = zip(*(golden_tables[name] for name in ("specs", "lr", "rates")), strict=True)
    for text, lr, expected in rows:
        chosen = choose(str(text)).at(float(lr), len(expected))
        found = chosen.component.rates(float(lr), len(expected), chosen.values)
        wrong = np.flatnonzero(found != expected)
        assert wrong.size == 0, f"{text}, lr {lr}: step {wrong[0]}"


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("cosine:eta_min=0", "cosine:eta_min=0,T_max=40"),
        ("linear", "linear:num_training_steps=40"),
    ],
)
def test_zero_stands_for_all_steps(short, full, choose):
    losses = np.ones(40)
    np.testing.assert_array_equal(
        replay(choose(short), losses, 0.1), replay(choose(full), losses, 0.1)
    )
    assert choose(short).at(0.1, 40).text == choose(full).at(0.1, 40).text


def test_defaults(choose):
    assert choose("cosine").at(0.01, 200).text == "cosine:T_max=200,eta_min=1e-05"
    assert choose("cosine-restarts").text == "cosine-restarts:T_0=50,T_mult=1,eta_min=1e-05"
    assert choose("exponential").text == "exponential:gamma=0.95"


def test_replay_reads_the_next_rate(choose):
    """After the last loss comes the rate of the step that would follow."""
    rates = replay(choose("linear"), np.full(4, np.nan), 1.0)
    assert rates.tolist() == [0.75, 0.5, 0.25, 0.0]
