"""docs/tuning.md: what it concludes from the full runs that it shows."""

import re

import pytest

from tests.docs.pages import full

ENDS = re.compile(r"(\S+) \[(\S+), (\S+)\]")


def number(word):
    return float(word.replace(",", ""))


@pytest.fixture(scope="module")
def overall():
    """Ratio, ends over seeds, ends over landscapes, lower and higher, of each comparison."""
    text = full("tune-each").split("geometric mean of ratios", 1)[1].split("\nlower, higher", 1)[0]
    found = {}
    for line in text.splitlines()[2:]:
        label, shown = re.split(r"  +(?=\S+ \[)", line, maxsplit=1)
        numbers = [number(word) for word in re.findall(r"[\d.e+-]+", shown)]
        found[label.strip()] = numbers
    assert len(found) == 9
    return found


@pytest.fixture(scope="module")
def landscapes():
    """Tuned / untuned, lr alone / untuned, tuned / lr alone of each landscape; the best values."""
    text = full("tune-each").split("landscape  ", 1)[1].split("\nlr alone", 1)[0]
    found = {}
    for line in text.splitlines()[2:]:
        (gain, beyond) = ENDS.findall(line)
        rate = re.search(r"\] +(\S+) +\S+ \[", line)
        lr, factor, patience, _ = line.rsplit("]", 1)[1].replace(" %", "%").split()
        found[line.split()[0]] = (
            [number(word) for word in gain], number(rate[1]), [number(word) for word in beyond],
            lr, factor, patience,
        )  # fmt: skip
    return found


def test_what_tuning_gains_and_what_the_rate_has_of_it(overall, landscapes):
    assert len(landscapes) == 42
    *_, lower, higher = overall["tuned / untuned"]
    assert (lower, higher) == (38, 0)
    assert overall["tuned / lr alone"][-2:] == [34, 0]
    assert overall["tuned / untuned"][0] < overall["lr alone / untuned"][0] < 0.05
    for name in ("absolute", "sharp-ridge", "six-hump-camel"):
        _, rate, beyond, *_ = landscapes[name]
        assert rate == 1.0
        assert beyond[2] < 0.2
    for name in ("rastrigin", "rotated-rastrigin", "schaffers-f7", "styblinski-tang"):
        low, high = landscapes[name][0][1:]
        assert low < 1.0
        assert high >= 1.0


def test_no_default_comes_out_of_it(landscapes):
    factors = {float(row[4].strip("!")) for row in landscapes.values()}
    patiences = {int(row[5].strip("!")) for row in landscapes.values()}
    assert (min(factors), max(factors)) == (0.3, 0.99)
    assert (min(patiences), max(patiences)) == (0, 20)
    at_end = sum(any("!" in word for word in row[3:]) for row in landscapes.values())
    assert f"At the end of what was tried: {at_end} of 42" in full("tune-each")
    most = [row[3] for row in landscapes.values()]
    assert most.count("100x!") > 5


def test_cosine_is_the_better_buy_for_nine_runs_and_not_for_all(overall):
    cosine, constant = overall["cosine / greedy, lr alone"], overall["constant / greedy, lr alone"]
    assert cosine[2] < overall["one-cycle / greedy, lr alone"][0] < 1.0
    assert cosine[4] < 1.0
    assert constant[1] > 1.0
    assert constant[3] > 1.0
    tuned = overall["tuned / cosine, lr alone"]
    assert tuned[2] < 1.0 < tuned[4]


def test_the_contest_says_otherwise_of_cosine():
    ranks = {}
    for title in ("overall, tuned", "stochastic, tuned"):
        text = full("rank-tuned").split(f"\n{title}", 1)[1].split("\n\n", 1)[0]
        names = [re.split(r"  +", line)[1] for line in text.splitlines()[3:]]
        ranks[title] = [name for name in names if name in ("greedy with adam", "cosine with adam")]
    assert ranks["overall, tuned"] == ["greedy with adam", "cosine with adam"]
    assert ranks["stochastic, tuned"] == ["cosine with adam", "greedy with adam"]


def test_the_family_owes_its_gain_to_the_rate():
    text = full("tune").split("On the judging seeds", 1)[1].split("\nlr tuned:", 1)[0]
    rows = {
        re.split(r"  +", line)[0]: [number(word) for word in re.findall(r"[\d.,e+-]+(?= \[)", line)]
        for line in text.splitlines()[3:]
    }
    # The rate alone gains hundreds, the rest a factor of about two.
    assert rows["greedy, lr tuned"][0] < 0.01
    assert 0.3 < rows["greedy:factor=0.95,patience=1, tuned"][1] < 0.8
    untuned = {name: row[0] for name, row in rows.items() if "tuned" not in name}
    assert min(untuned, key=lambda name: untuned[name]) == "greedy-kesten"
    assert 0.9 < rows["greedy-kesten, lr tuned"][-1] < 1.0
