"""Published journeys, templates, packs and brands, by the hash of their content.

Files are drafts. Publishing stores the text once under its hash and points the name at it; workers
load by hash, so a file that is edited or broken later changes nothing that runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlmodel import Session

from app.store.bulk import insert_rows, table_of
from app.store.rows import Publication, Revision

_PUBLICATION = table_of(Publication)
_REVISION = table_of(Revision)


def content_hash(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def publish(session: Session, kind: str, name: str, content: str, *, now: datetime) -> str:
    """Makes `content` the current revision of `name`; the same again is none. Answers its hash."""
    digest = content_hash(content)
    if current(session, kind).get(name) == digest:
        return digest
    revision = {
        "hash": digest,
        "kind": kind,
        "name": name,
        "content": content,
        "published_at": now,
    }
    if contents(session, [digest]).get(digest) is None:
        insert_rows(session, Revision, [revision])
    last = session.connection().scalar(
        select(func.max(_PUBLICATION.c.sequence)).where(
            _PUBLICATION.c.kind == kind, _PUBLICATION.c.name == name
        )
    )
    row = {
        "kind": kind,
        "name": name,
        "sequence": (last or 0) + 1,
        "hash": digest,
        "published_at": now,
    }
    insert_rows(session, Publication, [row])
    return digest


def probe(session: Session) -> tuple[int, int | None]:
    """Changes whenever anything is published, and is cheap to ask for.

    The count is needed beside the newest id: ids are not committed in their order.
    """
    count, newest = session.connection().execute(_PROBE).one()
    return count, newest


_PROBE = select(func.count(), func.max(_PUBLICATION.c.id))


def current(session: Session, kind: str) -> Mapping[str, str]:
    """The hash that each published name of `kind` points at now."""
    newest = (
        select(_PUBLICATION.c.name, func.max(_PUBLICATION.c.sequence).label("sequence"))
        .where(_PUBLICATION.c.kind == kind)
        .group_by(_PUBLICATION.c.name)
        .subquery()
    )
    query = (
        select(_PUBLICATION.c.name, _PUBLICATION.c.hash)
        .join(
            newest,
            (newest.c.name == _PUBLICATION.c.name) & (newest.c.sequence == _PUBLICATION.c.sequence),
        )
        .where(_PUBLICATION.c.kind == kind)
    )
    return {row.name: row.hash for row in session.connection().execute(query)}


def contents(session: Session, hashes: Iterable[str]) -> Mapping[str, str]:
    """The published texts under these hashes; an unknown hash is left out."""
    query = select(_REVISION.c.hash, _REVISION.c.content).where(_REVISION.c.hash.in_(list(hashes)))
    return {row.hash: row.content for row in session.connection().execute(query)}
