"""Finding components: by file, by alias, by plug-in; and what is said when there is none."""

import hashlib
import os
import types
from dataclasses import replace

import numpy as np
import pytest

from experiments import components
from experiments.components import LANDSCAPES, NOISES, REGISTRIES, SCHEDULES, add_plugins
from experiments.request import make_request
from lab.component import Landscape, OpenLoop
from lab.errors import RequestError
from lab.plugin import load_plugin
from lab.registry import Registry
from tests.trajectories import arrays, trajectories

PLUGIN = """
from lab.component import Facts, Feedback, Landscape, NoiseModel, Parameter, State
from lab.engine.bits import fma


def bowl(x, value, grad, depth):
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            grad[i, k] = 2.0 * depth * x[i, k]
            value[k] = fma(depth * x[i, k], x[i, k], value[k])


def facts(values):
    return Facts(dim=2, minimum=0.0, minimiser=None, base_lr=0.1)


def halve(metric, lr, calls, after):
    for k in range(lr.shape[0]):
        calls[k] += 1.0
        lr[k] = 0.5 * lr[k] if calls[k] == after else lr[k]


def bump(size, strength, step):
    for k in range(size.shape[0]):
        size[k] = strength if step == 2 else 0.0


MY_BOWL = Landscape(
    name="my-bowl", summary="a bowl", source="here", formula="depth |x|^2",
    parameters=(Parameter("depth", 1.0, "curvature", "(0, inf)"),), kernel=bowl, facts=facts,
)
MY_SCHEDULE = Feedback(
    name="my-halving", summary="halves once", source="here", kernel=halve,
    parameters=(Parameter("after", 3, "calls", "[1, inf)"),), state={"calls": State()},
)
MY_NOISE = NoiseModel(name="my-bump", summary="one bump", source="here", formula="", kernel=bump)
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Write a plug-in file; what it adds is forgotten afterwards."""
    for registry in REGISTRIES.values():
        monkeypatch.setattr(registry, "_added", dict(registry._added))

    def write(text: str, name: str = "mine.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("registry", "name"),
    [(LANDSCAPES, "rosenbrock"), (NOISES, "periodic-spikes"), (SCHEDULES, "cosine-restarts")],
    ids=["landscape", "noise", "schedule"],
)
def test_the_file_of_a_folder_is_a_component(registry, name):
    assert registry.find(name).name == name
    assert name in registry.all()


@pytest.mark.parametrize("registry", REGISTRIES.values(), ids=REGISTRIES)
def test_all_is_sorted_and_unique(registry):
    names = list(registry.all())
    assert names == sorted(names)
    assert all(name == component.name for name, component in registry.all().items())
    aliases = [a for c in registry.all().values() for a in (*c.aliases, *c.not_the_same)]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(names)


@pytest.mark.parametrize("registry", REGISTRIES.values(), ids=REGISTRIES)
def test_every_component_says_what_it_is(registry):
    for component in registry.all().values():
        assert component.summary
        assert component.source
        assert all(parameter.meaning for parameter in component.parameters)


def test_an_alias_is_the_component():
    assert SCHEDULES.find("CosineAnnealingLR") is SCHEDULES.find("cosine")


def test_a_name_that_means_something_else_elsewhere_says_so():
    with pytest.raises(RequestError) as caught:
        SCHEDULES.find("cosine_with_restarts")
    message = str(caught.value)
    assert message.startswith("schedule 'cosine_with_restarts' is not 'cosine-restarts': ")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(RequestError) as caught:
        LANDSCAPES.choose("rosenbrok:dim=3")
    message = str(caught.value)
    assert message.startswith("unknown landscape 'rosenbrok'; did you mean 'rosenbrock'? (")
    assert "quadratic" in message


@pytest.mark.parametrize("name", ["_vector", "__init__", "channels", "os", "a.b", "none.py", ""])
def test_what_is_no_component_is_not_found(name):
    for registry in (NOISES, components.CHANNELS):
        with pytest.raises(RequestError):
            registry.find(name)


def test_only_declarations_of_the_kind_count():
    module = types.ModuleType("mixed")
    module.__file__ = "mixed.py"
    bowl = replace(LANDSCAPES.find("rosenbrock"), name="bowl")
    fall = replace(SCHEDULES.find("cosine"), name="fall", aliases=())
    module.a, module.b, module.c = bowl, fall, 3  # type: ignore[attr-defined]
    registry = Registry("landscape", "landscapes", (Landscape,))
    assert registry.add_module(module) == ["bowl"]
    assert Registry("s", "lab.schedules", (OpenLoop,)).add_module(module) == ["fall"]


