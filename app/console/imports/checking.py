"""The page of one import: its mapping and what it would do; then how far it is, and what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row, select
from starlette.responses import Response

from app.book.errors import BookError, FeedError, MappingError
from app.book.guessing.proposal import propose
from app.book.guessing.remapping import (
    CHOOSABLE,
    CREDITOR_FACTS,
    READING_FACTS,
    WRITING_FACTS,
    ChosenTwice,
    MappingForm,
    Unshowable,
    form_of,
    rewritten,
)
from app.book.guessing.sample import NOTHING_KNOWN, Known, Sample, take_sample
from app.book.kept_rejects import settled_lines, waiting_feeds
from app.book.mapping.keys import NEEDED
from app.book.mapping.source import read_mapping
from app.book.saved_mappings import save_mapping
from app.console.door import Visit, acts, looks
from app.console.errands.asking import ask_errand, files_of
from app.console.errands.pages import KINDS, STATES, ErrandId, errand_of, result_of
from app.console.feed_faults import FeedFaults
from app.console.imports.columns import ColumnShown, readers_of, shown
from app.console.imports.fields import (
    COUNT_WORDS,
    ENCODINGS,
    FACTS,
    FIELD_WORDS,
    MONEY_WORDS,
    STATEMENT_WORDS,
    SUM_WORDS,
    USUAL,
)
from app.console.imports.uploading import FEEDS, ROOM
from app.console.office import Office
from app.console.zones import zone_groups, zones_of_house
from app.errands.asking import file_of
from app.errands.imports import MAPPING, Feed, ImportWanted
from app.errands.kinds import ErrandFailed, Kind, State
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Creditor
from app.web.catalogues import N_
from campaigns.money import Money

_SAMPLES: Final = 3
_READING: Final = tuple(f"file.{name}" for name in READING_FACTS)
_USUALLY: Final[Mapping[str, str]] = {"file.encoding": "utf-8"}
_CREDITOR = table_of(Creditor)
_IMPORTS: Final = (Kind.TRY_IMPORT, Kind.IMPORT)


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/{id_}")
    def opened(id_: ErrandId, visit: Annotated[Visit, looks()]) -> Response:
        return _page(office, visit, import_of(office, id_))

    @routes.post("/{id_}/mapping")
    def mapped(id_: ErrandId, visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        errand = import_of(office, id_)
        try:
            text, is_guess = _text(office, visit, errand)
            if not is_guess:
                read_mapping(text, MAPPING)
        except ChosenTwice as twice:
            field = office.say(visit, FIELD_WORDS[twice.field])
            words = N_("Two columns are “%(field)s”. Choose one.")
            fault = office.say(visit, words, field=field)
            return _page(office, visit, errand, fault=fault, status=422)
        except Unshowable as problem:
            return _page(office, visit, errand, fault=str(problem), status=422)
        except MappingError as problem:
            return _page(office, visit, errand, fault=problem.told, status=422)
        except (FeedError, ErrandFailed) as problem:
            return _page(office, visit, errand, fault=str(problem), status=422)
        with office.act(visit, "import_mapped", about=("errand", id_)) as doing:
            wanted = ImportWanted(Feed.BOOK, file_of(doing.session, id_), mapping=text)
            asked = wanted.asked(Kind.TRY_IMPORT, visit.by, visit.user_id)
            number = ask_errand(doing, asked)
        return office.back(f"/console/book/imports/{number}")

    @routes.post("/{id_}/take")
    def taken(id_: ErrandId, visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        errand = import_of(office, id_)
        if errand.kind != Kind.TRY_IMPORT or errand.state != State.DONE:
            said = N_("Only a file whose check is done can be taken in.")
            return _page(office, visit, errand, fault=office.say(visit, said), status=422)
        try:
            with office.act(visit, "import_taken", about=("errand", id_)) as doing:
                wanted = ImportWanted.of(errand.parameters, file_of(doing.session, id_))
                asked = wanted.asked(Kind.IMPORT, visit.by, visit.user_id, rows=errand.done)
                number = ask_errand(doing, asked)
                if wanted.feed is Feed.BOOK and wanted.mapping is not None:
                    mapping = read_mapping(wanted.mapping, MAPPING)
                    name = files_of(office).paths(wanted.file)[0].name
                    save_mapping(doing.session, mapping, wanted.mapping, name, now=doing.now)
        except ErrandFailed as gone:
            return _page(office, visit, errand, fault=str(gone), status=422)
        return office.back(f"/console/book/imports/{number}")


def import_of(office: Office, id_: int) -> Row[Any]:
    """The errand, if it is an import or the check of one. 404 otherwise."""
    errand = errand_of(office, id_)
    if errand.kind not in _IMPORTS:
        raise HTTPException(404)
    return errand


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did or would do: counts by their words, sums by theirs, and what stayed out.
    Of its rows so many go in; of those that do not, `known` stood in the book before. Places and
    reasons hold no customer's data."""

    taken: int
    known: int
    counts: tuple[tuple[str, int], ...]
    sums: tuple[tuple[str, Money], ...]
    rejected: int
    rejects: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]


