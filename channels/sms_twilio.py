"""SMS by Twilio's Messages API.

The sender is a number, a short code or a name, or the SID of a Messaging Service. The text goes out
as it was written: no smart encoding, and no shortened links, which carriers filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from channels import twilio_messages
from channels.errors import SendError
from channels.seam import Capabilities, Envelope, Medium
from channels.twilio_channel import TwilioChannel
from channels.twilio_codes import PROVIDER


class TwilioSms(TwilioChannel):
    """One account's SMS."""

    medium: ClassVar[Medium] = Medium.SMS
    stands_for: ClassVar[str] = PROVIDER
    capabilities: ClassVar[Capabilities] = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=False,
        lookup=True,
        html=False,
        subject=False,
        max_length=twilio_messages.LONGEST_TEXT,
    )
    prefix: ClassVar[str] = ""

    def objection(self, envelope: Envelope) -> SendError | None:
        return twilio_messages.too_long_or_empty(envelope)

    def words(self, envelope: Envelope) -> Mapping[str, str]:
        return {"body": envelope.text, "smart_encoded": "false"}
