"""What each case is about: the invoices of its scope, and the instalment or the charge that it is
anchored on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.debits import debits_of
from app.book.snapshot_parts import OpenInvoice
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Campaign, Instalment, Plan, Subscription
from campaigns.debits import NO_DEBIT, Debit
from campaigns.facts import InstalmentFact, InvoiceFact, SubscriptionFact
from campaigns.money import Money
from campaigns.value import value
from campaigns.vocabulary import AnchorKind, SubjectKind

_PLAN, _INSTALMENT = table_of(Plan), table_of(Instalment)
_SUBSCRIPTION, _CAMPAIGN = table_of(Subscription), table_of(Campaign)
_UNPAID = ("due", "missed")


@value
class Scope:
    """What one case is about, in the words of `campaigns.facts`."""

    invoices: tuple[InvoiceFact, ...] = ()
    anchor_open: bool = True
    is_claim: bool = True
    is_over: bool = False
    instalment: InstalmentFact | None = None
    subscription: SubscriptionFact | None = None


@dataclass(frozen=True, slots=True)
class Subjects:
    """The plans and subscriptions of some cases, and the charges that only those may speak of."""

    plans: Mapping[int, tuple[Row[Any], list[Row[Any]]]] = field(default_factory=dict)
    subscriptions: Mapping[int, Row[Any]] = field(default_factory=dict)
    charged: Mapping[int, frozenset[int]] = field(default_factory=dict)
    debits: Mapping[int, Debit] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        session: Session,
        rows: Sequence[Mapping[str, Any]],
        campaigns: Mapping[int, Row[Any]],
        now: datetime,
    ) -> Subjects:
        ids: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            ids[campaigns[row["campaign_id"]].subject].add(row["subject_id"])
        plans = _plans(session, sorted(ids[SubjectKind.PLAN]))
        return cls(
            plans=plans,
            subscriptions=_subscriptions(session, sorted(ids[SubjectKind.SUBSCRIPTION])),
            charged=_charged(session, sorted({row["customer_id"] for row in rows})),
            debits=debits_of(session, {id_: parts for id_, (_, parts) in plans.items()}, now),
        )

    def scope(self, row: Mapping[str, Any], invoices: Sequence[OpenInvoice], today: date) -> Scope:
        """What the case of this row is about; `invoices` are all that its customer has open."""
        mine = [i.fact for i in invoices if i.creditor_id == row["creditor_id"]]
        match SubjectKind(row["subject"]):
            case SubjectKind.CUSTOMER if row["anchor"] == AnchorKind.ANNIVERSARY:
                return Scope(is_claim=False)
            case SubjectKind.CUSTOMER:
                charged = self.charged.get(row["customer_id"], frozenset())
                due = tuple(i for i in mine if i.due_on <= today and i.id not in charged)
                return Scope(due, any(i.id == row["anchor_invoice_id"] for i in due))
            case SubjectKind.INVOICE:
                one = tuple(i for i in mine if i.id == row["subject_id"])
                return Scope(one, bool(one))
            case SubjectKind.SUBSCRIPTION:
                one = tuple(i for i in mine if i.id == row["anchor_invoice_id"])
                return self._of_subscription(self.subscriptions[row["subject_id"]], row, one)
            case SubjectKind.PLAN:
                plan, instalments = self.plans[row["subject_id"]]
                covered = tuple(i for i in mine if i.id in plan.invoice_ids)
                return _of_plan(plan, instalments, row["anchor_on"], covered, self.debits)

    def _of_subscription(
        self, found: Row[Any], row: Mapping[str, Any], charge: tuple[InvoiceFact, ...]
    ) -> Scope:
        """The charge that failed. Released (given up, or handed to the books) it is over."""
        amount = Money(found.amount_minor, found.currency)
        released = bool(charge) and found.open_invoice_id != row["anchor_invoice_id"]
        fact = SubscriptionFact(found.name, amount, found.declined_on)
        return Scope(charge, bool(charge), is_over=released, subscription=fact)


def _of_plan(
    plan: Row[Any],
    instalments: Sequence[Row[Any]],
    anchor_on: date,
    invoices: tuple[InvoiceFact, ...],
    debits: Mapping[int, Debit],
) -> Scope:
    """The instalment of the anchor's date. A plan that is completed is settled, one that broke or
    was withdrawn is over, and so is an instalment that got another date."""
    valid = [one for one in instalments if one.state != "moved"]
    anchored = next((one for one in valid if one.due_on == anchor_on), None)
    if anchored is None or plan.state not in ("running", "completed"):
        return Scope(invoices, is_over=True)
    number = valid.index(anchored) + 1
    fact = InstalmentFact(
        number=number,
        of=len(valid),
        amount=Money(anchored.amount_minor, plan.currency),
        due_on=anchored.due_on,
        left=sum(one.state in _UNPAID for one in valid[number - 1 :]),
        is_missed=anchored.state == "missed",
        debit=debits.get(anchored.id, NO_DEBIT),
    )
    return Scope(invoices, anchored.state in _UNPAID, instalment=fact)


def _plans(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[Row[Any], list[Row[Any]]]]:
    found: dict[int, tuple[Row[Any], list[Row[Any]]]] = {
        row.id: (row, []) for row in rows_given(session, _PLANS, ids)
    }
    for row in rows_given(session, _INSTALMENTS, ids):
        found[row.plan_id][1].append(row)
    return found


def _subscriptions(session: Session, ids: Sequence[int]) -> Mapping[int, Row[Any]]:
    return {row.id: row for row in rows_given(session, _SUBSCRIPTIONS, ids)}


def _charged(session: Session, customers: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """The invoices of failed charges, where a campaign of subscriptions speaks of them."""
    found: dict[int, frozenset[int]] = {}
    for row in rows_given(session, _CHARGED, customers):
        found[row.customer_id] = found.get(row.customer_id, frozenset()) | {row.invoice_id}
    return found


_PLANS = select(_PLAN).where(_PLAN.c.id.in_(GIVEN))
_INSTALMENTS = (
    select(_INSTALMENT)
    .where(_INSTALMENT.c.plan_id.in_(GIVEN))
    .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
)
_SUBSCRIPTIONS = select(_SUBSCRIPTION).where(_SUBSCRIPTION.c.id.in_(GIVEN))


CHARGES = (
    select(_SUBSCRIPTION.c.customer_id, _SUBSCRIPTION.c.open_invoice_id.label("invoice_id"))
    .join(_CAMPAIGN, _CAMPAIGN.c.creditor_id == _SUBSCRIPTION.c.creditor_id)
    .where(
        _SUBSCRIPTION.c.open_invoice_id.is_not(None),
        _CAMPAIGN.c.subject == SubjectKind.SUBSCRIPTION.value,
        _CAMPAIGN.c.active,
    )
)
"""Invoices that the journeys of what is overdue leave alone."""

_CHARGED = CHARGES.where(_SUBSCRIPTION.c.customer_id.in_(GIVEN))