def outcome_of(result: Mapping[str, Any]) -> Outcome | None:
    """Of an errand that is done; None before."""
    if "statement" in result:
        told = result["statement"]
        return Outcome(
            sum(told[name] for name in ("booked", "waiting", "unmatched", "reversed")),
            told["known"],
            tuple((words, told[name]) for name, words in STATEMENT_WORDS.items() if told[name]),
            tuple(
                (words, Money(minor, currency))
                for where, words in MONEY_WORDS.items()
                for currency, minor in sorted(told["money"].get(where, {}).items())
            ),
            told["rejected"] + told["refused"],
            tuple((note["place"], note["text"]) for note in told["rejects"] + told["findings"]),
            (),
        )
    reports = result.get("reports", ())
    if not reports:
        return None
    counts = {name: sum(each[name] for each in reports) for name in COUNT_WORDS}
    sums = [
        (words, Money(minor, currency))
        for each in reports
        for name, words in SUM_WORDS.items()
        for currency, minor in sorted(each[name].items())
    ]
    return Outcome(
        counts["accepted"],
        0,
        tuple((COUNT_WORDS[name], count) for name, count in counts.items() if count),
        tuple(sums),
        counts["rejected"],
        tuple((str(n["line"]), n["reasons"]) for each in reports for n in each["rejects"]),
        tuple((str(n["line"]), n["text"]) for each in reports for n in each["notes"]),
    )


def _text(office: Office, visit: Visit, errand: Row[Any]) -> tuple[str, bool]:
    """The mapping as the form says it: as text, or field by field. In another encoding, on another
    sheet or below other headings the columns are called otherwise: which is what is guessed anew.
    What is guessed of other columns may lack something, as at the first look."""
    if "text" in visit.typed:
        return visit.typed["text"].replace("\r\n", "\n"), False
    facts = {name: visit.typed[name].strip() for name in FACTS if name in visit.typed}
    before = form_of(errand.parameters["mapping"]).facts
    read = {name: facts.pop(name, before[name]) or _USUALLY.get(name, "") for name in _READING}
    changed = [n for n in _READING if read[n] != (before[n] or _USUALLY.get(n, ""))]
    if changed:
        known_of_it = _known(read)
        if "file.sheet" in changed:
            known_of_it = replace(known_of_it, skip=None)
        with files_of(office).lent(errand.file or "") as (path, *_):
            anew = propose(path, known_of_it).text
        return rewritten(anew, form_of(anew).fields, facts), changed != ["file.encoding"]
    columns = _columns(_sampled(office, errand))
    wanted = {name: visit.typed.get(f"column-{at}", "") for at, (name, _) in enumerate(columns)}
    known = {name: field for name, field in wanted.items() if field in CHOOSABLE or not field}
    return rewritten(errand.parameters["mapping"], known, facts), False


def _sampled(office: Office, errand: Row[Any]) -> Sample | None:
    """What is seen of the file, read as the mapping says; None when it is gone or no feed."""
    try:
        known = _known(form_of(errand.parameters["mapping"] or "").facts)
    except Unshowable:
        known = NOTHING_KNOWN
    try:
        with files_of(office).lent(errand.file or "") as (path, *_):
            return take_sample(path, known)
    except (BookError, ErrandFailed):
        return None


