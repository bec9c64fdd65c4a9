"""What is done to a draft. Each act names the revision that it has seen, so that two designers
never overwrite each other; whoever is behind is told what is there now.

    open -> submitted -> approved -> published
    submitted, approved -> open           by a rejection, and by whoever goes on editing
    open, submitted, approved -> withdrawn

An approval is of one content, by somebody who has not written in it, on what was current then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.drafting.checking import Checked, check
from app.drafting.contents import Files, Kind, hash_of, packed
from app.drafting.errors import (
    BaseMoved,
    NoSuchVersion,
    NothingChanged,
    NotMerged,
    NotSound,
    SamePerson,
    StaleDraft,
    WrongState,
)
from app.drafting.merging import merged
from app.drafting.origin import files_of, published, versions
from app.drafting.reading import Draft, State, draft, live, writers
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.given import table_of
from app.store.publishing import current_of
from app.store.publishing import publish as publish_text
from app.store.rows import Draft as DraftRow
from app.store.rows import DraftEvent

_DRAFT = table_of(DraftRow)
_LIVE = frozenset({State.OPEN, State.SUBMITTED, State.APPROVED})


def begin(session: Session, kind: Kind, name: str, *, by: str, now: datetime) -> Draft:
    """The draft of this name that is open, or a new one from what is published. Raises
    `NoSuchVersion`."""
    found = live(session, kind, name)
    if found is not None:
        return found
    current = published(session, kind, name)
    if current is None:
        raise NoSuchVersion(kind, name)
    digest, files = current
    return _begun(session, kind, name, files, files, digest, by=by, now=now)


def begin_new(
    session: Session, kind: Kind, name: str, files: Files, *, by: str, now: datetime
) -> Draft:
    """The same for a name under which nothing is published yet: it begins with these files."""
    found = live(session, kind, name)
    if found is not None:
        return found
    if current_of(session, kind, name) is not None:
        return begin(session, kind, name, by=by, now=now)
    return _begun(session, kind, name, files, {}, None, by=by, now=now)


def roll_back(
    session: Session, kind: Kind, name: str, sequence: int, *, by: str, now: datetime
) -> Draft:
    """A draft that says what an earlier publication said, to be approved like any other. Raises
    `NoSuchVersion`, and `WrongState` while a draft of this name is open."""
    found = live(session, kind, name)
    if found is not None:
        raise WrongState(found, "replaced")
    known = versions(session, kind, name)
    earlier = next((each for each in known if each.sequence == sequence), None)
    if earlier is None:
        raise NoSuchVersion(kind, name)
    files = files_of(session, kind, name, earlier.hash)
    base_hash = known[0].hash
    base = files_of(session, kind, name, base_hash)
    return _begun(session, kind, name, files, base, base_hash, by=by, now=now)


def save(
    session: Session, draft_id: int, seen: int, files: Files, *, by: str, now: datetime
) -> Draft:
    """Puts these files in. What was submitted or approved is open again. Whatever is wrong with
    them, they are kept; the same again changes nothing. Raises `StaleDraft` and `WrongState`."""
    held = _held(session, draft_id, seen, _LIVE, "saved")
    if hash_of(files) == held.content_hash:
        return held
    fresh = {"content": packed(files), "edited_by": by, "edited_at": now}
    return _move(session, held, "saved", by, now, state=State.OPEN, approved_hash=None, **fresh)


def check_draft(session: Session, held: Draft, *, now: datetime) -> Checked:
    """Everything that is wrong with the draft."""
    return check(session, held.kind, held.name, held.files, now=now)


def submit(session: Session, draft_id: int, seen: int, *, by: str, now: datetime) -> Draft:
    """Asks for a second person. Raises `NotSound`, `NothingChanged` and `BaseMoved`, too."""
    held = _held(session, draft_id, seen, {State.OPEN}, "submitted")
    _ensure_publishable(session, held, now)
    return _move(session, held, "submitted", by, now, state=State.SUBMITTED, note="",
                 submitted_by=by, submitted_at=now)  # fmt: skip


def approve(
    session: Session, draft_id: int, seen: int, *, by: str, now: datetime, note: str = ""
) -> Draft:
    """Lets it be published as it is. Raises `SamePerson` for whoever wrote in it."""
    held = _held(session, draft_id, seen, {State.SUBMITTED}, "approved")
    if by in writers(session, draft_id):
        raise SamePerson
    _ensure_publishable(session, held, now)
    return _move(session, held, "approved", by, now, state=State.APPROVED, note=note,
                 decided_by=by, decided_at=now, approved_hash=held.content_hash)  # fmt: skip


def reject(
    session: Session, draft_id: int, seen: int, *, by: str, now: datetime, note: str
) -> Draft:
    """Gives it back to its author, with what is to be done."""
    held = _held(session, draft_id, seen, {State.SUBMITTED, State.APPROVED}, "rejected")
    return _move(session, held, "rejected", by, now, state=State.OPEN, note=note,
                 decided_by=by, decided_at=now, approved_hash=None)  # fmt: skip


def publish(session: Session, draft_id: int, seen: int, *, by: str, now: datetime) -> Draft:
    """Makes it the one that runs: what was approved, checked once more. Raises as `submit`."""
    held = _held(session, draft_id, seen, {State.APPROVED}, "published")
    if held.approved_hash != held.content_hash:
        raise WrongState(held, "published")
    text = _ensure_publishable(session, held, now)
    try:
        with session.begin_nested():
            digest = publish_text(session, held.kind, held.name, text, now=now)
    except IntegrityError:
        raise BaseMoved from None
    return _move(session, held, "published", by, now, state=State.PUBLISHED,
                 published_hash=digest, closed_by=by, closed_at=now)  # fmt: skip


def withdraw(session: Session, draft_id: int, seen: int, *, by: str, now: datetime) -> Draft:
    """Puts it away. It stays on record."""
    held = _held(session, draft_id, seen, _LIVE, "withdrawn")
    return _move(session, held, "withdrawn", by, now, state=State.WITHDRAWN,
                 closed_by=by, closed_at=now)  # fmt: skip


def is_behind(session: Session, held: Draft) -> bool:
    """Whether something else was published since the draft was begun."""
    return current_of(session, held.kind, held.name) != held.base_hash


def take_in(session: Session, draft_id: int, seen: int, *, by: str, now: datetime) -> Draft:
    """Takes in what was published since. Raises `NotMerged` where both changed the same lines."""
    held = _held(session, draft_id, seen, _LIVE, "merged")
    digest, theirs = _theirs(session, held)
    files, conflicts = merged(held.base, held.files, theirs)
    if conflicts:
        raise NotMerged(conflicts)
    return _rebased(session, held, files, theirs, digest, by=by, now=now)


def keep_mine(session: Session, draft_id: int, seen: int, *, by: str, now: datetime) -> Draft:
    """Takes in what was published since, and keeps the draft's own words wherever both differ: its
    difference then shows what of that it would undo."""
    held = _held(session, draft_id, seen, _LIVE, "merged")
    digest, theirs = _theirs(session, held)
    files, _ = merged(held.base, held.files, theirs)
    return _rebased(session, held, files, theirs, digest, by=by, now=now)


def _theirs(session: Session, held: Draft) -> tuple[str, dict[str, str]]:
    current = published(session, held.kind, held.name)
    if current is None:
        raise NoSuchVersion(held.kind, held.name)
    return current


def _rebased(
    session: Session, held: Draft, files: Files, base: Files, digest: str, *, by: str, now: datetime
) -> Draft:
    fresh = {"content": packed(files), "base": packed(base), "base_hash": digest}
    return _move(session, held, "merged", by, now, state=State.OPEN, approved_hash=None,
                 edited_by=by, edited_at=now, **fresh)  # fmt: skip


def _ensure_publishable(session: Session, held: Draft, now: datetime) -> str:
    """The text that would be published."""
    if is_behind(session, held):
        raise BaseMoved
    if held.files == held.base:
        raise NothingChanged
    checked = check_draft(session, held, now=now)
    if checked.text is None:
        raise NotSound(checked.errors)
    return checked.text


def _held(
    session: Session, draft_id: int, seen: int, states: frozenset[State] | set[State], act: str
) -> Draft:
    held = draft(session, draft_id)
    if held.revision != seen:
        raise StaleDraft(held)
    if held.state not in states:
        raise WrongState(held, act)
    return held


def _move(session: Session, held: Draft, act: str, by: str, now: datetime, **changes: Any) -> Draft:
    """Changes the draft if nobody did meanwhile, and records who."""
    revision = held.revision + 1
    at_hand = (_DRAFT.c.id == held.id) & (_DRAFT.c.revision == held.revision)
    values = {**changes, "revision": revision}
    if not session.connection().execute(update(_DRAFT).where(at_hand).values(values)).rowcount:
        raise StaleDraft(draft(session, held.id))
    moved = draft(session, held.id)
    _record(session, moved, act, by, now, note=str(changes.get("note", "")))
    return moved


def _begun(
    session: Session,
    kind: Kind,
    name: str,
    files: Files,
    base: Files,
    base_hash: str | None,
    *,
    by: str,
    now: datetime,
) -> Draft:
    row = {"kind": kind, "name": name, "content": packed(files), "base": packed(base),
           "base_hash": base_hash, "state": State.OPEN, "revision": 1, "author": by,
           "begun_at": now, "edited_by": by, "edited_at": now, "note": ""}  # fmt: skip
    try:
        with session.begin_nested():
            draft_id = insert_returning_ids(session, DraftRow, [row])[0]
    except IntegrityError:  # somebody has begun at the same moment
        found = live(session, kind, name)
        assert found is not None
        return found
    begun = draft(session, draft_id)
    _record(session, begun, "begun", by, now)
    return begun


def _record(
    session: Session, held: Draft, act: str, by: str, now: datetime, *, note: str = ""
) -> None:
    event = {"draft_id": held.id, "act": act, "who": by, "at": now, "revision": held.revision,
             "content_hash": held.content_hash, "note": note}  # fmt: skip
    insert_rows(session, DraftEvent, [event])
