"""Which words there are in which language: templates, pages, and what each creditor lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import Response

from app.console.codes import MEDIA
from app.console.door import Visit, looks
from app.console.office import Office
from app.delivery.words import PublishedWords
from app.store.given import table_of
from app.store.rows import Creditor, Sender
from app.web.catalogues import languages, own_name
from app.wording.links import TOKEN_LENGTH
from app.wording.render import Wording
from app.wording.tags import language_of

ROOM: Final = "languages"
_CREDITOR, _SENDER = table_of(Creditor), table_of(Sender)
_SPOKEN: Final = select(_SENDER.c.creditor_id, _SENDER.c.medium, _SENDER.c.languages).where(
    _SENDER.c.active
)


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    words = PublishedWords(len(f"{office.settings.base_url}/p/") + TOKEN_LENGTH)

    @routes.get("/languages")
    def shown(visit: Annotated[Visit, looks()]) -> Response:
        with office.database.read() as session:
            wording = words.current(session)
            creditors = (
                session.connection()
                .execute(select(_CREDITOR).order_by(_CREDITOR.c.external_id))
                .all()
            )
            senders = session.connection().execute(_SPOKEN).all()
        templates = wording.templates()
        known = _languages(wording, templates)
        spoken: dict[int, set[str]] = {row.id: {language_of(row.locale)} for row in creditors}
        for sender in senders:
            spoken[sender.creditor_id] |= {language_of(each) for each in sender.languages or ()}
        return office.page(
            visit,
            "console/languages/list.html",
            room=ROOM,
            media_words=MEDIA,
            languages=[(code, own_name(code)) for code in known],
            pages=set(languages()),
            rows=[
                (
                    name,
                    wording.category_of(name),
                    {
                        code: wording.words_of(name, code).media()
                        for code in wording.locales_of(name)
                    },
                )
                for name in templates
            ],
            creditors=[
                (row, sorted(spoken[row.id]), _missing(wording, templates, spoken[row.id]))
                for row in creditors
            ],
        )

    return routes


def _media(wording: Wording, name: str) -> dict[str, tuple[str, ...]]:
    """The media of a template, by the language."""
    return {code: wording.words_of(name, code).media() for code in wording.locales_of(name)}


def _languages(wording: Wording, templates: Sequence[str]) -> list[str]:
    """All in which something is written, or a page speaks."""
    written = {code for name in templates for code in wording.locales_of(name)}
    return sorted(written | set(languages()))


def _missing(
    wording: Wording, templates: Sequence[str], spoken: set[str]
) -> list[tuple[str, list[str]]]:
    """By language, the templates that are not written in it."""
    found = [
        (code, [name for name in templates if code not in wording.locales_of(name)])
        for code in sorted(spoken)
    ]
    return [(code, names) for code, names in found if names]
