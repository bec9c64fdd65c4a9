"""What the local Twilio calls us with: forms as it sends them, signed as it signs them.

Signed by the published recipe and not by Twilio's library, which the other side checks with.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Call:
    """One call, ready to be posted to `url`."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def signed(url: str, form: Mapping[str, str], token: str) -> Call:
    """A call of this form, with its signature."""
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.digest(token.encode(), text.encode(), "sha1")
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-twilio-signature": base64.b64encode(digest).decode(),
    }
    return Call(url, urlencode(form).encode(), headers)
