"""A person steers a case: has it decided now or later, passes its next steps over, or closes it.

None of this goes round the decision or the gate: whatever is due then is decided as always.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, update
from sqlmodel import Session

from app.book.cases import changes_of, columns_of, event_row, state_of
from app.book.days import day_of
from app.engine.catalogue import Catalogue
from app.intake.concerned import stop_customer
from app.store.bulk import insert_rows, lock_rows, update_rows
from app.store.columns import word
from app.store.given import GIVEN, change_given, rows_given, table_of
from app.store.journal import wake
from app.store.rows import Campaign, Case, Creditor, Customer, Event, Message
from campaigns.case import CaseState, Phase, fold
from campaigns.events import CaseClosed, StepPassed
from campaigns.journey import Journey
from campaigns.journey import day_of as day_of_step
from campaigns.position import next_index
from campaigns.vocabulary import Outcome

FURTHEST: Final = timedelta(days=90)
"""How long a person may put off what a case decides next; what happens meanwhile wakes it."""

_CASE, _CAMPAIGN, _MESSAGE = table_of(Case), table_of(Campaign), table_of(Message)
_CUSTOMER, _CREDITOR = table_of(Customer), table_of(Creditor)


class CannotSteer(ValueError):
    """The case cannot be steered so. `code` is for pages."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def decide_now(session: Session, customer_id: int, now: datetime) -> int:
    """Has the customer's open cases decided now, and what waits for its hour asked for at the gate.
    Answers how many cases."""
    stop_customer(session, customer_id)
    ids = [row.id for row in rows_given(session, _OPEN, [customer_id])]
    wake(session, ids, now=now)
    waiting = list(session.connection().execute(_WAITING, {"whose": customer_id}).scalars())
    lock_rows(session, Message, waiting)
    change_given(session, _DUE, waiting, now=now)
    return len(ids)


def look_again(session: Session, case_id: int, at: datetime, now: datetime) -> None:
    """Puts off what the case decides next; facts wake it before that. Raises `CannotSteer`."""
    if not now < at <= now + FURTHEST:
        last = (now + FURTHEST).date()
        raise CannotSteer("bad_time", f"{at} is not between now and {last}")
    row = _locked(session, case_id)
    if row.phase != Phase.READY:
        raise _BUSY
    update_rows(session, Case, [{"id": case_id, "look_at": at, "revision": row.revision + 1}])


def steps_ahead(session: Session, catalogue: Catalogue, case_id: int) -> Sequence[str]:
    """The steps that the case has before it, the next one first; none where it is over."""
    row = session.connection().execute(_WHOLE, {"case_id": case_id}).first()
    if row is None or row.phase == Phase.CLOSED:
        return ()
    catalogue.refresh(session)
    _, journey = catalogue.journey(row.journey)
    return _ahead(state_of(dict(row._mapping)), journey)


def pass_to(
    session: Session,
    catalogue: Catalogue,
    case_id: int,
    step_id: str,
    *,
    by: str,
    now: datetime,
) -> int:
    """Passes over all that comes before this step, which is done on its day. Answers how many
    steps that were. Raises `CannotSteer`."""
    row = _locked(session, case_id)
    if row.phase != Phase.READY:
        raise _BUSY
    catalogue.refresh(session)
    _, journey = catalogue.journey(row.journey)
    case = before = state_of(dict(row._mapping))
    ahead = _ahead(case, journey)
    if step_id not in ahead[1:]:
        raise CannotSteer("no_step", f"step {step_id} does not come after the next one")
    events = []
    for name in ahead[: ahead.index(step_id)]:
        step = journey.steps[journey.index_of(name) or 0]
        told = {"step": name, "by": by}
        events.append(StepPassed(name, day_of_step(step), "skipped", told))
    for event in events:
        case = fold(case, event, now)
    _write(session, row, before, case, events, now)
    wake(session, [case_id], now=now)
    return len(events)


def close_case(session: Session, case_id: int, now: datetime) -> None:
    """Nobody asks any more in this case. What waits to be sent is stopped at the gate. What is owed
    stays, and may open another. Raises `CannotSteer`."""
    row = _locked(session, case_id)
    before = state_of(dict(row._mapping))
    ends = CaseClosed(Outcome.WITHDRAWN)
    insert_rows(session, Event, [_event(row, ends, now)])
    closed = {
        "id": row.id,
        **columns_of(fold(before, ends, now)),
        "look_at": None,
        "reason": "journey_ended",
        "reason_params": {"outcome": str(Outcome.WITHDRAWN)},
        "revision": row.revision + 1,
        "closed_at": now,
        "closed_on": day_of(now, row.zone),
    }
    update_rows(session, Case, [closed])


_BUSY: Final = CannotSteer("busy", "the case waits for the outcome of its message, or for an event")


def _locked(session: Session, case_id: int) -> Row[Any]:
    """The open case, with its person's guard held and raised: the lock order is person, case."""
    found = session.connection().execute(_WHOLE, {"case_id": case_id}).first()
    if found is None or found.phase == Phase.CLOSED:
        raise CannotSteer("closed", f"case {case_id} is closed, or there is none of this number")
    stop_customer(session, found.customer_id)
    lock_rows(session, Case, [case_id])
    row = session.connection().execute(_WHOLE, {"case_id": case_id}).one()
    if row.phase == Phase.CLOSED:
        raise CannotSteer("closed", f"case {case_id} was closed meanwhile")
    return row


def _ahead(case: CaseState, journey: Journey) -> list[str]:
    first = next_index(case, journey)
    if first is None:
        return []
    return [step.id for step in journey.steps[first:] if step.id not in case.done]


def _event(row: Row[Any], event: StepPassed | CaseClosed, now: datetime) -> dict[str, Any]:
    return event_row(event, case_id=row.id, customer_id=row.customer_id, at=now)


def _write(
    session: Session,
    row: Row[Any],
    before: CaseState,
    after: CaseState,
    events: Sequence[StepPassed],
    now: datetime,
) -> None:
    insert_rows(session, Event, [_event(row, event, now) for event in events])
    update_rows(session, Case, [{"id": row.id, **changes_of(before, after)}])


_OPEN: Final = select(_CASE.c.id).where(
    _CASE.c.customer_id.in_(GIVEN), _CASE.c.phase != word("closed")
)
_WAITING: Final = select(_MESSAGE.c.id).where(
    _MESSAGE.c.customer_id == bindparam("whose"), _MESSAGE.c.state == word("waiting")
)
_DUE: Final = (
    update(_MESSAGE)
    .where(_MESSAGE.c.id.in_(GIVEN), _MESSAGE.c.state == word("waiting"))
    .values(due_at=bindparam("now"))
)
_WHOLE: Final = (
    select(
        _CASE,
        _CAMPAIGN.c.journey,
        func.coalesce(_CUSTOMER.c.zone, _CREDITOR.c.zone).label("zone"),
    )
    .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _CASE.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CASE.c.creditor_id)
    .where(_CASE.c.id == bindparam("case_id"))
)
