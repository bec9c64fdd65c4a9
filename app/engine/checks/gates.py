"""Whether every attempt was right to leave: no stop before its gate, and inside policy.

Written without the gate's own code where it can be: stops are compared by the instants at which the
facts were committed, and policy is asked anew for the instant of each attempt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, select
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.book.snapshot import Snapshot, load
from app.book.snapshot_channels import NO_WORD, Word, word_of
from app.engine.catalogue import Catalogue, NotPublished
from app.engine.checks.finding import PromiseCheck, Tally
from app.engine.checks.pages import pages
from app.store.bulk import chunks, table_of
from app.store.rows import (
    Allocation,
    Attempt,
    Campaign,
    Case,
    Consent,
    Dispute,
    Hold,
    Invoice,
    Message,
    Plan,
    Promise,
    Suppression,
)
from campaigns.facts import ChannelFact, Facts, PastContact
from campaigns.origins import at_any_hour
from campaigns.policy import CONFIRM_WITHIN, OPTED_OUT, permits
from campaigns.proposal import Proposal, Refusal
from campaigns.vocabulary import Category, Medium, Purpose, SubjectKind

_ATTEMPT, _MESSAGE, _HOLD = table_of(Attempt), table_of(Message), table_of(Hold)
_SUPPRESSION, _DISPUTE, _PROMISE = table_of(Suppression), table_of(Dispute), table_of(Promise)
_INVOICE, _ALLOCATION = table_of(Invoice), table_of(Allocation)
_PLAN, _CONSENT = table_of(Plan), table_of(Consent)
_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)
_COLUMNS = (
    "message_id", "person_id", "creditor_id", "address_id", "medium", "category", "slot", "exempt",
    "failed", "invoice_ids", "gated_at", "evidence",
)  # fmt: skip
_CONTACT_COLUMNS = (
    "person_id", "creditor_id", "medium", "category", "slot", "exempt", "failed", "invoice_ids",
    "gated_at",
)  # fmt: skip
_LEFT = (_ATTEMPT.c.state != "void",)

AT_ONCE = timedelta(seconds=2)
"""How far the clocks of two workers may be apart: closer together, nothing is known of the order.
The guard decided that; a fact may carry an earlier time than the gate that it had to wait for.
So a stop counts only where it stood in every order: placed well before, not lifted until well after
the gate."""

Grouped = Mapping[int, Sequence[Row[Any]]]


def nothing_after_a_stop(session: Session) -> PromiseCheck:
    tally = Tally()
    for page in pages(session, _ATTEMPT, _COLUMNS, *_LEFT):
        tally.examined += len(page)
        stops = _Stops(session, page)
        tally.all_wrong("attempt", (row.id for row in page if stops.forbade(row)))
    return tally.finding(
        3, "Nothing after a stop", "payments, opt-outs, disputes, holds, promises, plans"
    )


class _Stops:
    """The stop facts that concern a page of attempts."""

    def __init__(self, session: Session, page: Sequence[Row[Any]]) -> None:
        invoices = sorted({i for row in page for i in row.invoice_ids})
        messages = _messages(session, [row.message_id for row in page])
        customers = {id_: message.customer_id for id_, message in messages.items()}
        self._customer = customers
        self._subject = {id_: message.subject for id_, message in messages.items()}
        self._acted_at = {id_: message.answers_event_at for id_, message in messages.items()}
        self._origin = {id_: message.origin for id_, message in messages.items()}
        self._holds = _grouped(session, _HOLD, "person_id", {row.person_id for row in page})
        self._promises = _grouped(session, _PROMISE, "customer_id", customers.values())
        self._plans = _grouped(session, _PLAN, "customer_id", customers.values())
        self._closed = _grouped(
            session, _SUPPRESSION, "address_id", {row.address_id for row in page}
        )
        self._disputes = _grouped(session, _DISPUTE, "invoice_id", invoices)
        self._paid = _grouped(session, _ALLOCATION, "invoice_id", invoices)
        self._invoices = _grouped(session, _INVOICE, "id", invoices)

    def forbade(self, row: Row[Any]) -> bool:
        """Whether a stop that was committed before the gate should have held this attempt."""
        since = row.gated_at - AT_ONCE
        if self._was_closed(row, since):
            return True
        if row.category == Category.RECEIPT:
            return False
        return (
            self._was_held(row, since)
            or self._was_promised(row, since)
            or self._was_planned(row, since)
            or self._was_moot(row, since)
        )

    def _binds(self, row: Row[Any], began_at: datetime, since: datetime) -> bool:
        """Whether what began then is a stop for this attempt. An answer to the customer's own act
        passes what was there before the act."""
        acted_at = self._acted_at[row.message_id]
        return began_at < since and (acted_at is None or began_at > acted_at)

    def _was_closed(self, row: Row[Any], since: datetime) -> bool:
        return any(
            stop.at < since
            and _stood(stop.lifted_at, row)
            and stop.medium in (None, row.medium)
            and stop.creditor_id in (None, row.creditor_id)
            and not (stop.reason == OPTED_OUT and self._confirms(row))
            for stop in self._closed.get(row.address_id, ())
        )

    def _confirms(self, row: Row[Any]) -> bool:
        """Whether it confirmed an opt-out in time, or answered who asked who we are."""
        acted_at = self._acted_at[row.message_id]
        return (
            at_any_hour(self._origin[row.message_id], Category(row.category))
            and acted_at is not None
            and row.gated_at < acted_at + CONFIRM_WITHIN
        )

    def _was_held(self, row: Row[Any], since: datetime) -> bool:
        return any(
            (self._binds(row, hold.placed_at, since) or self._binds(row, hold.renewed_at, since))
            and _stood(hold.released_at, row)
            and (hold.until is None or hold.until > row.gated_at)
            for hold in self._holds.get(row.person_id, ())
        )

    def _was_promised(self, row: Row[Any], since: datetime) -> bool:
        """Until it is judged, as at the gate: the end of its grace alone ends no promise."""
        return any(
            self._binds(row, promise.made_at, since) and _stood(promise.ended_at, row)
            for promise in self._promises.get(self._customer[row.message_id], ())
        )

    def _was_planned(self, row: Row[Any], since: datetime) -> bool:
        """A plan stops no word of its own."""
        return self._subject[row.message_id] != SubjectKind.PLAN and any(
            self._binds(row, plan.resumed_at or plan.agreed_at, since)
            and (plan.state == "running" or (plan.ended_at and _stood(plan.ended_at, row)))
            for plan in self._plans.get(self._customer[row.message_id], ())
        )

    def _was_moot(self, row: Row[Any], since: datetime) -> bool:
        """It named an invoice that was settled, or disputed, when the gate was passed. An answer
        may be about just that."""
        return self._acted_at[row.message_id] is None and any(
            self._settled(i, row, since) or self._disputed(i, row, since) for i in row.invoice_ids
        )

    def _settled(self, invoice_id: int, row: Row[Any], since: datetime) -> bool:
        """What was taken back about then may have been missing already."""
        (invoice,) = self._invoices[invoice_id]
        paid = sum(
            allocation.amount_minor
            for allocation in self._paid.get(invoice_id, ())
            if allocation.at < since
            or (allocation.amount_minor < 0 and not _stood(allocation.at, row))
        )
        return bool(paid >= invoice.amount_minor > 0)

    def _disputed(self, invoice_id: int, row: Row[Any], since: datetime) -> bool:
        return any(
            dispute.opened_at < since
            and (dispute.state in CARVED_OUT or _stood(dispute.resolved_at, row))
            for dispute in self._disputes.get(invoice_id, ())
        )


def _stood(ended_at: datetime | None, row: Row[Any]) -> bool:
    """Whether what ended then still stood at the gate, whatever the order of the two."""
    return ended_at is None or ended_at > row.gated_at + AT_ONCE


def _grouped(session: Session, table: Table, column: str, values: Iterable[int]) -> Grouped:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for part in chunks(sorted(set(values))):
        for row in session.connection().execute(select(table).where(table.c[column].in_(part))):
            found[row._mapping[column]].append(row)
    return found


def nothing_outside_policy(session: Session, now: datetime) -> PromiseCheck:
    """Asks policy again for the instant of each attempt, with the contacts that came before it.

    Leaves out what left under other rules than today's, creditors whose rules cannot be read, and
    cases that cannot: those are stranded, which promise 9 says.
    """
    tally, catalogue = Tally(), Catalogue()
    catalogue.refresh(session)
    rules = _Rules(catalogue)
    for attempts in pages(session, _ATTEMPT, _COLUMNS, *_LEFT):
        page = [row for row in attempts if rules.are_those_of(row)]
        past = _Past(session, page, now)
        for row in page:
            asked = past.question(row)
            if asked is None:
                continue
            tally.examined += 1
            ruling = catalogue.policy(row.creditor_id).rules
            if isinstance(permits(*asked, ruling, row.gated_at), Refusal):
                tally.wrong("attempt", row.id)
    return tally.finding(
        4,
        "Nothing outside hours, caps and consent",
        "policy, asked again of what left under today's rules",
    )


class _Rules(dict[int, str | None]):
    """The hash of today's rules by creditor; None for one whose rules cannot be read."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def are_those_of(self, attempt: Row[Any]) -> bool:
        today = self[attempt.creditor_id]
        return today is not None and attempt.evidence.get("rules_hash") == today

    def __missing__(self, creditor_id: int) -> str | None:
        try:
            self[creditor_id] = self._catalogue.policy(creditor_id).rules.hash
        except NotPublished:
            self[creditor_id] = None
        return self[creditor_id]


