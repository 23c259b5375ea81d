"""Minima and values of the classics as other sources give them."""

import numpy as np
import pytest

from landscapes import LANDSCAPES
from tests.kernels import evaluate

#: Minima as published, to the digits that are given.
MINIMA = {
    "michalewicz": -1.8013,
    "michalewicz:dim=5": -4.687658,
    "michalewicz:dim=10": -9.66015,
    "six-hump-camel": -1.0316,
    "styblinski-tang": -78.33233,
    "styblinski-tang:dim=3": -117.4985,
}
VALUES = [
    ("beale", (1.0, 1.0), 14.203125),
    ("booth", (0.0, 0.0), 74.0),
    ("himmelblau", (0.0, 0.0), 170.0),
    ("himmelblau", (-2.805118, 3.131312), 0.0),
    ("himmelblau", (-3.779310, -3.283186), 0.0),
    ("himmelblau", (3.584428, -1.848126), 0.0),
    ("six-hump-camel", (0.0898, -0.7126), -1.0316),
    ("six-hump-camel", (-0.0898, 0.7126), -1.0316),
    ("michalewicz", (2.20, 1.57), -1.8013),
    ("schwefel", (420.9687, 420.9687), 0.0),
    ("schwefel", (0.0, 0.0), 837.9657745448676),
    ("styblinski-tang", (0.0, 0.0), 0.0),
    ("zakharov", (1.0, 1.0), 2.0 + 1.5**2 + 1.5**4),
    ("dixon-price", (1.0, 2.0**-0.5), 0.0),
    ("levy", (1.0, 1.0), 0.0),
    ("griewank", (600.0, 0.0), 91.0 - np.cos(600.0)),
    ("ackley", (32.768, 32.768), 21.5703),
]


@pytest.mark.parametrize("text", MINIMA)
def test_minima(text):
    landscape = LANDSCAPES.choose(text)
    digits = len(repr(MINIMA[text]).partition(".")[2])
    minimum = landscape.component.facts(landscape.values).minimum
    assert abs(minimum - MINIMA[text]) <= 0.6 * 10.0**-digits


@pytest.mark.parametrize(("text", "x", "value"), VALUES)
def test_values(text, x, value):
    found, _ = evaluate(LANDSCAPES.choose(text), np.array(x)[:, None])
    assert found[0] == pytest.approx(value, rel=1e-4, abs=2e-4)


def test_styblinski_and_tangs_other_valley_has_the_height_of_the_notes():
    landscape = LANDSCAPES.choose("styblinski-tang:dim=1")
    value, grad = evaluate(landscape, np.array([[2.746802770990837]]))
    assert abs(grad[0, 0]) < 1e-14
    assert value[0] - landscape.component.facts(landscape.values).minimum == pytest.approx(
        14.14, abs=5e-3
    )


def test_schwefel_is_walled_outside_of_its_domain_only():
    landscape = LANDSCAPES.choose("schwefel:dim=1")
    x = np.linspace(-1500.0, 1500.0, 30_001)[None, :]
    value, _ = evaluate(landscape, x)
    assert value.argmin() == np.abs(x[0] - 420.9687).argmin()
    inside = np.abs(x[0]) <= 500.0
    plain = 418.9828872724338 - x[0] * np.sin(np.sqrt(np.abs(x[0])))
    np.testing.assert_allclose(value[inside], plain[inside], atol=1e-12)
    minima = (value[1:-1] < value[:-2]) & (value[1:-1] < value[2:]) & inside[1:-1]
    assert minima.sum() == 7


def test_michalewicz_is_lowest_in_its_domain():
    landscape = LANDSCAPES.choose("michalewicz:dim=4")
    facts = landscape.component.facts(landscape.values)
    for i in range(4):
        x = np.tile(facts.minimiser[:, None], 60_001)
        x[i] = np.linspace(-10.0, 13.0, 60_001)
        value, _ = evaluate(landscape, x)
        assert value.min() >= facts.minimum - 1e-15
        assert value.min() == pytest.approx(facts.minimum, abs=1e-4)


def test_zakharov_is_as_convex_as_its_mu_across_the_wall():
    h = 1e-3
    for dim in (1, 3):
        landscape = LANDSCAPES.choose(f"zakharov:dim={dim}")
        across = np.zeros((dim, 2))
        across[0], across[dim - 1] = (0.5 * h, -0.5 * h), (-h / 6, h / 6) if dim > 1 else (
            0.5 * h, -0.5 * h
        )  # fmt: skip
        _, grad = evaluate(landscape, across)
        step = across[:, 0] - across[:, 1]
        curvature = (grad[:, 0] - grad[:, 1]) @ step / (step @ step)
        assert curvature == pytest.approx(landscape.component.facts(landscape.values).mu, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("ellipsoid:dim=3", [1.0, 1e3, 1e6]),
        ("discus:dim=3", [1e6, 1.0, 1.0]),
        ("bent-cigar:dim=3", [1.0, 1e6, 1e6]),
        ("ellipsoid:dim=3,condition=16", [1.0, 4.0, 16.0]),
    ],
)
def test_the_quadratics_of_bbob_have_their_weights(text, weights):
    value, _ = evaluate(LANDSCAPES.choose(text), np.eye(3))
    np.testing.assert_allclose(value, weights, rtol=1e-14)


def test_the_clusters_and_the_gap_of_the_spectra():
    def eigenvalues(text):
        dim = 20
        return np.diag(evaluate(LANDSCAPES.choose(f"quadratic:dim={dim},{text}"), np.eye(dim))[1])

    clustered = eigenvalues("spectrum=clustered,condition=50")
    np.testing.assert_allclose(clustered, [0.02] * 10 + [1.0] * 10, rtol=1e-14)
    sparse = eigenvalues("spectrum=sparse,condition=50")
    np.testing.assert_allclose(sparse, [0.0] * 18 + [0.02, 1.0], rtol=1e-14)
    random = eigenvalues("spectrum=random,condition=50")
    assert random[[0, -1]].tolist() == pytest.approx([0.02, 1.0])
    assert (np.diff(random) > 0.0).all()
    # Nesterov's chain: the tridiagonal matrix (-1, 2, -1)/4, moved to [1/condition, 1].
    chain = np.linalg.eigvalsh(0.25 * (2 * np.eye(20) - np.eye(20, k=1) - np.eye(20, k=-1)))
    found = eigenvalues("spectrum=adversarial,condition=50")
    share = (chain - chain[0]) / (chain[-1] - chain[0])
    np.testing.assert_allclose(found, 0.02 + 0.98 * share, rtol=1e-12)
