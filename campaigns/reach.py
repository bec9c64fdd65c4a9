"""How far a stop reaches: one table, asked by everything that takes a stop in or lifts one.

A row says what an act stops, said on some medium: which media, for the address or for the person,
with which creditors, and whether offers alone. Every stop holds until it is lifted. The rules of
`jurisdictions` may widen what is stopped (`widening`), and narrow nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from campaigns.duties import OptOut
from campaigns.duties import Reach as Widens
from campaigns.facts import ChannelFact
from campaigns.vocabulary import Category, Medium


class StopAct(StrEnum):
    """What somebody did that stops messages. The values are stored as where it was said."""

    REPLY = "reply"  # a stop word, sent back
    WRITTEN = "written_reply"  # a stop in other words, that a person read
    PAGE = "page"
    UNSUBSCRIBE_LINK = "unsubscribe_link"
    LIST_UNSUBSCRIBE = "list_unsubscribe"  # the header of one click (RFC 8058)
    PROVIDER = "provider"  # the provider says that they left there
    COMPLAINT = "complaint"
    BOUNCE = "bounce"
    WRONG_PERSON = "wrong_person"
    STAFF = "staff"  # told to somebody: a call, a letter, a visit
    CEASE = "cease"  # "do not contact me at all", in a dispute or a letter
    ERASURE = "erasure"  # an address that was erased, and brought again


class Spread(StrEnum):
    """Which media stop."""

    ALONE = "alone"  # the one on which it was said
    NUMBER = "number"  # a stop by SMS covers WhatsApp on the same number as well
    ALL = "all"


class Whom(StrEnum):
    ADDRESS = "address"  # whoever uses it
    PERSON = "person"  # on every address that they have or will have


class Creditors(StrEnum):
    THIS = "this"
    ALL = "all"


class Kinds(StrEnum):
    ALL = "all"
    AS_ANSWERED = "as_answered"  # offers alone, when it answers an offer and no rule widens that


class Lift(StrEnum):
    """What opens again."""

    WORD = "start"  # START from the same address, on the same medium
    EVIDENCE = "evidence"  # a new consent, put on record with its evidence


_OPTED_OUT: Final = "opted_out"
_EVIDENCE, _NOTHING = frozenset({Lift.EVIDENCE}), frozenset[Lift]()


@dataclass(frozen=True, slots=True)
class Row:
    """One act. `closed_as` is what a closed address says; a message answers what is `confirmed`."""

    act: StopAct
    spread: Spread = Spread.NUMBER
    whom: Whom = Whom.ADDRESS
    creditors: Creditors = Creditors.ALL
    kinds: Kinds = Kinds.ALL
    closed_as: str = _OPTED_OUT
    lifted_by: frozenset[Lift] = _EVIDENCE
    confirmed: bool = False


TABLE: Final = (
    Row(StopAct.REPLY, kinds=Kinds.AS_ANSWERED, lifted_by=frozenset(Lift), confirmed=True),
    Row(StopAct.WRITTEN, whom=Whom.PERSON),
    Row(StopAct.PAGE),
    Row(StopAct.UNSUBSCRIBE_LINK, kinds=Kinds.AS_ANSWERED),
    Row(StopAct.LIST_UNSUBSCRIBE, kinds=Kinds.AS_ANSWERED),
    Row(StopAct.PROVIDER),
    Row(StopAct.COMPLAINT, closed_as="complained", lifted_by=_NOTHING),
    Row(StopAct.BOUNCE, Spread.ALONE, closed_as="bounced", lifted_by=_NOTHING),
    Row(
        StopAct.WRONG_PERSON,
        Spread.ALL,
        creditors=Creditors.THIS,
        closed_as="wrong_person",
        lifted_by=_NOTHING,
    ),
    Row(StopAct.STAFF, whom=Whom.PERSON),
    Row(StopAct.CEASE, Spread.ALL, whom=Whom.PERSON),
    Row(StopAct.ERASURE, Spread.ALL, closed_as="erased", lifted_by=_NOTHING),
)
_BY_ACT: Final = {row.act: row for row in TABLE}


@dataclass(frozen=True, slots=True)
class Reach:
    """What one act stops. `media` None is every medium, also those that are yet to come."""

    row: Row
    media: frozenset[Medium] | None
    offers_only: bool

    @property
    def closes(self) -> tuple[Medium | None, ...]:
        """The media to close, in a fixed order; None alone stands for all."""
        return (None,) if self.media is None else tuple(sorted(self.media))

    def covers(self, medium: Medium) -> bool:
        return self.media is None or medium in self.media


def row_of(act: StopAct) -> Row:
    return _BY_ACT[act]


def reach_of(act: StopAct, said_through: Medium | None, answered: Category | None = None) -> Reach:
    """How far it reaches when said on this medium, in answer to a message of this category.

    None for a medium is nowhere in particular, and so everywhere.
    """
    row = row_of(act)
    offers_only = row.kinds is Kinds.AS_ANSWERED and answered is Category.OFFER
    return Reach(row, _media(row.spread, said_through), offers_only)


def may_lift(act: StopAct | None, how: Lift, reason: str) -> bool:
    """Whether this opens what the act closed. An act that is not on record was one of those that
    the closed address tells of: of an opt-out, the strictest."""
    if act is None:
        return reason == _OPTED_OUT and how is Lift.EVIDENCE
    return how in row_of(act).lifted_by


def widening(
    rows: Iterable[OptOut], asked: ChannelFact, channels: Iterable[ChannelFact]
) -> OptOut | None:
    """The first rule by which a stop that answered an offer stops this message as well.

    `medium`: said on this address. `creditor`: said to this creditor on any medium of the rule.
    """
    stopped = [channel for channel in channels if channel.offers_stopped]
    if not stopped and not asked.offers_stopped:
        return None
    for row in rows:
        if row.reach is Widens.MEDIUM and asked.offers_stopped:
            return row
        if row.reach is Widens.CREDITOR and any(_is_of(row, each) for each in (*stopped, asked)):
            return row
    return None


def _is_of(row: OptOut, channel: ChannelFact) -> bool:
    media = row.head.applies.media
    return channel.offers_stopped and (not media or channel.medium in media)


def _media(spread: Spread, said_through: Medium | None) -> frozenset[Medium] | None:
    if said_through is None or spread is Spread.ALL:
        return None
    if spread is Spread.NUMBER and said_through is Medium.SMS:
        return frozenset({Medium.SMS, Medium.WHATSAPP})
    return frozenset({said_through})


def spoken() -> Iterator[tuple[Medium | None, Reach]]:
    """Every act on every medium on which it can be said, for whoever reads the table."""
    for row in TABLE:
        nowhere = row.spread is Spread.ALL
        said = (None,) if nowhere else (*Medium, *((None,) if row.whom is Whom.PERSON else ()))
        for medium in said:
            yield medium, reach_of(row.act, medium)
