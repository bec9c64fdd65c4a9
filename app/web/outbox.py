"""`/outbox`: every message as its reader saw it; and the demo's index. Never in production."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException
from sqlmodel import Session, col, select
from starlette.responses import HTMLResponse

from app.store.rows import Customer, Link
from app.web import outbox_view as view
from app.web.account import account
from app.web.brand import brand_of
from app.web.catalogues import FALLBACK, languages, own_name
from app.web.pages import writer_for
from app.web.shield import MAIL_POLICY
from app.web.site import Site
from app.web.visits import UNSUBSCRIBE, LinkClosed, behind, spoken, token_hash
from app.wording.links import token
from app.wording.page_codes import with_code

LOOKED_THROUGH = 400


def router(site: Site) -> APIRouter:
    """The outbox, one mail by itself, and the index."""
    routes = APIRouter()

    @routes.api_route("/", methods=["GET", "HEAD"])
    def index() -> HTMLResponse:
        with site.database.read() as session:
            people = _people(site, session)
        return _answer(site, "outbox/index.html", people=people)

    @routes.api_route("/outbox", methods=["GET", "HEAD"])
    def newest(
        medium: str = "", locale: str = "", customer: str = "", before: str = ""
    ) -> HTMLResponse:
        wanted = _filter(medium, locale, customer, before)
        with site.database.read() as session:
            found = view.letters(session, wanted)
            return _show(site, session, found, wanted, found[0] if found else None, chosen=False)

    @routes.api_route("/outbox/{attempt_id}", methods=["GET", "HEAD"])
    def one(
        attempt_id: int, medium: str = "", locale: str = "", customer: str = "", before: str = ""
    ) -> HTMLResponse:
        wanted = _filter(medium, locale, customer, before)
        with site.database.read() as session:
            opened = view.letter(session, attempt_id)
            if opened is None:
                raise HTTPException(404)
            found = view.letters(session, wanted)
            return _show(site, session, found, wanted, opened, chosen=True)

    @routes.api_route("/outbox/{attempt_id}/mail", methods=["GET", "HEAD"])
    def mail(attempt_id: int) -> HTMLResponse:
        with site.database.read() as session:
            opened = view.letter(session, attempt_id)
            if opened is None or opened.html is None:
                raise HTTPException(404)
            paths = _paths(site, session, opened.html)
            page = view.mail(_coded(site, opened.html), paths, site.settings.base_url)
        headers = {"content-security-policy": MAIL_POLICY, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(page, headers=headers)

    return routes


def _show(
    site: Site,
    session: Session,
    found: list[view.Letter],
    wanted: view.Filter,
    opened: view.Letter | None,
    *,
    chosen: bool,
) -> HTMLResponse:
    more = len(found) > view.PAGE_SIZE
    listed = found[: view.PAGE_SIZE]
    kept = {
        "medium": wanted.medium,
        "locale": wanted.locale,
        "customer": wanted.customer_id,
    }
    return _answer(
        site,
        "outbox/outbox.html",
        letters=listed,
        opened=opened,
        chosen=chosen,
        bubble=_bubble(site, session, opened),
        facts=view.facts(opened) if opened else (),
        tall=view.frame_height(opened) if opened else 0,
        media=[(name, _query(kept, medium=name)) for name in view.MEDIA],
        tongues=[(code, own_name(code), _query(kept, locale=code)) for code in languages()],
        wanted=wanted,
        everything=_query({}),
        any_medium=_query(kept, medium=None),
        any_locale=_query(kept, locale=None),
        kept=_query({**kept, "before": wanted.before}),
        older=_query(kept, before=listed[-1].id) if more else None,
    )


def _bubble(site: Site, session: Session, opened: view.Letter | None) -> Any:
    if opened is None:
        return ""
    paths = _paths(site, session, opened.text)
    return view.bubble(_coded(site, opened.text), paths, site.settings.base_url)


def _coded(site: Site, text: str) -> str:
    is_masked = site.settings.outbox_links == "masked"
    return text if is_masked else with_code(text, site.settings.secret)


def _paths(site: Site, session: Session, text: str) -> dict[int, str]:
    if site.settings.outbox_links == "masked":
        return {}
    return view.addresses(session, text, site.settings.secret)


def _filter(medium: str, locale: str, customer: str, before: str) -> view.Filter:
    return view.Filter(
        medium=medium if medium in view.MEDIA else None,
        locale=locale if locale in languages() else None,
        customer_id=_number(customer),
        before=_number(before),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _query(kept: Mapping[str, Any], **changed: Any) -> str:
    said = {name: value for name, value in {**kept, **changed}.items() if value}
    return "?" + urlencode(said) if said else ""


def _people(site: Site, session: Session) -> list[dict[str, Any]]:
    """Some customers whose page works now, at most two a language."""
    now = site.clock.now()
    seen: dict[str, set[int]] = {}
    people = []
    query = (
        select(Link.id, Link.token_hash, Customer.locale)
        .join(Customer, col(Customer.id) == col(Link.customer_id))
        .where(Link.purpose != UNSUBSCRIBE, col(Link.token_hash).is_not(None))
        .order_by(col(Link.id).desc())
        .limit(LOOKED_THROUGH)
    )
    for link_id, stored, locale in session.exec(query):
        shown = seen.setdefault((locale or "")[:2], set())
        made = token(site.settings.secret, link_id or 0)
        if len(shown) >= 2 or stored != token_hash(made):
            continue
        with suppress(LinkClosed):
            found = behind(session, made, now)
            if found.customer_id in shown:
                continue
            shown.add(found.customer_id)
            language, tag = spoken(found, None)
            writer = writer_for(language, tag)
            owed = account(session, found, now).owed
            people.append(
                {
                    "path": f"/p/{made}",
                    "name": found.customer.name or "–",
                    "creditor": brand_of(found.creditor).name,
                    "language": own_name(language),
                    "direction": writer.direction,
                    "owed": writer.amounts(owed) if owed else "",
                }
            )
    return people


def _answer(site: Site, name: str, **facts: Any) -> HTMLResponse:
    return site.pages.answer(name, language=FALLBACK, **facts)
