"""Noise models against the definitions of the paper's study, and their moments against theory."""

import math

import numpy as np
import pytest

from lab.component import NoiseModel
from lab.engine.philox import SCALAR, SHAPE, fill_normals, fill_uniforms
from lab.registry import Registry
from tests.kernels import run_compiled, run_plain

MODELS = Registry("noise", "noise", (NoiseModel,))
STUDY = (0.1, 0.5, 1.0)
LANES = 2**16
SEED = 7

# The table of the study as it stands in the paper's code, without the base and the unit draw.
SIZES = {
    "none": lambda t, s: 0.0,
    "gaussian": lambda t, s: s,
    "periodic-spikes": lambda t, s: s if t % (50 + int(50 * s)) < 3 else 0.0,
    "plateau": lambda t, s: 0.05 * s if t % 100 < 20 + 30 * s else 0.0,
    "oscillation": lambda t, s: s * math.sin(t * (0.1 + s)),
    "drift": lambda t, s: 0.001 * s * t,
    "bursts": lambda t, s: 3 * s if t % 200 < 20 else 0.1 * s,
    "adversarial": lambda t, s: 0.5 * s,
    "adversarial-trailing": lambda t, s: 2 * s,
}
GAUSSIAN = {"gaussian", "plateau", "bursts"}
PROPORTIONAL = {"periodic-spikes", "spikes", "oscillation", "adversarial"}


def sizes(text, strength, step, lanes=3, uniform=None, run=run_plain):
    """Size (lanes,) of a model at a step."""
    chosen = MODELS.choose(text)
    fields = {"size": np.full(lanes, np.nan)}
    if uniform is not None:
        fields["uniform"] = uniform
    elif rows := chosen.component.draws(chosen.values)[0]:
        fields["uniform"] = uniforms(rows + rows % 2, lanes)
    if rows := chosen.component.draws(chosen.values)[1]:
        fields["normal"] = np.random.default_rng(SEED).standard_normal((rows, lanes))
    numbers = {"strength": strength, **chosen.component.kernel_values(chosen.values)}
    return run(chosen.component.kernel, fields, numbers, step=step)["size"]


def uniforms(rows, lanes=LANES):
    draws = {"out": np.empty((rows, lanes))}
    return run_compiled(fill_uniforms, draws, {"first": 0, "stream": SHAPE}, seed=SEED)["out"]


def normals(lanes=LANES):
    draws = {"out": np.empty((4, lanes))}
    return run_compiled(fill_normals, draws, {"first": 0, "stream": SCALAR}, seed=SEED)["out"][0]


def test_the_study_has_its_nine_models():
    assert set(SIZES) - {"adversarial-trailing"} | {"spikes"} <= set(MODELS.all())


@pytest.mark.parametrize("strength", STUDY)
@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_those_of_the_study(name, strength):
    for t in range(450):
        assert (sizes(name, strength, t) == SIZES[name](t, strength)).all(), t


@pytest.mark.parametrize("name", SIZES)
def test_compiled_sizes_are_those_of_the_study(name):
    for t in (0, 2, 3, 19, 20, 34, 35, 75, 77, 78, 99, 100, 199, 200, 12345):
        size = sizes(name, 0.5, t, lanes=130, run=run_compiled)
        assert (size == SIZES[name](t, 0.5)).all(), t


@pytest.mark.parametrize("name", [*SIZES, "spikes"])
def test_flags_follow_the_table(name):
    model = MODELS.find(name)
    assert model.gaussian == (name in GAUSSIAN)
    assert model.proportional == (name in PROPORTIONAL)


@pytest.mark.parametrize("name", MODELS.all())
def test_strength_zero_is_no_noise(name):
    for t in range(250):
        assert (sizes(name, 0.0, t, lanes=128, run=run_compiled) == 0.0).all()


@pytest.mark.parametrize("strength", STUDY)
@pytest.mark.parametrize("name", sorted(GAUSSIAN))
@pytest.mark.parametrize("t", [0, 19, 60, 199])
def test_gaussian_models_have_their_moments(name, strength, t):
    """Mean, variance and fourth moment within 5 standard errors."""
    eta = sizes(name, strength, t, lanes=LANES, run=run_compiled) * normals()
    sigma = SIZES[name](t, strength)
    assert abs(eta.mean()) <= 5 * sigma / math.sqrt(LANES)
    assert abs(np.mean(eta**2) - sigma**2) <= 5 * sigma**2 * math.sqrt(2 / LANES)
    assert abs(np.mean(eta**4) - 3 * sigma**4) <= 5 * sigma**4 * math.sqrt(96 / LANES)


