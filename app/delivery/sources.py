"""What a message's material is made of, as far as a change of it would change what is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from app.book.snapshot import Snapshot
from app.delivery.claim import Claimed
from app.delivery.copies import copied_to
from app.delivery.parties import LatestMoney, Parties, is_of_dispute
from app.delivery.talk import NO_TALK, Talk
from campaigns.facts import Facts
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category

_NOTHING_NEW: Final = LatestMoney()


@dataclass(frozen=True, slots=True)
class Sources:
    """All that a fingerprint is made of: from equal sources comes an equal fingerprint."""

    facts: Facts
    subject: str
    creditor: Row[Any]
    customer: Row[Any]
    contact: Row[Any] | None
    reached: tuple[str, ...]
    latest: LatestMoney
    credit: Mapping[str, int]
    disputes: Mapping[int, str]
    talk: Talk
    without_link: bool

    @classmethod
    def of(
        cls,
        claimed: Claimed,
        snapshot: Snapshot,
        parties: Parties,
        rules: RuleSet,
        now: datetime,
    ) -> Sources:
        row = claimed.row
        copies = copied_to(row, snapshot, parties.addresses)
        return cls(
            facts=snapshot.facts,
            subject=snapshot.row["subject"],
            creditor=parties.creditors[row["creditor_id"]],
            customer=parties.customers[row["customer_id"]],
            contact=parties.contacts.get(row["contact_point_id"]),
            reached=(parties.addresses[row["address_id"]], *copies),
            latest=parties.latest.get(row["customer_id"], _NOTHING_NEW),
            credit=parties.credits.get(row["customer_id"], {}),
            disputes=_disputes(row, snapshot, parties),
            talk=parties.talks.get(row["customer_id"], NO_TALK),
            without_link=forbids_link(row, snapshot, rules, now),
        )


def _disputes(row: Mapping[str, Any], snapshot: Snapshot, parties: Parties) -> Mapping[int, str]:
    """The numbers of what is contested, for the message that answers it."""
    if not is_of_dispute(row):
        return {}
    invoices = {invoice.id for invoice in snapshot.facts.invoices}
    return {id_: number for id_, number in parties.disputes.items() if id_ in invoices}


def forbids_link(row: Mapping[str, Any], snapshot: Snapshot, rules: RuleSet, now: datetime) -> bool:
    """Whether a rule forbids a link where this message goes."""
    facts, category = snapshot.facts, Category(row["category"])
    return any(
        rules.timeline(facts, channel, category).at(now).forbids_link
        for channel in facts.channels
        if channel.contact_point_id == row["contact_point_id"]
    )
