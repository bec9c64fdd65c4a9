"""SendGrid's channel beyond the contract: what is asked for, and what each answer means."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.lab.faults import Fate, Faults
from app.lab.local_sendgrid import KEY, LocalSendGrid
from channels.email_sendgrid import BY_STATUS, SendGridEmail, body_of
from channels.errors import (
    AccountStopped,
    AddressInvalid,
    ContentRejected,
    NoAnswer,
    ProviderUnavailable,
    RateLimited,
    RequestMalformed,
    SenderRejected,
    SendError,
    Unlisted,
)
from channels.registry import open_channel
from channels.seam import Accepted, Envelope, Later, Medium, Outcome, Unclear, outcome_of
from channels.transport import Limits
from tests.channels.make import NOON, envelope
from tests.channels.wire import answer, wire

QUICK = Limits(read=timedelta(seconds=0.3))
UNCLEAR = {
    Fate.ERROR_BEFORE: (0, "503"),
    Fate.SILENT_BEFORE: (0, "timeout"),
    Fate.RESET_BEFORE: (0, "reset"),
    Fate.ERROR_AFTER: (1, "503"),
    Fate.SILENT_AFTER: (1, "timeout"),
    Fate.RESET_AFTER: (1, "reset"),
}


def letter(**changes: Any) -> Envelope:
    return envelope(Medium.EMAIL, **changes)


def sent(url: str, mail: Envelope, *, key: str = KEY) -> Outcome:
    async def once() -> Outcome:
        channel = SendGridEmail(key, base_url=url, limits=QUICK)
        try:
            return await channel.send(mail)
        finally:
            await channel.close()

    return asyncio.run(once())


def sent_with(faults: Faults, *, reset_at: int = 0) -> tuple[Outcome, int]:
    with LocalSendGrid(faults, reset_at=reset_at) as server:
        return sent(server.url, letter()), len(server.taken())


@pytest.mark.parametrize("fate", list(UNCLEAR))
def test_no_answer_after_the_request_left_is_unclear(fate: Fate) -> None:
    outcome, taken = sent_with(Faults({fate: 1}))

    assert (outcome, taken) == (
        Unclear(NoAnswer("sendgrid", UNCLEAR[fate][1])),
        UNCLEAR[fate][0],
    )


def test_an_answer_that_drips_is_still_an_answer() -> None:
    outcome, taken = sent_with(Faults({Fate.DRIP: 1}))

    assert isinstance(outcome, Accepted)
    assert taken == 1


def test_too_fast_is_told_with_the_end_of_the_window() -> None:
    outcome, taken = sent_with(Faults({Fate.BUSY: 1}), reset_at=int(NOON.timestamp()) + 30)

    assert outcome == Later(RateLimited("sendgrid", "429"), timedelta(seconds=30))
    assert taken == 0


def test_too_large_is_told_in_html_and_is_still_understood() -> None:
    assert sent_with(Faults({Fate.TOO_LARGE: 1})) == (
        outcome_of(ContentRejected("sendgrid", "413")),
        0,
    )


def test_a_wrong_key_holds_the_message() -> None:
    with LocalSendGrid() as server:
        outcome = sent(server.url, letter(), key="SG.wrong")

    assert outcome == Later(AccountStopped("sendgrid", "401"))


def test_nobody_there_is_certain() -> None:
    with LocalSendGrid() as server:
        url = server.url

    assert sent(url, letter()) == Later(ProviderUnavailable("sendgrid", "connect"))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("200 OK", "<html>Welcome to the hotel</html>", NoAnswer("sendgrid", "200")),
        ("302 Found", "", ProviderUnavailable("sendgrid", "redirect-302")),
        ("418 I'm a teapot", "", Unlisted("sendgrid", "418")),
        ("400 Bad Request", "<html>", RequestMalformed("sendgrid", "400")),
        ("400 Bad Request", '{"errors": [{"field": null}]}', RequestMalformed("sendgrid", "400")),
        ("400 Bad Request", '["errors"]', RequestMalformed("sendgrid", "400")),
        (
            "400 Bad Request",
            '{"errors": [{"field": "from.email"}]}',
            SenderRejected("sendgrid", "400-from"),
        ),
        (
            "400 Bad Request",
            '{"errors": [{"field": "personalizations.0.to.0.email"}]}',
            AddressInvalid("sendgrid", "400-personalizations.0.to"),
        ),
    ],
)
def test_whatever_answers_the_outcome_says_what_is_known(
    status: str, body: str, error: SendError
) -> None:
    with wire(answer(status, body)) as there:
        assert sent(there.url, letter()) == outcome_of(error)


@pytest.mark.parametrize("status", sorted(BY_STATUS))
def test_every_status_of_the_table_is_an_answer(status: int) -> None:
    with wire(answer(f"{status} X")) as there:
        outcome = sent(there.url, letter())

    assert not isinstance(outcome, Unclear | Accepted)


def test_the_attempt_travels_along_and_nothing_is_tracked() -> None:
    body = body_of(letter())

    assert body["personalizations"][0]["custom_args"] == {"duly_attempt": "case-1/day-3/0"}
    tracking = body["tracking_settings"]
    assert set(tracking) == {"click_tracking", "open_tracking", "subscription_tracking"}
    assert not any(each["enable"] for each in tracking.values())
    assert not tracking["click_tracking"]["enable_text"]
    assert not {"asm", "batch_id", "mail_settings", "categories", "send_at"} & set(body)


def test_one_recipient_and_each_copy_once() -> None:
    body = body_of(letter(cc=("noa@carmel.example", "NOA@carmel.example", "Dana@example.com")))

    (only,) = body["personalizations"]
    assert only["to"] == [{"email": "dana@example.com"}]
    assert only["cc"] == [{"email": "noa@carmel.example"}]


def test_headers_pass_but_for_those_that_have_a_field_of_their_own() -> None:
    body = body_of(
        letter(
            headers={
                "List-Unsubscribe": "<https://pay.example.com/u/1>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Reply-To": "Acme <billing+t0ken@acme.example>",
                "Subject": "another",
            }
        )
    )

    assert set(body["headers"]) == {"List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID"}
    assert body["reply_to"] == {"name": "Acme", "email": "billing+t0ken@acme.example"}
    assert body["subject"] == "Your invoice"


def test_settings_that_are_not_known_are_refused() -> None:
    with pytest.raises(ValueError, match="known are base_url, key"):
        open_channel(Medium.EMAIL, "sendgrid", {"kye": "SG.1"})
