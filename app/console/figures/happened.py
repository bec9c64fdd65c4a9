"""The lists behind what is counted by the day or as it stands: each row that a figure counts once.

They go along the index of the instant that the figure is counted by. They only read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    func,
    literal,
    select,
    union_all,
)

from app.console.codes import HOLDS
from app.console.figures.behind import KEPT, Days, equal, number, on
from app.console.figures.names import ASKED, COMPLAINTS, GIVEN_HELP
from app.console.lists import Filter, Listing, Sort
from app.console.queues.panels import DISPUTED
from app.figures.happenings import COUNTS_AS_HELP, HELD_CUSTOMERS, HELPED_AS, PAUSES
from app.figures.names import Daily, Standing
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import (
    CallWish,
    Complaint,
    ContactPoint,
    Customer,
    Dispute,
    Event,
    Hardship,
    Hold,
    Plan,
    PlanWish,
    Promise,
    Reply,
    StaffAnswer,
    Suppression,
)
from app.web.catalogues import N_
from campaigns.origins import OPTED_OUT

_CUSTOMER, _REPLY, _PROMISE = table_of(Customer), table_of(Reply), table_of(Promise)
_PLAN, _WISH, _DISPUTE = table_of(Plan), table_of(PlanWish), table_of(Dispute)
_COMPLAINT, _HARDSHIP, _CALL = table_of(Complaint), table_of(Hardship), table_of(CallWish)
_HOLD, _ANSWER, _EVENT = table_of(Hold), table_of(StaffAnswer), table_of(Event)
_SUPPRESSION, _POINT = table_of(Suppression), table_of(ContactPoint)
_NONE: Final = literal("")

NAMES: Final[Mapping[str, str]] = {
    Daily.REPLIES: N_("Replies"),
    Daily.PROMISES_MADE: N_("Promises made"),
    Daily.PROMISES_KEPT: N_("Promises kept"),
    Daily.PROMISES_BROKEN: N_("Promises broken"),
    Daily.PLANS_AGREED: N_("Plans agreed"),
    Daily.DISPUTES: N_("Disputes"),
    Daily.COMPLAINTS: N_("Complaints"),
    Daily.HELP_ASKED: N_("Help asked for"),
    Daily.HELP_GIVEN: N_("Help given"),
    Daily.OPTED_OUT: N_("Opt-outs"),
    Standing.HELD: N_("Customers on hold"),
    Standing.DISPUTED: N_("Disputed invoices"),
    Standing.PROMISED: N_("Open promises"),
}
STANDING: Final = (Standing.HELD, Standing.DISPUTED, Standing.PROMISED)
"""What is counted as it stands, whatever the day."""
ABOUT: Final[Mapping[str, Mapping[str, str]]] = {
    Daily.DISPUTES: DISPUTED,
    Standing.DISPUTED: DISPUTED,
    Daily.COMPLAINTS: COMPLAINTS,
    Daily.HELP_ASKED: ASKED,
    Daily.HELP_GIVEN: GIVEN_HELP,
    Standing.HELD: HOLDS,
}
"""What the kinds of a list are called, where it tells them."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Rows of one table, with their customers, by the instant that a figure counts them by."""

    at: Column[Any]
    about: ColumnElement[Any] = _NONE
    where: tuple[ColumnElement[bool], ...] = ()

    def select(self, rank: int, days: Days | None) -> Select[Any]:
        table: Any = self.at.table
        currency = table.c.currency if "currency" in table.c else _NONE
        due = table.c.due_on if table is _PROMISE else _NO_DAY
        query = select(
            self.at.label("at"),
            literal(rank, Integer).label("rank"),
            table.c.id.label("id"),
            table.c.customer_id.label("customer_id"),
            func.coalesce(self.about, "").label("about"),
            currency.label("currency"),
            due.label("due_on"),
        ).where(*self.where)
        return query if days is None else query.where(days.hold(self.at))


_NO_DAY: Final = literal(None, _PROMISE.c.due_on.type)
_OF_THE_DAY: Final[Mapping[str, Sequence[_Source]]] = {
    Daily.REPLIES: (_Source(_REPLY.c.received_at, _REPLY.c.intent),),
    Daily.PROMISES_MADE: (_Source(_PROMISE.c.made_at),),
    Daily.PROMISES_KEPT: (_Source(_PROMISE.c.ended_at, where=(_PROMISE.c.state == word("kept"),)),),
    Daily.PROMISES_BROKEN: (
        _Source(_PROMISE.c.ended_at, where=(_PROMISE.c.state == word("broken"),)),
    ),
    Daily.PLANS_AGREED: (_Source(_PLAN.c.agreed_at, where=(_PLAN.c.state != word("offered"),)),),
    Daily.DISPUTES: (_Source(_DISPUTE.c.opened_at, _DISPUTE.c.kind),),
    Daily.COMPLAINTS: (_Source(_COMPLAINT.c.received_at, _COMPLAINT.c.kind),),
    Daily.HELP_ASKED: (
        _Source(_HARDSHIP.c.reported_at, literal("hardship")),
        _Source(_CALL.c.asked_at, literal("call")),
        _Source(_WISH.c.wished_at, literal("plan")),
    ),
    Daily.HELP_GIVEN: (
        _Source(_ANSWER.c.written_at, literal("answer")),
        _Source(_WISH.c.decided_at, literal("plan"), (_WISH.c.state == word("agreed"),)),
    ),
    Standing.DISPUTED: (
        _Source(_DISPUTE.c.opened_at, _DISPUTE.c.kind, (_DISPUTE.c.state == word("open"),)),
    ),
    Standing.PROMISED: (_Source(_PROMISE.c.made_at, where=(_PROMISE.c.state == word("open"),)),),
}


