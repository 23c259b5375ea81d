"""Recorded losses in the forms that training logs have, and what is said of other files."""

import io
import math

import pytest

from experiments.losslog import read_losses
from lab.errors import RequestError


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
        (b"\xff\xfe1", None, "is not UTF-8 text (byte 0)"),
        ("3\n2\nx\n", None, "line 3: 'x' is not a number"),
        ("3\n\n2,5\n", None, "line 3: '2,5' is not a number"),
        ("1,2\n3,4\n", None, "has several columns and no header"),
        ("step,loss\n", None, "holds a header and no losses"),
        ("step,loss\n0,3\n1,\n", None, "line 3: '' is not a number"),
        ("step,loss\n0,3\n\n1\n", None, "line 4 has no column 'loss'"),
        ("a,b\n0,3\n", None, "has no column loss or train_loss or eval_loss"),
        ("a,b\n0,3\n", "c", "unknown column 'c' in "),
        ("step,losss\n0,3\n", "loss", "did you mean 'losss'?"),
        ('{"loss": 3}\n{"loss"\n', None, "line 2 is not JSON"),
        ('{"loss": 3}\n[1]\n', None, "line 2 is not a JSON object"),
        ('{"loss": 3}\n{"loss": "x"}\n', None, "line 2: 'x' is not a number"),
        ('{"loss": 3}\n{"loss": true}\n', None, "line 2: 'True' is not a number"),
        ('{"loss": 3}\n{"loss": null}\n', None, "line 2: 'None' is not a number"),
        ('{"loss": 3}\n{"lost": 2}\n', None, "line 2 has no column loss"),
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


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RequestError, match="cannot be read: No such file or directory"):
        read_losses(str(tmp_path / "missing"))
    with pytest.raises(RequestError, match="cannot be read: Is a directory"):
        read_losses(str(tmp_path))
