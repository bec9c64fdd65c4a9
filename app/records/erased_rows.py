"""What erasure changes, as statements over the customers that are `given`.

Each is made once. `now` is the erasure's own time. The ledger is not among them.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlmodel import SQLModel

from app.store.bulk import GIVEN, table_of
from app.store.rows import (
    Address,
    Attempt,
    Case,
    CaseSignal,
    Checkout,
    Complaint,
    Consent,
    Contact,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Hardship,
    Hold,
    Link,
    Message,
    Promise,
    Reply,
    Suppression,
    Task,
    TrailLine,
    TrailSalt,
)

_ADDRESS, _ATTEMPT, _CASE = table_of(Address), table_of(Attempt), table_of(Case)
_CONSENT, _CREDITOR, _CUSTOMER = table_of(Consent), table_of(Creditor), table_of(Customer)
_LINE, _MESSAGE, _POINT = table_of(TrailLine), table_of(Message), table_of(ContactPoint)
_SALT, _SIGNAL, _TASK = table_of(TrailSalt), table_of(CaseSignal), table_of(Task)
_SUPPRESSION = table_of(Suppression)
_USED = _POINT.alias("used")
_USER = _CUSTOMER.alias("user")


def _of(model: type[SQLModel], **values: Any) -> Any:
    table = table_of(model)
    return update(table).where(table.c.customer_id.in_(_ERASED)).values(**values)


_ERASED: BindParameter[Any] = bindparam("erased", expanding=True)  # consents have a `given`
_NOW: BindParameter[Any] = bindparam("now")
_NAMES: Final = (
    *("name", "given_name", "family_name", "vocative", "gender", "formality", "locale", "region"),
    *("zone", "birth_year", "preferred_medium", "pay_day", "details_confirmed_at"),
    "account_owner",
)
FORGET = (
    _of(ContactPoint, active=False, contact_id=None),
    delete(table_of(Contact)).where(table_of(Contact).c.customer_id.in_(_ERASED)),
    _of(Reply, text=""),
    _of(Dispute, words=None),
    _of(Hardship, words=None),
    _of(Complaint, words=None),
    _of(Hold, why=None),
    _of(Consent, evidence=None),
    _of(Checkout, url=None),
    _of(Link, revoked_at=func.coalesce(table_of(Link).c.revoked_at, _NOW)),
    _of(Promise, state="withdrawn", ended_at=_NOW).where(table_of(Promise).c.state == "open"),
    _of(Task, state="done", done_at=_NOW).where(_TASK.c.state == "open", _TASK.c.team != "finance"),
    update(_CUSTOMER)
    .where(_CUSTOMER.c.id.in_(_ERASED))
    .values(**dict.fromkeys(_NAMES), postal={}, custom={}, erased_at=_NOW),
)
LIVING = select(_CUSTOMER.c.id, _CUSTOMER.c.person_id).where(
    _CUSTOMER.c.id.in_(GIVEN), _CUSTOMER.c.erased_at.is_(None)
)
OPEN_CASES = (
    select(_CASE, func.coalesce(_CUSTOMER.c.zone, _CREDITOR.c.zone).label("zone"))
    .join(_CUSTOMER, _CUSTOMER.c.id == _CASE.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CASE.c.creditor_id)
    .where(_CASE.c.customer_id.in_(GIVEN), _CASE.c.phase != "closed")
    .order_by(_CASE.c.id)
)
SIGNALS_DONE = (
    update(_SIGNAL)
    .where(_SIGNAL.c.case_id.in_(GIVEN), _SIGNAL.c.handled_at.is_(None))
    .values(handled_at=_NOW)
)
WAITING = select(_MESSAGE.c.id).where(
    _MESSAGE.c.customer_id.in_(GIVEN), _MESSAGE.c.state == "waiting"
)
STOPPED = (
    update(_MESSAGE)
    .where(_MESSAGE.c.id.in_(GIVEN), _MESSAGE.c.state == "waiting")
    .values(state="stopped", reason="erased", reason_params={}, lease_until=None, updated_at=_NOW)
)
ATTEMPT_LINES = (
    select(_MESSAGE.c.customer_id, _LINE.c.number, _SALT.c.id)
    .select_from(_MESSAGE)
    .join(_ATTEMPT, _ATTEMPT.c.message_id == _MESSAGE.c.id)
    .join(_LINE, (_LINE.c.row_id == _ATTEMPT.c.id) & (_LINE.c.kind == "attempt"))
    .join(_SALT, _SALT.c.line_id == _LINE.c.id)
    .where(_MESSAGE.c.customer_id.in_(GIVEN))
)
CONSENT_LINES = (
    select(_CONSENT.c.customer_id, _LINE.c.number, _SALT.c.id)
    .select_from(_CONSENT)
    .join(_LINE, (_LINE.c.row_id == _CONSENT.c.id) & (_LINE.c.kind == "consent"))
    .join(_SALT, _SALT.c.line_id == _LINE.c.id)
    .where(_CONSENT.c.customer_id.in_(GIVEN), _CONSENT.c.evidence.is_not(None))
)
UNSALT = delete(_SALT).where(_SALT.c.id.in_(GIVEN))
_OF_MESSAGES = select(_MESSAGE.c.id).where(_MESSAGE.c.customer_id.in_(GIVEN))
SENT = (
    select(_MESSAGE.c.customer_id, func.count().label("attempts"))
    .join(_ATTEMPT, _ATTEMPT.c.message_id == _MESSAGE.c.id)
    .where(_MESSAGE.c.customer_id.in_(GIVEN))
    .group_by(_MESSAGE.c.customer_id)
)
TEXTS_GONE = (
    update(_ATTEMPT)
    .where(_ATTEMPT.c.message_id.in_(_OF_MESSAGES))
    .values(recipient="", copied_to=[], subject=None, text="", html=None, error={}, erased_at=_NOW)
)
_OTHERS = exists(literal_column("1")).where(
    _USED.c.address_id == _ADDRESS.c.id,
    _USED.c.customer_id == _USER.c.id,
    _USER.c.erased_at.is_(None),
)
OWN_ADDRESSES = (
    select(_POINT.c.customer_id, _ADDRESS.c.id, _ADDRESS.c.kind, _ADDRESS.c.value)
    .distinct()
    .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
    .where(_POINT.c.customer_id.in_(GIVEN), ~_OTHERS)
    .order_by(_ADDRESS.c.id)
)
CLOSINGS_BARE = (
    update(_SUPPRESSION)
    .where(_SUPPRESSION.c.address_id.in_(GIVEN))
    .values(evidence=None, lift_evidence=None)
)
CLOSINGS = select(_SUPPRESSION).where(
    _SUPPRESSION.c.address_id.in_(GIVEN), _SUPPRESSION.c.lifted_at.is_(None)
)
