"""Twilio's Messages: one is created, or looked for. What SMS and WhatsApp have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final, assert_never

from channels.errors import ContentRejected, Expired, NoAnswer, SendError
from channels.seam import Accepted, Envelope, Found, NotFound, Outcome, outcome_of
from channels.transport import (
    Answer,
    Redirected,
    Unanswered,
    Unsent,
    error_of,
    retry_after,
)
from channels.twilio_api import TwilioApi, content_of
from channels.twilio_codes import PROVIDER, error_of_answer

LONGEST_TEXT: Final = 1600
LONGEST_VALIDITY: Final = 36_000  # seconds; Twilio takes 1 to 36,000 (90007)
MARGIN: Final = 60  # seconds that a message may spend between us and Twilio's queue
SHORTEST_VALIDITY: Final = 5  # below it nothing would be delivered in time

_SID: Final = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_SERVICE: Final = re.compile(r"MG[0-9a-fA-F]{32}")
_PAGE: Final = 100
_EARLIER: Final = timedelta(hours=1)  # of difference between two clocks


def validity_of(envelope: Envelope) -> int | None:
    """Seconds in which Twilio may deliver it; None where too little is left to try.

    Twilio counts from the instant at which it queues the message, which comes after `sent_at`: so a
    margin is kept.
    """
    if envelope.deliver_before is None:
        return LONGEST_VALIDITY
    left = int((envelope.deliver_before - envelope.sent_at).total_seconds()) - MARGIN
    return min(left, LONGEST_VALIDITY) if left >= SHORTEST_VALIDITY else None


def too_long_or_empty(envelope: Envelope) -> SendError | None:
    """What Twilio says of a text that it would not carry, on any medium."""
    if 0 < len(envelope.text) <= LONGEST_TEXT:
        return None
    return ContentRejected(PROVIDER, "too-long" if envelope.text else "empty")


def is_service(sender: str) -> bool:
    """Whether a sender is a Messaging Service, which has numbers of its own."""
    return _SERVICE.fullmatch(sender) is not None


async def create(api: TwilioApi, envelope: Envelope, *, prefix: str, **what: str) -> Outcome:
    """Asks Twilio once to say `what`, and answers what is known then.

    `prefix` stands before the addresses of a channel that is not SMS.
    """
    validity = validity_of(envelope)
    if validity is None:
        return outcome_of(Expired(PROVIDER, "too-late"))
    fields = {"to": prefix + envelope.recipient, "validity_period": str(validity), **what}
    if is_service(envelope.sender):
        fields["messaging_service_sid"] = envelope.sender
    else:
        fields["from_"] = prefix + envelope.sender
    if (callback := api.callback_for(envelope.attempt_key)) is not None:
        fields["status_callback"] = callback
    reply = await api.carry(api.message(fields))
    match reply:
        case Answer():
            return _outcome(reply, envelope)
        case Redirected() | Unsent() | Unanswered():
            return outcome_of(error_of(reply, PROVIDER))
        case _:
            assert_never(reply)


async def look_for(api: TwilioApi, envelope: Envelope, *, prefix: str) -> Found | NotFound:
    """Asks Twilio for what it took for this recipient since about then, and knows ours by the
    token in its text. What is queued may not be listed yet, so not found proves nothing."""
    token = envelope.link_token
    if not token:
        return NotFound()
    since = envelope.sent_at - _EARLIER
    asked: dict[str, Any] = {"to": prefix + envelope.recipient, "date_sent_after": since}
    if not is_service(envelope.sender):
        asked["from_"] = prefix + envelope.sender
    reply = await api.call(lambda client: client.messages.page(page_size=_PAGE, **asked))
    if not isinstance(reply, Answer) or reply.status != 200:
        return NotFound()
    listed = (content_of(reply) or {}).get("messages")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and token in str(one.get("body")) and _is_sid(one.get("sid")):
            return Found(one["sid"], _at(one, envelope.sent_at))
    return NotFound()


def _outcome(answer: Answer, envelope: Envelope) -> Outcome:
    content = content_of(answer)
    if 200 <= answer.status < 300:
        if content is None or not _is_sid(content.get("sid")):
            return outcome_of(NoAnswer(PROVIDER, "malformed"))
        return Accepted(content["sid"], _at(content, envelope.sent_at))
    return outcome_of(_error(answer, content), retry_after=retry_after(answer, envelope.sent_at))


def _error(answer: Answer, content: Mapping[str, Any] | None) -> SendError:
    return error_of_answer(answer.status, (content or {}).get("code"))


def _is_sid(sid: object) -> bool:
    return isinstance(sid, str) and _SID.fullmatch(sid) is not None


def _at(message: Mapping[str, Any], otherwise: datetime) -> datetime:
    created = message.get("date_created")
    return (_instant(created) if isinstance(created, str) else None) or otherwise


@lru_cache(maxsize=256)
def _instant(date: str) -> datetime | None:
    """It has whole seconds, so many messages share one."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return None
