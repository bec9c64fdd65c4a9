"""What the console calls teams, queues and tasks, and why a task is where it is in its list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from app.intake.disputes import DisputeKind
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
        "Messages that a journey wants approved before they go; rules that changed and texts that"
        " wait for somebody to answer for them."
    ),
    Queue.PAID: N_("Payments that customers say they made. Look for the money."),
    Queue.REJECTS: N_("Files of which rows stayed out. Mend the rows and take them again."),
    Queue.QUESTIONS: N_("What other teams ask. Your answer goes back to the asker."),
    Queue.MONEY: N_("Money that the books cannot settle alone."),
    Queue.OTHER: N_("All that has no list of its own."),
}

DISPUTED: Final[Mapping[str, str]] = {
    DisputeKind.ALREADY_PAID: N_("Paid already"),
    DisputeKind.WRONG_AMOUNT: N_("The amount is wrong"),
    DisputeKind.NOT_RECEIVED: N_("Not received"),
    DisputeKind.NOT_MINE: N_("Not mine"),
    DisputeKind.OTHER: N_("Something else"),
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
    "message_approval": N_("It is not sent before, and after this time no more."),
    "question": N_("A colleague waits for it."),
    "asked": N_("The customer waits for what they say."),
    "import_rejects": N_("The book is not whole without it."),
}
"""Why a task is worth its place, for those whose kind says it."""


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
