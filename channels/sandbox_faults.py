"""What goes wrong at the sandbox.

Chance is a hash of the seed and the attempt's key. The same seed gives every attempt the same
fate in every process and on every day, so that a drill that failed can be run again.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

from channels.errors import BY_KIND, AddressInvalid, AddressOptedOut, SendError
from channels.seam import Envelope

PROVIDER: Final = "sandbox"
_SECOND: Final = timedelta(seconds=1)


class Fate(StrEnum):
    """What happens to one try, at the provider's door."""

    REFUSE = "refuse"
    LATER = "later"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ACCEPT = "accept"


class Aftermath(StrEnum):
    """What befalls an accepted message."""

    LOST = "lost"
    FAIL = "fail"
    COMPLAIN = "complain"
    UNSUBSCRIBE = "unsubscribe"
    ARRIVE = "arrive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often what goes wrong: probabilities from 0 to 1, and how slow things are.

    At the door, one of (their sum is at most 1): `refuse` for good, `later`, `timeout_before`
    (not accepted, no answer), `timeout_after` (accepted, no answer).
    Of what was accepted, one of: `lost` (no receipt ever), `fail` (failed or bounced),
    `complain`, `unsubscribe` (email, after delivery). Apart from these: `read`, where the
    medium tells; `doubled`, each receipt is told twice; `late`, receipts come up to `late_by`
    later and out of order; `hidden`, `find` misses it the first `hidden_for` times.

    The `*_kinds` name the errors that are drawn from. Recipients ending in one of
    `dead_endings` are always refused as invalid, those in `opted_out_endings` as opted out.

    A retry must bring a new attempt key: the same key meets the same fate.
    """

    seed: str = "sandbox"
    refuse: float = 0.0
    later: float = 0.0
    timeout_before: float = 0.0
    timeout_after: float = 0.0
    lost: float = 0.0
    fail: float = 0.0
    complain: float = 0.0
    unsubscribe: float = 0.0
    read: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    hidden: float = 0.0
    hidden_for: int = 2
    sent_after: timedelta = _SECOND
    delivered_after: timedelta = 6 * _SECOND
    read_after: timedelta = timedelta(minutes=20)
    late_by: timedelta = timedelta(hours=3)
    retry_after: timedelta = 30 * _SECOND
    # Left out on purpose: what stops a sender or a template would end a drill by one draw.
    refuse_kinds: tuple[str, ...] = ("address_invalid", "address_not_served", "content_rejected")
    later_kinds: tuple[str, ...] = ("rate_limited", "provider_unavailable")
    fail_kinds: tuple[str, ...] = ("recipient_unreachable", "address_invalid", "address_not_served")
    dead_endings: tuple[str, ...] = ()
    opted_out_endings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(each.default, float) and not 0 <= value <= 1:
                raise ValueError(f"faults: {each.name} is a probability, not {value}")
        for closed_set in (Fate, Aftermath):
            names = [name for name in closed_set if hasattr(self, name)]
            if sum(getattr(self, name) for name in names) > 1 + 1e-9:
                raise ValueError(f"faults: {' + '.join(names)} must not add up to more than 1")
        self._check_kinds()

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """Faults from plain strings: numbers, seconds, and lists separated by commas.

        Raises ValueError for a name that is not a fault and for a value that cannot be read.
        """
        known = {each.name: each.default for each in fields(cls)}
        values: dict[str, object] = {}
        for name, text in settings.items():
            if name not in known:
                raise ValueError(f"unknown sandbox setting {name!r}: known are {', '.join(known)}")
            values[name] = _parse(text, known[name])
        return cls(**values)  # type: ignore[arg-type]  # parsed by the type of each default

    def fate(self, draw: float) -> Fate:
        return Fate(self._pick(("refuse", "later", "timeout_before", "timeout_after"), draw))

    def aftermath(self, draw: float) -> Aftermath:
        return Aftermath(self._pick(("lost", "fail", "complain", "unsubscribe"), draw))

    def _pick(self, names: tuple[str, ...], draw: float) -> str:
        for name in names:
            share: float = getattr(self, name)
            if draw < share:
                return name
            draw -= share
        return "accept" if "refuse" in names else "arrive"

    def _check_kinds(self) -> None:
        named = {*self.refuse_kinds, *self.later_kinds, *self.fail_kinds}
        if unknown := named - BY_KIND.keys():
            raise ValueError(f"faults: unknown error kinds {', '.join(sorted(unknown))}")
        refused = [BY_KIND[kind].permanent for kind in self.refuse_kinds]
        later = [BY_KIND[kind].permanent for kind in self.later_kinds]
        if not (refused and later and self.fail_kinds) or not all(refused) or any(later):
            raise ValueError("faults: refuse_kinds must be permanent, later_kinds temporary")
        if "no_answer" in named:
            raise ValueError("faults: no_answer is played by timeout_before and timeout_after")


@dataclass(frozen=True, slots=True)
class Chance:
    """The independent draws of one attempt, each in [0, 1)."""

    door: float
    kind: float
    course: float
    pace: float
    read: float
    doubled: float
    late: float
    hidden: float


def chance_of(seed: str, attempt_key: str) -> Chance:
    """The draws of an attempt under a seed: the same for all time, whatever the process."""
    digest = sha256(f"{seed}\0{attempt_key}".encode()).digest()
    return Chance(*(word / 2**32 for word in struct.unpack(">8I", digest)))


def door_error(faults: Faults, chance: Chance, envelope: Envelope) -> SendError | None:
    """Why this envelope is turned away with an answer; None where it is not."""
    if envelope.recipient.endswith(faults.dead_endings):
        return AddressInvalid(PROVIDER, "dead-ending")
    if envelope.recipient.endswith(faults.opted_out_endings):
        return AddressOptedOut(PROVIDER, "opted-out-ending")
    match faults.fate(chance.door):
        case Fate.REFUSE:
            return drawn_error(faults.refuse_kinds, chance.kind)
        case Fate.LATER:
            return drawn_error(faults.later_kinds, chance.kind)
        case _:
            return None


def drawn_error(kinds: tuple[str, ...], draw: float) -> SendError:
    return BY_KIND[kinds[int(draw * len(kinds))]](PROVIDER, "drawn")


def _parse(text: str, default: object) -> object:
    match default:
        case float():
            return float(text)
        case int():
            return int(text)
        case timedelta():
            return timedelta(seconds=float(text))
        case tuple():
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _:
            return text
