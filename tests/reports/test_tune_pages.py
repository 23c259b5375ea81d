"""What `lab tune` shows: text, JSON, tables, figures, and the call to copy."""

import ast
import io
import json

import pyarrow.parquet as pq
import pytest

from experiments.tune.each import make_each, tune_each
from experiments.tune.run import make_tune, tune
from lab.schedules import SCHEDULES
from lab.store import manifest
from lab.store.tables import parquet_bytes
from reports import publish
from reports.commands.tune import tune as command
from reports.tune import call as tune_call
from reports.tune import each as each_pages
from reports.tune import pages
from tests.reports.test_experiment_pages import documented, keys_of

#: The arguments of GreedyLR in transformers 5.24, besides the optimizer.
RELEASED = {
    "mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "warmup", "min_lr",
    "max_lr", "eps", "verbose", "smooth", "window_size", "reset_start",
}  # fmt: skip
COMMON = {"noises": ("gaussian",), "channels": ("metric",), "steps": 30, "seeds": 40,
          "tuning_seeds": 20}  # fmt: skip


def tuned(schedule="greedy", axes=("lr=1x/3x", "factor=0.5/0.95", "smooth=true/false"), **more):
    options = {"against": ("cosine",), **COMMON, **more}
    landscapes = options.pop("landscapes", ("rosenbrock", "quadratic"))
    return tune(make_tune(landscapes, schedule=schedule, axes=axes, **options))


@pytest.fixture(scope="module")
def result():
    return tuned()


def test_the_json_document_is_the_documented_one(result):
    document = pages.document(result, "there")
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    searched = {name for call in document["calls"] for name in call["lr_scheduler_kwargs"]}
    assert keys_of(document) - searched == documented(pages)
    assert (document["schema"], document["out"]) == (1, "there")
    assert document["tuning_seeds"][0] > document["judging_seeds"][1]
    assert document["objective"]["optimism"] == pytest.approx(
        document["objective"]["tuning"] - document["objective"]["held_out"]
    )


def test_the_help_names_the_same_keys():
    assert set(command.__doc__.split('"')[1::2]) == documented(pages) | documented(each_pages)


def test_the_text_says_how_it_was_found_and_what_it_is_worth(result):
    shown = pages.text(result)
    for part in (
        "8 candidates on 20 seeds, judged on 40 others",
        "mean over the scenarios of ln(median final value / that of the untuned schedule)",
        "on the seeds of the search", "on the judging seeds", "optimism: the first less the second",
        "greedy, untuned", "cosine, lr tuned", "rosenbrock, gaussian 0.5 in metric, adam",
        "Each parameter varied alone", "GreedyLR(optimizer, ",
    ):  # fmt: skip
        assert part in shown
    assert "nan" not in shown


def test_every_candidate_is_in_the_table(result):
    table = pq.read_table(
        io.BytesIO(parquet_bytes(pages.tables(result)["search/candidates.parquet"]))
    ).to_pydict()
    assert len(table["candidate"]) == 8
    assert set(table["smooth"]) == {"true", "false"}
    assert min(table["objective"]) == result.objective


def test_a_directory_is_whole_and_has_a_page(result, tmp_path):
    from reports.page import write

    target = tmp_path / "out"
    with publish.result_directory(target, result.grid.identity(), "lab tune") as place:
        publish.fill(place, target, result, pages, draw=True)
    assert sorted(path.name for path in (target / "report").iterdir()) == [
        "tune-scenarios.png", "tune-scenarios.svg", "tune-sensitivity.png", "tune-sensitivity.svg",
    ]  # fmt: skip
    assert manifest.read(target)["hash"] == result.grid.hash
    page = write(target).read_text(encoding="utf-8")
    assert "Tune: " in page
    assert page.count("data:image/svg+xml") == 2


def test_a_figure_of_words_and_of_shares_can_be_drawn(tmp_path):
    """A default that is no number has no place on an axis of numbers."""
    found = tuned("greedy:preset=paper", ("min_lr=1e-4..1e-3", "mode=min/max"))
    assert len(pages.draw(found, tmp_path)) == 4


@pytest.fixture(scope="module")
def apart():
    axes = ("lr=1x/30x", "factor=0.5/0.95")
    landscapes = ("rosenbrock", "quadratic", "rastrigin")
    return tune_each(make_each(landscapes, axes=axes, against=("cosine",), **COMMON))


