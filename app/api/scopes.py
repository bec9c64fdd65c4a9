"""What a key may do. Values are stable: they are stored with each key and documented."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    BOOK_READ = "book:read"  # creditors, customers, contacts, consents, invoices, money
    BOOK_WRITE = "book:write"
    CASES_READ = "cases:read"  # campaigns, cases, their timelines and reasons
    CASES_WRITE = "cases:write"
    MESSAGES_READ = "messages:read"  # messages and attempts, with their texts
    APPROVALS_WRITE = "approvals:write"  # lets messages go that wait for somebody's word
    ARRANGEMENTS_READ = "arrangements:read"  # promises, plans, disputes
    ARRANGEMENTS_WRITE = "arrangements:write"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    EVENTS_READ = "events:read"  # the list of facts, live or by web hook
    EVENTS_WRITE = "events:write"
    PAGE_CODES = "page-codes"  # whether a code stands on a customer's page: for the creditor's site
    WEBHOOKS = "webhooks"  # who is told of events, and the log of it


READING = tuple(scope for scope in Scope if scope.endswith(":read"))


class UnknownScope(ValueError):
    """A word that is no scope."""


def read_scopes(words: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes of these words; `read` is all that read, `all` is all. Raises `UnknownScope`."""
    found: set[Scope] = set()
    for word in words:
        match word:
            case "all":
                found.update(Scope)
            case "read":
                found.update(READING)
            case _ if word in set(Scope):
                found.add(Scope(word))
            case _:
                known = ", ".join(Scope)
                raise UnknownScope(f"There is no scope `{word}`. Take `all`, `read`, or: {known}.")
    return tuple(scope for scope in Scope if scope in found)
