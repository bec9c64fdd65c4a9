"""The list of imports, and the form that takes a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from sqlalchemy import and_, exists, or_, select
from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.book.errors import FeedError
from app.book.guessing.proposal import propose
from app.book.guessing.sample import take_sample
from app.book.saved_mappings import fitting
from app.console.door import Visit, acts, looks, typed_in
from app.console.errands.asking import ask_errand, files_of
from app.console.errands.pages import KINDS, STATES
from app.console.imports.fields import ENCODINGS
from app.console.lists import Listing, Sort
from app.console.office import Office
from app.errands.imports import Feed, ImportWanted
from app.errands.kinds import Kind
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Creditor, Errand
from app.web.catalogues import N_

LARGEST: Final = 200 * 1024 * 1024
ROOM: Final = "imports"
_ERRAND, _CREDITOR = table_of(Errand), table_of(Creditor)
_LATER = _ERRAND.alias("later")
FEEDS: Final[Mapping[str, str]] = {
    Feed.BOOK: N_("Customers and invoices (CSV, XLSX, JSON lines)"),
    Feed.STATEMENT: N_("Bank statement (camt, MT940, CSV)"),
    Feed.EINVOICES: N_("Electronic invoices (XML, PDF)"),
}
_LOOKED_AT: Final = and_(
    _ERRAND.c.kind == str(Kind.TRY_IMPORT),
    _ERRAND.c.files_gone_at.is_(None),
    ~exists().where(_LATER.c.file == _ERRAND.c.file, _LATER.c.id > _ERRAND.c.id),
)
"""The last check of a file that was not brought in since, while the file is kept."""
_LIST: Final = Listing(
    select(_ERRAND).where(or_(_ERRAND.c.kind == str(Kind.IMPORT), _LOOKED_AT)),
    {"newest": Sort((_ERRAND.c.id,), descending=True)},
    page=30,
)


class _Refused(Exception):
    """What is wrong with the form, by its field."""

    def __init__(self, **faults: str) -> None:
        super().__init__()
        self.faults = faults


async def _uploads(
    request: Request, _typed: Annotated[Mapping[str, str], Depends(typed_in)]
) -> Sequence[UploadFile]:
    """The files of the form, which `typed_in` has read."""
    form = await request.form()
    return [each for each in form.getlist("files") if isinstance(each, UploadFile)]


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        return _page(office, visit)

    @routes.post("")
    def uploaded(
        visit: Annotated[Visit, acts(Right.ACT)],
        uploads: Annotated[Sequence[UploadFile], Depends(_uploads)],
    ) -> Response:
        try:
            feed, files = _read(visit, uploads)
        except _Refused as refused:
            return _page(office, visit, faults=_said(office, visit, refused.faults), status=422)
        kept = files_of(office).keep([(each.filename or "file", each.file) for each in files])
        try:
            with office.database.read() as session:
                wanted = _wanted(session, office, visit, feed, kept)
            asked = wanted.asked(Kind.TRY_IMPORT, visit.by, visit.user_id)
            with office.act(visit, "import_uploaded") as doing:
                number = ask_errand(doing, asked)
        except BaseException as problem:
            files_of(office).drop([kept])
            if isinstance(problem, FeedError):
                return _page(office, visit, faults={"files": str(problem)}, status=422)
            raise
        return office.back(f"/console/book/imports/{number}")


def _read(visit: Visit, uploads: Sequence[UploadFile]) -> tuple[Feed, Sequence[UploadFile]]:
    files = [each for each in uploads if each.filename]
    told = visit.typed.get("feed", "")
    if told not in set(Feed):
        raise _Refused(feed=N_("Say what kind of file it is."))
    feed = Feed(told)
    if not files:
        raise _Refused(files=N_("Choose a file."))
    if sum(each.size or 0 for each in files) > LARGEST:
        raise _Refused(
            files=N_("That is more than 200 MB. Split it, or use `duly import` on the server.")
        )
    if not any(each.size for each in files):
        raise _Refused(files=N_("The file is empty."))
    if len(files) > 1 and feed is not Feed.EINVOICES:
        raise _Refused(files=N_("One file at a time; only electronic invoices come together."))
    if feed is not Feed.BOOK and not visit.typed.get("creditor"):
        raise _Refused(creditor=N_("Say whose it is."))
    if visit.typed.get("encoding", "utf-8") not in ENCODINGS:
        raise _Refused(encoding=N_("Choose one of the encodings."))
    return feed, files


def _wanted(session: Session, office: Office, visit: Visit, feed: Feed, kept: str) -> ImportWanted:
    """With the mapping that is kept for such a file, or the one that is guessed."""
    if feed is not Feed.BOOK:
        mapping = visit.typed.get("mapping", "").strip() or None
        return ImportWanted(
            feed,
            kept,
            visit.typed["creditor"],
            mapping,
            encoding=visit.typed.get("encoding", "utf-8"),
            despite_balance="despite_balance" in visit.typed,
        )
    with files_of(office).lent(kept) as (path, *_):
        return ImportWanted(feed, kept, mapping=_mapping(session, path))


def _mapping(session: Session, path: Path) -> str:
    sample = take_sample(path)
    found = fitting(session, [column.name for column in sample.columns], path.name)
    return found[1] if found else propose(path).text


def _said(office: Office, visit: Visit, faults: Mapping[str, str]) -> Mapping[str, str]:
    return {name: office.say(visit, words) for name, words in faults.items()}


def _page(
    office: Office, visit: Visit, *, faults: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    with office.database.read() as session:
        listed = _LIST.read(session, visit.asked)
        known = select(_CREDITOR.c.external_id, _CREDITOR.c.name).order_by(_CREDITOR.c.external_id)
        creditors = session.connection().execute(known).all()
    named = [(row.external_id, f"{row.name} ({row.external_id})") for row in creditors]
    return office.page(
        visit,
        "console/imports/list.html",
        room=ROOM,
        status=status,
        listed=listed,
        files={each.id: _name(office, each.file) for each in listed.rows},
        creditors=[("", ""), *named],
        encodings=[(name, office.say(visit, words)) for name, words in ENCODINGS.items()],
        feeds=[(feed, office.say(visit, words)) for feed, words in FEEDS.items()],
        kinds=KINDS,
        states=STATES,
        faults=faults or {},
    )


def _name(office: Office, reference: str | None) -> str:
    """How the file was called; empty once it is gone."""
    return ", ".join(path.name for path in files_of(office).paths(reference or "")[:3])
