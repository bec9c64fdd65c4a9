"""The way back of a mail: `local+token@domain`, whose token names the message that is answered.

The token is the message's id and a keyed hash of it, so a reply from any mailbox is known by what
it answers, and nobody can make one up. It is made when sending, like a link's token.
"""

from __future__ import annotations

import base64
import hmac
import re
from typing import Final

_LONGEST_LOCAL: Final = 64  # octets before the @ (RFC 5321 section 4.5.3.1.1)
_HASH: Final = 16
_PLACEHOLDER: Final = re.compile(r"\{\{reply:([1-9][0-9]{0,17})\}\}", re.ASCII)
_TOKEN: Final = re.compile(r"([0-9a-f]{1,15})\.([a-z2-7]{16})", re.ASCII)


def way_back(mailbox: str, message_id: int) -> str:
    """Where the answer to this message goes, its token still a placeholder.

    A name that has no room for a token stays as it is: the sender and the writer's own address
    must do then.
    """
    local, at, domain = mailbox.rpartition("@")
    if not at or len(local.encode()) + 1 + len(f"{message_id:x}") + 1 + _HASH > _LONGEST_LOCAL:
        return mailbox
    return f"{local}+{placeholder(message_id)}@{domain}"


def placeholder(message_id: int) -> str:
    """What stands in a frozen head for the token."""
    return f"{{{{reply:{message_id}}}}}"


def with_token(text: str, secret: bytes) -> str:
    """The text with its tokens made."""
    return _PLACEHOLDER.sub(lambda found: token(secret, int(found[1])), text)


def token(secret: bytes, message_id: int) -> str:
    return f"{message_id:x}.{_hash(secret, message_id)}"


def read_back(address: str, secret: bytes) -> tuple[str, int | None]:
    """The mailbox that was written to, and the message that its token names.

    A token that we did not make names nothing, and is left in the address.
    """
    local, _, domain = address.lower().rpartition("@")
    mailbox, plus, tail = local.rpartition("+")
    found = _TOKEN.fullmatch(tail) if plus else None
    if found is None:
        return address, None
    message_id = int(found[1], 16)
    if not hmac.compare_digest(found[2], _hash(secret, message_id)):
        return address, None
    return f"{mailbox}@{domain}", message_id


def _hash(secret: bytes, message_id: int) -> str:
    """80 bits: mail programs change the case of addresses, so base 32."""
    digest = hmac.digest(secret, b"duly/reply/%d" % message_id, "sha256")[:10]
    return base64.b32encode(digest).decode("ascii").lower()
