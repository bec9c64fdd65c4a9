"""What is looked at, and what a form shows before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, HTTPException
from starlette.responses import HTMLResponse

from app.console.door import Visit, looks
from app.console.office import Office
from app.console.words.desk import Desk, typed_words
from app.console.words.show import Show, desk_or_404
from app.staff.roles import Right
from app.wording.editing import (
    UnknownField,
    for_anybody,
    in_forms,
    with_paragraph,
    with_text,
    without,
)
from app.wording.words import PLAIN_SMS, LocalWords, Text
from channels.sms import costly

Looking = Annotated[Visit, looks()]
Designing = Annotated[Visit, looks(Right.DESIGN)]


def add_pages(routes: APIRouter, office: Office, show: Show) -> None:
    """The routes that change nothing."""

    @routes.get("/design/templates")
    def matrix(visit: Looking) -> HTMLResponse:
        return show.matrix(visit)

    @routes.get("/design/new-template")
    def beginning(visit: Designing) -> HTMLResponse:
        return show.beginning(visit)

    @routes.get("/design/templates/{name}")
    def template(name: str, visit: Looking) -> HTMLResponse:
        return show.template(visit, name)

    @routes.get("/design/templates/{name}/draft")
    def draft(name: str, visit: Looking) -> HTMLResponse:
        return show.draft(visit, name)

    @routes.get("/design/templates/{name}/versions")
    def all_versions(name: str, visit: Looking) -> HTMLResponse:
        return show.versions(visit, name)

    @routes.get("/design/template-mail")
    def mail(visit: Looking) -> HTMLResponse:
        return show.mail(visit.asked.get("w", ""))

    @routes.post("/design/templates/{name}/show")
    def shown(name: str, visit: Looking) -> HTMLResponse:
        """The page with what is typed in it; a button may have asked for one more field."""
        with office.database.read() as session:
            desk = desk_or_404(session, name)
        typed = typed_on(desk, visit.typed)
        words = _reshaped(typed, visit.typed.get("do", ""))
        seen = number(visit.typed.get("seen", ""))
        return show.template(visit, name, typed=words, asked=visit.typed, seen=seen)


def typed_on(desk: Desk, typed: Mapping[str, str]) -> LocalWords:
    """The words of a form in the language that it names."""
    words = desk.words.get(typed.get("locale", ""))
    if words is None:
        raise HTTPException(400)
    try:
        return typed_words(words, typed)
    except UnknownField:
        raise HTTPException(400) from None


def _reshaped(words: LocalWords, do: str) -> LocalWords:
    """The words after the button that was pressed: `remove:email.body.1`, say."""
    act, _, about = do.partition(":")
    match act:
        case "paragraph":
            return with_paragraph(words)
        case "add":
            return with_text(words, about)
        case "remove":
            return without(words, about)
        case "split":
            return in_forms(words, about)
        case "join":
            return for_anybody(words, about)
        case "plain":
            return _made_plain(words, about)
        case _:
            return words


def _made_plain(words: LocalWords, code: str) -> LocalWords:
    """The SMS texts with one character in plain letters."""

    def plain(key: str, text: Text) -> Text:
        if not key.startswith(("sms", PLAIN_SMS)):
            return text
        source = text.source
        for one in costly(source):
            if f"{ord(one.char):X}" == code and one.plain is not None:
                source = source.replace(one.char, one.plain)
        return Text(source)

    return replace(words, texts={key: plain(key, text) for key, text in words.texts.items()})


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
