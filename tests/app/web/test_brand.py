"""A creditor's colour can be read on light and on dark, whatever it is."""

from hypothesis import given
from hypothesis import strategies as st

from app.web.brand import NIGHT, PAPER, READABLE, contrast, shade, style_sheet

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colour=colours)
def test_text_in_the_colour_can_be_read_by_day_and_by_night(colour: str) -> None:
    for ground in (PAPER, NIGHT):
        assert contrast(shade(colour, ground), ground) >= READABLE


@given(colour=colours)
def test_the_ink_on_the_colour_can_be_read(colour: str) -> None:
    ink = style_sheet(colour).partition("--brand-ink:")[2][:7]

    assert contrast(ink, colour) >= 4.3  # on some middle greys neither black nor white reaches 4.5


def test_a_colour_that_can_be_read_is_left_as_it_is() -> None:
    assert shade("#1f5fbf", PAPER) == "#1f5fbf"