def _columns(sample: Sample | None) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Its columns with some texts."""
    return [(each.name, each.texts[:_SAMPLES]) for each in sample.columns] if sample else ()


def _known(facts: Mapping[str, str]) -> Known:
    """As a mapping says it: without lines above, its headings stand on top."""
    skip = facts["file.skip"]
    return Known(
        facts["file.encoding"] or None,
        facts["file.sheet"] or None,
        int(skip) if skip.isdecimal() else 0,
    )


def _page(
    office: Office,
    visit: Visit,
    errand: Row[Any],
    *,
    fault: str = "",
    status: int = 200,
) -> Response:
    feed = Feed(errand.parameters["feed"])
    facts: dict[str, Any] = {
        "columns": (),
        "missing": (),
        "form": None,
        "text": errand.parameters["mapping"] or "",
    }
    if feed is Feed.BOOK and errand.kind == Kind.TRY_IMPORT:
        facts |= _mapping_facts(office, visit, errand)
    names = [path.name for path in files_of(office).paths(errand.file or "")]
    return office.page(
        visit,
        "console/imports/one.html" if errand.kind == Kind.IMPORT else "console/imports/check.html",
        room=ROOM,
        status=status,
        errand=errand,
        kinds=KINDS,
        states=STATES,
        feed=feed,
        feed_words=FEEDS[feed],
        names=names,
        outcome=outcome_of(errand.result),
        rejects=result_of(office, errand),
        to_mend=_to_mend(office, errand, names),
        settled=_settled(office, errand, names),
        fault=fault,
        faults=FeedFaults(lambda text: office.say(visit, text)),
        **facts,
    )


def _to_mend(office: Office, errand: Row[Any], names: Sequence[str]) -> Sequence[Row[Any]]:
    """The files of an import whose rows wait in the queue of what stayed out."""
    if errand.kind != Kind.IMPORT or not names:
        return ()
    with office.database.read() as session:
        return waiting_feeds(session, names, errand.created_at)


def _settled(office: Office, errand: Row[Any], names: Sequence[str]) -> frozenset[str]:
    """The places of rows that stayed out and need nobody any more."""
    if errand.kind != Kind.IMPORT or errand.ended_at is None or len(names) != 1:
        return frozenset()
    with office.database.read() as session:
        lines = settled_lines(session, names[0], errand.created_at, errand.ended_at)
    return frozenset(map(str, lines))


def _mapping_facts(office: Office, visit: Visit, errand: Row[Any]) -> dict[str, Any]:
    """The columns with their fields, as they were typed or as the mapping says."""
    text = visit.typed.get("text", errand.parameters["mapping"] or "")
    try:
        form: MappingForm | None = form_of(errand.parameters["mapping"] or "")
    except Unshowable:
        form = None
    fields: Mapping[str, str] = form.fields if form else {}
    readers, sample = readers_of(text), _sampled(office, errand)
    columns = [
        shown(name, texts, visit.typed.get(f"column-{at}", fields.get(name, "")), readers)
        for at, (name, texts) in enumerate(_columns(sample))
    ]
    # Of a mapping as text, its own findings are told.
    missing = [] if "text" in visit.typed else _missing(form, columns)
    kept = form.facts["file.encoding"] if form else ""
    others = [(kept, kept)] if kept and kept not in ENCODINGS else []
    told = {name: visit.typed.get(name, form.facts[name] if form else "") for name in FACTS}
    with office.database.read() as session:
        house = zones_of_house(session)
    encodings = [(name, office.say(visit, words)) for name, words in ENCODINGS.items()]
    return {
        "text": text,
        "encodings": [
            ("", office.say(visit, N_("As the file says, or UTF-8"))),
            *others,
            *encodings,
        ],
        "sheets": [(name, name) for name in sample.sheets] if sample else [],
        "form": form,
        "columns": columns,
        "facts": told,
        "zones": zone_groups(visit.language, house, told["creditor.zone"]),
        "creditor_facts": [f"creditor.{name}" for name in CREDITOR_FACTS],
        "writing_facts": [f"file.{name}" for name in WRITING_FACTS],
        "fact_words": FACTS,
        "whose": _whose(office, form),
        "usual": [(f, office.say(visit, FIELD_WORDS[f])) for f in USUAL],
        "others": [(f, office.say(visit, FIELD_WORDS[f])) for f in CHOOSABLE if f not in USUAL],
        "missing": [office.say(visit, FIELD_WORDS[name]) for name in missing],
    }


def _missing(form: MappingForm | None, columns: Sequence[ColumnShown]) -> list[str]:
    """What is needed by what the columns tell, and no column and no constant is."""
    if form is None:
        return []
    told = {each.field for each in columns if each.field} | form.constants
    sections = {"customer", *(name.partition(".")[0] for name in told)}
    wanted = [f"{section}.{name}" for section in NEEDED for name in NEEDED[section]]
    return [w for w in wanted if w.partition(".")[0] in sections and w not in told]


def _whose(office: Office, form: MappingForm | None) -> str | None:
    """The name of the creditor whose book it is; None for one who comes in with it."""
    key = form.facts["creditor.external_id"] if form else ""
    with office.database.read() as session:
        query = select(_CREDITOR.c.name).where(_CREDITOR.c.external_id == key)
        name: str | None = session.connection().scalar(query)
    return name
