"""Distributions, moments and independence of the noise that a run makes, against theory.

Seeds are fixed, so nothing here fails by chance: bounds are 5 standard errors, and p-values of
Kolmogorov and Smirnov's test above 1e-4.
"""

import math

import numpy as np
import pytest
from scipy import stats

from experiments.components import CHANNELS, NOISES, OPTIMIZERS, SCHEDULES
from lab.simulation import Arm, Keep, Scenario, simulate
from landscapes import LANDSCAPES
from tests.noise.series import run, terms, vectors
from tests.noise.test_models import SIZES

LANES = 2**14
S = 0.5


def contaminated(x):
    return 0.95 * stats.norm.cdf(x / S) + 0.05 * stats.norm.cdf(x / (10 * S))


#: Text, step, distribution function of eta at strength S.
LAWS = [
    ("gaussian", 3, stats.norm(scale=S).cdf),
    ("plateau", 3, stats.norm(scale=0.05 * S).cdf),
    ("bursts", 3, stats.norm(scale=3 * S).cdf),
    ("bursts", 22, stats.norm(scale=0.1 * S).cdf),
    ("multiplicative", 5, stats.norm(scale=S).cdf),
    ("outliers", 4, contaminated),
    ("outliers:probability=1,factor=3", 4, stats.norm(scale=3 * S).cdf),
    ("fading", 0, stats.norm(scale=S).cdf),
    ("fading:horizon=5", 10, stats.norm(scale=S / 3).cdf),
    ("ar1", 0, stats.norm(scale=S).cdf),
    ("ar1", 9, stats.norm(scale=S).cdf),
    ("ar1:correlation=-0.99", 30, stats.norm(scale=S).cdf),
    ("student-t:df=1", 2, stats.t(1, scale=S).cdf),
    ("student-t:df=2", 2, stats.t(2, scale=S).cdf),
    ("student-t", 2, stats.t(3, scale=S).cdf),
    ("student-t:df=8", 2, stats.t(8, scale=S).cdf),
    ("student-t:df=29", 2, stats.t(29, scale=S).cdf),
    ("alpha-stable:alpha=1", 6, stats.cauchy(scale=S).cdf),
    ("alpha-stable:alpha=2", 6, stats.norm(scale=math.sqrt(2) * S).cdf),
]


@pytest.mark.parametrize(("text", "step", "law"), LAWS)
def test_terms_are_distributed_as_stated(text, step, law):
    eta = terms(text, S, step + 1, LANES)[step]
    assert stats.kstest(eta, law).pvalue > 1e-4


def test_spikes_are_uniform_between_their_ends():
    eta = terms("spikes:probability=1", S, 3, LANES)[2]
    assert stats.kstest(eta, stats.uniform(0.5 * S, 1.5 * S).cdf).pvalue > 1e-4


@pytest.mark.parametrize("alpha", [0.5, 0.8, 1.2, 1.5, 1.9])
@pytest.mark.parametrize("u", [0.2, 1.0, 3.0])
def test_stable_noise_has_its_characteristic_function(alpha, u):
    eta = terms(f"alpha-stable:alpha={alpha}", S, 1, LANES)[0]
    expected = math.exp(-((S * u) ** alpha))
    variance = 0.5 * (1.0 + math.exp(-((2.0 * S * u) ** alpha))) - expected**2
    assert abs(np.cos(u * eta).mean() - expected) <= 5.0 * math.sqrt(variance / LANES)
    assert abs(np.sin(u * eta).mean()) <= 5.0 / math.sqrt(LANES)


def test_no_term_is_infinite():
    for text in ("student-t:df=1", "alpha-stable:alpha=0.5"):
        assert np.isfinite(terms(text, 1.0, 64, LANES)).all()


@pytest.mark.parametrize("df", [5, 12, 30])
def test_students_variance_is_that_of_theory(df):
    eta = terms(f"student-t:df={df}", S, 1, LANES)[0]
    variance = S**2 * df / (df - 2)
    # Kurtosis 3 + 6/(df - 4).
    error = 5.0 * variance * math.sqrt((2.0 + 6.0 / (df - 4)) / LANES)
    assert abs(np.mean(eta**2) - variance) <= error
    assert abs(eta.mean()) <= 5.0 * math.sqrt(variance / LANES)


RANDOM = ["gaussian", "spikes", "bursts", "multiplicative", "outliers", "fading"]
RANDOM += ["student-t:df=1", "alpha-stable"]


def scores(eta):
    """Ranks within each step, from -1 to 1: heavy tails and rare events correlate as others do."""
    ranks = stats.rankdata(eta, axis=1)
    return (2.0 * ranks - 1.0) / eta.shape[1] - 1.0


