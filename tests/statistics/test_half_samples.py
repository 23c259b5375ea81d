import numpy as np
import pytest

from lab.engine.bits import to_integer
from lab.statistics.half_samples import half_sample_medians, half_sizes, medians_of_halves


def chosen_halves(uniform, n, sizes):
    """The halves that a Fisher-Yates shuffle of one permutation makes of these numbers."""
    seeds, halves = list(range(n)), []
    for r, row in enumerate(uniform):
        size = sizes[r % 2]
        for k in range(size):
            j = k + to_integer(row[k] * (n - k))
            seeds[k], seeds[j] = seeds[j], seeds[k]
        halves.append(seeds[:size].copy())
    return halves


def samples_with_ties_and_infinities(n):
    rng = np.random.default_rng(n)
    samples = np.round(rng.lognormal(size=(5, n)), 1)
    samples[1, rng.random(n) < 0.3] = np.inf
    samples[2] = samples[0]
    samples[3] = np.inf
    return samples


@pytest.mark.parametrize("n", [4, 5, 6, 7, 30, 31])
def test_kernel_equals_numpy_exactly(n):
    samples = samples_with_ties_and_infinities(n)
    uniform = np.random.default_rng(3).random((20, n))
    order = np.argsort(samples, axis=1)
    ranked, sizes = np.take_along_axis(samples, order, axis=1), half_sizes(n)
    out = np.full((20, 5), np.nan)
    scratch = np.arange(n), np.full(n, 7)
    medians_of_halves(uniform, order, ranked, *scratch, out, *sizes)
    expected = [np.median(samples[:, half], axis=1) for half in chosen_halves(uniform, n, sizes)]
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("n", [100, 101])
def test_compiled_equals_plain(n, monkeypatch):
    samples = samples_with_ties_and_infinities(n)
    found = half_sample_medians(samples, 30, seed=5)
    stream = np.random.Generator(np.random.Philox(key=[5, 0x68616C66]))
    halves = chosen_halves(stream.random((30, half_sizes(n)[1])), n, half_sizes(n))
    expected = [np.median(samples[:, half], axis=1) for half in halves]
    np.testing.assert_array_equal(found, expected)
    # The bits do not depend on the size of the batches.
    for numbers in (250, 10):  # two halves at a time and more, and where not even two fit
        monkeypatch.setattr("lab.statistics.half_samples.BATCH", numbers)
        np.testing.assert_array_equal(half_sample_medians(samples, 30, seed=5), expected)


def test_halves_are_common_to_all_arms_and_depend_on_the_seed():
    samples = np.random.default_rng(0).random((3, 50))
    together = half_sample_medians(samples, 40, seed=1)
    alone = half_sample_medians(samples[1:2], 40, seed=1)
    np.testing.assert_array_equal(together[:, 1], alone[:, 0])
    assert not np.array_equal(together, half_sample_medians(samples, 40, seed=2))


@pytest.mark.parametrize(
    ("n", "sizes"), [(4, (2, 2)), (6, (2, 4)), (7, (3, 4)), (9, (4, 5)), (102, (50, 52)),
                     (2000, (1000, 1000))],
)  # fmt: skip
def test_sizes_of_halves(n, sizes):
    assert half_sizes(n) == sizes


def test_every_seed_is_in_half_of_the_halves():
    n, count = 21, 20_000
    uniform = np.random.default_rng(8).random((count, n))
    halves = chosen_halves(uniform, n, half_sizes(n))
    together = np.zeros((n, n))
    for half in halves:
        member = np.zeros(n)
        member[half] = 1.0
        together += np.outer(member, member)
    share = np.diag(together) / count
    assert np.abs(share - 0.5).max() < 5 * np.sqrt(0.25 / count)
    pairs = together[np.triu_indices(n, 1)] / count
    # Mean of h (h - 1) / (n (n - 1)) over h = 10 and 11.
    assert np.abs(pairs - (90 + 110) / 2 / (21 * 20)).max() < 5 * np.sqrt(0.25 * 0.75 / count)
