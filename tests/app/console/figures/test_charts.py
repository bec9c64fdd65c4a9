"""Charts: shapes inside their field, the same picture mirrored, nothing by colour alone."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.figures.charts import HEIGHT, SERIES, WIDTH, Chart, Series, Writing, bars, lines
from app.console.office import DOMAIN
from app.web.pages import Pages
from tests.house.tree import ROOT

VALUES = st.floats(0, 1e9, allow_nan=False, allow_subnormal=False)
LEFT, RIGHT = (Writing(lambda value: f"{value:g}", rtl) for rtl in (False, True))
SHEET = ROOT / "templates/static/figures.css"
MONTHS = ("Jan", "Feb", "Mar", "Apr")


def _series(*rows: tuple[float | None, ...]) -> list[Series]:
    return [Series(f"series {at}", row) for at, row in enumerate(rows)]


def _chart(writing: Writing = LEFT, *, stacked: bool = True) -> Chart:
    rows = _series((4, 0, 2, 8), (1, 3, 2, 4))
    return bars("Sent", "By month", MONTHS, rows, writing, stacked=stacked)


def _drawn(chart: Chart) -> str:
    """The chart as a page holds it."""
    environment = Pages(DOMAIN)._environments["en"]
    module = environment.get_template("console/figures/charts.html").make_module({})
    return str(module.chart("c", chart))  # type: ignore[attr-defined]  # the macro of that name


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=40), st.booleans(), st.booleans())
def test_every_bar_stands_inside_the_field(
    columns: list[tuple[float, float]], stacked: bool, is_rtl: bool
) -> None:
    labels = [str(at) for at in range(len(columns))]
    rows = _series(*(tuple(column[at] for column in columns) for at in (0, 1)))
    writing = RIGHT if is_rtl else LEFT
    chart = bars("Sent", "", labels, rows, writing, stacked=stacked)
    for shape in chart.shapes:
        assert chart.start <= shape.x
        assert shape.x + shape.width <= chart.end
        assert shape.y >= 0
        assert shape.y + shape.height <= HEIGHT
    ticks = [word.y for word in chart.up]
    assert ticks == sorted(ticks, reverse=True)


def test_stacked_bars_stand_on_each_other_and_their_heights_are_to_scale() -> None:
    first, second, *_ = _chart().shapes
    assert second.y + second.height == pytest.approx(first.y, abs=0.2)
    assert first.height == pytest.approx(4 * second.height, abs=0.5)


def test_from_right_to_left_the_same_chart_is_mirrored() -> None:
    left, right = _chart(stacked=False), _chart(RIGHT, stacked=False)
    for one, other in zip(left.shapes, right.shapes, strict=True):
        assert other.x == pytest.approx(WIDTH - one.x - one.width, abs=0.2)
        assert (other.y, other.height, other.told) == (one.y, one.height, one.told)
    assert [word.text for word in left.across] == [word.text for word in right.across]
    assert left.across[0].x < left.across[-1].x
    assert right.across[0].x > right.across[-1].x


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    chart = lines("DSO", "", MONTHS, _series((1, 2, None, 4)), LEFT)
    ((_, path),) = chart.paths
    assert path.count("M") == 2
    assert len(chart.shapes) == 3


def test_a_step_holds_its_value_until_the_next() -> None:
    ((_, path),) = lines("Kept", "", MONTHS, _series((1, 0.9, 0.9, 0.4)), LEFT, steps=True).paths
    assert re.fullmatch(r"M\S+ \S+(H\S+V\S+){3}", path)


def test_an_axis_has_round_steps_and_labels_that_do_not_touch() -> None:
    labels = [f"November {year}" for year in range(1990, 2030)]
    chart = bars("Sent", "", labels, _series(tuple(float(n) for n in range(40))), LEFT)
    assert [word.text for word in chart.up] == ["0", "10", "20", "30", "40"]
    upper = [word for word in chart.across if word.text == "November"]
    assert len(upper) * 2 == len(chart.across)
    assert all(abs(b.x - a.x) > 8 * 7 for a, b in pairwise(upper))


@pytest.mark.parametrize(
    ("most", "ticks"), [(1, "0 1 2 3 4"), (2, "0 1 2 3 4"), (9, "0 5 10 15 20")]
)
def test_what_is_counted_has_no_halves_on_its_axis(most: int, ticks: str) -> None:
    chart = bars("Opt-outs", "", MONTHS, _series((most, 0, 1, 0)), LEFT)
    assert " ".join(word.text for word in chart.up) == ticks


def test_a_share_has_halves_on_its_axis() -> None:
    chart = lines("Kept", "", MONTHS, _series((0.25, 1.0, 0.5, 0.75)), LEFT, most=1.0)
    assert [word.text for word in chart.up] == ["0", "0.25", "0.5", "0.75", "1"]


def test_long_labels_stand_in_two_lines_before_any_is_left_out() -> None:
    ages = ["Not yet due", "1–30 days late", "31–60 days late", "61–90 days late",
            "More than 90 days late"]  # fmt: skip
    chart = bars("Ageing", "", ages, _series((1, 2, 3, 4, 5)), LEFT)
    words = [word.text for word in chart.across]
    assert " ".join(words) == " ".join(ages)
    assert (words[0], words[1]) == ("Not yet", "due")
    assert max(word.y for word in chart.across) < HEIGHT
    lowest = max(shape.y + shape.height for shape in chart.shapes)
    assert lowest < min(word.y for word in chart.across)


def test_every_series_of_a_full_chart_is_told_apart_also_without_colour() -> None:
    rows = _series(*((1,) * 4 for _ in range(SERIES)))
    bars_of = _drawn(bars("Help", "", MONTHS, rows, LEFT, stacked=True))
    for at in range(1, SERIES):
        assert f'id="c-p{at}"' in bars_of
        assert f'fill="url(#c-p{at})"' in bars_of
    marks = re.findall(r"<li><svg[^>]*>(.*?)</svg>", _drawn(lines("Help", "", MONTHS, rows, LEFT)))
    assert len({re.sub(r'class="(.)\d"', r"\1", mark) for mark in marks}) == SERIES
    colours = SHEET.read_text("utf-8")
    assert all(f".s{at} {{ fill: var(--" in colours for at in range(SERIES))


def test_nothing_at_all_is_an_empty_field() -> None:
    assert not bars("Sent", "", [], [], LEFT).shapes
    assert bars("Sent", "", MONTHS, _series((0,) * 4), LEFT).up[0].text == "0"


def test_a_drawn_chart_names_itself_tells_series_apart_and_has_no_style() -> None:
    drawn = _drawn(_chart())
    assert '<title id="c-title">Sent</title>' in drawn
    assert '<desc id="c-told">By month</desc>' in drawn
    assert 'fill="url(#c-p1)"' in drawn
    assert "Jan · series 1: 1" in drawn
    assert "style" not in drawn
    marked = _drawn(lines("DSO", "", MONTHS, _series((1, 2, 3, 4), (4, 3, 2, 1)), LEFT))
    assert (marked.count('<circle class="s0"'), marked.count('<rect class="s1"')) == (5, 5)


def test_words_of_a_chart_are_escaped() -> None:
    chart = bars("<b>", "&", ["<i>"], [Series("<u>", [1])], LEFT)
    assert not re.search(r"<(b|i|u)>", _drawn(chart))
