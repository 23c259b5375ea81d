"""What a request is completed with, what it refuses, and what its hash depends on."""

import inspect

import pytest

from experiments.components import LANDSCAPES
from experiments.request import DEFAULT_SCHEDULES, make_request
from lab.errors import RequestError


def test_defaults_are_the_documented_ones():
    request = make_request("rosenbrock")
    assert request.written == (
        "greedy", "constant", "linear", "cosine", "cosine-restarts", "exponential",
        "reduce-on-plateau",
    )  # fmt: skip
    assert (request.steps, request.seeds, request.seed, request.lr) == (200, 2000, 0, 0.01)
    assert (request.strengths, request.channel.component.name) == ((0.5,), "batch")
    assert (request.noise.component.name, request.optimizer.component.name) == ("none", "adam")
    values = [request.running(schedule).values for schedule in request.schedules]
    assert values[3] == {"T_max": 200, "eta_min": 1e-5}
    assert values[4] == {"T_0": 50, "T_mult": 1, "eta_min": 1e-5}
    assert values[5] == {"gamma": 0.95}


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_some_optimizers_start_from_the_landscapes_own_rate(optimizer):
    quadratic = LANDSCAPES.choose("quadratic:L=8")
    expected = quadratic.component.facts(quadratic.values).base_lr
    assert make_request("quadratic:L=8", optimizer=optimizer).lr == expected
    assert make_request("quadratic:L=8", optimizer=optimizer, lr=0.5).lr == 0.5


def test_the_reference_is_greedy_or_the_first():
    def against(*schedules):
        return make_request("rosenbrock", schedules=schedules).reference

    assert against("constant", "greedy:patience=3", "cosine") == 1
    assert against("constant", "cosine") == 0
    assert make_request("rosenbrock").reference == 0


@pytest.mark.parametrize(
    ("rest", "complaint"),
    [
        ({"lr": 0.0}, "lr: 0.0 is not allowed (allowed: (0, inf))"),
        ({"lr": float("nan")}, "lr: nan is not allowed"),
        ({"lr": float("inf")}, "lr: inf is not allowed"),
        ({"strength": -0.1}, "strength: -0.1 is not allowed (allowed: [0, inf))"),
        ({"strength": (0.1, float("nan"))}, "strength: nan is not allowed"),
        ({"strength": ()}, "strength: at least one number is needed"),
        ({"steps": 0}, "steps: 0 is not allowed (allowed: 1 to 2147483647)"),
        ({"steps": 2.5}, "steps: 2.5 is not allowed"),
        ({"seeds": 0}, "seeds: 0 is not allowed"),
        ({"seeds": True}, "seeds: True is not allowed"),
        ({"seed": -1}, "seed: -1 is not allowed (allowed: 0 to 18446744073709551615)"),
        ({"seed": 2**64}, "seed: 18446744073709551616 is not allowed"),
        ({"metric_every": 0}, "metric-every: 0 is not allowed"),
        ({"metric": "mode"}, "unknown metric 'mode'"),
        ({"start": (1.0,)}, "start: 1 numbers given, rosenbrock:dim=2,scale=1 has 2 coordinates"),
        ({"start": (1.0, float("inf"))}, "start: inf is not allowed"),
        ({"channel": "metrics"}, "unknown channel 'metrics'; did you mean 'metric'?"),
        ({"optimizer": "adamm"}, "unknown optimizer 'adamm'; did you mean 'adam'?"),
        ({"noise": "spike"}, "unknown noise 'spike'; did you mean 'spikes'?"),
        ({"schedules": ("cosin",)}, "unknown schedule 'cosin'; did you mean 'cosine'?"),
        ({"schedules": ("greedy:min_lr=2",)}, "'greedy': min_lr=2 is above max_lr=1"),
    ],
)
def test_what_is_refused(rest, complaint):
    with pytest.raises(RequestError) as caught:
        make_request("rosenbrock", **rest)
    assert complaint in str(caught.value)


def test_a_rate_below_the_floor_draws_a_warning():
    notes = make_request("rosenbrock", lr=1e-4).warnings()
    assert notes == [
        "greedy: the start rate 0.0001 lies below its min_lr 0.001, so the rate can rise but never"
        " fall"
    ]
    assert make_request("rosenbrock").warnings() == []


CHANGES = {
    "landscape": "rosenbrock:dim=3", "noise": "spikes", "channel": "metric", "strength": 0.6,
    "schedules": DEFAULT_SCHEDULES[:6], "optimizer": "sgd", "lr": 0.02, "steps": 201, "seeds": 2001,
    "seed": 1, "metric_every": 2, "metric": "mean", "start": (0.0, 0.0), "tune": False,
    "perturbations": ("kick:at=100",),
}  # fmt: skip


def test_everything_that_can_be_asked_for_is_changed_here():
    assert set(CHANGES) == set(inspect.signature(make_request).parameters)


@pytest.mark.parametrize("name", CHANGES)
def test_the_hash_depends_on_everything_asked_for(name):
    base = {"landscape": "rosenbrock", "noise": "gaussian"}
    changed = {**base, name: CHANGES[name]}
    assert make_request(**base).hash != make_request(**changed).hash


def test_the_hash_depends_on_what_schedules_are_and_on_what_they_are_called(tmp_path):
    file = tmp_path / "rates.txt"
    hashes = []
    for rate in (0.1, 0.2):
        file.write_text(f"{rate}\n" * 200)
        hashes.append(make_request("rosenbrock", schedules=(f"table:file={file}",)).hash)
    assert hashes[0] != hashes[1]
    plain, spelled = (
        make_request("rosenbrock", schedules=(text,)) for text in ("greedy", "greedy:patience=10")
    )
    assert plain.schedules[0].identity == spelled.schedules[0].identity
    assert plain.hash != spelled.hash  # tables show them as written


def test_the_hash_does_not_depend_on_how_a_default_was_given():
    assert make_request("rosenbrock").hash == make_request("rosenbrock:scale=1,dim=2").hash
