"""The rooms about people speak their reader's language: nothing in them is left in English."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.book.report import ImportReport, LineNote
from app.book.wrongs import AS_TOLD, CLAUSES, SENTENCES, wrong
from app.console.audit.words import ACTS
from app.console.codes import HOLDS, PROVIDERS
from app.console.customers.told import EVENTS
from app.console.task_titles import KINDS
from app.staff.acts import note_act
from app.staff.roles import Role
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import Case, Errand, Event, Hold, Refused, RejectedRow, Task
from campaigns.reasons import REASONS
from tests.app.book.test_wrongs import VALUES
from tests.app.console import waiting
from tests.app.console.audit.test_sentences import DETAIL
from tests.app.console.customers.lively import Lively, lively
from tests.app.console.customers.test_page import linked
from tests.app.console.reading import english_in
from tests.app.console.wordings import library_texts

_TASK = table_of(Task)
SHIPPED: Final = tuple(text for text in library_texts() if " " in text)
"""What journeys and templates that ship are called in English."""
LISTS: Final = ("customers", "inbox", "calls", "queues", "book/imports", "errands", "audit")


@pytest.fixture(scope="module")
def book(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lively]:
    folder = tmp_path_factory.mktemp("languages")
    shutil.copy(sqlite_template, folder / "duly.sqlite3")
    with lively(f"sqlite:///{folder / 'duly.sqlite3'}") as built:
        waiting.left_out(built.team, folder)
        waiting.disputed(built.team, built.dana)
        waiting.reported(built.team, built.dana)
        waiting.entry(built.team)
        with built.team.database.write() as session:
            _everything(session, built)
        yield built


def _everything(session: Session, book: Lively) -> None:
    """One row of each kind that these rooms tell of."""
    now, whose = book.team.clock.now(), book.jonas
    case = session.connection().execute(select(table_of(Case))).all()[-1]
    insert_rows(
        session,
        Refused,
        [
            {"case_id": case.id, "at": now + timedelta(seconds=at), "asked_by": "gate",
             "rule": "x", "reason": reason, "params": params, "medium": "sms"}
            for at, (reason, params) in enumerate(_refusals())
        ],
    )  # fmt: skip
    insert_rows(
        session,
        Event,
        [
            {"kind": kind, "at": now + timedelta(minutes=at), "customer_id": case.customer_id,
             "payload": {"signal": "payment_received", "until": "2026-09-07T09:00:00+00:00"}}
            for at, kind in enumerate(EVENTS)
        ],
    )  # fmt: skip
    insert_rows(session, Task, [_task(kind, whose, now) for kind in KINDS])
    insert_rows(
        session, Task, [_given(title, whose, now) for title in SHIPPED if title[0].isupper()]
    )
    insert_rows(
        session,
        Hold,
        [
            {"person_id": case.person_id, "customer_id": case.customer_id, "kind": kind,
             "placed_at": now, "renewed_at": now, "released_at": now}
            for kind in HOLDS
        ],
    )  # fmt: skip
    for act in ACTS:
        note_act(session, "op", act, about=("customer", whose), detail=DETAIL, now=now)
    reasons = [_reason(code) for code in (*CLAUSES, *SENTENCES, *AS_TOLD)]
    row = {"feed_id": 1, "line": 9, "cells": [""] * 5, "reasons": reasons, "kept_at": now}
    insert_rows(session, RejectedRow, [row])
    insert_rows(session, Errand, [_import(reasons, now)])


def _refusals() -> Iterator[tuple[str, dict[str, str]]]:
    for reason in REASONS:
        yield reason, {}
    for sentence in sorted(PROVIDERS):
        yield "provider_refused", {"why": sentence}


def _task(kind: str, whose: int, now: Any) -> dict[str, Any]:
    kind, _, ask = kind.partition(".")
    detail = {"ask": ask} if ask else {"feed_id": 1, "bank_entry_id": 1}
    title = "In English for the command line"
    return {"key": f"all:{kind}:{ask}", "team": "care", "kind": kind, "title": title,
            "customer_id": whose, "detail": detail, "created_at": now, "due_at": now}  # fmt: skip


def _given(title: str, whose: int, now: Any) -> dict[str, Any]:
    """A task that a journey gives has the title that stands there."""
    return _task("journey", whose, now) | {"key": f"all:given:{title}", "title": title}


def _reason(code: str) -> str:
    text = wrong(code, **VALUES)
    return f"amount {text}" if code in CLAUSES else text


def _import(reasons: list[str], now: Any) -> dict[str, Any]:
    report = ImportReport(file="f.csv", mapping="m", creditor="c", dry_run=False)
    report.rejects = [LineNote(7, "; ".join(reasons))]
    report.notes = [LineNote(8, reasons[-1])]
    told = {"feed": "book", "mapping": None}
    return {"kind": "import", "lane": "long", "asked_by": "op", "parameters": told,
            "state": "done", "result": {"reports": [report.as_json()]},
            "created_at": now}  # fmt: skip


@pytest.mark.parametrize("language", ["he", "ar"])
def test_nothing_is_left_in_english(book: Lively, language: str) -> None:
    seat = book.team.seat(Role.ADMIN, name="רות", language=language)
    left: dict[str, list[str]] = {}
    seen: set[str] = set()
    todo = [f"/console/{path}" for path in LISTS]
    todo += [f"/console/customers/{whose}" for whose in (book.dana, book.jonas)]
    todo += [f"/console/queues/tasks/{number}" for number in _behind(book)]
    while todo:
        path = todo.pop(0)
        seen.add(path)
        answer = seat.browser.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        page = answer.text
        found = english_in(page) + [name for name in SHIPPED if name in page]
        if found:
            left[path] = found
        todo += [each for each in _onward(page) if each not in seen | set(todo)]

    assert left == {}
    assert len(seen) > 20


def _behind(book: Lively) -> list[int]:
    """The tasks behind which there is something, unlike those that stand for their kind."""
    query = select(_TASK.c.id).where(_TASK.c.key.not_like("all:%"))
    with book.team.database.read() as session:
        return list(session.connection().scalars(query))


def _onward(page: str) -> list[str]:
    """The next page of a list, and what the lists of work lead to."""
    found = linked(page, r"/console/(?:queues/(?:rejects|bank)|inbox|calls|errands)/\d+")
    return found + linked(page, r"/console/customers/\d+\?[^\"#]*after=[^\"#]+")
