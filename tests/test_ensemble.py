"""Bands of a run: those of its lanes, at the steps that a run has bands of, in little memory."""

import math

import numpy as np
import pytest

from experiments.request import make_request
from lab import distribution, ensemble
from lab.distribution import bytes_of
from lab.ensemble import BAND_STEPS, band_pieces, band_steps, run_ensemble
from lab.sketch import FINE_ERROR, Histograms, place_numbers, record_places
from lab.statistics.quantiles import quantiles
from lab.trajectories import SUMMARY
from tests.kernels import run_plain
from tests.trajectories import trajectories

LEVELS = (0.05, 0.25, 0.5, 0.95)


def request_for(steps: int, landscape: str = "rosenbrock", **rest):
    given = {"schedules": ("greedy:patience=1", "cosine"), "steps": steps, "lr": 0.01} | rest
    return make_request(landscape, "gaussian", **given)


def ensemble_of(request, lanes: int):
    return run_ensemble(
        request.scenario(request.strengths[0]), request.arms(), request.steps, lanes, LEVELS,
        threads=2, **request.options,
    )  # fmt: skip


def test_pieces_are_taken_in_one_after_the_other_and_all():
    made, taken = [], []

    def pieces():
        for number in range(5):
            assert len(taken) >= number - 1  # one is in work while the next is made, no more
            made.append(number)
            yield number

    ensemble._while_the_next_is_made(pieces(), taken.append)
    assert taken == made == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("bad", [0, 2, 4])
def test_what_goes_wrong_with_a_piece_is_raised(bad):
    def work(number):
        if number == bad:
            raise MemoryError(f"at {number}")

    with pytest.raises(MemoryError, match=f"at {bad}"):
        ensemble._while_the_next_is_made(iter(range(5)), work)


class TestBandSteps:
    @pytest.mark.parametrize("steps", [1, 2, 200, BAND_STEPS])
    def test_every_step_of_a_short_run(self, steps):
        np.testing.assert_array_equal(band_steps(steps), np.arange(steps + 1))

    @pytest.mark.parametrize("steps", [BAND_STEPS + 1, 1000, 12_345, 10**6, 2**31 - 1])
    def test_some_of_a_long_one(self, steps):
        at = band_steps(steps)
        assert at[0] == 0
        assert at[-1] == steps
        assert np.all(np.diff(at) > 0)
        assert len(at) <= BAND_STEPS + 1
        assert np.diff(at).max() <= math.ceil(2 * steps / BAND_STEPS)
        np.testing.assert_array_equal(at[:5], np.arange(5))


@pytest.mark.parametrize(("steps", "lanes"), [(30, 300), (470, 130)])
def test_bands_and_mean_rates_are_those_of_the_lanes(steps, lanes):
    request = request_for(steps)
    found, whole = ensemble_of(request, lanes), trajectories(request, lanes)
    assert found.exact
    expected = np.moveaxis(quantiles(whole.loss[:, found.at], LEVELS), 0, -1)
    np.testing.assert_array_equal(found.bands, expected)
    np.testing.assert_allclose(found.lr_mean, whole.lr_mean[:, found.at[:-1]], rtol=1e-14)
    assert len(found.at) == (steps + 1 if steps <= BAND_STEPS else len(band_steps(steps)))
    for name in SUMMARY:
        np.testing.assert_array_equal(found.summary[name], whole.summary[name])


def test_arms_that_do_not_fit_together_run_one_after_another(monkeypatch):
    request = request_for(30)
    together = ensemble_of(request, 200)
    monkeypatch.setattr(ensemble, "HELD_BYTES", 1)
    found = ensemble_of(request, 200)
    np.testing.assert_array_equal(found.bands, together.bands)
    np.testing.assert_array_equal(found.lr_mean, together.lr_mean)
    for name in SUMMARY:
        np.testing.assert_array_equal(found.summary[name], together.summary[name])


@pytest.mark.parametrize("landscape", ["rosenbrock", "styblinski-tang", "six-hump-camel"])
@pytest.mark.parametrize("steps", [30, 470])
def test_counted_bands_are_near_the_exact_ones(landscape, steps, monkeypatch):
    request = request_for(steps, landscape)
    exact = ensemble_of(request, 301)
    for module in (distribution, ensemble):
        monkeypatch.setattr(module, "EXACT_LANES", 300)
    monkeypatch.setattr(ensemble, "WIDE_PIECE_BYTES", 1)
    found = ensemble_of(request, 301)
    assert not found.exact
    assert np.any(found.bands != exact.bands)
    largest = np.abs(trajectories(request, 301).loss).max()
    unit = np.abs(exact.bands) if request.measure == "suboptimality" else largest
    assert np.all(np.abs(found.bands - exact.bands) <= (FINE_ERROR + 1e-12) * unit)
    np.testing.assert_allclose(found.lr_mean, exact.lr_mean, rtol=1e-14)
    for name in SUMMARY:
        np.testing.assert_array_equal(found.summary[name], exact.summary[name])


@pytest.mark.parametrize("valid", [1, 31, 32, 100, 128])
@pytest.mark.parametrize("minimum", [None, -2.0])
def test_places_are_counted_as_the_values_would_be(valid, minimum):
    values = np.random.default_rng(valid).standard_normal(128) * 10.0
    values[3] = math.inf
    numbers = place_numbers(minimum)
    out = np.zeros((1, 32))
    fields = {"row": values}
    given = {**numbers, "first": 256, "lanes": valid, "out": out}
    run_plain(record_places, fields, given, step=0, lane=256)
    places, plain = (Histograms(1, valid, signed=minimum is None) for _ in range(2))
    places.add_places(out)
    plain.add(values[None, :valid], minimum)
    np.testing.assert_array_equal(places.counts, plain.counts)
    assert places.counts.sum() == valid


def test_memory_does_not_grow_with_the_steps():
    """What a piece records of a long run is no more than of a short one."""
    sizes = []
    for steps in (1_000, 4_000):
        request = request_for(steps)
        scenario = request.scenario(0.5)
        (piece,) = band_pieces(scenario, request.arms(), steps, 128, band_steps(steps))
        sizes.append(piece.loss.size + piece.lr_mean.size)
    assert max(sizes) <= 2 * 128 * (BAND_STEPS + 1) + 2 * BAND_STEPS
    assert bytes_of(1, 10**9) == bytes_of(1, 10**6)
