"""Replies of relays: each has its class, whatever stage it comes at."""

import pytest

from channels.errors import (
    LEAVES,
    AccountStopped,
    AddressInvalid,
    AddressNotServed,
    ContentForbidden,
    ContentRejected,
    ProviderUnavailable,
    RateLimited,
    RecipientUnreachable,
    RequestMalformed,
    SenderRejected,
    SendError,
    Unlisted,
)
from channels.smtp_codes import BY_CODE, BY_ENHANCED, OF_THE_LOGIN, Reply, Stage, error_of

# What real servers say; stage, code and text, and what it means.
SAID: list[tuple[Stage, int, str, type[SendError]]] = [
    (Stage.RECIPIENT, 550, "5.1.1 The email account that you tried to reach", AddressInvalid),
    (Stage.RECIPIENT, 550, "No such user here", AddressInvalid),
    (Stage.RECIPIENT, 552, "5.2.2 The account is over quota", RecipientUnreachable),
    (Stage.RECIPIENT, 452, "4.2.2 The account is over quota", RecipientUnreachable),
    (Stage.RECIPIENT, 450, "4.7.1 Greylisted", RecipientUnreachable),
    (Stage.RECIPIENT, 451, "Try again in five minutes", RecipientUnreachable),
    (Stage.RECIPIENT, 554, "5.7.1 Access denied", AddressNotServed),
    (Stage.RECIPIENT, 556, "5.1.10 Recipient address has null MX", AddressInvalid),
    (Stage.SENDER, 550, "5.7.1 Not allowed to send as this", SenderRejected),
    (Stage.SENDER, 553, "5.7.1 Sender address rejected", SenderRejected),
    (Stage.SENDER, 530, "5.7.0 Authentication required", AccountStopped),
    (Stage.SENDER, 530, "Must issue STARTTLS first", AccountStopped),
    (Stage.SENDER, 421, "4.7.0 Too many messages", RateLimited),
    (Stage.LOGIN, 535, "5.7.8 Username and password not accepted", AccountStopped),
    (Stage.LOGIN, 454, "4.7.0 Temporary authentication failure", RateLimited),
    (Stage.CONNECT, 554, "No SMTP service here", AccountStopped),
    (Stage.CONNECT, 421, "Service not available", ProviderUnavailable),
    (Stage.CONTENT, 550, "5.7.26 Unauthenticated email is not accepted", SenderRejected),
    (Stage.CONTENT, 550, "5.7.28 Unusual rate of unsolicited mail", RateLimited),
    (Stage.CONTENT, 554, "5.7.1 Spam message rejected", ContentForbidden),
    (Stage.CONTENT, 552, "5.3.4 Message too big", ContentRejected),
    (Stage.CONTENT, 554, "5.6.0 Malformed header", ContentRejected),
    (Stage.CONTENT, 451, "4.3.0 Queue file write error", ProviderUnavailable),
    (Stage.CONTENT, 503, "5.5.1 Bad sequence", RequestMalformed),
    (Stage.CONTENT, 599, "Whatever", Unlisted),
    (Stage.CONTENT, 499, "Whatever", ProviderUnavailable),
]


@pytest.mark.parametrize(("stage", "code", "text", "kind"), SAID)
def test_what_servers_say_has_its_class(
    stage: Stage, code: int, text: str, kind: type[SendError]
) -> None:
    assert type(error_of(Reply.of(code, text), stage)) is kind


@pytest.mark.parametrize("stage", list(Stage))
def test_every_reply_of_the_tables_is_an_answer_at_every_stage(stage: Stage) -> None:
    replies = [Reply(code) for code in {*BY_CODE, *OF_THE_LOGIN}]
    replies += [Reply(int(status[0]) * 100 + 50, status) for status in BY_ENHANCED]

    errors = [error_of(reply, stage) for reply in replies]

    assert not [error for error in errors if error.is_unclear or type(error) not in LEAVES]


def test_a_code_that_is_temporary_never_ends_a_message_and_every_code_is_an_answer() -> None:
    for code in range(400, 600):
        errors = [error_of(Reply(code), stage) for stage in Stage]

        assert not any(error.is_unclear for error in errors)
        assert code >= 500 or not any(error.permanent for error in errors)


def test_an_enhanced_status_that_contradicts_its_code_is_not_believed() -> None:
    assert Reply.of(450, "5.1.1 No such user") == Reply(450)
    assert Reply.of(550, "10.0.0.5.1.1 is our address") == Reply(550)


def test_the_sentence_of_a_reply_is_not_kept() -> None:
    assert "dana" not in repr(Reply.of(550, "5.1.1 <dana@example.com> is unknown"))
