"""Whether every attempt was right to leave: policy is asked anew for the instant of each.

What was known then is read from what was kept, without the gate's own code where it can be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.snapshot import Snapshot, load
from app.book.snapshot_channels import NO_WORD, Word, word_of
from app.book.snapshot_parts import CONTACT_MEMORY, PLACES, calls
from app.engine.catalogue import Catalogue, NotPublished
from app.engine.checks.attempts import AT_ONCE, COLUMNS, LEFT, grouped, messages_of
from app.engine.checks.finding import PromiseCheck, Tally
from app.engine.checks.pages import pages
from app.store.given import chunks, table_of
from app.store.rows import Attempt, Consent
from campaigns.facts import ChannelFact, Facts, PastContact
from campaigns.origins import OPTED_OUT, at_any_hour, passes
from campaigns.policy import permits
from campaigns.proposal import Proposal, Refusal
from campaigns.vocabulary import Category, Medium, Purpose

_ATTEMPT, _CONSENT = table_of(Attempt), table_of(Consent)
_CONTACT_COLUMNS = (
    "person_id", "creditor_id", "medium", "category", "slot", "exempt", "failed", "invoice_ids",
    "gated_at", "place",
)  # fmt: skip


def nothing_outside_policy(session: Session, now: datetime) -> PromiseCheck:
    """Asks policy again for the instant of each attempt, with the contacts that came before it.

    Leaves out what left under other rules than today's, creditors whose rules cannot be read, and
    cases that cannot: those are stranded, which promise 9 says.
    """
    tally, catalogue = Tally(), Catalogue()
    catalogue.refresh(session)
    rules = _Rules(catalogue)
    for attempts in pages(session, _ATTEMPT, COLUMNS, *LEFT):
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
        self._messages = messages_of(session, [row.message_id for row in page])
        cases = {message.case_id for message in self._messages.values()}
        self._cases = {
            found.row["id"]: found
            for found in load(session, cases, now)
            if isinstance(found, Snapshot)
        }
        persons = sorted({row.person_id for row in page})
        self._contacts = _contacts(session, persons)
        begins = min((row.gated_at for row in page), default=now)
        self._calls = calls(session, persons, begins - CONTACT_MEMORY)
        customers = {message.customer_id for message in self._messages.values()}
        self._words = grouped(session, _CONSENT, "customer_id", customers)

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
        written = (
            contact
            for at, attempt_id, contact in self._contacts[row.person_id]
            if (at, attempt_id) < (row.gated_at, row.id)
        )
        called = (
            call for call in self._calls.get(row.person_id, ()) if call.at <= row.gated_at - AT_ONCE
        )
        facts = replace(
            snapshot.facts,
            channels=(channel,),
            contacts=(*written, *called),
            ledger_as_of=None,
            ledger_max_age=None,
        )
        proposal = Proposal(
            channel,
            category,
            row.slot,
            message.answers_event_at,
            at_any_hour=at_any_hour(message.origin, category),
            passes=passes(message.origin, category) or OPTED_OUT,
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


def _contacts(
    session: Session, persons: Iterable[int]
) -> Mapping[int, list[tuple[datetime, int, PastContact]]]:
    """By person: when, which attempt, and what the caps see of it."""
    found: dict[int, list[tuple[datetime, int, PastContact]]] = defaultdict(list)
    for part in chunks(sorted(set(persons))):
        query = select(_ATTEMPT.c.id, *(_ATTEMPT.c[name] for name in _CONTACT_COLUMNS))
        for row in session.connection().execute(query.where(_ATTEMPT.c.person_id.in_(part), *LEFT)):
            contact = PastContact(
                at=row.gated_at,
                medium=Medium(row.medium),
                category=Category(row.category),
                creditor_id=row.creditor_id,
                slot=row.slot,
                failed=row.failed,
                exempt=row.exempt,
                invoice_ids=tuple(row.invoice_ids),
                place=PLACES[row.place],
            )
            found[row.person_id].append((row.gated_at, row.id, contact))
    return found