class TestEach:
    def test_the_json_document_is_the_documented_one(self, apart):
        document = each_pages.document(apart, "there")
        assert json.loads(json.dumps(document, allow_nan=False)) == document
        searched = {
            n for d in document["each"] for c in d["calls"] for n in c["lr_scheduler_kwargs"]
        }
        varied = {"parameter", "value", "tuned", "default"}  # of the sensitivity, which is empty
        assert keys_of(document) - searched <= documented(each_pages) | documented(pages)
        assert documented(each_pages) | documented(pages) <= keys_of(document) | varied
        assert [d["cells"][0]["landscape"].split(":")[0] for d in document["each"]] == [
            "rosenbrock", "quadratic", "rastrigin",
        ]  # fmt: skip

    def test_the_text_has_a_row_a_landscape_and_says_what_was_luck(self, apart):
        shown = each_pages.text(apart)
        for part in (
            "on 3 landscapes, each by itself (gaussian 0.5 in metric, adam), 30 steps",
            "4 candidates on 20 seeds, judged on 40 others", "lr alone / untuned",
            "cosine / greedy, lr alone", "tuned / cosine, lr alone", "Promised and not kept: ",
        ):  # fmt: skip
            assert part in shown
        rows = [line.split() for line in shown.splitlines() if line.startswith("rosenbrock")]
        best = apart.found[0].best
        assert [r for r in rows if f"{best['lr']}!" in r and f"{best['factor']:g}!" in r]
        assert "nan" not in shown

    def test_a_directory_is_whole_and_has_a_page(self, apart, tmp_path):
        from reports.page import write

        target = tmp_path / "out"
        with publish.result_directory(target, apart.grid.identity(), "lab tune --each") as place:
            publish.fill(place, target, apart, each_pages, draw=True)
        assert {path.name for path in (target / "report").iterdir()} == {
            "tune-each.png", "tune-each.svg",
        }  # fmt: skip
        assert len(list((target / "search").iterdir())) == 3
        assert write(target).read_text(encoding="utf-8").count("data:image/svg+xml") == 1


class TestCall:
    def test_it_is_python_that_means_the_tuned_schedule(self, result):
        """The printed call, evaluated, gives the values with which the tuned schedule ran."""
        (low, *_) = tune_call.calls(result)
        node = ast.parse(low["call"], mode="eval").body
        assert isinstance(node, ast.Call)
        assert [argument.id for argument in node.args] == ["optimizer"]
        kwargs = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
        assert set(kwargs) <= RELEASED
        ran = result.grid.space.schedule(result.best).at(low["lr"], 30).values
        defaults = SCHEDULES.choose("greedy").values
        assert {**defaults, **kwargs} == {**ran, "preset": defaults["preset"]}
        assert kwargs == low["lr_scheduler_kwargs"]

    def test_the_trainers_arguments_are_the_same(self, result):
        (call, *_) = tune_call.calls(result)
        node = ast.parse(f"TrainingArguments({call['training_arguments']})", mode="eval").body
        assert isinstance(node, ast.Call)
        found = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
        assert found == {
            "learning_rate": call["lr"], "lr_scheduler_type": "greedy",
            "lr_scheduler_kwargs": call["lr_scheduler_kwargs"],
        }  # fmt: skip

    def test_shares_are_numbers_and_infinity_is_python(self):
        found = tuned("greedy:preset=paper,max_lr=inf", ("lr=0.02/0.02001",))
        (call,) = tune_call.calls(found)
        assert call["lr_scheduler_kwargs"]["min_lr"] == pytest.approx(0.1 * call["lr"])
        assert call["lr_scheduler_kwargs"]["smooth"] is True
        assert 'max_lr=float("inf")' in call["call"]
        json.dumps(call, allow_nan=False)

    def test_parameters_that_only_the_lab_has_are_left_out(self):
        (call,) = tune_call.calls(tuned("greedy:window=exact,patience=3", ("lr=0.02/0.021",)))
        assert call["lr_scheduler_kwargs"] == {"patience": 3}

    def test_a_call_for_each_initial_rate(self):
        found = tuned(optimizers=("sgd",), axes=("patience=1/2",))
        assert [c["lr"] for c in tune_call.calls(found)] == [r.lr for r in found.grid.requests]

    @pytest.mark.parametrize(
        "schedule", ["cosine", "greedy-robust", "greedy:smooth=true,window=exact"]
    )
    def test_there_is_none_for_what_transformers_does_not_have(self, schedule):
        found = tuned(schedule, ("lr=1x/3x",), landscapes=("rosenbrock",), against=("constant",))
        assert tune_call.calls(found) == []
        assert "GreedyLR(optimizer" not in pages.text(found)


@pytest.mark.filterwarnings("error")
def test_a_figure_of_rates_from_end_to_end(tmp_path):
    axes = ("lr=1e-300/1/1e300",)
    found = tuned("constant", axes, landscapes=("quadratic",), against=(), steps=1, seeds=3)
    assert pages.draw(found, tmp_path)
