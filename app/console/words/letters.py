"""The mail of a preview by an address of its own: its frame must have the mail's policy, not the
page's. The address carries the words, sealed, so that nothing is kept for it.
"""

from __future__ import annotations

import hmac
import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import replace
from typing import Any, Final

from app.console.words.preview import Reader
from app.web.shield import MAIL_POLICY
from app.wording.links import mask
from app.wording.render import Rendered
from app.wording.words import LocalWords, canonical, from_canonical

LONGEST: Final = 14_000
"""Characters of an address that every server between takes."""
_PLAIN: Final = 120_000
_HREF: Final = re.compile(r'href="\{\{link:[0-9]+\}\}"')
POLICY: Final = MAIL_POLICY.partition(" sandbox")[0] + " sandbox"
"""A mail that is only looked at opens nothing."""


def sealed(words: LocalWords, reader: Reader, secret: bytes) -> str | None:
    """What the address carries; None for more words than one holds."""
    texts = {key: text for key, text in words.texts.items() if key.startswith("email.")}
    told = json.dumps(
        [canonical([replace(words, texts=texts)]), reader.query()], ensure_ascii=False
    )
    body = urlsafe_b64encode(zlib.compress(told.encode(), 9)).decode().rstrip("=")
    return f"{body}.{_seal(body, secret)}" if len(body) < LONGEST else None


def opened(sealed_words: str, secret: bytes) -> tuple[LocalWords, Reader] | None:
    """What `sealed` was given; None for anything that we did not seal."""
    body, _, seal = sealed_words.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(body, secret).encode()):
        return None
    try:
        packed = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        told: list[Any] = json.loads(zlib.decompressobj().decompress(packed, _PLAIN))
    except (ValueError, Error, zlib.error):
        return None
    (words,) = from_canonical(told[0]).values()
    return words, Reader.asked(told[1], words.locale)


def framed(rendered: Rendered) -> str:
    """The mail with its links masked and leading nowhere."""
    return mask(_HREF.sub('href="#"', rendered.html or ""))


def _seal(body: str, secret: bytes) -> str:
    return hmac.digest(secret, b"duly/console/mail/" + body.encode(), "sha256")[:16].hex()