class _Past:
    """What was so when each attempt of a page passed its gate. Zones and addresses are today's."""

    def __init__(self, session: Session, page: Sequence[Row[Any]], now: datetime) -> None:
        self._messages = _messages(session, [row.message_id for row in page])
        cases = {message.case_id for message in self._messages.values()}
        self._cases = {
            found.row["id"]: found
            for found in load(session, cases, now)
            if isinstance(found, Snapshot)
        }
        self._contacts = _contacts(session, {row.person_id for row in page})
        customers = {message.customer_id for message in self._messages.values()}
        self._words = _grouped(session, _CONSENT, "customer_id", customers)

    def question(self, row: Row[Any]) -> tuple[Proposal, Facts] | None:
        """What the gate asked policy. None when it cannot be known any more."""
        message = self._messages[row.message_id]
        snapshot = self._cases.get(message.case_id)
        if snapshot is None:
            return None
        category = Category(row.category)
        channel = self._channel(snapshot, message, category, row.gated_at)
        if channel is None:
            return None  # the address is gone since; promise 3 covers what was closed before
        before = tuple(
            contact
            for at, attempt_id, contact in self._contacts[row.person_id]
            if (at, attempt_id) < (row.gated_at, row.id)
        )
        facts = replace(
            snapshot.facts,
            channels=(channel,),
            contacts=before,
            ledger_as_of=None,
            ledger_max_age=None,
        )
        proposal = Proposal(
            channel,
            category,
            row.slot,
            message.answers_event_at,
            at_any_hour=at_any_hour(message.origin, category),
        )
        return proposal, facts

    def _channel(
        self, snapshot: Snapshot, message: Row[Any], category: Category, at: datetime
    ) -> ChannelFact | None:
        for channel in snapshot.facts.channels:
            if channel.contact_point_id == message.contact_point_id:
                word = self._word(message.customer_id, channel.medium, category, at)
                return replace(
                    channel,
                    suppressed=None,
                    unhealthy=None,
                    offers_stopped=False,
                    offers=None,
                    consent=word.state,
                    consent_at=word.at,
                    consent_written=word.is_written,
                )
        return None

    def _word(self, customer_id: int, medium: Medium, category: Category, at: datetime) -> Word:
        """The latest word on this medium by then; of a withdrawal just before, nothing is known."""
        not_about = Purpose.REMINDERS if category is Category.OFFER else Purpose.OFFERS
        words = [
            (word.at, word.id, word.given, word.method)
            for word in self._words.get(customer_id, ())
            if word.medium == medium
            and word.purpose != not_about
            and word.at <= (at if word.given else at - AT_ONCE)
        ]
        if not words:
            return NO_WORD
        said_at, _, given, method = max(words)
        return word_of(given=given, at=said_at, method=method)


