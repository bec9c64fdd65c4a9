"""What the pages about one customer show of each kind of record, under which words.

A column that is not named here is in the JSON of the evidence alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.wording.bidi import FSI, LRI, PDI
from app.wording.formats import formats_for
from campaigns.money import Money

Row = Mapping[str, Any]


def N_(text: str) -> str:  # noqa: N802 (the name that gettext's tools look for)
    """Marks a text that is translated when the page is made."""
    return text


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are read from the rows of `section`, in their order."""

    heading: str
    section: str
    columns: tuple[str, ...]


TABLES: Final = (
    Table(
        N_("Blocked messages"),
        "refusals",
        ("at", "asked_by", "medium", "rule", "sentence", "look_again_at"),
    ),
    Table(
        N_("Journeys and decisions"),
        "cases",
        ("opened_at", "journey", "arm", "outcome", "sentence", "closed_at", "journey_hash"),
    ),
    Table(
        N_("Consents and withdrawals"),
        "consents",
        (
            *("at", "medium", "given", "purpose", "basis", "source", "method", "evidence"),
            "recorded_by",
        ),
    ),
    Table(
        N_("Addresses that are closed"),
        "suppressions",
        (
            *("at", "medium", "reason", "act", "evidence", "recorded_by", "lifted_at"),
            *("lifted_by", "lift_evidence"),
        ),
    ),
    Table(N_("Notices"), "notices", ("at", "act", "made_by", "message_id")),
    Table(N_("Holds"), "holds", ("placed_at", "kind", "until", "released_at", "rule", "why")),
    Table(N_("Promises"), "promises", ("made_at", "made_by", "amount", "due_on", "state")),
    Table(N_("Plans"), "plans", ("agreed_at", "agreed_by", "amount", "state", "ended_at")),
    Table(
        N_("Plans that were asked for"),
        "plan_wishes",
        (
            *("wished_at", "amount", "parts", "rhythm", "first_on", "answer_by", "state"),
            *("decided_at", "decided_by"),
        ),
    ),
    Table(N_("Disputes"), "disputes", ("opened_at", "kind", "words", "state", "resolved_at")),
    Table(N_("Hardship"), "hardships", ("reported_at", "kind", "words", "ended_at")),
    Table(
        N_("Complaints"),
        "complaints",
        ("received_at", "kind", "words", "answer_by", "rule", "answered_at"),
    ),
    Table(N_("Replies"), "replies", ("received_at", "medium", "text", "intent")),
    Table(N_("Tasks of the team"), "tasks", ("created_at", "team", "title", "state", "done_at")),
    Table(N_("Invoices"), "invoices", ("number", "issued_on", "due_on", "amount", "open")),
    Table(N_("Charges and interest"), "charges", ("claimed_on", "kind", "invoice", "working")),
    Table(N_("Payments"), "payments", ("paid_on", "amount", "method", "reference")),
    Table(N_("Money that went back"), "reversals", ("reversed_on", "kind", "amount")),
    Table(
        N_("Entries of bank statements"),
        "bank_entries",
        ("booked_on", "amount", "payer", "payer_account", "text"),
    ),
    Table(N_("Subscriptions"), "subscriptions", ("name", "amount", "card_state", "next_charge_on")),
    Table(
        N_("Cards that may be debited"),
        "mandates",
        (
            *("given_at", "given_by", "text_hash", "locale", "plan_id", "gateway", "brand"),
            *("last_four", "kept_at", "revoked_at", "revoked_by", "recorded_by"),
        ),
    ),
    Table(
        N_("Payments that were told of"),
        "proofs",
        ("told_at", "paid_on", "amount", "method", "file", "file_gone_at"),
    ),
    Table(
        N_("Questions between teams"),
        "questions",
        ("asked_at", "words", "answered_at", "answer"),
    ),
    Table(N_("Answers of the team"), "answers", ("written_at", "written_by", "words")),
    Table(
        N_("Calls that were asked for"),
        "calls",
        ("asked_at", "starts_at", "ends_at", "number", "cancelled_at"),
    ),
    Table(N_("Feedback"), "feedback", ("given_at", "answer", "words")),
    Table(N_("Addresses"), "addresses", ("kind", "value", "valid")),
    Table(N_("Contacts"), "contacts", ("name", "role", "locale")),
    Table(N_("Links"), "visits", ("created_at", "purpose", "message_id", "expires_at")),
    Table(N_("Events"), "events", ("at", "kind", "case_id", "message_id", "payload")),
)

