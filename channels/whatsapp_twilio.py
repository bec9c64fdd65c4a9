"""WhatsApp by Twilio's Messages API.

Within 24 hours of the recipient's last text anything may be said; at any other time only content
that WhatsApp has approved, by its SID and what fills its blanks. Which content that is comes with
the envelope.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final

from channels import twilio_messages
from channels.errors import SendError, TemplateNotApproved, WindowClosed
from channels.seam import Capabilities, Envelope, Medium
from channels.twilio_channel import TwilioChannel
from channels.twilio_codes import PROVIDER

WINDOW: Final = timedelta(hours=24)
_LATENCY: Final = timedelta(minutes=1)  # the window must still be open when WhatsApp asks


class TwilioWhatsapp(TwilioChannel):
    """One account's WhatsApp: free text while the window is open, for that needs no approval;
    approved content otherwise."""

    medium: ClassVar[Medium] = Medium.WHATSAPP
    stands_for: ClassVar[str] = "whatsapp"
    capabilities: ClassVar[Capabilities] = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=True,
        lookup=True,
        html=False,
        subject=False,
        max_length=twilio_messages.LONGEST_TEXT,
    )
    prefix: ClassVar[str] = "whatsapp:"

    def objection(self, envelope: Envelope) -> SendError | None:
        problem = twilio_messages.too_long_or_empty(envelope)
        if problem is not None or is_open(envelope) or envelope.content is not None:
            return problem
        if envelope.template:
            return TemplateNotApproved(PROVIDER, "no-content")
        return WindowClosed(PROVIDER, "free-text")

    def words(self, envelope: Envelope) -> Mapping[str, str]:
        if is_open(envelope) or envelope.content is None:
            return {"body": envelope.text}
        content = envelope.content
        words = {"content_sid": content.id}
        if content.variables:
            words["content_variables"] = json.dumps(dict(content.variables), ensure_ascii=False)
        return words


def is_open(envelope: Envelope) -> bool:
    """Whether free text is welcome."""
    heard_at = envelope.heard_at
    return heard_at is not None and envelope.sent_at < heard_at + WINDOW - _LATENCY