def _messages(session: Session, ids: Sequence[int]) -> Mapping[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for part in chunks(ids):
        query = (
            select(
                _MESSAGE.c.id,
                _MESSAGE.c.case_id,
                _MESSAGE.c.customer_id,
                _MESSAGE.c.contact_point_id,
                _MESSAGE.c.answers_event_at,
                _MESSAGE.c.origin,
                _CAMPAIGN.c.subject,
            )
            .outerjoin_from(_MESSAGE, _CASE, _CASE.c.id == _MESSAGE.c.case_id)
            .outerjoin(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
            .where(_MESSAGE.c.id.in_(part))
        )
        found.update({row.id: row for row in session.connection().execute(query)})
    return found


def _contacts(
    session: Session, persons: Iterable[int]
) -> Mapping[int, list[tuple[datetime, int, PastContact]]]:
    """By person: when, which attempt, and what the caps see of it."""
    found: dict[int, list[tuple[datetime, int, PastContact]]] = defaultdict(list)
    for part in chunks(sorted(set(persons))):
        query = select(_ATTEMPT.c.id, *(_ATTEMPT.c[name] for name in _CONTACT_COLUMNS))
        for row in session.connection().execute(
            query.where(_ATTEMPT.c.person_id.in_(part), *_LEFT)
        ):
            contact = PastContact(
                at=row.gated_at,
                medium=Medium(row.medium),
                category=Category(row.category),
                creditor_id=row.creditor_id,
                slot=row.slot,
                failed=row.failed,
                exempt=row.exempt,
                invoice_ids=tuple(row.invoice_ids),
            )
            found[row.person_id].append((row.gated_at, row.id, contact))
    return found