IN_CONFIDENCE: Final = Table(
    N_("What you told us in confidence"), "special_notes", ("noted_at", "kind", "words")
)
MEANS: Final = Table(
    N_("Your income and costs"), "means", ("told_at", "income", "costs", "payable", "dependants")
)
"""In the customer's own copy alone."""

LABELS: Final[Mapping[str, str]] = {
    "act": N_("What"),
    "agreed_at": N_("Agreed at"),
    "agreed_by": N_("By"),
    "amount": N_("Amount"),
    "answer": N_("Answer"),
    "answer_by": N_("Answer by"),
    "answered_at": N_("Answered at"),
    "arm": N_("Arm"),
    "asked_at": N_("Asked at"),
    "asked_by": N_("Asked by"),
    "at": N_("When"),
    "basis": N_("Basis"),
    "booked_on": N_("Booked on"),
    "brand": N_("Brand"),
    "cancelled_at": N_("Cancelled at"),
    "card_state": N_("Card"),
    "case_id": N_("Journey"),
    "claimed_on": N_("Claimed on"),
    "closed_at": N_("Closed at"),
    "costs": N_("Fixed costs a month"),
    "created_at": N_("Made at"),
    "decided_at": N_("Decided at"),
    "decided_by": N_("Decided by"),
    "dependants": N_("People who live on it"),
    "done_at": N_("Done at"),
    "due_on": N_("Due on"),
    "ended_at": N_("Ended at"),
    "ends_at": N_("Ends at"),
    "evidence": N_("Proof"),
    "expires_at": N_("Works until"),
    "file": N_("File"),
    "file_gone_at": N_("File deleted at"),
    "first_on": N_("First part on"),
    "gateway": N_("Gateway"),
    "given": N_("Given"),
    "given_at": N_("Given at"),
    "given_by": N_("By"),
    "income": N_("Income a month"),
    "intent": N_("Read as"),
    "invoice": N_("For the invoice"),
    "issued_on": N_("Issued on"),
    "journey": N_("Journey"),
    "journey_hash": N_("Version"),
    "kept_at": N_("Kept at"),
    "kind": N_("Kind"),
    "last_four": N_("Ends in"),
    "lift_evidence": N_("Proof of the lift"),
    "lifted_at": N_("Lifted at"),
    "lifted_by": N_("Lifted by"),
    "locale": N_("Language"),
    "look_again_at": N_("Looked at again"),
    "made_at": N_("Made at"),
    "made_by": N_("By"),
    "medium": N_("Medium"),
    "message_id": N_("Message"),
    "method": N_("How"),
    "name": N_("Name"),
    "next_charge_on": N_("Next charge"),
    "noted_at": N_("Noted at"),
    "number": N_("Number"),
    "open": N_("Open"),
    "opened_at": N_("Opened at"),
    "outcome": N_("Outcome"),
    "paid_on": N_("Paid on"),
    "parts": N_("Parts"),
    "payable": N_("Can be paid a month"),
    "payer": N_("Payer"),
    "payer_account": N_("Account"),
    "payload": N_("Details"),
    "placed_at": N_("Placed at"),
    "plan_id": N_("Plan"),
    "purpose": N_("For"),
    "reason": N_("Why"),
    "received_at": N_("Received at"),
    "recorded_by": N_("Recorded by"),
    "reference": N_("Reference"),
    "released_at": N_("Released at"),
    "reported_at": N_("Reported at"),
    "resolved_at": N_("Resolved at"),
    "reversed_on": N_("Went back on"),
    "revoked_at": N_("Revoked at"),
    "revoked_by": N_("Revoked by"),
    "rhythm": N_("How often"),
    "role": N_("Role"),
    "rule": N_("Rule"),
    "sentence": N_("Why"),
    "source": N_("Where"),
    "starts_at": N_("Begins at"),
    "state": N_("State"),
    "team": N_("Team"),
    "text": N_("Text"),
    "text_hash": N_("Version"),
    "title": N_("Task"),
    "told_at": N_("Told at"),
    "until": N_("Until"),
    "valid": N_("In use"),
    "value": N_("Address"),
    "why": N_("Why"),
    "wished_at": N_("Asked at"),
    "words": N_("Words"),
    "working": N_("How it is reckoned"),
    "written_at": N_("Written at"),
    "written_by": N_("By"),
}
ABOUT: Final[Mapping[str, str]] = {
    "external_id": N_("Customer number"),
    "name": N_("Name"),
    "given_name": N_("Given name"),
    "family_name": N_("Family name"),
    "vocative": N_("How we greet you"),
    "gender": N_("Gender"),
    "formality": N_("Form of address"),
    "locale": N_("Language"),
    "country": N_("Country"),
    "region": N_("Region"),
    "zone": N_("Time zone"),
    "postal": N_("Postal address"),
    "birth_year": N_("Year of birth"),
    "preferred_medium": N_("Preferred medium"),
    "pay_day": N_("Pay day"),
    "custom": N_("Other details"),
}
YES, NO = N_("yes"), N_("no")


