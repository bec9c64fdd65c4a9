"""What a creditor needs beside its book so that the loops run on it: campaigns and senders."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import Campaign, Creditor, Sender

SHIPPED_CAMPAIGNS = (
    ("gentle", "customer", "consumer_gentle", "kind == 'consumer'"),
    ("business", "customer", "business_net30", "kind == 'business'"),
    ("before_due", "invoice", "consumer_before_due", None),
    ("plans", "plan", "plan_upkeep", None),
    ("failed_cards", "subscription", "failed_card", None),
)
"""Small balances need thresholds of one's own; the yearly question is the team's to switch on."""

SANDBOX_SENDERS = (
    ("sms", "+15550100000"),
    ("email", "post@sandbox.example"),
    ("whatsapp", "+15550100000"),
)
SANDBOX_RATE = 1000.0  # a virtual clock stands still while a whole day's messages go out

_CREDITOR, _CAMPAIGN, _SENDER = table_of(Creditor), table_of(Campaign), table_of(Sender)


def outfit(session: Session) -> list[str]:
    """Gives every creditor that has none the shipped campaigns, and senders of the sandbox.

    Answers the creditors' names. For development and rehearsals: nothing here leaves the machine.
    """
    bare = _without(session, _CAMPAIGN.c.creditor_id)
    insert_rows(
        session,
        Campaign,
        [
            {
                "creditor_id": creditor_id,
                "name": name,
                "subject": subject,
                "journey": journey,
                "audience": audience,
            }
            for creditor_id in bare
            for name, subject, journey, audience in SHIPPED_CAMPAIGNS
        ],
    )
    mute = _without(session, _SENDER.c.creditor_id)
    insert_rows(
        session,
        Sender,
        [
            {
                "creditor_id": creditor_id,
                "medium": medium,
                "provider": "sandbox",
                "address": address,
                "display_name": name,
                "per_second": SANDBOX_RATE,
            }
            for creditor_id, name in mute.items()
            for medium, address in SANDBOX_SENDERS
        ],
    )
    return list(bare.values())


def _without(session: Session, owner: ColumnElement[int]) -> dict[int, str]:
    """The creditors that have no row whose `owner` column names them."""
    query = (
        select(_CREDITOR.c.id, _CREDITOR.c.name)
        .where(_CREDITOR.c.id.not_in(select(owner)))
        .order_by(_CREDITOR.c.id)
    )
    return {row.id: row.name for row in session.connection().execute(query)}
