"""Twilio's channels against a local Twilio: what leaves, and what each bad day means."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.lab.faults import Fate
from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from app.lab.twilio_book import Content
from channels.errors import (
    AccountStopped,
    AddressOptedOut,
    ContentRejected,
    Expired,
    NoAnswer,
    ProviderUnavailable,
    RateLimited,
    SenderRejected,
    TemplateNotApproved,
    WindowClosed,
)
from channels.seam import (
    Accepted,
    ApprovedContent,
    Channel,
    Envelope,
    Found,
    Later,
    Medium,
    NotFound,
    Outcome,
    Refused,
    Unclear,
)
from channels.sms_twilio import TwilioSms
from channels.transport import Limits
from channels.twilio_api import TwilioApi
from channels.whatsapp_twilio import TwilioWhatsapp
from tests.channels.make import NOON, envelope, run

QUICK = Limits(
    connect=timedelta(seconds=1), read=timedelta(seconds=0.2), total=timedelta(seconds=0.4)
)
SERVICE = "MG" + "5e" * 16
CALLBACK = "https://pay.example.com/webhooks/twilio"


@dataclass
class Field:
    """A local Twilio and both channels on it."""

    local: LocalTwilio
    url: str
    sms: TwilioSms
    whatsapp: TwilioWhatsapp

    def form(self, letter: Envelope) -> Mapping[str, str]:
        """What Twilio was asked for this letter."""
        channel: Channel = self.sms if letter.medium is Medium.SMS else self.whatsapp
        outcome = run(channel.send(letter))
        assert isinstance(outcome, Accepted), outcome
        return self.local.taken[-1].form


@pytest.fixture
def field() -> Iterator[Field]:
    local = LocalTwilio(lambda: NOON)
    with served(local.app()) as url:
        channels = TwilioSms(_api(url)), TwilioWhatsapp(_api(url))
        yield Field(local, url, *channels)
        for channel in channels:
            run(channel.close())


def _api(url: str, **changes: Any) -> TwilioApi:
    given: dict[str, Any] = {"base_url": url, "callback": CALLBACK, "limits": QUICK} | changes
    return TwilioApi(changes.pop("account", ACCOUNT), given.pop("token", TOKEN), **given)


def whatsapp(**changes: Any) -> Envelope:
    return envelope(Medium.WHATSAPP, heard_at=None, **changes)


def test_an_sms_leaves_with_all_that_twilio_needs_and_nothing_else(field: Field) -> None:
    letter = envelope(deliver_before=NOON + timedelta(hours=2))

    assert field.form(letter) == {
        "To": "+972500000100",
        "From": "+972500000001",
        "Body": letter.text,
        "StatusCallback": f"{CALLBACK}?attempt=case-1/day-3/0",
        "ValidityPeriod": str(2 * 3600 - 60),
        "SmartEncoded": "false",
    }


def test_a_messaging_service_is_named_instead_of_a_number(field: Field) -> None:
    form = field.form(envelope(sender=SERVICE))

    assert form["MessagingServiceSid"] == SERVICE
    assert "From" not in form


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        (None, 36_000),
        (timedelta(days=3), 36_000),
        (timedelta(hours=1), 3540),
        (timedelta(minutes=10), 540),
    ],
)
def test_twilio_is_told_how_long_it_may_deliver(
    field: Field, left: timedelta | None, seconds: int
) -> None:
    letter = envelope(deliver_before=None if left is None else NOON + left)

    assert field.form(letter)["ValidityPeriod"] == str(seconds)


@pytest.mark.parametrize("seconds", [1, 64])
def test_what_could_not_be_delivered_in_time_does_not_leave(field: Field, seconds: int) -> None:
    letter = envelope(deliver_before=NOON + timedelta(seconds=seconds))

    assert run(field.sms.send(letter)) == Refused(Expired("twilio", "too-late"))
    assert field.local.taken == []


@pytest.mark.parametrize(
    ("fate", "outcome"),
    [
        (Fate.BUSY, Later(RateLimited("twilio", "20429"), timedelta(seconds=2))),
        (Fate.ERROR_BEFORE, Unclear(NoAnswer("twilio", "20500"))),
        (Fate.ERROR_AFTER, Unclear(NoAnswer("twilio", "20500"))),
        (Fate.RESET_BEFORE, Unclear(NoAnswer("twilio", "reset"))),
        (Fate.RESET_AFTER, Unclear(NoAnswer("twilio", "reset"))),
        (Fate.SILENT_BEFORE, Unclear(NoAnswer("twilio", "timeout"))),
        (Fate.SILENT_AFTER, Unclear(NoAnswer("twilio", "timeout"))),
        (Fate.DRIP, Unclear(NoAnswer("twilio", "malformed"))),
        (Fate.MALFORMED, Unclear(NoAnswer("twilio", "malformed"))),
        (Fate.HTML, Unclear(NoAnswer("twilio", "malformed"))),
        (Fate.REDIRECT, Later(ProviderUnavailable("twilio", "redirect-308"))),
    ],
)
def test_a_bad_day_says_what_is_known(field: Field, fate: Fate, outcome: Outcome) -> None:
    field.local.on_a_day_with(shares={fate: 1.0}, silence=timedelta(seconds=2))

    assert run(field.sms.send(envelope())) == outcome
    assert len(field.local.taken) == fate.is_accepted
    assert _is_found(run(field.sms.find(envelope()))) == fate.is_accepted


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"recipient": "+15005550004"}, Refused(AddressOptedOut("twilio", "21610"))),
        ({"sender": "+15005550007"}, Refused(SenderRejected("twilio", "21606"))),
        ({"sender": "+15005550008"}, Later(RateLimited("twilio", "21611"))),
        ({"text": "a" * 1601}, Refused(ContentRejected("twilio", "too-long"))),
        ({"text": ""}, Refused(ContentRejected("twilio", "empty"))),
    ],
)
def test_a_refusal_is_classed_by_its_code(
    field: Field, changes: Mapping[str, Any], outcome: Outcome
) -> None:
    assert run(field.sms.send(envelope(**changes))) == outcome


def test_wrong_keys_hold_the_message_and_stop_the_sender(field: Field) -> None:
    stranger = TwilioSms(_api(field.url, token="another"))

    assert run(stranger.send(envelope())) == Later(AccountStopped("twilio", "20003"))
    run(stranger.close())


def test_nobody_there_holds_the_message(field: Field) -> None:
    lonely = TwilioSms(_api("http://127.0.0.1:9"))

    assert run(lonely.send(envelope())) == Later(ProviderUnavailable("twilio", "connect"))
    run(lonely.close())


def test_a_message_is_found_by_its_own_token_among_others_to_the_same_number(field: Field) -> None:
    for number in range(3):
        letter = envelope(text=f"/p/token-{number}", link_token=f"token-{number}")
        run(field.sms.send(letter))

    found = run(field.sms.find(envelope(link_token="token-1")))

    assert found == Found(field.local.taken[1].sid, NOON)
    assert run(field.sms.find(envelope(link_token=None))) == NotFound()


def test_without_a_token_or_a_twilio_nothing_is_found(field: Field) -> None:
    lonely = TwilioSms(_api("http://127.0.0.1:9"))

    assert run(lonely.find(envelope())) == NotFound()
    run(lonely.close())


def test_whatsapp_speaks_freely_for_24_hours_after_the_customer_wrote(field: Field) -> None:
    letter = whatsapp()
    heard = envelope(Medium.WHATSAPP, heard_at=NOON - timedelta(hours=23))

    form = field.form(heard)

    assert (form["To"], form["From"]) == ("whatsapp:+972500000100", "whatsapp:+972500000001")
    assert form["Body"] == letter.text
    assert "ContentSid" not in form


def test_whatsapp_says_what_was_approved_at_any_other_time(field: Field) -> None:
    sid = approved(field)
    content = ApprovedContent(sid, {"1": "דנה", "2": "token-1"})

    form = field.form(whatsapp(content=content))

    assert form["ContentSid"] == sid
    assert json.loads(form["ContentVariables"]) == {"1": "דנה", "2": "token-1"}
    assert "Body" not in form
    assert field.local.taken[-1].body == "Hello דנה: token-1"
    assert _is_found(run(field.whatsapp.find(whatsapp())))


@pytest.mark.parametrize("hours", [24, 25, None])
def test_whatsapp_says_nothing_that_was_not_approved(field: Field, hours: int | None) -> None:
    heard_at = None if hours is None else NOON - timedelta(hours=hours)
    template = envelope(Medium.WHATSAPP, heard_at=heard_at)
    free = envelope(Medium.WHATSAPP, heard_at=heard_at, template="")

    told = [run(field.whatsapp.send(letter)) for letter in (template, free)]

    assert told == [
        Refused(TemplateNotApproved("twilio", "no-content")),
        Refused(WindowClosed("twilio", "free-text")),
    ]
    assert field.local.taken == []


def test_a_content_that_was_paused_in_the_night_is_refused_as_such(field: Field) -> None:
    sid = approved(field)
    field.local.contents[sid].status = "paused"

    outcome = run(field.whatsapp.send(whatsapp(content=ApprovedContent(sid))))

    assert outcome == Refused(TemplateNotApproved("twilio", "63041"))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "account"),
        ({"account": "AC1", "token": "t"}, "account"),
        ({"account": ACCOUNT}, "token"),
        ({"account": ACCOUNT, "token": "t", "colour": "red"}, "unknown settings colour"),
    ],
)
def test_settings_that_cannot_work_are_told(settings: Mapping[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        TwilioSms.from_settings(settings)


def approved(field: Field) -> str:
    sid = "HX" + "c0" * 16
    types = {"twilio/text": {"body": "Hello {{1}}: {{2}}"}}
    content = Content(sid, "hello", "en", {"1": "Dana", "2": "x"}, types, NOON, status="approved")
    field.local.contents[sid] = content
    return sid


def _is_found(found: Found | NotFound) -> bool:
    return isinstance(found, Found)
