"""`lab show landscape`: text at once, and a picture that litters nothing."""

from pathlib import Path


def test_the_picture_lies_in_the_cache_unless_a_place_is_named(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GREEDYLR_LAB_CACHE", str(tmp_path / "cache"))
    shown = answer("show", "landscape", "rastrigin:dim=1").stdout
    path = Path(shown.splitlines()[-1].removeprefix("figure    "))
    assert path.parent == tmp_path / "cache/figures"
    assert path.read_bytes().startswith(b"\x89PNG")
    shown = answer("show", "landscape", "booth", "--figure", "here/booth.svg").stdout
    assert shown.splitlines()[-1] == "figure    here/booth.svg"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "here"]


def test_text_alone(answer, tmp_path, monkeypatch):
    monkeypatch.setenv("GREEDYLR_LAB_CACHE", str(tmp_path / "cache"))
    shown = answer("show", "landscape", "rosenbrock:dim=3", "--no-figure").stdout
    assert "of rosenbrock:dim=3,scale=1:" in shown
    assert "figure" not in shown
    assert not list(tmp_path.rglob("*.png"))


def test_what_cannot_be_drawn_is_refused_before_anything_is_printed(answer):
    for arguments, part in (
        (("rosenbrock", "--along", "1,3"), "from 1 to 2"),
        (("rosenbrock", "--along", "x"), "whole numbers"),
        (("rosenbrock", "--figure", "a.gif"), "pdf, svg, png"),
    ):
        done = answer("show", "landscape", *arguments)
        assert done.returncode == 2
        assert part in done.stderr
        assert not done.stdout
    assert "landscapes, not a noise" in answer("show", "noise", "spikes", "--open").stderr


def test_assumptions_are_listed_of_landscapes_only(answer):
    assert "premises of theorem A.2" in answer("list", "landscapes", "--assumptions").stdout
    assert answer("list", "noises", "--assumptions").returncode == 2
