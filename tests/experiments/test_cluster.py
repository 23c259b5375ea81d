"""The same study on a Dask cluster: a scheduler and two workers, real processes on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.study import cluster
from experiments.study.declaration import make_study, read_study
from experiments.study.sweep import run_study
from lab.errors import RequestError, WorkError
from lab.store import manifest

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
STUDY = """
seeds = 12_500
[constants]
steps = 100
[axes]
landscape = ["rosenbrock", "quadratic:dim=4", "rastrigin", "ackley"]
noise = ["gaussian", "spikes", "bursts"]
schedule = ["greedy", "cosine", "constant", "linear"]
"""
CHUNKS = 12


def start(*arguments, cwd, **options) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=cwd, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def dask(*arguments, cwd) -> subprocess.Popen:
    return start("-m", "dask", *arguments, "--no-dashboard", "--host", "127.0.0.1", cwd=cwd)


class Cluster:
    """One scheduler and two workers of one thread."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        contact = directory / "scheduler.json"
        # Port 0 is any free one; the dashboard's is not needed and may be anywhere too.
        self.scheduler = dask(
            "scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0",
            "--scheduler-file", str(contact), cwd=directory,
        )  # fmt: skip
        wait_for(lambda: contact.exists() and contact.read_text().endswith("}"))
        self.address = json.loads(contact.read_text())["address"]
        self.workers = [
            dask("worker", self.address, "--nthreads", "1", "--no-nanny", "--name", f"w{i}",
                 cwd=directory)
            for i in range(2)
        ]  # fmt: skip

    def __enter__(self) -> "Cluster":
        import distributed

        with distributed.Client(self.address, timeout=20, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=20)
        return self

    def __exit__(self, *_) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.communicate()


def wait_for(condition, seconds=30.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def lab(*arguments, cwd) -> subprocess.Popen:
    return start(str(ROOT / "cli.py"), *arguments, cwd=cwd)


def ended(process) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def data(directory: Path) -> dict[str, bytes]:
    paths = [p for p in directory.rglob("*") if p.is_file()]
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in paths
        if path.name not in ("manifest.json", ".lock") and path.parent.name != "report"
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The study, and what it gives without a cluster."""
    directory = tmp_path_factory.mktemp("cluster")
    (directory / "small.toml").write_text(STUDY)
    study = read_study(directory / "small.toml")
    run_study(study, directory / "local", "lab sweep", False, 2, None, (), lambda text: None)
    assert manifest.read(directory / "local")["planned"] == CHUNKS
    return directory


@pytest.fixture
def ready(tmp_path):
    with Cluster(tmp_path) as ready:
        yield ready


def sweep(place, ready, out, *more) -> subprocess.Popen:
    return lab("sweep", "small.toml", "--out", out, "--dask", ready.address, *more, cwd=place)


def test_the_cluster_gives_the_same_bytes(place, ready):
    code, out, err = ended(sweep(place, ready, "same"))
    assert code == 0, err
    assert "12 of 12 chunks" in err
    assert "channel batch" in out
    assert data(place / "same") == data(place / "local")
    assert manifest.read(place / "same")["complete"] is True


def test_a_lost_worker_costs_its_chunk_only(place, ready):
    process = sweep(place, ready, "worker")
    wait_for(lambda: (place / "worker" / "chunks").is_dir())
    ready.workers[0].send_signal(signal.SIGKILL)
    code, _, err = ended(process)
    assert code == 0, err
    assert data(place / "worker") == data(place / "local")


def test_a_lost_scheduler_is_one_clear_line_and_resumable(place, ready):
    process = sweep(place, ready, "scheduler")
    wait_for(lambda: (place / "scheduler" / "chunks").is_dir())
    ready.scheduler.send_signal(signal.SIGKILL)
    code, out, err = ended(process)
    assert (code, out) == (1, "")
    said = [line for line in err.splitlines() if not line.startswith("[")]
    assert len(said) == 1, err
    assert said[0].startswith(f"lab: dask: the scheduler at {ready.address} was lost; ")
    assert said[0].endswith(" safe, --resume goes on from there")
    assert manifest.read(place / "scheduler")["complete"] is False
    code, _, err = ended(lab("sweep", "small.toml", "--out", "scheduler", "--resume", cwd=place))
    assert code == 0, err
    assert " of 12 chunks are already there" in err or said[0].count(" 0 of 12 ")
    assert data(place / "scheduler") == data(place / "local")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "", "tcp://127.0.0.1:99999"])
def test_a_wrong_address_is_a_wrong_request(address, place, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 1)
    study = read_study(place / "small.toml")
    with pytest.raises(RequestError, match=r"^dask: no scheduler answers at '.*' \(an address is"):
        run_study(study, tmp_path, "lab sweep", False, 2, address, (), lambda text: None)


def test_a_wrong_address_is_one_line_to_the_end(place):
    """Dask's client would wait for the scheduler once more when it goes, and print a traceback."""
    code, out, err = ended(lab("sweep", "small.toml", "--out", "no", "--dask", "foo", cwd=place))
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("lab: dask: no scheduler answers at 'foo'")
    assert "Traceback" not in err


def test_certificates_are_asked_for(place, tmp_path):
    study = read_study(place / "small.toml")
    with pytest.raises(RequestError, match=r"^dask: tls://here:1 needs certificates \(distributed"):
        run_study(study, tmp_path, "lab sweep", False, 2, "tls://here:1", (), lambda text: None)


class Answers:
    """A client whose workers say what they are told to."""

    def __init__(self, answer) -> None:
        self.answer = answer

    def run(self, function):
        if isinstance(self.answer, Exception):
            raise self.answer
        return {f"tcp://w{i}": function() | part for i, part in enumerate(self.answer)}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([], "the cluster at here has no workers"),
        ([{}, {"numba": "0.1"}], r"worker tcp://w1 has numba 0\.1, this is "),
        ([{"greedylr-lab": "9"}], r"worker tcp://w0 has greedylr-lab 9, this is "),
        (ModuleNotFoundError("No module named 'lab'"), "at here cannot load greedylr-lab: Module"),
    ],
)
def test_workers_must_be_of_the_same_versions(answer, says):
    with pytest.raises(WorkError, match=f"^dask: .*{says}"):
        cluster._check_workers(Answers(answer), "here")


def test_workers_may_have_another_python():
    cluster._check_workers(Answers([{"python": "3.99"}]), "here")


def test_a_worker_that_reads_the_study_differently_is_found_out():
    study = make_study(
        "small", {"axes": {"landscape": ["ackley"], "schedule": ["cosine"]}}, "small"
    )
    content = study.document.model_dump_json()
    with pytest.raises(WorkError, match="reads this study differently"):
        cluster.remote_chunk("small", content, "0123456789", 0, ())


def test_chunks_that_are_too_large_to_send_are_refused_at_once(tmp_path):
    content = {"seeds": 10**7, "axes": {"landscape": ["ackley"], "schedule": ["cosine"]}}
    study = make_study("large", content, "large")
    with pytest.raises(RequestError, match=r"10,000,000 rows .* set keep\.rows = false"):
        run_study(study, tmp_path, "lab sweep", False, 2, "tcp://127.0.0.1:1", (), print)
