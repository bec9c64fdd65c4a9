"""A second reader only ever makes us more silent."""

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.hearing.intents import Asked, Confidence, Details, Intent, Meaning
from app.hearing.second_opinion import Doubting, quieter
from app.hearing.understanding import SILENCING, Understanding

ASKED = Asked(date(2026, 3, 1), ("en",))
MEANINGS = st.lists(
    st.builds(Meaning, st.sampled_from(Intent), st.sampled_from(Confidence), st.just("any")),
    unique_by=lambda meaning: meaning.intent,
)


class Says:
    """Has always the same opinion."""

    def __init__(self, opinion: Sequence[Meaning] | None) -> None:
        self._opinion = opinion

    def opinion(self, text: str, asked: Asked) -> Sequence[Meaning] | None:
        return self._opinion


@given(MEANINGS, MEANINGS)
def test_it_takes_no_stop_and_gives_no_permission(
    said: list[Meaning], opinion: list[Meaning]
) -> None:
    heard = quieter(said, opinion)
    acted_on = [meaning for meaning in heard if meaning.intent not in SILENCING]

    assert heard
    assert [m for m in said if m.intent in SILENCING and m not in heard] == []
    assert [meaning for meaning in acted_on if meaning not in said] == []
    assert len({meaning.intent for meaning in heard}) == len(heard)


def test_without_an_opinion_the_first_reading_stands() -> None:
    text = "I'll pay on Friday"

    alone = Understanding().understand(text, ASKED)

    assert Doubting(Understanding(), Says(None)).understand(text, ASKED) == alone


def test_what_it_does_not_second_is_unclear() -> None:
    doubting = Doubting(Understanding(), Says([]))

    assert [m.intent for m in doubting.understand("I'll pay on Friday", ASKED)] == [Intent.UNCLEAR]


def test_what_it_adds_holds_without_details() -> None:
    grave = Meaning(Intent.SELF_HARM, Confidence.CERTAIN, "model", Details(phone="1"))
    doubting = Doubting(Understanding(), Says([grave]))

    first, *_ = doubting.understand("I'll pay on Friday", ASKED)

    assert (first.intent, first.confidence) == (Intent.SELF_HARM, Confidence.POSSIBLE)
    assert first.details == Details()
