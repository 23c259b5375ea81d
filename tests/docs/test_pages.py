"""What runs the pages: commands, files, outputs and figures of a made-up page."""

import pytest

from tests.docs import pages
from tests.docs.pages import Page, alike

TEXT = """
# A page

```python
# says.py
import sys
print("x =", *sys.argv[1:])
```

```console
python says.py 1.5 \\
  words   # a remark
lab list channels
```

<!-- prints: lines 1-2 -->
```text
x = 7 words
```

```sh
make coffee
```

```console
python says.py again
```

<!-- prints -->

```text
x = again
```

<!-- figure: one.svg -->
![One](picture.svg)
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    for folder in ("examples", "studies", "run"):
        (tmp_path / folder).mkdir()
    (tmp_path / "page.md").write_text(TEXT)
    return Page("page.md")


def test_commands_run_in_their_order_and_outputs_come_back(page, tmp_path):
    ran = page.run(tmp_path / "run")
    commands = [" ".join(one.command.split()) for one in ran]
    assert commands == [
        "python says.py 1.5 words # a remark",
        "lab list channels",
        "python says.py again",
    ]
    assert [one.out.splitlines()[0] for one in ran] == [
        "x = 1.5 words",
        ran[1].out.splitlines()[0],
        "x = again",
    ]
    page.text = page.refreshed(ran)
    first, second = (found[2] for found in pages.PRINTS.finditer(page.text))
    assert first == f"x = 1.5 words\n{ran[1].out.splitlines()[0]}\n"
    assert second == "x = again\n"
    assert page.text.count("```") == TEXT.count("```")


def test_what_is_stale_is_told(page, tmp_path):
    ran = page.run(tmp_path / "run")
    (output, figure) = page.differences(ran, tmp_path / "run")
    assert "x = 7 words" in output
    assert "x = 1.5 words" in output
    assert figure == "page.md: no command leaves one.svg"
    page.text = page.refreshed(ran)
    (tmp_path / "run" / "one.svg").write_text("<svg><text> a </text>\n<text>b</text></svg>")
    (tmp_path / "picture.svg").write_text("<svg><text> a </text><text>c</text></svg>")
    assert page.differences(ran, tmp_path / "run") == [
        "page.md: picture.svg is not one.svg as the commands draw it"
    ]
    (tmp_path / "picture.svg").write_text("<svg><text> a </text><text>b</text></svg>")
    assert page.differences(ran, tmp_path / "run") == []


def test_text_is_replaced_where_it_is_there(page, tmp_path):
    ran = page.run(tmp_path / "run", {"again": "anew", "x =": "y ="})
    assert ran[-1].out == "y = anew\n"
    with pytest.raises(AssertionError, match="does not hold 'tea'"):
        page.run(tmp_path / "run", {"tea": "coffee"})


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("lab list tea", "unknown kind 'tea'"),
        ("python says.py && rm x", "rm"),
        ("ls", "only lab and python"),
    ],
)
def test_a_command_that_fails_is_told(page, tmp_path, command, message):
    page.text = page.text.replace("python says.py again", command)
    if "&&" in command:
        assert "&& rm" in page.run(tmp_path / "run")[-1].out  # no shell: these are words
        return
    with pytest.raises(AssertionError, match=message):
        page.run(tmp_path / "run")


def test_a_part_of_an_output(page, tmp_path):
    page.text = page.text.replace("lines 1-2", 'from "batch" to "metric"')
    ran = page.run(tmp_path / "run")
    shown = next(pages.PRINTS.finditer(page.refreshed(ran)))[2].splitlines()
    assert [line.split()[0] for line in shown] == ["batch", "gradient", "metric"]
    for wrong in ('from "batch" to "tea"', 'from "tea" to "batch"', "the first line"):
        page.text = page.text.replace('from "batch" to "metric"', wrong)
        with pytest.raises(AssertionError, match=r"printed|not a part"):
            page.refreshed(ran)
        page.text = page.text.replace(wrong, 'from "batch" to "metric"')


def test_parts_of_what_a_full_run_left(page, tmp_path):
    (tmp_path / "docs" / "full").mkdir(parents=True)
    kept = tmp_path / "docs" / "full" / "long-one.txt"
    kept.write_text("$ lab\n\nfirst\nsecond 2\n\n| a | b |\n| 1 | 2 |\nlast\n")
    page.text = (
        '<!-- full long-one: from "first" to "second" -->\n```text\nold\n```\n\nwords\n\n'
        '<!-- full long-one: from "| a" to "| 1" -->\n| old | table |\n| - | - |\n\nwords\n'
    )
    shown = page.with_full(page.text)
    assert "```text\nfirst\nsecond 2\n```\n\nwords\n" in shown
    assert '"| 1" -->\n| a | b |\n| 1 | 2 |\n\nwords\n' in shown
    assert page.refreshed([]) == shown
    page.text = shown
    assert page.with_full(shown) == shown
    kept.write_text(kept.read_text().replace("second 2", "second 3"))
    assert page.with_full(shown) == shown.replace("second 2", "second 3")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a  1.5\n---- b", "a 1.5\n-------  b", True),
        ("p50 0.639 [1,000]", "p50 0.640 [1,004]", True),
        ("p50 0.639", "p50 0.65", False),
        ("greedy 1", "cosine 1", False),
        ("1e-08", "2e-08", False),
        ("0 of 3", "0 of 3 4", False),
    ],
)
def test_outputs_alike(one, other, same):
    assert alike(one, other) is same
