"""Names of the reference libraries: accepted where they mean the same, explained where not."""

import pytest

from lab.errors import RequestError
from lab.schedules import SCHEDULES

SAME = {
    "CosineAnnealingLR": "cosine",
    "CosineAnnealingWarmRestarts": "cosine-restarts",
    "ExponentialLR": "exponential",
    "ReduceLROnPlateau": "reduce-on-plateau",
    "reduce_lr_on_plateau": "reduce-on-plateau",
    "OneCycleLR": "one-cycle",
    "CyclicLR": "cyclic",
    "StepLR": "step",
    "MultiStepLR": "multistep",
    "LinearLR": "linear-lr",
    "PolynomialLR": "polynomial-lr",
    "ConstantLR": "constant-lr",
    "constant_with_warmup": "constant-with-warmup",
    "inverse_sqrt": "inverse-sqrt",
    "warmup_stable_decay": "warmup-stable-decay",
    "GreedyLR": "greedy",
    "InverseTimeDecay": "inverse-time",
}


@pytest.mark.parametrize(("alias", "name"), SAME.items())
def test_alias(alias, name):
    assert SCHEDULES.find(alias) is SCHEDULES.find(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("cosine_with_restarts", "write cosine-restarts:T_0="),
        ("exponential_decay", "transition_steps"),
        ("SequentialLR", "warmup:steps="),
        ("LambdaLR", "table:file="),
        ("piecewise_constant_schedule", "boundaries=30/80"),
    ],
)
def test_a_different_thing_is_explained(name, hint):
    with pytest.raises(RequestError, match="is not") as caught:
        SCHEDULES.choose(name)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step", "step_size is required"),
        ("multistep:milestones=30/40.5", "milestone 40.5 is not a whole step"),
        ("multistep:milestones=30/x", "milestones=x"),
        ("piecewise:boundaries=30/80,scales=0.5", "2 boundaries and 1 scales"),
        ("piecewise:boundaries=80/30,scales=0.5/1", "boundaries must rise"),
        ("piecewise:boundaries=80.5,scales=0.5", "whole steps"),
        ("cyclic:base_lr=2,max_lr=1", "base_lr=2 is above max_lr=1"),
        ("polynomial:num_warmup_steps=9,num_training_steps=9", "not below"),
        ("one-cycle:max_lr=1,total_steps=10,pct_start=0.1", "leaves no step for phase 1"),
        (
            "one-cycle:max_lr=1,total_steps=10,pct_start=0.7,three_phase=true",
            "leaves no step for phase 3",
        ),
        (
            "warmup-stable-decay:num_warmup_steps=9,num_decay_steps=9,num_training_steps=9",
            "together more than",
        ),
        ("warmup:steps=2,total_steps=9,then=(greedy)", "feedback schedule"),
        ("warmup:steps=2,total_steps=9,then=(cosin)", "did you mean 'cosine'"),
        ("warmup:steps=2,total_steps=9,then=(cosine:T_mx=3)", "did you mean 'T_max'"),
        ("cosine:T_max=-1", "T_max=-1 is not allowed"),
        ("exponential:gamma=1.5", "gamma=1.5 is not allowed"),
    ],
)
def test_a_wrong_request_is_one_clear_line(text, message):
    with pytest.raises(RequestError) as caught:
        SCHEDULES.choose(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
