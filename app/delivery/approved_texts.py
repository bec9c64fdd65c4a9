"""Texts that a provider was asked to approve: what there is to submit, and what became of it.

The provider changes its mind without telling: it approves, pauses and rejects. Its word is read
back again and again; a text that may not leave any more is work for a person.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.delivery.calls import Run
from app.intake.tasks import Team
from app.store.bulk import insert_new, insert_rows, update_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import ApprovedText, Task
from app.wording.blanks import Body, blanks_of, bodies
from app.wording.errors import WordingError
from app.wording.render import Wording
from app.wording.samples import SAMPLES, render_sample
from campaigns.vocabulary import Category
from channels.errors import SendError
from channels.twilio_codes import PROVIDER
from channels.twilio_content import Content

Ask = Callable[[], Coroutine[Any, Any, list[Content] | SendError]]
"""Reads all contents of the account."""

_OVER: Final = ("rejected", "paused", "disabled")
_LINK: Final = "https://pay.example.com/p/sample"

_TEXT = table_of(ApprovedText)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """One text that WhatsApp can be asked to approve; `samples` fill its blanks for the reader."""

    name: str
    template: str
    template_hash: str
    locale: str
    body: str
    category: str
    samples: Mapping[str, str] = field(default_factory=dict)


def submissions(wording: Wording, template: str, locale: str) -> list[Submission]:
    """Every text that the template can come to in this language. Raises `WordingError`."""
    words = wording.words_of(template, locale)
    category = "MARKETING" if words.category == Category.OFFER else "UTILITY"
    samples = _sample_texts(wording, template, words.locale)
    return [
        Submission(
            name=f"{template}_{words.locale}_{_digest(body.text)}",
            template=template,
            template_hash=wording.hash_of(template),
            locale=words.locale,
            body=body.text,
            category=category,
            samples=_samples(body, samples),
        )
        for body in bodies(words)
    ]


def missing(session: Session, wanted: Sequence[Submission]) -> list[Submission]:
    """Those that were not submitted yet. A rejected text is not submitted again as it is."""
    query = select(_TEXT.c.name).where(_TEXT.c.name.in_([one.name for one in wanted]))
    known = set(session.connection().execute(query).scalars())
    return [one for one in wanted if one.name not in known]


def keep(session: Session, one: Submission, content: Content, now: datetime) -> None:
    """A submission that the provider has taken."""
    row = {
        "provider": PROVIDER,
        "content_id": content.id,
        "name": one.name,
        "template": one.template,
        "template_hash": one.template_hash,
        "locale": one.locale,
        "body": one.body,
        "status": content.status,
        "category": content.category,
        "reason": content.reason,
        "created_at": now,
        "checked_at": now,
    }
    insert_rows(session, ApprovedText, [row])


def take_word(session: Session, told: Sequence[Content], now: datetime) -> list[str]:
    """What the provider says now of the texts that we know. Answers the names of those that
    changed; what may not leave any more, and what changed its category, is a task."""
    known = {row.content_id: row for row in session.connection().execute(select(_TEXT))}
    ours = [(known[one.id], one) for one in told if one.id in known]
    update_rows(session, ApprovedText, [_word(row, one, now) for row, one in ours])
    changed = [(row, one) for row, one in ours if _says(row) != (one.status, one.category)]
    insert_new(session, Task, [_task(row, one, now) for row, one in changed if _matters(row, one)])
    return [row.name for row, _ in changed]


class ApprovalReading:
    """The loop that reads the provider's word back."""

    def __init__(self, database: Database, ask: Ask, *, run: Run = asyncio.run) -> None:
        self._database = database
        self._ask = ask
        self._run = run

    def tick(self, now: datetime) -> int:
        """Answers how many texts changed. A provider that does not answer changes nothing."""
        with self._database.read() as session:
            if session.connection().execute(select(_TEXT.c.id).limit(1)).first() is None:
                return 0
        told = self._run(self._ask())
        if isinstance(told, SendError):
            log.warning("approvals cannot be read: %s %s", told.kind, told.code)
            return 0
        with self._database.write() as session:
            return len(take_word(session, told, now))


def _says(row: Row[Any]) -> tuple[str, str]:
    return row.status, row.category


def _matters(row: Row[Any], told: Content) -> bool:
    """Whether somebody has to look: it is over, or it became marketing behind our back."""
    return told.status in _OVER or (bool(row.category) and told.category != row.category)


def _word(row: Row[Any], told: Content, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": told.status,
        "category": told.category,
        "reason": told.reason,
        "checked_at": now,
    }


def _task(row: Row[Any], told: Content, now: datetime) -> dict[str, Any]:
    is_over = told.status in _OVER
    title = (
        f"WhatsApp {told.status} a text that is in use"
        if is_over
        else f"WhatsApp made a text {told.category}"
    )
    which = {} if is_over else {"ask": "category"}
    return {
        "key": f"approved_text:{row.id}:{told.status}:{told.category}:{now:%Y-%m-%d}",
        "team": Team.ENGINEERING,
        "kind": "approved_text",
        "title": title,
        "detail": {
            **which,
            "name": row.name,
            "was": row.status,
            "is": told.status,
            "why": told.reason,
        },
        "created_at": now,
    }


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:10]


def _sample_texts(wording: Wording, template: str, locale: str) -> list[str]:
    texts = []
    for sample in SAMPLES:
        try:
            texts.append(render_sample(template, "whatsapp", locale, sample, wording=wording).text)
        except WordingError:
            continue  # a customer of another kind than the template is for
    return texts


def _samples(body: Body, texts: Sequence[str]) -> Mapping[str, str]:
    """From a sample customer whom this text fits, else the names of the variables."""
    for text in texts:
        found = blanks_of(body.text, text)
        if found is not None:
            return {n: _LINK if "{{link:" in value else value for n, value in found.items()}
    return dict(body.variables)
