"""The seam: envelopes that cannot be wrong quietly, and outcomes that agree with their error."""

from datetime import datetime, timedelta, timezone

import pytest

from channels.errors import LEAVES, NoAnswer, RateLimited, SendError
from channels.seam import Later, Medium, Refused, Unclear, outcome_of
from tests.channels.make import NOON, envelope


@pytest.mark.parametrize("name", ["sent_at", "deliver_before", "heard_at"])
@pytest.mark.parametrize(
    "at", [NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=2)))]
)
def test_an_envelope_wants_utc(name: str, at: datetime) -> None:
    with pytest.raises(ValueError, match=f"{name} must be an aware UTC"):
        envelope(Medium.SMS, **{name: at})


@pytest.mark.parametrize("name", ["attempt_key", "sender", "recipient"])
def test_an_envelope_without_its_essentials_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"without {name}"):
        envelope(Medium.SMS, **{name: ""})


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Due\nBcc: all@example.com"},
        {"sender_name": "Acme\r\nBcc: all@example.com"},
        {"recipient": "dana@example.com\nBcc: all@example.com"},
        {"headers": {"X-Case": "1\r\nBcc: all@example.com"}},
        {"headers": {"X-Case\nBcc": "1"}},
    ],
)
def test_no_value_smuggles_in_a_header(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="line break"):
        envelope(Medium.EMAIL, **changes)


@pytest.mark.parametrize("left", [timedelta(0), timedelta(seconds=-1)])
def test_an_envelope_that_is_never_valid_is_refused(left: timedelta) -> None:
    with pytest.raises(ValueError, match="deliver_before"):
        envelope(deliver_before=NOON + left)


@pytest.mark.parametrize("medium", Medium)
def test_the_repr_of_an_envelope_holds_nothing_personal(medium: Medium) -> None:
    made = envelope(medium)

    for personal in (made.recipient, made.text, made.subject, made.html, made.link_token):
        assert not personal or personal not in repr(made)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_has_one_outcome_and_no_other_will_hold_it(leaf: type[SendError]) -> None:
    error = leaf("twilio", "1")
    right = type(outcome_of(error))

    for wrong in {Refused, Later, Unclear} - {right}:
        with pytest.raises(ValueError, match=error.kind):
            wrong(error)


def test_all_three_outcomes_of_an_error_occur() -> None:
    assert {type(outcome_of(leaf("twilio"))) for leaf in LEAVES} == {Refused, Later, Unclear}


def test_the_providers_wish_to_wait_is_kept() -> None:
    wait = timedelta(seconds=7)

    assert outcome_of(RateLimited("twilio"), retry_after=wait) == Later(RateLimited("twilio"), wait)
    assert outcome_of(NoAnswer("twilio"), retry_after=wait) == Unclear(NoAnswer("twilio"))