def test_entry_points_of_other_distributions_are_found(monkeypatch, plugin):
    module, _ = load_plugin(plugin(PLUGIN))

    class Point:
        def load(self):
            return module

    asked = []

    def entry_points(group):
        asked.append(group)
        return [Point()]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    registry = Registry("landscape", "landscapes", (Landscape,))
    assert registry.find("my-bowl").name == "my-bowl"
    assert "rosenbrock" in registry.all()
    assert asked == ["greedylr_lab.landscape"]


def test_a_plug_in_takes_part_like_any_other(plugin):
    add_plugins([plugin(PLUGIN)])
    request = make_request(
        "my-bowl:depth=0.5", "my-bump", channel="metric", strength=3.0, optimizer="sgd",
        schedules=("my-halving:after=2", "constant"), steps=5,
    )  # fmt: skip
    assert request.lr == 0.1
    found = arrays(trajectories(request, 3))
    np.testing.assert_array_equal(found["lr"][0, :, 0], [0.1, 0.1, 0.05, 0.05, 0.05])
    np.testing.assert_array_equal(found["term"][:, :, 0], [[0.0, 0.0, 3.0, 0.0, 0.0]] * 2)
    np.testing.assert_allclose(found["x"][1, 4], 0.9**4 * found["x"][1, 0], rtol=1e-14)
    assert request.inert(request.schedules[1], 3.0)
    assert not request.inert(request.schedules[0], 3.0)


@pytest.mark.parametrize("name", ["rosenbrock", "matrix-factorisation"])
def test_a_name_that_is_built_in_is_refused(plugin, name):
    built_in = LANDSCAPES.find(name)
    path = plugin(PLUGIN.replace('"my-bowl"', repr(name)))
    with pytest.raises(RequestError) as caught:
        add_plugins([path])
    assert str(caught.value) == (
        f"plug-in {str(path)!r}: landscape {name!r} is built in: give yours a name of its own"
    )
    assert LANDSCAPES.find(name) is built_in


def test_so_is_another_name_of_what_is_built_in(plugin):
    path = plugin(PLUGIN.replace('"my-halving"', '"CosineAnnealingLR"'))
    with pytest.raises(RequestError, match="schedule 'CosineAnnealingLR' is built in: "):
        add_plugins([path])


def test_a_name_of_another_plug_in_is_refused(plugin):
    first, second = plugin(PLUGIN), plugin(PLUGIN, "other.py")
    add_plugins([first])
    with pytest.raises(RequestError) as caught:
        add_plugins([second])
    assert str(caught.value) == (
        f"plug-in {str(second)!r}: landscape 'my-bowl' is that of plug-in {str(first)!r} already"
    )


def test_a_name_twice_in_one_file_is_refused(plugin):
    twice = "from dataclasses import replace\nTWICE = replace(MY_NOISE, summary='another')\n"
    with pytest.raises(RequestError, match=r"two noises are called 'my-bump'$"):
        add_plugins([plugin(PLUGIN + twice)])


def test_a_file_may_be_loaded_again(plugin, tmp_path, monkeypatch):
    path = plugin(PLUGIN)
    link = tmp_path / "link.py"
    link.symlink_to(path)
    monkeypatch.chdir(tmp_path)
    add_plugins([path])
    plugin(PLUGIN.replace('"a bowl"', '"edited"'))
    for again in ("mine.py", link):
        add_plugins([again])
        assert LANDSCAPES.find("my-bowl").summary == "edited"


def test_what_a_file_imports_or_calls_twice_is_no_declaration_of_its_own(plugin):
    text = "from landscapes.rosenbrock import ROSENBROCK\n" + PLUGIN + "SAME = MY_BOWL\n"
    added = add_plugins([plugin(text)])
    assert [component.name for component in added] == ["my-bowl", "my-bump", "my-halving"]
    assert LANDSCAPES.find("rosenbrock").fingerprint == ""


