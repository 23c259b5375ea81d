import numpy as np

from lab.statistics.targets import first_hits, log_targets, runtime_ecdf

LOSSES = np.array([[8.0, 9.0], [3.0, 9.5], [5.0, 1.0], [0.5, np.inf]])


def test_first_hits_worked_by_hand():
    hits = first_hits(LOSSES, [10.0, 3.0, 1.0, 0.1])
    np.testing.assert_array_equal(hits, [[0, 0], [1, 2], [3, 2], [np.inf, np.inf]])


def test_first_hits_equal_the_definition():
    losses = np.random.default_rng(0).lognormal(sigma=3.0, size=(40, 25))
    for target, hits in zip(log_targets(10, 1e-4, 9), first_hits(losses, log_targets(10, 1e-4, 9)),
                            strict=True):  # fmt: skip
        for lane, hit in enumerate(hits):
            reached = np.flatnonzero(losses[:, lane] <= target)
            assert hit == (reached[0] if reached.size else np.inf)


def test_a_lane_that_diverges_keeps_what_it_reached():
    np.testing.assert_array_equal(first_hits([[1.0], [np.inf]], [2.0, 0.5]), [[0.0], [np.inf]])


def test_runtime_ecdf_worked_by_hand():
    hits = [[0, 0], [1, 2], [3, 2], [np.inf, np.inf]]
    found = runtime_ecdf(hits, [0, 1, 2, 3, 1000])
    np.testing.assert_array_equal(found, np.array([2, 3, 5, 6, 6]) / 8)


def test_targets_of_the_platform():
    targets = log_targets()
    assert len(targets) == 51
    np.testing.assert_allclose(targets[[0, 5, 50]], [1e2, 1e1, 1e-8], rtol=1e-12)
