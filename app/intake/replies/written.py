"""A text as it came to one of our senders, in a form that any store keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from app.hearing.reading import Verdict
from app.wording.reply_address import read_back
from campaigns.vocabulary import Medium

LONGEST: Final = 20_000
"""Characters of a text that are kept and read. Nobody says a thing later that they did not say by
then; what is longer is left to a person whatever it seems to say."""

_NUL, _SUBSTITUTE = "\0", "\ufffd"


@dataclass(frozen=True, slots=True)
class Written:
    """A text that somebody sent to one of our senders.

    `key` is the provider's name and its id of the text: told twice, it lands once. The addresses
    are canonical (E.164, or a mailbox in lower case). `text` is the writer's own words: whoever
    reads mail has cut off the quoted message. `answers` is the message that the address written to
    named by our own token: whoever has it had that mail. `handled` is what the provider took it for
    and has answered itself. The repr leaves out what is personal.
    """

    key: str
    medium: Medium
    from_address: str = field(repr=False)
    to_address: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    answers: int | None = None
    handled: Verdict | None = None

    def read_back(self, secret: bytes) -> Written:
        """The same, with the token of a signed address read off."""
        mailbox, message_id = read_back(self.to_address, secret)
        return replace(self, to_address=mailbox, answers=message_id)

    @property
    def event_key(self) -> str:
        return f"text:{self.key}"

    @property
    def is_long(self) -> bool:
        return len(self.text) > LONGEST

    @property
    def kept(self) -> str:
        """The text as it is kept: what no store can hold is replaced, what is endless is cut."""
        text = self.text[:LONGEST].replace(_NUL, _SUBSTITUTE)
        return text.encode("utf-8", "replace").decode("utf-8")

    def proof(self, rule: str) -> str:
        """Shows later which words they were, to whoever has them; it does not tell them."""
        return f"{rule}:{sha256(self.text.encode('utf-8', 'replace')).hexdigest()}"
