"""All that is on record about one customer, as one document that others may keep and check.

Schema `duly-evidence/1`. The order is that of the rows' ids. Links are masked: whoever holds the
file cannot open a customer's page with it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from app.intake.means import means_of
from app.intake.special import SPECIAL_DATA, notes_of
from app.records.history import History, read_history
from app.records.page import Reader, copied, copy_page, evidence_page
from app.records.trail import link_persons
from app.records.verify import verify_persons
from app.store.documents import Documents
from app.store.given import dicts, table_of
from app.store.rows import Revision, TrailHead, TrailLine
from app.wording.links import mask
from campaigns.reasons import REASONS, sentence

SCHEMA: Final = "duly-evidence/1"
_HIDDEN: Final = frozenset({"token_hash", "url", "session_id", "lease_until", "fence"})
_LINE, _HEAD, _REVISION = table_of(TrailLine), table_of(TrailHead), table_of(Revision)

Row = Mapping[str, Any]


def evidence(session: Session, customer_id: int, now: datetime) -> dict[str, Any]:
    """The document. Links what is new of the person first, so that the head covers all of it.

    Raises `LookupError` where there is no such customer.
    """
    history = read_history(session, customer_id)
    if history is None:
        raise LookupError(f"There is no customer {customer_id}.")
    link_persons(session, [history.customer["person_id"]])
    return {
        "schema": SCHEMA,
        "made_at": now,
        "customer": _shown(history.customer),
        "creditor": {name: history.creditor[name] for name in ("id", "external_id", "name")},
        **{name: [_told(row) for row in rows] for name, rows in _sections(history)},
        "versions": _versions(session, history),
        "trail": _trail(session, history.customer["person_id"]),
    }


def own_copy(session: Session, customer_id: int, now: datetime) -> dict[str, Any]:
    """The document with what the customer told in confidence, for them alone: that it was read out
    for that is on record. Raises `LookupError` where there is no such customer."""
    told = evidence(session, customer_id, now)
    reader = "copy for the customer"
    notes = notes_of(session, customer_id, read_by=reader, now=now)
    means = means_of(session, customer_id, read_by=reader, now=now)
    return {**told, "special_notes": notes, "means": means}


def bundle(told: Mapping[str, Any], reader: Reader, documents: Documents | None = None) -> bytes:
    """The document, its page, and of `documents` the files that the customer handed in, in one
    file: byte for byte the same for the same document."""
    page = evidence_page(told, reader)
    files = _handed_in(told, documents)
    return _zipped({"evidence.json": as_json(told), "evidence.html": page, **files})


def copy_bundle(
    told: Mapping[str, Any], reader: Reader, documents: Documents | None = None
) -> bytes:
    """What a customer gets who asks for a copy of their data (GDPR Art. 15 and 20): of the same
    document what is their own, to read and for programs, and the files that they handed in."""
    own = copied(told)
    files = _handed_in(told, documents)
    return _zipped({"data.json": as_json(own), "data.html": copy_page(own, reader), **files})


def _handed_in(told: Mapping[str, Any], documents: Documents | None) -> dict[str, bytes]:
    """Those that are still kept, by the name that the page says."""
    found = {}
    for row in told["proofs"]:
        document = documents.find(row["document"]) if documents and row["document"] else None
        if document is not None:
            found[document.name] = document.path.read_bytes()
    return found


def _zipped(files: Mapping[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def as_json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2, default=_spelled) + "\n"


def _spelled(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _sections(history: History) -> Iterable[tuple[str, Sequence[Row]]]:
    yield "contacts", history.contacts
    yield "addresses", history.addresses
    yield "suppressions", history.suppressions
    yield "consents", history.consents
    yield "invoices", list(history.invoices.values())
    yield "payments", list(history.payments.values())
    yield "reversals", list(history.reversals.values())
    yield "allocations", history.allocations
    yield "cases", list(history.cases.values())
    yield "messages", list(history.messages.values())
    yield "attempts", list(history.attempts.values())
    yield "refusals", history.refusals
    yield "notices", history.notices
    yield "charges", history.charges
    yield "promises", list(history.promises.values())
    yield "plans", list(history.plans.values())
    yield "plan_wishes", list(history.plan_wishes.values())
    yield "instalments", history.instalments
    yield "disputes", list(history.disputes.values())
    yield "hardships", history.hardships
    yield "complaints", history.complaints
    yield "holds", history.holds
    yield "tasks", history.tasks
    yield "replies", [_in_general(row) for row in history.replies.values()]
    yield "visits", history.links
    yield "checkouts", history.checkouts
    yield "bank_entries", history.bank_entries
    yield "subscriptions", history.subscriptions
    yield "mandates", history.mandates
    yield "proofs", history.proofs
    yield "answers", history.answers
    yield "calls", history.calls
    yield "feedback", history.feedback
    yield "team_notes", history.team_notes
    yield "questions", history.questions
    yield "events", history.events


def _in_general(reply: Row) -> Row:
    """What was said in confidence stands on a note: of the reply only that it came."""
    is_special = reply["intent"] == SPECIAL_DATA
    return {**reply, "text": "", "meant": []} if is_special else reply


def _told(row: Row) -> dict[str, Any]:
    """A row, with the sentence of its reason."""
    told = _shown(row)
    reason = row.get("reason")
    if reason in REASONS:
        blanks = row.get("params") or row.get("reason_params") or {}
        told["sentence"] = sentence(str(reason), {name: str(v) for name, v in blanks.items()})
    return told


def _shown(row: Row) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    for name in ("text", "html", "subject"):
        if isinstance(shown.get(name), str):
            shown[name] = mask(shown[name])
    return shown


def _versions(session: Session, history: History) -> list[dict[str, Any]]:
    """Which journeys, words and rules were in force, by the hashes that attempts and cases name."""
    hashes = {case["journey_hash"] for case in history.cases.values()}
    for attempt in history.attempts.values():
        hashes |= {attempt["template_hash"], attempt["evidence"].get("journey")}
    columns = (_REVISION.c.hash, _REVISION.c.kind, _REVISION.c.name, _REVISION.c.published_at)
    query = select(*columns).where(_REVISION.c.hash.in_(sorted(filter(None, hashes))))
    return dicts(session.connection().execute(query.order_by(_REVISION.c.kind, _REVISION.c.hash)))


def _trail(session: Session, person_id: int) -> dict[str, Any]:
    """The person's lines as hashes, the head that they end in, and whether all of them fit."""
    names = ("number", "kind", "row_id", "content", "digest")
    lines = select(*(_LINE.c[name] for name in names)).where(_LINE.c.person_id == person_id)
    head = select(_HEAD.c.number, _HEAD.c.digest).where(_HEAD.c.person_id == person_id)
    found = dicts(session.connection().execute(head))
    return {
        "head": found[0] if found else None,
        "broken": [str(one) for one in verify_persons(session, [person_id]).broken],
        "lines": dicts(session.connection().execute(lines.order_by(_LINE.c.number))),
    }