@pytest.mark.parametrize("text", ["spikes", "spikes:probability=0.3"])
@pytest.mark.parametrize("strength", STUDY)
def test_spikes_have_their_rate_and_moments(text, strength):
    """Heights are uniform on [0.5, 2) strength: E h^k = (2^(k+1) - 0.5^(k+1)) / (1.5 (k+1))."""
    eta = sizes(text, strength, 5, lanes=LANES, uniform=uniforms(2), run=run_compiled)
    p = MODELS.choose(text).values["probability"]
    moment = [strength**k * (2 ** (k + 1) - 0.5 ** (k + 1)) / (1.5 * (k + 1)) for k in range(5)]

    def error(first, second):
        """Standard error of a mean from the first and second moment."""
        return math.sqrt((second - first**2) / LANES)

    hits = eta > 0.0
    assert abs(hits.mean() - p) <= 5 * error(p, p)
    assert abs(eta.mean() - p * moment[1]) <= 5 * error(p * moment[1], p * moment[2])
    assert abs(np.mean(eta**2) - p * moment[2]) <= 5 * error(p * moment[2], p * moment[4])
    # Among the spikes alone: the height knows nothing of the timing.
    count = hits.sum()
    deviation = math.sqrt((moment[2] - moment[1] ** 2) / count)
    assert abs(eta[hits].mean() - moment[1]) <= 5 * deviation
    assert eta[hits].min() >= 0.5 * strength
    assert eta[hits].max() < 2.0 * strength


def test_a_spike_has_the_formula_of_the_study():
    uniform = np.array([[0.0, 0.0199, 0.02, 0.5], [0.25, 0.75, 0.75, 0.0]])
    expected = [0.5 * (0.5 + 1.5 * 0.25), 0.5 * (0.5 + 1.5 * 0.75), 0.0, 0.0]
    for run in (run_plain, run_compiled):
        size = sizes("spikes", 0.5, 3, lanes=4, uniform=uniform, run=run)
        np.testing.assert_array_equal(size, expected)


@pytest.mark.parametrize(
    ("text", "t", "strength", "expected"),
    [
        ("periodic-spikes:stretch=0,width=1", 100, 1.0, 1.0),
        ("periodic-spikes:stretch=0,width=1", 101, 1.0, 0.0),
        ("periodic-spikes:period=10,stretch=0,width=2", 11, 2.0, 2.0),
        ("plateau:stretch=0", 20, 1.0, 0.0),
        ("plateau:period=10,length=5,deviation=1", 4, 0.25, 0.25),
        ("bursts:period=50,length=1,inside=2,outside=0", 50, 0.5, 1.0),
        ("bursts:period=50,length=1,inside=2,outside=0", 51, 0.5, 0.0),
        ("drift:rate=-1", 4, 0.5, -2.0),
        ("oscillation:frequency=1", 2, 0.5, 0.5 * math.sin(3.0)),
    ],
)
def test_parameters_change_what_they_name(text, t, strength, expected):
    assert sizes(text, strength, t)[0] == expected


def test_a_stronger_wave_is_negative_half_of_the_time():
    wave = np.array([sizes("oscillation", 1.0, t, lanes=1)[0] for t in range(400)])
    assert 0.45 < np.mean(wave < 0) < 0.55


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 2.0])
def test_stable_sizes_are_numbers_at_both_ends_of_the_uniforms(alpha):
    ends = np.array([0.0, 2.0**-52, 0.5, 1.0 - 2.0**-52])
    uniform = np.array(np.meshgrid(ends, ends)).reshape(2, -1)
    size = sizes(f"alpha-stable:alpha={alpha}", 0.5, 0, lanes=16, uniform=uniform, run=run_compiled)
    assert np.isfinite(size).all()
    assert (size > 0.0).all()
    if alpha == 2.0:
        np.testing.assert_allclose(size, 0.5 * math.sqrt(2.0), rtol=1e-12)


def test_students_size_ends_where_the_divisor_would_vanish():
    model = MODELS.find("student-t")
    fields = {"size": np.empty(2), "uniform": np.zeros((1, 2)), "normal": np.array([[0.0, 1.0]])}
    size = run_compiled(model.kernel, fields, {"strength": 0.5, "df": 1})["size"]
    assert size.tolist() == [0.5 * 2.0**32, 0.5]


def test_student_t_is_made_of_as_many_draws_as_its_degrees_of_freedom_ask_for():
    for df, rows in ((1, 1), (2, 1), (3, 1), (8, 4), (29, 14)):
        chosen = MODELS.choose(f"student-t:df={df}")
        assert chosen.component.draws(chosen.values) == (rows, 1)
    # W = -2 log(1 - u_1) - 2 log(1 - u_2) + z^2.
    uniform, normal = np.array([[0.25], [0.75]]), np.array([[1.5]])
    fields = {"size": np.empty(1), "uniform": uniform, "normal": normal}
    size = run_compiled(MODELS.find("student-t").kernel, fields, {"strength": 2.0, "df": 5})["size"]
    square = 1.5**2 - 2.0 * math.log(0.75) - 2.0 * math.log(0.25)
    assert size[0] == pytest.approx(2.0 * math.sqrt(5.0 / square), rel=1e-14)
