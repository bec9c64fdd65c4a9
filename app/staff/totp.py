"""One-time codes of an authenticator app (RFC 6238), and the secret that makes them, sealed.

The secret must be kept in a readable form; it is encrypted with a key that is derived from the
installation secret, so that a copy of the database makes no codes.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Final

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STEP: Final = 30  # seconds
WINDOW: Final = 1
"""Steps to each side: a phone whose clock is half a minute off (RFC 6238, 5.2)."""
RECOVERY_CODES: Final = 8
ISSUER: Final = "Duly"
_NONCE: Final = 12
_RECOVERY_BYTES: Final = 10  # 80 bits: 16 letters of base 32


class Unsealable(Exception):
    """The secret was sealed under another installation secret, or is not this user's."""


def new_secret() -> str:
    """160 random bits in base 32, as apps take it."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether `new_secret` could have made this."""
    return len(text) == 32 and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def uri_of(secret: str, sign_in: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step whose code this is, or None. Steps up to `after` have been taken: a code that
    somebody has looked over a shoulder is good for nothing."""
    plain = "".join(code.split())
    this = int(now.timestamp()) // STEP
    maker = pyotp.TOTP(secret)
    for step in range(this - WINDOW, this + WINDOW + 1):
        expected = maker.generate_otp(step)
        if secrets.compare_digest(expected.encode(), plain.encode()) and step > after:
            return step
    return None


def seal(secret: str, user_id: int, key: bytes) -> str:
    """The secret as it is kept; `key` is the installation's secret."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = _cipher(key).encrypt(nonce, secret.encode(), _owner(user_id))
    return urlsafe_b64encode(nonce + sealed).decode()


def unseal(kept: str, user_id: int, key: bytes) -> str:
    """Raises `Unsealable`."""
    raw = urlsafe_b64decode(kept)
    try:
        return _cipher(key).decrypt(raw[:_NONCE], raw[_NONCE:], _owner(user_id)).decode()
    except InvalidTag:
        raise Unsealable("This second factor was set up under another DULY_SECRET_KEY.") from None


def recovery_codes() -> tuple[str, ...]:
    """Codes that stand in for the app, each once. They are shown when they are made."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def recovery_hash(code: str, user_id: int) -> str:
    """What is kept of a code, however it was typed. It has 80 random bits: nothing to guess."""
    plain = "".join(filter(str.isalnum, code)).upper()
    return sha256(f"duly/recovery/{user_id}/{plain}".encode()).hexdigest()


def _recovery_code() -> str:
    letters = pyotp.random_base32(32)[: _RECOVERY_BYTES * 8 // 5]
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"duly/totp").derive(key))


def _owner(user_id: int) -> bytes:
    return f"duly/totp/{user_id}".encode()
