"""Recorded losses in the forms that training logs have, and what is said of other files."""

import io
import json
import math

import pytest

from experiments.losslog import read_losses
from lab.errors import RequestError

#: What a trainer logs: losses of training, of an evaluation, and the mean of the run.
EVENTS = [
    {"eval_loss": 2.0, "step": 0},
    {"loss": 1.0, "step": 1},
    {"loss": 0.9, "step": 2},
    {"train_loss": 0.95},
]
TRAINER = "\n".join(json.dumps(event) for event in EVENTS)


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes) -> str:
        path = tmp_path / "log"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.mark.parametrize(
    ("content", "column", "losses"),
    [
        ("3\n2.5\n1e-3\n", None, [3.0, 2.5, 1e-3]),
        ("\n 3 \n\n2\n", None, [3.0, 2.0]),
        ("3\r\n2\r\n", None, [3.0, 2.0]),
        ("\ufeff3\n2", None, [3.0, 2.0]),
        ("7", None, [7.0]),
        ("inf\n-inf\n1\n", None, [math.inf, -math.inf, 1.0]),
        ("step,loss\n0,3\n1,2\n", None, [3.0, 2.0]),
        ("\nstep,loss\n\n0,3\n\n1,2\n", None, [3.0, 2.0]),
        ("loss\n3\n2\n", None, [3.0, 2.0]),
        ('step, loss ,"a,b"\n0, 3 ,"x\ny"\n1,2,z\n', None, [3.0, 2.0]),
        ("step,value,loss\n0,9,3\n1,8,2\n", None, [3.0, 2.0]),
        ("step,value,loss\n0,9,3\n1,8,2\n", "value", [9.0, 8.0]),
        ('{"step": 0, "loss": 3}\n\n{"loss": 2.5}\n', None, [3.0, 2.5]),
        ('{"train_loss": 3, "eval_loss": 4}\n', None, [3.0]),
        ('{"train_loss": 3, "eval_loss": 4}\n', "eval_loss", [4.0]),
        ("step;loss\n0;3\n1;2\n", None, [3.0, 2.0]),
        ("\tloss\n0\t3\n1\t2\n", None, [3.0, 2.0]),
        ("step,loss\n0,3,,\n1,2, \n", None, [3.0, 2.0]),
        ("loss,val_loss\n3,\n,9\n2,\n", None, [3.0, 2.0]),
        (TRAINER, None, [1.0, 0.9]),
        (TRAINER, "eval_loss", [2.0]),
        (json.dumps({"log_history": EVENTS, "best": None}), None, [1.0, 0.9]),
        (json.dumps({"log_history": EVENTS}, indent=2), None, [1.0, 0.9]),
        (json.dumps(EVENTS, indent=2), "train_loss", [0.95]),
        ("[3, 2.5,\n1]", None, [3.0, 2.5, 1.0]),
        ('{\n"loss": 3\n}', None, [3.0]),
    ],
)
def test_forms(written, content, column, losses):
    assert read_losses(written(content), column).tolist() == losses


def test_nan_is_passed_on(written):
    assert math.isnan(read_losses(written("1\nnan\n"))[1])


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"3\n2\n")))
    assert read_losses("-").tolist() == [3.0, 2.0]


@pytest.mark.parametrize(
    ("content", "column", "complaint"),
    [
        ("", None, "is empty"),
        ("\n \n", None, "is empty"),
        (b"1\xff", None, "is not UTF-8 text (byte 1)"),
        (b"\xff\xfe1\0", None, "is UTF-16 text: save it as UTF-8"),
        (b"\x1f\x8b\x08\0", None, "is compressed with gzip: unpack it"),
        (b"3\n\0", None, "is not text (byte 2 is 0)"),
        ("3\n2\nx\n", None, "line 3: 'x' is not a number"),
        ("3\n\n2,5\n", None, "line 3: '2,5' is not a number (write a decimal point"),
        ("1,2\n3,4\n", None, "has columns and no header: name them in the first line"),
        ("0,5\n0,4\n", None, "decimals are written with a point"),
        ("loss\n0,5\n0,4\n", None, "line 2 has 2 cells, the header 1 (decimals are written"),
        ("step;loss\n0;0,5\n", None, "line 2: '0,5' is not a number (write a decimal point"),
        ("3\n2\n", "loss", "holds numbers without a name: there is no column 'loss'"),
        ("[3, 2]", "loss", "holds numbers without a name: there is no column 'loss'"),
        ("loss,loss\n3,2\n", None, "has 2 columns 'loss'"),
        ("step,loss\n", None, "holds a header and no losses"),
        ("step,loss\n0,\n1,\n", None, "holds a header and no losses"),
        (",\n", None, "holds no losses"),
        ("[]", None, "holds no losses"),
        ('{"log_history": []}', None, "holds no losses"),
        ('{"log_history": 3}', None, "log_history is not a list"),
        ("[[1, 2]]", None, "entry 1 is not a JSON object"),
        ('[{"loss": 3}, 2]', None, "entry 2 is not a JSON object"),
        ("[3, {}]", None, "entry 2: '{}' is not a number"),
        ("step,loss\n0,3\n\n1\n", None, "line 4 has no column 'loss'"),
        ("a,b\n0,3\n", None, "has no column loss or train_loss or eval_loss"),
        ("a,b\n0,3\n", None, "(columns: a, b); name one with --column"),
        ("Step,Loss\n0,3\n", None, "did you mean --column 'Loss'?"),
        ("Wall time,Step,Value\n0,0,3\n", None, "did you mean --column 'Value'?"),
        ("sep=,\nstep,loss\n0,3\n", None, "the header of"),
        ("# a run\nstep,loss\n0,3\n", None, "(its first line) has no column loss"),
        ("# a run\nstep,loss\n0,3\n", "loss", "(its first line) (allowed: # a run)"),
        ("a,b\n0,3\n", "c", "unknown column 'c' in "),
        ("step,losss\n0,3\n", "loss", "(its first line); did you mean 'losss'?"),
        ('{"loss": 3}\n{"loss"\n', None, "line 2 is not JSON"),
        ('{"loss": 3}\n[1]\n', None, "line 2 is not a JSON object"),
        ('{"loss": 3}\n{"loss": "x"}\n', None, "line 2: 'x' is not a number"),
        ('{"loss": 3}\n{"loss": true}\n', None, "line 2: 'True' is not a number"),
        ('{"loss": 3}\n{"loss": null}\n', None, "line 2: 'None' is not a number"),
        ('{"step": 3}\n{"lost": 2}\n', None, "did you mean --column 'lost'?"),
        ('{"loss": 3}\n{"lost": 2}\n', "los", "(allowed: loss, lost)"),
    ],
)
def test_what_is_refused(written, content, column, complaint):
    path = written(content)
    with pytest.raises(RequestError) as caught:
        read_losses(path, column)
    message = str(caught.value)
    assert complaint in message
    assert repr(path) in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [TRAINER, "loss,val_loss\n3,\n,9\n2,\n,8\n"])
def test_logs_of_other_events_are_counted(written, content):
    notes = []
    read_losses(written(content), note=notes.append)
    assert notes == ["losses: 'loss' is in 2 of 4 entries, the others are passed over"]


def test_a_log_without_them_has_no_note(written):
    notes = []
    read_losses(written("loss\n3\n"), note=notes.append)
    assert notes == []


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RequestError, match="cannot be read: No such file or directory"):
        read_losses(str(tmp_path / "missing"))
    with pytest.raises(RequestError, match="cannot be read: Is a directory"):
        read_losses(str(tmp_path))
