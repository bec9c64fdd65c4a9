"""What the console calls teams, queues and tasks, and why a task is where it is in its list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from app.intake.overdue import OVERDUE
from app.intake.queues import Queue
from app.intake.tasks import Team
from app.web.catalogues import N_

TEAMS: Final[Mapping[str, str]] = {
    Team.CARE: N_("Care"),
    Team.COLLECTIONS: N_("Collections"),
    Team.ENGINEERING: N_("Engineering"),
    Team.FINANCE: N_("Finance"),
    Team.OPERATIONS: N_("Operations"),
    Team.SALES: N_("Sales"),
    Team.SERVICE: N_("Service"),
}

QUEUES: Final[Mapping[str, str]] = {
    Queue.PLANS: N_("Plans"),
    Queue.DISPUTES: N_("Disputes"),
    Queue.HARDSHIP: N_("Hardship"),
    Queue.COMPLAINTS: N_("Complaints"),
    Queue.APPROVALS: N_("Approvals"),
    Queue.PAID: N_("Says it is paid"),
    Queue.REJECTS: N_("Rejected rows"),
    Queue.QUESTIONS: N_("Questions"),
    Queue.MONEY: N_("Money to settle"),
    Queue.OTHER: N_("Other tasks"),
}

HINTS: Final[Mapping[str, str]] = {
    Queue.PLANS: N_("Plans that customers ask for and may not agree alone."),
    Queue.DISPUTES: N_("Invoices that customers contest, and credit notes to book."),
    Queue.HARDSHIP: N_("Customers who cannot pay now. Read, call, help."),
    Queue.COMPLAINTS: N_("Complaints and questions of data, each with the day that the law sets."),
    Queue.APPROVALS: N_(
        "Rules that changed and texts that wait for somebody to answer for them."
        " Single messages wait for no approver."
    ),
    Queue.PAID: N_("Payments that customers say they made. Look for the money."),
    Queue.REJECTS: N_("Files of which rows stayed out. Mend the rows and take them again."),
    Queue.QUESTIONS: N_("What other teams ask. Your answer goes back to the asker."),
    Queue.MONEY: N_("Money that the books cannot settle alone."),
    Queue.OTHER: N_("All that has no list of its own."),
}

KINDS: Final[Mapping[str, str]] = {
    "plan_wished": N_("A plan outside of the limits"),
    "dispute": N_("A disputed invoice"),
    "credit_note": N_("Book a credit note"),
    "hardship": N_("A customer has a hard time"),
    "danger": N_("Somebody may be in danger"),
    "complaint": N_("A complaint"),
    "data_request": N_("A customer asks what we know of them"),
    "sign_off": N_("Rules changed: sign them again"),
    "approved_text": N_("A text lost its approval"),
    "already_paid": N_("A customer says that it is paid"),
    "import_rejects": N_("Rows of a file stayed out"),
    "question": N_("A question of another team"),
    "asked": N_("Asked of another team: read the answer"),
    "bank_match": N_("Money came in: whose is it?"),
    "bank_return": N_("Money went back: of which payment?"),
    "surplus": N_("Money that settles no invoice"),
    "excess": N_("More went back than is open"),
    "payment_contested": N_("A bank contests a payment"),
    "amount_differs": N_("Another amount was taken than was asked for"),
    "rate_missing": N_("A reference rate is missing"),
    "debit_refused": N_("A debit was refused"),
    "debit_unclear": N_("Was this card debited?"),
    "reply": N_("A reply to read"),
    "message": N_("A message to answer"),
    "unknown_writer": N_("A text of somebody unknown"),
    "call_me": N_("Call a customer at a chosen time"),
    "details_changed": N_("Details have changed: correct the book"),
    "wrong_person": N_("An address belongs to somebody else"),
    "mail_came_back": N_("A mail came back"),
    "hold": N_("A hold to look at"),
    "notice": N_("A notice that the law wants"),
    "defect": N_("A case cannot be decided"),
    "unclear": N_("Did this message go out?"),
}

WHY: Final[Mapping[str, str]] = {
    "danger": N_("A life may be at risk."),
    "complaint": N_("The law sets the day."),
    "data_request": N_("The law sets the day."),
    "plan_wished": N_("The customer was told this day."),
    "hardship": N_("The customer was told this day."),
    "call_me": N_("The customer chose this time."),
    "dispute": N_("The invoice is not asked for meanwhile."),
    "credit_note": N_("The invoice is not asked for meanwhile."),
    "already_paid": N_("Nobody is reminded meanwhile."),
    "question": N_("A colleague waits for it."),
    "asked": N_("The customer waits for what they say."),
    "import_rejects": N_("The book is not whole without it."),
}
"""Why a task is worth its place, for those whose kind says it."""


def title_of(row: Row[Any]) -> str:
    """In the console's words; a task that a journey gives has its author's own."""
    return KINDS.get(row.kind, row.title.removeprefix(OVERDUE))


def tags_of(row: Row[Any], asked: str | None, now: datetime) -> list[tuple[str, str]]:
    """How urgent it is and what became of questions about it, as pairs of kind and words."""
    if row.state == "done":
        return [("calm", N_("Finished"))]
    tags: list[tuple[str, str]] = []
    if row.due_at is None:
        tags.append(("plain", N_("No deadline")))
    elif row.due_at < now:
        tags.append(("bad", N_("Overdue")))
    if asked == "answered":
        tags.append(("good", N_("Answered")))
    elif asked == "open":
        tags.append(("wait", N_("Asked, waits for an answer")))
    return tags
