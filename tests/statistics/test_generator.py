import numpy as np
import pytest

from lab.statistics.generator import generator_of


@pytest.mark.parametrize("seed", [0, 5, 2**53 + 1, 2**63 - 1])
def test_a_seed_that_numpy_keeps_in_a_list_has_those_bits(seed):
    plain = np.random.Generator(np.random.Philox(key=[seed, 0x626F6F74]))
    np.testing.assert_array_equal(generator_of(seed, 0x626F6F74).random(9), plain.random(9))


def test_every_seed_has_draws_of_its_own():
    seeds = (0, 2**63 - 1, 2**63, 2**63 + 1, 2**63 + 1000, 2**64 - 1)
    assert len({float(generator_of(seed, 1).random()) for seed in seeds}) == len(seeds)


def test_streams_of_a_seed_are_apart():
    assert generator_of(7, 1).random() != generator_of(7, 2).random()