def test_two_plug_ins_of_one_name_are_two_modules(plugin, tmp_path):
    first, _ = load_plugin(plugin("VALUE = 1"))
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "mine.py").write_text("VALUE = 2")
    second, _ = load_plugin(other / "mine.py")
    assert (first.VALUE, second.VALUE) == (1, 2)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1\ny = 1 / 0\n", ", line 2 does not import: ZeroDivisionError: division by zero"),
        ("def broken(:\n    pass\n", ", line 1 does not import: SyntaxError: "),
        ("\n\nimport no_such_module\n", ", line 3 does not import: ModuleNotFoundError: No module"),
        ("def f():\n    raise KeyError('k')\n\nf()\n", ", line 2 does not import: KeyError: 'k'"),
        ("raise SystemExit(3)\n", ", line 1 does not import: SystemExit: 3"),
        ("x = 1\n", " declares no component (a Landscape, "),
        ("from landscapes.rosenbrock import facts\n", " declares no component (a Landscape, "),
        ("\x00", "does not import: SyntaxError: source code string cannot contain null bytes"),
    ],
)
def test_a_broken_plug_in_is_refused_in_one_line(plugin, text, complaint):
    path = plugin(text)
    with pytest.raises(RequestError) as caught:
        add_plugins([path])
    message = str(caught.value)
    assert message.startswith(f"plug-in {str(path)!r}")
    assert complaint in message
    assert "line None" not in message
    assert "\n" not in message


def test_a_plug_in_must_be_a_python_file(tmp_path, plugin):
    with pytest.raises(RequestError, match="is not a file"):
        load_plugin(tmp_path / "missing.py")
    with pytest.raises(RequestError, match="is not a file"):
        load_plugin(tmp_path)
    for name in ("mine.txt", "mine.so", "mine.pyc", "mine"):
        with pytest.raises(RequestError, match=r"must end in \.py"):
            load_plugin(plugin("x = 1", name=name))


def test_a_name_need_not_be_text(plugin):
    path = plugin(PLUGIN, name=os.fsdecode(b"p\xff.py"))
    assert {component.file for component in add_plugins([path])} == {str(path)}
    with pytest.raises(RequestError, match="line 1 does not import: SyntaxError"):
        add_plugins([plugin("x =", name=path.name)])


def test_a_plug_in_may_go_to_another_directory(plugin, tmp_path, monkeypatch):
    text = "import os\nos.chdir('/')\n"
    monkeypatch.chdir(tmp_path)
    plugin(text + PLUGIN)
    added = add_plugins(["mine.py"])
    assert added[0].fingerprint == hashlib.sha256((text + PLUGIN).encode()).hexdigest()[:16]
    monkeypatch.chdir(tmp_path)
    plugin(text + "raise ValueError")
    with pytest.raises(RequestError, match=r"'mine.py', line 3 does not import: ValueError"):
        add_plugins(["mine.py"])


COMPOSED = """
from dataclasses import fields
from lab.component import Composite, Parameter
def build(values):
    given = {f.name: getattr(MY_BOWL, f.name) for f in fields(MY_BOWL)}
    given["constants"] = lambda values: values["of"]
    return Landscape(**given | {"name": "composed"})
MINE = Composite(
    name="composed", summary="s", source="here", formula="f", facts=facts, build=build,
)
"""


def test_what_a_plug_in_composes_is_of_its_file(plugin):
    path = plugin(PLUGIN + COMPOSED)
    added = {component.name: component for component in add_plugins([path])}
    built = LANDSCAPES.choose("composed").component
    assert built.name == "composed"
    assert built.kernel is added["my-bowl"].kernel
    assert built.fingerprint == added["composed"].fingerprint
    with pytest.raises(RequestError) as caught:
        built.constants({})
    assert str(caught.value) == f"plug-in {str(path)!r}, line 45: KeyError: 'of'"


def test_rows_of_a_state_that_fail_are_said_with_their_line(plugin):
    text = PLUGIN.replace("State()", "State(lambda values: 9 // (values['after'] - 1))")
    add_plugins([path := plugin(text)])
    with pytest.raises(RequestError, match="ZeroDivisionError") as caught:
        trajectories(make_request("quadratic", schedules=("my-halving:after=1",), steps=2), 1)
    assert str(caught.value).startswith(f"plug-in {str(path)!r}, line ")


def test_a_kernel_that_asks_for_what_nobody_has_is_refused_in_one_line(plugin):
    add_plugins([plugin(PLUGIN.replace("grad, depth", "grad, deptth"))])
    request = make_request("my-bowl", schedules=("constant",), steps=2)
    with pytest.raises(RequestError, match=r"'deptth' in kernel 'bowl' \(.*mine.py line 6\); did"):
        trajectories(request, 1)
