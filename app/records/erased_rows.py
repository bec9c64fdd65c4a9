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
    or_,
    select,
    update,
)
from sqlmodel import SQLModel

from app.records.claims import entries_of
from app.records.sources import SOURCES
from app.store.columns import word
from app.store.given import GIVEN, table_of
from app.store.rows import (
    Address,
    Attempt,
    BankEntry,
    CallWish,
    Case,
    CaseSignal,
    Checkout,
    Complaint,
    Consent,
    Contact,
    ContactPoint,
    Creditor,
    Customer,
    CustomerNote,
    CustomerWord,
    Dispute,
    Feedback,
    Hardship,
    Hold,
    Inbound,
    InboxItem,
    Link,
    Mandate,
    Means,
    Message,
    MessageApproval,
    Promise,
    Reply,
    SpecialNote,
    StaffAnswer,
    Suppression,
    Task,
    TaskQuestion,
    TrailSalt,
)

_ADDRESS, _ATTEMPT, _CASE = table_of(Address), table_of(Attempt), table_of(Case)
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
_ENTRY, _HOLD, _INBOUND = table_of(BankEntry), table_of(Hold), table_of(Inbound)
_MESSAGE, _POINT = table_of(Message), table_of(ContactPoint)
_SALT, _SIGNAL, _TASK = table_of(TrailSalt), table_of(CaseSignal), table_of(Task)
_CHECKOUT, _SUPPRESSION = table_of(Checkout), table_of(Suppression)
_USED = _POINT.alias("used")
_USER = _CUSTOMER.alias("user")


def _of(model: type[SQLModel], **values: Any) -> Any:
    table = table_of(model)
    return update(table).where(table.c.customer_id.in_(_ERASED)).values(**values)


_ERASED: BindParameter[Any] = bindparam("erased", expanding=True)  # consents have a `given`
_NOW: BindParameter[Any] = bindparam("now")
_NAMES: Final = (
    *("name", "given_name", "family_name", "vocative", "gender", "formality", "locale", "region"),
    *("zone", "hours", "birth_year", "preferred_medium", "pay_day", "details_confirmed_at"),
    "account_owner",
)
_LIVING = _CUSTOMER.alias("living")
_GONE = select(_CUSTOMER.c.person_id).where(
    _CUSTOMER.c.id.in_(_ERASED),
    ~exists(literal_column("1")).where(
        _LIVING.c.person_id == _CUSTOMER.c.person_id, _LIVING.c.erased_at.is_(None)
    ),
)
FORGET = (
    _of(ContactPoint, active=False, contact_id=None),
    delete(table_of(Contact)).where(table_of(Contact).c.customer_id.in_(_ERASED)),
    delete(table_of(CustomerWord)).where(table_of(CustomerWord).c.customer_id.in_(_ERASED)),
    _of(CustomerNote, words=None),
    delete(table_of(Means)).where(table_of(Means).c.customer_id.in_(_ERASED)),
    _of(Reply, text="", meant=[]),
    _of(StaffAnswer, words=""),
    _of(MessageApproval, note=None, facts={}),
    _of(CallWish, number=None),
    _of(Feedback, words=None),
    _of(InboxItem, words=None, from_address=None, to_address=None),
    _of(SpecialNote, kind=None, words=None),
    _of(Dispute, words=None),
    _of(Hardship, words=None),
    _of(Complaint, words=None),
    _of(TaskQuestion, words="", answer=None),
    _of(Consent, evidence=None),
    _of(Checkout, url=None),
    _of(Mandate, customer_ref=None, method_ref=None, brand=None, last_four=None),
    _of(Mandate, revoked_at=_NOW, revoked_by="erasure").where(
        table_of(Mandate).c.revoked_at.is_(None)
    ),
    _of(Link, revoked_at=func.coalesce(table_of(Link).c.revoked_at, _NOW)),
    _of(Promise, state="withdrawn", ended_at=_NOW).where(table_of(Promise).c.state == "open"),
    _of(Task, state="done", done_at=_NOW).where(
        _TASK.c.state == word("open"), _TASK.c.team != "finance"
    ),
    _of(InboxItem, done_at=_NOW, done_by="erasure").where(table_of(InboxItem).c.done_at.is_(None)),
    update(_ENTRY).where(entries_of(_ERASED)).values(payer=None, text=None),
    update(_CUSTOMER)
    .where(_CUSTOMER.c.id.in_(_ERASED))
    .values(**dict.fromkeys(_NAMES), postal={}, custom={}, chosen=None, erased_at=_NOW),
    # Last, for it asks whether the whole person is erased now: some holds are no one customer's.
    update(_HOLD)
    .where(or_(_HOLD.c.customer_id.in_(_ERASED), _HOLD.c.person_id.in_(_GONE)))
    .values(why=None),
)
CHECKOUTS = select(_CHECKOUT.c.customer_id, _CHECKOUT.c.session_id).where(
    _CHECKOUT.c.customer_id.in_(GIVEN), _CHECKOUT.c.session_id.is_not(None)
)
CALLBACKS = select(_INBOUND.c.id).where(_INBOUND.c.body != "", _INBOUND.c.handled_at.is_not(None))
CALLBACKS_GONE = update(_INBOUND).where(_INBOUND.c.id.in_(GIVEN)).values(body="", headers={})
LIVING = select(_CUSTOMER.c.id, _CUSTOMER.c.person_id).where(
    _CUSTOMER.c.id.in_(GIVEN), _CUSTOMER.c.erased_at.is_(None)
)
OPEN_CASES = (
    select(_CASE, func.coalesce(_CUSTOMER.c.zone, _CREDITOR.c.zone).label("zone"))
    .join(_CUSTOMER, _CUSTOMER.c.id == _CASE.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CASE.c.creditor_id)
    .where(_CASE.c.customer_id.in_(GIVEN), _CASE.c.phase != word("closed"))
    .order_by(_CASE.c.id)
)
SIGNALS_DONE = (
    update(_SIGNAL)
    .where(_SIGNAL.c.case_id.in_(GIVEN), _SIGNAL.c.handled_at.is_(None))
    .values(handled_at=_NOW)
)
WAITING = select(_MESSAGE.c.id).where(
    _MESSAGE.c.customer_id.in_(GIVEN), _MESSAGE.c.state == word("waiting")
)
STOPPED = (
    update(_MESSAGE)
    .where(_MESSAGE.c.id.in_(GIVEN), _MESSAGE.c.state == word("waiting"))
    .values(state="stopped", reason="erased", reason_params={}, lease_until=None, updated_at=_NOW)
)
ERASED_LINES = tuple(source.erasable_lines for source in SOURCES if source.erased)
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
