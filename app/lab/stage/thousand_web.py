"""The second tab: the map of the thousand, lists out of it, and any one of them. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import HTMLResponse

from app.lab.stage import thousand
from app.lab.stage.framing import answer, framed_mail
from app.lab.stage.line import by_day
from app.lab.stage.look import Look, look_of
from app.lab.stage.phone import TALKS, Typed, mail_page, phone
from app.lab.stage.timeline import lines
from app.lab.stage.voice import Voice
from app.lab.stage.walking import Walking
from app.lab.stage.words import ROWS, STANDINGS
from app.records.history import read_history
from app.store.engines import Database
from app.web.pages import Pages
from app.wording import links
from campaigns.money import Money

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class One:
    """One of the thousand, and the phone of that one. Its pages are at `origin`."""

    database: Database
    customer_id: int
    typed: Sequence[Typed]
    origin: str
    secret: bytes
    mails: str = "/thousand/mail"

    @property
    def path(self) -> str:
        return f"/thousand/customer/{self.customer_id}"

    def tabs(self) -> Sequence[str]:
        return TALKS

    def link(self, link_id: int, _look: Look) -> tuple[str, str]:
        written = f"{self.origin}/p/{links.token(self.secret, link_id)}"
        return written, written

    def page(self, _look: Look) -> str | None:
        return None


def router(
    pages: Pages, database: Database, walking: Walking, *, origin: str, secret: bytes
) -> APIRouter:
    routes = APIRouter(prefix="/thousand")

    @routes.api_route("", methods=["GET", "HEAD"])
    def everybody(request: Request) -> HTMLResponse:
        look, wanted = look_of(request), _wanted(request)
        voice = Voice(look.lang, _UTC)
        days = thousand.span(walking.walk.today, walking.walk.days)
        with database.read() as session:
            facts: dict[str, Any] = {
                "map": thousand.map_of(session, days),
                "held": thousand.held_of(session),
                "outcomes": thousand.outcomes_of(session),
            }
            found, total = thousand.met(session, wanted)
        return answer(
            pages, "thousand", look, tab="thousand", here="/thousand", voice=voice, days=days,
            walking=walking, wanted=wanted, to=_to(look, wanted), met=found, total=total,
            rows=ROWS, standings=STANDINGS, money=_money,
            more=found[-1].id if len(found) == thousand.PAGE else 0, **facts,
        )  # fmt: skip

    @routes.api_route("/customer/{customer_id}", methods=["GET", "HEAD"])
    def one(request: Request, customer_id: int) -> HTMLResponse:
        look = look_of(request)
        with database.read() as session:
            history = read_history(session, customer_id)
        if history is None:
            raise HTTPException(404)
        voice = Voice(look.lang, ZoneInfo(history.zone))
        typed = [
            Typed(row["medium"], row["text"], row["received_at"])
            for row in history.replies.values()
        ]
        owner = One(database, customer_id, typed, origin, secret)
        shown = {"phone": phone(owner, look, voice), "days": by_day(lines(history, voice), voice)}
        return answer(
            pages, "one", look, tab="thousand", here=owner.path, voice=voice, view=shown,
            customer=history.customer, creditor=history.creditor, writes=False,
        )  # fmt: skip

    @routes.api_route("/mail/{attempt_id}", methods=["GET", "HEAD"])
    def mail(request: Request, attempt_id: int) -> HTMLResponse:
        owner = One(database, 0, (), origin, secret)
        return framed_mail(mail_page(owner, attempt_id, look_of(request)))

    return routes


def _wanted(request: Request) -> thousand.Wanted:
    said: Mapping[str, str] = request.query_params
    texts = {
        field.name: said.get(field.name, "")[:60]
        for field in fields(thousand.Wanted)
        if field.name != "after"
    }
    after = said.get("after", "")
    return thousand.Wanted(
        **texts, after=int(after) if after.isdecimal() and len(after) < 18 else 0
    )


def _to(look: Look, wanted: thousand.Wanted) -> Any:
    """Makes the address of a list: what is wanted now, changed."""

    def to(**changed: Any) -> str:
        changed = {"after": 0, **changed}
        asked = replace(wanted, **changed)
        said = {field.name: getattr(asked, field.name) for field in fields(asked)}
        return "/thousand?" + urlencode(
            {"lang": look.lang, **{name: value for name, value in said.items() if value}}
        )

    return to


def _money(minor: int, currency: str, voice: Voice) -> str:
    return voice.money(Money(minor, currency))
