"""What is published of a name, as files that can be edited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session

from app.drafting.contents import Kind, journey_file, unpacked
from app.store.columns import word
from app.store.given import table_of
from app.store.publishing import contents, current_of
from app.store.rows import Draft, Publication
from app.wording.files import DraftFile, read_file, shipped_files
from app.wording.revisions import revision_of
from app.wording.words import from_canonical
from app.wording.writing import written

_DRAFT, _PUBLICATION = table_of(Draft), table_of(Publication)
_DRAFTED = (
    select(_DRAFT.c.content)
    .where(_DRAFT.c.published_hash == bindparam("digest"), _DRAFT.c.state == word("published"))
    .order_by(_DRAFT.c.id.desc())
    .limit(1)
)
_VERSIONS = (
    select(_PUBLICATION.c.sequence, _PUBLICATION.c.hash, _PUBLICATION.c.published_at,
           _DRAFT.c.id.label("draft_id"), _DRAFT.c.author, _DRAFT.c.decided_by, _DRAFT.c.closed_by)
    .join(_DRAFT, (_DRAFT.c.published_hash == _PUBLICATION.c.hash)
          & (_DRAFT.c.closed_at == _PUBLICATION.c.published_at), isouter=True)
    .where(_PUBLICATION.c.kind == bindparam("kind"), _PUBLICATION.c.name == bindparam("name"))
    .order_by(_PUBLICATION.c.sequence.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """A publication of a name. Who is None where files were published without a draft."""

    sequence: int
    hash: str
    published_at: datetime
    draft_id: int | None
    author: str | None
    approved_by: str | None
    published_by: str | None


def versions(session: Session, kind: Kind, name: str) -> list[Version]:
    """Every publication of this name, the newest first."""
    asked = {"kind": kind, "name": name}
    rows = session.connection().execute(_VERSIONS, asked)
    return [Version(*row) for row in rows]


def published(session: Session, kind: Kind, name: str) -> tuple[str, dict[str, str]] | None:
    """The hash of what is current, and its files; None where nothing is published."""
    digest = current_of(session, kind, name)
    return None if digest is None else (digest, files_of(session, kind, name, digest))


def files_of(session: Session, kind: Kind, name: str, digest: str) -> dict[str, str]:
    """The files of a publication: as its author left them where they are known, with comments;
    else as the words in it are written. Raises `KeyError` for a hash that nobody published."""
    text = contents(session, [digest])[digest]
    if kind is Kind.JOURNEY:
        return {journey_file(name): text}
    drafted: str | None = session.connection().scalar(_DRAFTED, {"digest": digest})
    if drafted is not None:
        return unpacked(drafted)
    shipped = dict(_shipped(name))
    if shipped and _digest_of(shipped) == digest:
        return shipped
    return {f"{locale}.yaml": written(words) for locale, words in from_canonical(text).items()}


def _shipped(name: str) -> Iterator[tuple[str, str]]:
    for draft in shipped_files():
        folder, _, file = draft.path.rpartition("/")
        if folder.endswith(f"/{name}"):
            yield file, draft.text


def _digest_of(files: dict[str, str]) -> str:
    read = [read_file(DraftFile(name, text))[0] for name, text in files.items()]
    return revision_of(words for words in read if words is not None).hash