def happened(what: str, days: Days) -> Listing:
    """The rows that this figure counts, the latest first."""
    within = None if what in STANDING else days
    sources = [each.select(rank, within) for rank, each in enumerate(_OF_THE_DAY.get(what, ()))]
    if what == Daily.OPTED_OUT:
        sources.append(_opted_out(days))
    if what == Daily.HELP_GIVEN:
        sources += (_paused(days), _helped(days))
    if what == Standing.HELD:
        sources.append(_held())
    found: Any = union_all(*sources).subquery()
    query: Select[Any] = select(
        found,
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
    ).join(_CUSTOMER, _CUSTOMER.c.id == found.c.customer_id)
    filters: dict[str, Filter] = {
        **KEPT,
        "what": lambda _: None,
        "creditor": number(_CUSTOMER.c.creditor_id),
        "about": equal(found.c.about),
        "currency": equal(found.c.currency),
    }
    if what == Standing.PROMISED:
        filters["due_from"] = on(lambda day: found.c.due_on >= day)
        filters["due_to"] = on(lambda day: found.c.due_on <= day)
    by = (found.c.at, found.c.rank, found.c.id, found.c.customer_id)
    return Listing(query, {"latest": Sort(by, descending=True)}, filters)


def _columns(at: Any, id_: Any, customer_id: Any, about: Any, *, rank: int = 9) -> Select[Any]:
    return select(
        at.label("at"),
        literal(rank, Integer).label("rank"),
        id_.label("id"),
        customer_id.label("customer_id"),
        about.label("about"),
        _NONE.label("currency"),
        _NO_DAY.label("due_on"),
    )


def _opted_out(days: Days) -> Select[Any]:
    """An address and medium that was closed: once for each creditor whose customers have it."""
    own = func.coalesce(_SUPPRESSION.c.creditor_id, _CUSTOMER.c.creditor_id)
    return (
        _columns(
            _SUPPRESSION.c.at,
            _SUPPRESSION.c.id,
            func.min(_CUSTOMER.c.id),
            func.coalesce(_SUPPRESSION.c.medium, ""),
        )
        .select_from(_SUPPRESSION)
        .join(_POINT, _POINT.c.address_id == _SUPPRESSION.c.address_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
        .where(
            days.hold(_SUPPRESSION.c.at),
            _SUPPRESSION.c.reason == OPTED_OUT,
            own == _CUSTOMER.c.creditor_id,
        )
        .group_by(
            _SUPPRESSION.c.id,
            _SUPPRESSION.c.at,
            _SUPPRESSION.c.medium,
            _CUSTOMER.c.creditor_id,
        )
    )


def _paused(days: Days) -> Select[Any]:
    return (
        _columns(_HOLD.c.placed_at, _HOLD.c.id, _CUSTOMER.c.id, literal("pause"))
        .select_from(_HOLD)
        .join(_CUSTOMER, HELD_CUSTOMERS)
        .where(days.hold(_HOLD.c.placed_at), _HOLD.c.kind.in_(PAUSES))
    )


def _helped(days: Days) -> Select[Any]:
    """What a person of the team did for somebody in hardship."""
    return (
        _columns(_EVENT.c.at, _EVENT.c.id, _CUSTOMER.c.id, HELPED_AS, rank=8)
        .select_from(_EVENT)
        .join(_CUSTOMER, _CUSTOMER.c.id == _EVENT.c.customer_id)
        .where(days.hold(_EVENT.c.at), COUNTS_AS_HELP)
    )


def _held() -> Select[Any]:
    """A customer once for each kind of hold that is on, by the first of it."""
    return (
        _columns(func.min(_HOLD.c.placed_at), func.min(_HOLD.c.id), _CUSTOMER.c.id, _HOLD.c.kind)
        .select_from(_HOLD)
        .join(_CUSTOMER, HELD_CUSTOMERS)
        .where(_HOLD.c.released_at.is_(None))
        .group_by(_CUSTOMER.c.id, _HOLD.c.kind)
    )
