"""What keys may do and how endpoints are, in the words of the team."""

from __future__ import annotations

from typing import Final

from app.api.scopes import Scope
from app.web.catalogues import N_

PLACE: Final = "/console/machines"
SCOPES: Final = {
    Scope.BOOK_READ: N_("read the book: customers, invoices, payments, consents"),
    Scope.BOOK_WRITE: N_("write the book"),
    Scope.CASES_READ: N_("read cases, their timelines and reasons"),
    Scope.CASES_WRITE: N_("start, hold and close cases"),
    Scope.MESSAGES_READ: N_("read messages with their texts"),
    Scope.APPROVALS_WRITE: N_("approve messages before they go"),
    Scope.ARRANGEMENTS_READ: N_("read promises, plans and disputes"),
    Scope.ARRANGEMENTS_WRITE: N_("make promises, plans and disputes"),
    Scope.TASKS_READ: N_("read tasks"),
    Scope.TASKS_WRITE: N_("finish tasks"),
    Scope.EVENTS_READ: N_("read events, also as they happen"),
    Scope.EVENTS_WRITE: N_("report events"),
    Scope.PAGE_CODES: N_("check codes of customers' pages"),
    Scope.WEBHOOKS: N_("say who is told of events"),
}
NO_NAME: Final = N_("Write what it is for, in 1 to 100 letters.")
NO_SCOPE: Final = N_("Choose at least one thing that it may do.")
NO_CREDITOR: Final = N_("There is no such creditor.")
NO_DAYS: Final = N_("Write a number of days from 1 to 3650, or nothing.")
NO_URL: Final = N_("Write a public address that begins with https://, without a user or a #.")
NO_KINDS: Final = N_("Write kinds of events like promise_made, with blanks between them.")
NO_DAY: Final = N_("Choose a day that is not in the future.")
TOO_MANY: Final = N_("There are %(most)s addresses already. End one first.")
REVOKED: Final = N_("The key is good for nothing any more.")
PAUSED: Final = N_("It is told of nothing for now. What happens meanwhile waits for it.")
RESUMED: Final = N_("It is told again, of what waited first.")
ENDED: Final = N_("It has ended.")
REPLAYED: Final = N_("It is told once more of all that happened since that day.")
WELL: Final = N_("It answered %(status)s after %(ms)s ms.")
NOT_WELL: Final = N_("It did not take the test: it answered %(status)s.")
NO_ANSWER: Final = N_("The test got no answer. Check the address, and that it can be reached.")