@pytest.mark.parametrize("text", RANDOM)
def test_steps_and_lanes_are_independent(text):
    eta = terms(text, S, 12, LANES)
    for values in (scores(eta), scores(np.abs(eta))):
        values = values / values.std()
        for lag in (1, 2, 5):
            mean = np.mean(values[lag:] * values[:-lag])
            assert abs(mean) <= 5.0 / math.sqrt((12 - lag) * LANES), f"steps, lag {lag}"
        for lag in (1, 128):
            mean = np.mean(values[:, lag:] * values[:, :-lag])
            assert abs(mean) <= 5.0 / math.sqrt(12 * (LANES - lag)), f"lanes, lag {lag}"


@pytest.mark.parametrize("correlation", [0.9, 0.3, -0.7])
def test_an_autoregression_is_correlated_over_steps_and_not_over_lanes(correlation):
    eta = terms(f"ar1:correlation={correlation}", S, 12, LANES) / S
    for first in (0, 4):
        for lag in (1, 2, 6):
            expected = correlation**lag
            found = np.mean(eta[first] * eta[first + lag])
            assert abs(found - expected) <= 5.0 * math.sqrt((1.0 + expected**2) / LANES)
    assert abs(np.mean(eta[11, 1:] * eta[11, :-1])) <= 5.0 / math.sqrt(LANES)


@pytest.mark.parametrize("dim", [1, 3])
def test_in_a_vector_channel_an_autoregression_keeps_its_direction(dim):
    v = vectors("ar1:correlation=0.8", S, 8, LANES, dim) * math.sqrt(dim) / S
    for lag in (0, 1, 3):
        found = np.einsum("tik,tjk->tij", v[lag:], v[: len(v) - lag]) / LANES
        expected = 0.8**lag * np.eye(dim)
        assert np.abs(found - expected).max() <= 5.0 * math.sqrt(2.0 / LANES)


def test_in_a_vector_channel_one_size_is_drawn_for_all_coordinates():
    """Student's t: every coordinate is t-distributed, and outliers come in all at once."""
    v = vectors("student-t", S, 2, LANES, 3)[0] * math.sqrt(3) / S
    for coordinate in v:
        assert stats.kstest(coordinate, stats.t(3).cdf).pvalue > 1e-4
    # |v|^2 / 3 of a multivariate t is F-distributed.
    assert stats.kstest(np.sum(v**2, axis=0) / 3, stats.f(3, 3).cdf).pvalue > 1e-4


def test_the_size_of_multiplicative_noise_follows_the_base():
    """The loss before, |f|, is 8 from the second step on; at step 0 the base is 1."""
    out = run(
        "multiplicative", "metric", S, 3, LANES,
        landscape="quadratic:dim=1,condition=1,L=16", start=(-1.0,),
    )  # fmt: skip
    for step, base in enumerate((1.0, 8.0, 8.0)):
        assert stats.kstest(out.term[0, step], stats.norm(scale=S * base).cdf).pvalue > 1e-4


def test_a_correlated_lane_is_the_same_whatever_runs_beside_it():
    one = run("ar1", "batch", S, 70, 300, lr=0.1, threads=1)
    two = run("ar1", "batch", S, 70, 300, lr=0.1, threads=2)
    part = run("ar1", "batch", S, 70, 60, lr=0.1, first_lane=190)
    for name in ("term", "x"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        np.testing.assert_array_equal(getattr(one, name)[..., 190:250], getattr(part, name))


@pytest.mark.parametrize("channel", CHANNELS.all())
@pytest.mark.parametrize("noise", NOISES.all())
def test_every_model_acts_in_every_channel_and_strength_zero_is_no_noise(noise, channel):
    """Bit for bit at strength 0; at 0.5 the term or the steps differ wherever the model acts."""
    arms = [Arm(SCHEDULES.choose("greedy"), OPTIMIZERS.choose("adam"), 0.1)]

    def lanes(model, strength):
        scenario = Scenario(
            LANDSCAPES.choose("rastrigin"), NOISES.choose(model), CHANNELS.choose(channel), strength
        )
        return simulate(
            scenario, arms, 25, 256, keep=Keep(lr=True, observed=True, term=True, x=True)
        )

    clean, silent, loud = lanes("none", 0.5), lanes(noise, 0.0), lanes(noise, 0.5)
    for name in ("x", "lr", "observed"):
        np.testing.assert_array_equal(getattr(clean, name), getattr(silent, name))
    if noise != "none":
        way = CHANNELS.find(channel)
        assert np.any(loud.term != 0.0) == way.scalar
        assert np.any(loud.x != clean.x) == (way.acts_on_steps or way.acts_on_metric)
        assert np.any(loud.observed != clean.observed) == (channel != "published")


def test_every_model_has_a_law_or_an_exact_formula():
    """Here, in `test_models`, or, where it answers to the lane's past, in `test_adversarial`."""
    drawn = {text.partition(":")[0] for text, _, _ in LAWS} | {"spikes"}
    assert set(NOISES.all()) == drawn | set(SIZES) | {"adversarial", "adversarial-trailing"}
