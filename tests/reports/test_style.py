"""Colours: fixed a schedule, told apart, legible on either ground."""

import itertools

import pytest

from reports import style

DEFAULT = ["greedy", "constant", "linear", "cosine", "cosine-restarts", "exponential",
           "reduce-on-plateau"]  # fmt: skip


def contrast(first, second):
    """The ratio of the Web Content Accessibility Guidelines 2.1, from their definition."""
    light, dark = sorted((style.luminance(first), style.luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_luminance_of_primaries_is_that_of_the_guidelines():
    assert style.luminance("#FFFFFF") == pytest.approx(1.0)
    assert style.luminance("#000000") == 0.0
    assert style.luminance("#FF0000") == pytest.approx(0.2126)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)


def test_a_schedule_has_one_colour_whatever_stands_beside_it():
    alone = style.lines(["cosine:T_max=7"])[0]
    assert style.lines(["greedy", "cosine"])[1] == alone
    assert alone.colour == style.colour("cosine")


@pytest.mark.parametrize("names", [DEFAULT, list(style.SPARE)])
def test_lines_stand_out_on_both_grounds_and_names_can_be_read(names):
    for line in style.lines(names):
        assert contrast(line.colour, style.PAPER) >= 1.9
        assert contrast(line.night, style.NIGHT) >= 3.5
        assert contrast(line.text, style.PAPER) >= 4.5


def test_variants_of_one_schedule_differ_in_shade_and_dashes():
    lines = style.lines([f"greedy:patience={i}" for i in range(4)])
    assert len({line.colour for line in lines}) == 4
    for first, second in itertools.pairwise(lines):
        assert first.dashes != second.dashes


def test_what_cannot_stand_out_enough_goes_as_far_as_it_can():
    assert style.legible("#EEEEEE", "#EEEEEE", 30.0) == "#000000"
    assert style.legible("#111111", "#111111", 30.0) == style.PAPER


def test_a_ramp_goes_through_its_colours():
    assert style.ramp(("#000000", "#808080", "#FFFFFF"), 0.0) == "#000000"
    assert style.ramp(("#000000", "#808080", "#FFFFFF"), 0.5) == "#808080"
    assert style.ramp(("#000000", "#808080", "#FFFFFF"), 1.0) == "#FFFFFF"
    assert style.ramp(("#000000", "#808080", "#FFFFFF"), 0.25) == "#404040"


def test_heat_maps_get_darker_on_paper_and_lighter_at_night():
    for colours, sign in ((style.HEAT, -1), (style.HEAT_NIGHT, 1)):
        steps = [style.luminance(colour) for colour in colours]
        assert steps == sorted(steps, key=lambda value: sign * value)


def test_rivals_that_ship_are_told_apart():
    """By hue or dashes, where neither is theirs by declaration but both by their names."""
    rivals = [
        *("greedy-robust", "greedy-kesten", "greedy-gated", "hypergradient", "polyak", "sps-max"),
        *("armijo", "adagrad-norm", "dog", "dowg", "prodigy", "d-adapt-sgd", "d-adapt-adam"),
        *("schedule-free-sgd", "schedule-free-adamw"),
    ]
    drawn = {(line.colour, line.dashes) for line in style.lines(rivals)}
    assert len(drawn) == len(rivals)
