"""What goes wrong at the local relay. Which fault hits is a hash of the seed, the mailbox and how
often it was written to, so a bad day replays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from hashlib import sha256


class MailFate(StrEnum):
    """What happens to one mail; the first ones before the relay has taken it."""

    GREYLIST = "greylist"
    REFUSE = "refuse"
    BUSY = "busy"
    DROP_EARLY = "drop_early"
    DROP_BEFORE = "drop_before"
    STALL_BEFORE = "stall_before"
    REJECT = "reject"
    DROP_AFTER = "drop_after"
    STALL_AFTER = "stall_after"
    GARBLE_AFTER = "garble_after"
    DRIP = "drip"
    TAKE = "take"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFaults:
    """How often what goes wrong: shares from 0 to 1 that add up to at most 1.

    `greylist` and `busy` are temporary refusals, `refuse` is of the mailbox, `reject` of the text;
    `drop` hangs up (early: before the text), `stall` falls silent, `garble` answers nonsense,
    `drip` answers byte by byte. Before and after tell whether the mail was taken.
    """

    seed: str = "relay"
    greylist: float = 0.0
    refuse: float = 0.0
    busy: float = 0.0
    drop_early: float = 0.0
    drop_before: float = 0.0
    stall_before: float = 0.0
    reject: float = 0.0
    drop_after: float = 0.0
    stall_after: float = 0.0
    garble_after: float = 0.0
    drip: float = 0.0

    def __post_init__(self) -> None:
        shares = [getattr(self, each.name) for each in fields(self) if each.name != "seed"]
        if min(shares) < 0 or sum(shares) > 1 + 1e-9:
            raise ValueError("the shares of faults are from 0 to 1 and add up to at most 1")

    def fate(self, mailbox: str, number: int) -> MailFate:
        """What happens to the `number`th mail to this mailbox."""
        digest = sha256(f"{self.seed}\0{mailbox}\0{number}".encode()).digest()
        draw = int.from_bytes(digest[:4]) / 2**32
        for fate in MailFate:
            share = getattr(self, fate, 1.0)
            if draw < share:
                return fate
            draw -= share
        return MailFate.TAKE
