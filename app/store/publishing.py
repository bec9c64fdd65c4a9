"""Published journeys, templates, packs and brands, by the hash of their content.

Files are drafts. Publishing stores the text once under its hash and points the name at it; workers
load by hash, so a file that is edited or broken later changes nothing that runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from app.store.bulk import insert_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Publication, Revision

_PUBLICATION = table_of(Publication)
_REVISION = table_of(Revision)


def content_hash(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def publish(session: Session, kind: str, name: str, content: str, *, now: datetime) -> str:
    """Makes `content` the current revision of `name`; the same again is none. Answers its hash."""
    publish_all(session, [(kind, name, content)], now=now)
    return content_hash(content)


def publish_all(session: Session, texts: Iterable[tuple[str, str, str]], *, now: datetime) -> None:
    """Makes each text the current revision of its kind and name; what is that already stays."""
    wanted = {(kind, name): content for kind, name, content in texts}
    last = _last(session, sorted({kind for kind, _ in wanted}))
    changed = [
        {"kind": kind, "name": name, "hash": content_hash(content), "content": content}
        for (kind, name), content in wanted.items()
        if last.get((kind, name), _NEVER)[1] != content_hash(content)
    ]
    stored = contents(session, [row["hash"] for row in changed])
    fresh = {row["hash"]: {**row, "published_at": now} for row in changed}
    revisions = [row for digest, row in fresh.items() if digest not in stored]
    insert_rows(session, Revision, revisions)
    publications = [
        {
            "kind": row["kind"],
            "name": row["name"],
            "hash": row["hash"],
            "sequence": last.get((row["kind"], row["name"]), _NEVER)[0] + 1,
            "published_at": now,
        }
        for row in changed
    ]
    insert_rows(session, Publication, publications)


_NEVER = (0, "")


def _last(session: Session, kinds: Sequence[str]) -> Mapping[tuple[str, str], tuple[int, str]]:
    """The sequence and the hash of the newest publication of each name."""
    rows = rows_given(session, _IN_ORDER, kinds)
    return {(row.kind, row.name): (row.sequence, row.hash) for row in rows}


Probe = tuple[int, int | None]


def probe(session: Session) -> Probe:
    """Changes whenever anything is published, and is cheap to ask for.

    The count is needed beside the newest id: ids are not committed in their order.
    """
    count, newest = session.connection().execute(_PROBED).one()
    return count, newest


_IN_ORDER = (
    select(_PUBLICATION.c.kind, _PUBLICATION.c.name, _PUBLICATION.c.sequence, _PUBLICATION.c.hash)
    .where(_PUBLICATION.c.kind.in_(GIVEN))
    .order_by(_PUBLICATION.c.sequence)
)
_CONTENTS = select(_REVISION.c.hash, _REVISION.c.content).where(_REVISION.c.hash.in_(GIVEN))
_NEWEST = (
    select(_PUBLICATION.c.hash)
    .where(_PUBLICATION.c.kind == bindparam("kind"), _PUBLICATION.c.name == bindparam("name"))
    .order_by(_PUBLICATION.c.sequence.desc())
    .limit(1)
)


PROBE = (func.count(_PUBLICATION.c.id), func.max(_PUBLICATION.c.id))
"""What `probe` asks for, for whoever asks for more in the same statement."""

_PROBED = select(*PROBE)


def current(session: Session, kind: str) -> Mapping[str, str]:
    """The hash that each published name of `kind` points at now."""
    return {name: digest for (_, name), (_, digest) in _last(session, [kind]).items()}


def current_of(session: Session, kind: str, name: str) -> str | None:
    """The same of one name; None where it was never published."""
    asked = {"kind": kind, "name": name}
    found: str | None = session.connection().scalar(_NEWEST, asked)
    return found


def contents(session: Session, hashes: Iterable[str]) -> Mapping[str, str]:
    """The published texts under these hashes; an unknown hash is left out."""
    return {row.hash: row.content for row in rows_given(session, _CONTENTS, list(hashes))}
