"""Derived keys and derived chance. The same facts give the same key and the same draw, always.

A key is a hash, so that it can go to a provider without carrying a customer's number.
"""

from __future__ import annotations

from hashlib import blake2b

_BITS = 53  # what a float holds exactly, so that no draw is rounded up to 1


def derive(*parts: object) -> str:
    """A stable 24-character name for `parts` (96 bits). Parts are joined unambiguously."""
    return blake2b(_joined(parts), digest_size=12).hexdigest()


def draw(*parts: object) -> float:
    """A number in [0, 1) that is fixed by `parts` and looks random across them."""
    return _as_share(blake2b(_joined(parts), digest_size=8).digest())


def case_key(creditor: str, campaign: str, subject: str, episode: int) -> str:
    """One run of a campaign for one subject. Names are the ERP's own, so stores agree."""
    return derive("case", creditor, campaign, subject, episode)


def message_key(case: str, origin: str, ordinal: int) -> str:
    """One intent: what the case says for one origin (step and visit, or event), the nth time."""
    return derive("message", case, origin, ordinal)


def attempt_key(message: str, number: int) -> str:
    """One try of a message."""
    return derive("attempt", message, number)


def _as_share(digest: bytes) -> float:
    return float(int.from_bytes(digest) >> (8 * len(digest) - _BITS)) / float(1 << _BITS)


def _joined(parts: tuple[object, ...]) -> bytes:
    return b"".join(len(text).to_bytes(4) + text for text in (str(part).encode() for part in parts))
