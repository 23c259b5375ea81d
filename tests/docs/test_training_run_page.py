"""docs/training-run.md: commands, outputs, and what it concludes from them."""

import ast
import math
import re

import pytest

from lab.schedules.greedy import GREEDY
from tests.docs.pages import Page

PAGE = "docs/training-run.md"
(DICTIONARY, CALL) = re.findall(
    r"^```python\n(?!# )(.*?)^```$", Page(PAGE).text, re.MULTILINE | re.DOTALL
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    directory = tmp_path_factory.mktemp("page")
    page = Page(PAGE)
    return page, page.run(directory), directory


def medians(text: str) -> dict[str, float]:
    """p50 of every schedule of a table; of two tables with the same rows the last one counts."""
    rows = re.findall(r"^([a-z]\S*) +(?:[\d.]+ +){1,2}([\d.]+) ", text, re.MULTILINE)
    return {name: float(value) for name, value in rows}


def shown(page: Page, place: int) -> str:
    return re.findall(r"<!-- prints: .*? -->\n```text\n(.*?)```", page.text, re.DOTALL)[place]


def test_outputs_are_those_of_the_commands(ran):
    page, done, directory = ran
    assert len(done) == 11
    assert page.differences(done, directory) == [], f"python docs/refresh.py {PAGE} renews it"


def test_the_conclusions_are_in_the_tables(ran):
    page, *_ = ran
    patience, factor, bounds = (medians(shown(page, i)) for i in (0, 1, 4))
    waits = ["greedy", *(f"greedy:patience={p}" for p in (5, 2, 1, 0))]
    assert [patience[w] for w in waits] == sorted([patience[w] for w in waits], reverse=True)
    assert patience["constant"] == pytest.approx(patience["greedy"], rel=0.05)
    assert factor["greedy:patience=1,factor=0.5"] < 0.5 * factor["greedy:patience=1"]
    assert bounds["linear"] < bounds["greedy:patience=1,factor=0.8"] < bounds["constant"]
    clean, batches = medians(shown(page, 5)), medians(shown(page, 6))
    assert clean["greedy:patience=1"] < clean["constant"]
    assert batches["greedy:patience=1"] > batches["constant"]
    shared, tuned = medians(shown(page, 9)), medians(shown(page, 10))
    assert shared["greedy:patience=1,factor=0.8"] < shared["constant"] < shared["linear"]
    for decay in ("linear", "cosine"):
        assert tuned[decay] < min(tuned["greedy"], tuned["greedy:patience=1,factor=0.8"])


def test_the_rates_of_the_replays(ran):
    page, *_ = ran
    last = [float(shown(page, i).split()[-1]) for i in (2, 3, 7, 8)]
    assert last[0] > 5e-5 > last[1]
    assert last[2] < 0.01 < last[3]


def test_the_defaults_are_those_of_the_schedule():
    defaults = {p.name: p.default for p in GREEDY.parameters}
    said = dict(re.findall(r"`(\w+)` (?:in\s+`threshold_mode` )?([\d.e-]+)", Page(PAGE).text))
    for name in ("factor", "patience", "min_lr", "max_lr", "threshold"):
        assert math.isclose(float(said[name]), defaults[name])
    assert defaults["threshold_mode"] == "abs"
    assert defaults["window_size"] == 50


def test_what_is_to_be_copied_is_what_the_lab_ran():
    found: dict = {}
    exec(DICTIONARY, found)
    arguments = found["training_arguments"]
    assert arguments["eval_strategy"] != "no"
    known = {p.name for p in GREEDY.parameters}
    kwargs = arguments["lr_scheduler_kwargs"]
    assert set(kwargs) <= known
    (assignment,) = ast.parse(CALL).body
    assert isinstance(assignment, ast.Assign)
    assert isinstance(assignment.value, ast.Call)
    assert {k.arg: ast.literal_eval(k.value) for k in assignment.value.keywords} == kwargs
    assert kwargs["min_lr"] < arguments["learning_rate"] < kwargs["max_lr"]


def test_transformers_takes_it():
    transformers = pytest.importorskip("transformers", reason="needs transformers: make parity")
    torch = pytest.importorskip("torch", reason="needs torch: make parity")
    found: dict = {}
    exec(DICTIONARY, found)
    arguments = found["training_arguments"]
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], arguments["learning_rate"])
    made = transformers.get_scheduler(
        arguments["lr_scheduler_type"], optimizer, num_warmup_steps=10,
        scheduler_specific_kwargs=arguments["lr_scheduler_kwargs"],
    )  # fmt: skip
    assert optimizer.param_groups[0]["lr"] == arguments["learning_rate"]
    for loss in (3.0, 2.0):
        made.step(loss)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1.25e-4)
