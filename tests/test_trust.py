"""Files of others: results are data, studies are data, and what they say is only shown."""

import ast
import pickle
from pathlib import Path

import pytest

from tests.cli.conftest import answer  # noqa: F401
from tests.fuzz.inputs import STUDY

ROOT = Path(__file__).parents[1]
FOLDERS = ("lab", "landscapes", "noise", "experiments", "reports")
SOURCES = [ROOT / "cli.py", *(p for f in FOLDERS for p in (ROOT / f).rglob("*.py"))]
#: What makes code of data.
FORBIDDEN = {"pickle", "cPickle", "shelve", "marshal", "dill", "cloudpickle", "joblib", "yaml"}
#: Where source text made of argument names, and of nothing from outside, becomes a function.
MAKERS = {
    "lab/engine/compiler.py", "lab/engine/stage.py", "landscapes/_inner.py",
}  # fmt: skip
EVIL = "<script>alert(1)</script>"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_read_that_can_be_code(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {name.name.partition(".")[0] for name in node.names} & FORBIDDEN
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] not in FORBIDDEN
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "eval"
            if node.func.id == "exec":
                assert str(path.relative_to(ROOT)) in MAKERS
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("read_pickle", "to_pickle")
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False


class Harm:
    """Makes a file when it is unpickled."""

    def __reduce__(self):
        return (open, ("harm", "w"))


@pytest.fixture
def study(answer, tmp_path):  # noqa: F811
    (tmp_path / "study.toml").write_text(STUDY)
    done = answer("sweep", "study.toml", "--out", "out", "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    return tmp_path / "out"


@pytest.mark.parametrize("name", ["runs/00000.parquet", "manifest.json", "chunks/00000.json"])
@pytest.mark.parametrize("command", [("report", "out"), ("query", "out", "select * from runs")])
def test_a_pickle_in_a_result_is_never_loaded(name, command, study, answer, tmp_path):  # noqa: F811
    (study / name).write_bytes(pickle.dumps(Harm()))
    done = answer(*command)
    # A page is made of the cells alone: a mark that cannot be read is no matter to it.
    harmless = (command[0], name) == ("report", "chunks/00000.json")
    assert done.returncode in ((0, 2) if harmless else (2,)), done.stderr
    assert not (tmp_path / "harm").exists()


def test_a_study_writes_nothing_outside_its_directory(answer, tmp_path):  # noqa: F811
    place = tmp_path / "study"
    place.mkdir()
    (tmp_path / "rates.txt").write_text("0.1\n" * 9)
    (place / "..evil.toml").write_text(
        'title = "../../title"\n'
        + STUDY.replace('"cosine"', "\"table:file='../study/../rates.txt'\"")
    )
    before = set(tmp_path.rglob("*"))
    done = answer("sweep", "study/..evil.toml", "--json", "--quiet")
    assert done.returncode in (0, 2), done.stderr
    made = {p.relative_to(tmp_path).parts[0] for p in set(tmp_path.rglob("*")) - before}
    assert made <= {"results"}


@pytest.mark.parametrize("name", ["evil", "./evil.py", "evil.py", "study.evil", "_inner"])
def test_a_study_loads_no_code(name, answer, tmp_path, monkeypatch):  # noqa: F811
    (tmp_path / "evil.py").write_text("open('harm', 'w')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "study.toml").write_text(STUDY.replace("quadratic:dim=3", name))
    done = answer("sweep", "study.toml", "--json", "--quiet")
    assert done.returncode == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.py", "study.toml"]


def test_pages_escape_titles_and_paths(answer, tmp_path):  # noqa: F811
    title = EVIL.replace("/", "\\\\u002f")
    (tmp_path / "study.toml").write_text(f'title = "{title}"\n{STUDY}')
    out = "<img src=x onerror=alert(1)>"
    done = answer("sweep", "study.toml", "--out", out, "--quiet")
    assert done.returncode == 0, done.stderr
    page = next((tmp_path / out).rglob("*.html")).read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "alert(1)" in page


def test_a_component_with_a_name_that_is_none_is_refused(answer, tmp_path):  # noqa: F811
    (tmp_path / "mine.py").write_text(
        "from lab.component import NoiseModel\n"
        "def bump(size):\n    size[0] = 1.0\n"
        f'MINE = NoiseModel(name="{EVIL}", summary="", source="", formula="", kernel=bump)\n'
    )
    done = answer("list", "noises", "--plugin", "mine.py")
    assert done.returncode == 2
    assert "is not allowed: a letter, then letters" in done.stderr
