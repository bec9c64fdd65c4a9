"""What designers do with their words: kept as a draft, begun in a language, under a name, again."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from app.console.door import Visit, acts
from app.console.drafts import REFUSALS
from app.console.office import Doing, Office
from app.console.words.desk import NAME, desk_of, renamed, with_language
from app.console.words.pages import number, typed_on
from app.console.words.show import PATH, Show, desk_or_404
from app.console.words.trail import trace
from app.drafting import acts as drafting
from app.drafting.contents import Kind
from app.drafting.errors import DraftingError, NoSuchVersion, StaleDraft
from app.drafting.origin import published
from app.drafting.reading import Draft
from app.staff.roles import Right
from app.web.catalogues import N_
from app.wording.files import CATEGORIES

Designs = Annotated[Visit, acts(Right.DESIGN)]
TEMPLATE: Final = Kind.TEMPLATE
NOT_A_NAME: Final = N_("Write small Latin letters, figures and _, beginning with a letter.")
TAKEN: Final = N_("There is a template of this name.")


def add_writing(routes: APIRouter, office: Office, show: Show) -> None:
    """The routes of words that are kept, and of what they begin with."""
    _add_keeping(routes, office, show)
    _add_beginning(routes, office, show)


def _add_keeping(routes: APIRouter, office: Office, show: Show) -> None:
    @routes.post("/design/templates/{name}/save")
    def save(name: str, visit: Designs) -> Response:
        """Keeps one language. Who was overtaken is shown both texts, and loses none."""
        with office.database.read() as session:
            typed = typed_on(desk_or_404(session, name), visit.typed)
        seen = number(visit.typed.get("seen", ""))
        try:
            with office.act(visit, "template.saved") as doing:
                held = _begun(doing, name, seen, visit.typed.get("base", ""))
                files = desk_or_404(doing.session, name).with_words(typed)
                kept = drafting.save(
                    doing.session, held.id, held.revision, files, by=doing.by, now=doing.now
                )
                doing.detail.update(trace(kept), locale=typed.locale)
        except StaleDraft as problem:
            return show.template(
                visit, name, typed=typed, asked=visit.typed, stale=True,
                seen=problem.there.revision, status=422,
            )  # fmt: skip
        except DraftingError:
            raise HTTPException(409) from None
        beside = visit.typed.get("beside", "")
        to = f"{PATH}/{name}?locale={typed.locale}" + (f"&beside={beside}" if beside else "")
        return office.back(to, N_("The draft is kept."))

    @routes.post("/design/templates/{name}/language")
    def language(name: str, visit: Designs) -> Response:
        """Begins a language from another one: what is left to write is empty."""
        locale, source = visit.typed.get("new", ""), visit.typed.get("source", "")
        try:
            with office.act(visit, "template.language_begun") as doing:
                held = drafting.begin(doing.session, TEMPLATE, name, by=doing.by, now=doing.now)
                desk = desk_or_404(doing.session, name)
                if locale not in desk.unwritten() or source not in desk.words:
                    raise HTTPException(400)
                files = with_language(desk, locale, source)
                kept = drafting.save(
                    doing.session, held.id, held.revision, files, by=doing.by, now=doing.now
                )
                doing.detail.update(trace(kept), locale=locale, source=source)
        except DraftingError:
            raise HTTPException(409) from None
        to = f"{PATH}/{name}?locale={locale}&beside={source}"
        return office.back(to, N_("Begun. Every text is still to be written."))


def _add_beginning(routes: APIRouter, office: Office, show: Show) -> None:
    @routes.post("/design/new-template")
    def beginning(visit: Designs) -> Response:
        """A template under a new name, beginning with the words of another one."""
        name = visit.typed.get("name", "").strip().lower()
        source, category = visit.typed.get("source", ""), visit.typed.get("category", "")
        if category not in ("", *CATEGORIES):
            raise HTTPException(400)
        with office.database.read() as session:
            fault = "" if NAME.fullmatch(name) else NOT_A_NAME
            if not fault and desk_of(session, name) is not None:
                fault = TAKEN
            found = published(session, TEMPLATE, source)
        if fault or found is None:
            told = office.say(visit, fault or REFUSALS[NoSuchVersion])
            return show.beginning(
                visit, status=422, fault=told, name=name, source=source, category=category
            )
        with office.act(visit, "template.begun") as doing:
            files = renamed(found[1], name, category)
            held = drafting.begin_new(
                doing.session, TEMPLATE, name, files, by=doing.by, now=doing.now
            )
            doing.detail.update(trace(held), source=source)
        return office.back(f"{PATH}/{name}", N_("Begun. Nothing says it before a journey does."))

    @routes.post("/design/templates/{name}/roll-back")
    def roll_back(name: str, visit: Designs) -> Response:
        sequence = number(visit.typed.get("sequence", ""))
        try:
            with office.act(visit, "template.rolled_back") as doing:
                held = drafting.roll_back(
                    doing.session, TEMPLATE, name, sequence, by=doing.by, now=doing.now
                )
                doing.detail.update(trace(held), sequence=sequence)
        except DraftingError as problem:
            told = office.say(visit, REFUSALS[type(problem)])
            return show.versions(visit, name, problem=told, status=422)
        said = N_("A draft says again what that version said. It is approved like any other.")
        return office.back(f"{PATH}/{name}/draft", said)


def _begun(doing: Doing, name: str, seen: int, base: str) -> Draft:
    """The draft that a form was made from, or a new one. Raises `StaleDraft` where somebody has
    begun, saved or published meanwhile."""
    held = drafting.begin(doing.session, TEMPLATE, name, by=doing.by, now=doing.now)
    is_new = held.begun_at == doing.now and held.revision == 1 and held.author == doing.by
    if seen == 0 and is_new and (held.base_hash or "") == base:
        return held
    if held.revision != seen:
        raise StaleDraft(held)
    return held
