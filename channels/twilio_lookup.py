"""Twilio's Lookup: what kind of line a number is, before the first text goes there.

Each question costs. A line that is no line for texts is the number's own fault; anything that was
not answered is no reason not to write.
"""

from __future__ import annotations

from typing import Final

from channels.lookup import Line, Looked
from channels.transport import Answer
from channels.twilio_api import TwilioApi, content_of

# Twilio's types of line that take an SMS; voip numbers mostly do, so they are given the chance.
_TEXTS: Final = frozenset({"mobile", "fixedVoip", "nonFixedVoip", "personal", "tollFree"})
_NO_TEXTS: Final = frozenset({"landline", "premium", "sharedCost", "uan", "voicemail", "pager"})


async def look_up(api: TwilioApi, number: str) -> Looked:
    """Asks for one number (E.164). Never raises for what Twilio does."""
    reply = await api.call(
        lambda client: client.lookups.v2.phone_numbers(number).fetch(
            fields="line_type_intelligence"
        )
    )
    return Looked(number, _line(reply) if isinstance(reply, Answer) else Line.UNKNOWN)


def _line(answer: Answer) -> Line:
    content = content_of(answer) if answer.status == 200 else None
    if content is None:
        return Line.UNKNOWN
    if content.get("valid") is False:
        return Line.INVALID
    told = content.get("line_type_intelligence") or {}
    kind = told.get("type") if isinstance(told, dict) else None
    if kind in _TEXTS:
        return Line.TEXTS
    return Line.LANDLINE if kind in _NO_TEXTS else Line.UNKNOWN