_WORDS: Final = frozenset(
    {"name", "given_name", "family_name", "vocative", "payer", "text", "title", "words", "answer"}
)
"""Columns in which somebody speaks; in others a word is a code."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`is_code` is what no language is spoken in: it reads from the left everywhere."""

    text: str
    is_code: bool = False


def cell(row: Row, column: str, locale: str) -> Cell:
    """One value as people read it. YES and NO are said in the page's language by the page."""
    match column:
        case "amount" | "open" | "income" | "costs" | "payable":
            minor = row[f"{column}_minor"]
            return Cell(_money(minor, row["currency"], locale) if minor is not None else "")
        case "file":
            return Cell(str(row["document"] or "").partition("/")[2], is_code=True)
        case "invoice":
            return Cell(str(row["working"]["number"]), is_code=True)
        case "working":
            return Cell(_working(row["working"], locale), is_code=True)
        case "journey_hash" | "text_hash":
            return Cell(str(row[column])[:12], is_code=True)
        case _ if column in _WORDS:
            return Cell(str(row.get(column) or ""))
        case _:
            return _plain(row.get(column))


def _plain(value: Any) -> Cell:
    match value:
        case None:
            return Cell("")
        case bool():
            return Cell(YES if value else NO)
        case datetime():
            return Cell(f"{value:%Y-%m-%d %H:%M}", is_code=True)
        case Mapping():
            told = ", ".join(f"{name}: {_listed(each)}" for name, each in value.items())
            return Cell(told, is_code=True)
        case str():
            return Cell(value, is_code=value.isascii() and " " not in value)
        case _:
            return Cell(_listed(value), is_code=True)


def _listed(value: Any) -> str:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return " ".join(map(str, value)) if is_list else str(value)


def _working(working: Mapping[str, Any], locale: str) -> str:
    """Each span on a line of its own; a fixed sum is its total."""

    def said(minor: int) -> str:
        return f"{FSI}{_money(minor, working['currency'], locale)}{PDI}"

    spans = working.get("spans", ())
    lines = [
        f"{span['from']} – {span['to']}: {said(span['principal_minor'])}"
        f" × {LRI}{span['rate']} %{PDI}"
        f" = {said(span['amount_minor'])}"
        for span in spans
    ]
    return "\n".join([*lines, said(working["total_minor"])])


def _money(minor: int, currency: str, locale: str) -> str:
    return formats_for(locale).money(Money(minor, currency))
