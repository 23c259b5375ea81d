"""`--perturb` of `lab run` and `lab trace`: what the request carries to every simulation."""

import numpy as np
import pytest

from experiments.comparison import compare
from experiments.request import make_request
from experiments.trace import trace
from experiments.tuning import tune_rates
from lab.errors import RequestError
from lab.simulation import simulate
from lab.statistics.quantiles import quantiles
from reports import document, text

KICKS = ("kick:at=5,size=2", "lr-shock:at=8")
GIVEN = {"schedules": ("greedy", "constant"), "steps": 20, "seeds": 40}


def request(*events, **options):
    return make_request("rosenbrock", perturbations=events, **{**GIVEN, **options})


def test_without_events_a_request_is_what_it_was():
    assert request() == make_request("rosenbrock", **GIVEN)
    assert "perturbations" not in request().identity()
    assert request().events == ""


def test_events_are_part_of_the_identity_in_their_order():
    assert request(*KICKS).identity()["perturbations"] == [
        "kick:at=5,size=2", "lr-shock:at=8,factor=10",
    ]  # fmt: skip
    assert len({request(*KICKS).hash, request(*KICKS[::-1]).hash, request().hash}) == 3


def test_the_comparison_runs_with_them():
    asked = request(*KICKS, noise="gaussian")
    found = compare(asked)[0]
    expected = simulate(
        asked.scenario(0.5), asked.arms(), 20, 40, perturbations=asked.perturbations
    ).summary["final"]
    np.testing.assert_array_equal(found.shared.summary["final"], expected)
    calm = simulate(asked.scenario(0.5), asked.arms(), 20, 40).summary["final"]
    assert (expected != calm).all()
    quiet = simulate(asked.scenario(0.0), asked.arms(), 20, 40, perturbations=asked.perturbations)
    medians = quantiles(expected, 0.5) / quantiles(quiet.summary["final"], 0.5)
    assert [arm.noise_effect.estimate for arm in found.arms] == medians.tolist()


def test_rates_are_tuned_with_them():
    calm = tune_rates(request(optimizer="sgd"), 0.5)
    assert calm != tune_rates(request("rescale:at=0,factor=100", optimizer="sgd"), 0.5)


def test_a_trace_is_a_lane_of_the_same_run():
    asked = request(*KICKS)
    lane = trace(asked, 7)[1]
    found = simulate(asked.scenario(0.5), asked.arms(), 20, 40, perturbations=asked.perturbations)
    np.testing.assert_array_equal(lane.loss, found.loss[1, :-1, 7])
    assert lane.lr[8] == 0.1
    assert lane.lr[9] == 0.01


def test_text_and_json_name_them_and_are_silent_without():
    asked = request(*KICKS, tune=False)
    found = compare(asked)[0]
    assert "Perturbed by kick:at=5,size=2 and lr-shock:at=8,factor=10\n" in text.render(
        asked, found
    )
    assert document.document(asked, [found], None)["perturbations"] == [
        "kick:at=5,size=2", "lr-shock:at=8,factor=10",
    ]  # fmt: skip
    calm = request(tune=False)
    found = compare(calm)[0]
    assert "erturbed" not in text.render(calm, found)
    assert "perturbations" not in document.document(calm, [found], None)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("kick:at=20", "at=20 lies beyond the run, whose last of 20 steps is number 19"),
        ("kick:at=-1", "at=-1 is not allowed"),
        ("kick:sise=1", "did you mean 'size'"),
        ("rescale:factor=0", r"factor=0 is not allowed \(allowed: number in \(0, inf\)\)"),
    ],
)
def test_a_wrong_event_is_refused(event, message):
    with pytest.raises(RequestError, match=message):
        request(event)
