"""The mailboxes of the drill's people: what came there, and how somebody answers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from typing import Self

from campaigns.keys import derive


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that came. `back` is where its answer goes."""

    id: str
    back: str
    subject: str
    text: str = field(repr=False)

    @classmethod
    def read(cls, content: bytes) -> Self:
        """From a mail as a relay delivered it."""
        mail = message_from_bytes(content, policy=default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        back = mail["Reply-To"] or mail["From"]
        return cls(mail["Message-ID"], back.addresses[0].addr_spec, mail["Subject"], text)

    def answer(self, words: str, *, writer: str, now: datetime) -> bytes:
        """The words above the mail that they answer, as mail programs write it."""
        answer = EmailMessage(policy=SMTP)
        answer["From"] = f"Somebody <{writer}>"
        answer["To"] = self.back
        answer["Subject"] = f"Re: {self.subject}"
        answer["Date"] = format_datetime(now)
        answer["Message-ID"] = f"<{derive('answer', self.id)}@{writer.rpartition('@')[2]}>"
        answer["In-Reply-To"] = self.id
        quoted = "\n".join(f"> {line}" for line in self.text.splitlines())
        said = f"On {now:%a, %d %b %Y at %H:%M}, Noa Levi wrote:"
        answer.set_content(f"{words}\n\n{said}\n{quoted}\n")
        return answer.as_bytes()
