"""The list of creditors, and the page of one with all that can be set of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import Row, select
from sqlmodel import Session
from starlette.responses import Response

from app.book.brands import BRAND_FACTS
from app.book.limits import limits_of
from app.book.offers import offer_rows
from app.book.on_call import on_call_list, waivers
from app.book.pay_accounts import PayAccount
from app.book.stale import stale_books
from app.console.creditors.look import colour_words
from app.console.creditors.words import (
    FACT_WORDS,
    LIMIT_GROUPS,
    LIMIT_WORDS,
    OFFER_WORDS,
    ORDER_WORDS,
    PROOF_WORDS,
    SITUATION_WORDS,
)
from app.console.door import Visit, looks
from app.console.office import Office
from app.console.sentences import sentences_for
from app.payments.choice import GATEWAYS
from app.store.given import table_of
from app.store.rows import Creditor
from app.web.brand import brand_of

CreditorId = Annotated[int, Path(ge=1, lt=2**31)]
ROOM: Final = "creditors"
_CREDITOR = table_of(Creditor)


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        query = select(_CREDITOR).order_by(_CREDITOR.c.external_id)
        with office.database.read() as session:
            rows = session.connection().execute(query).all()
            stale = set(stale_books(session, office.clock.now()))
        return office.page(
            visit,
            "console/creditors/list.html",
            room=ROOM,
            creditors=rows,
            stale=stale,
            said=sentences_for(office, visit),
        )

    @routes.get("/{id_}")
    def shown(id_: CreditorId, visit: Annotated[Visit, looks()]) -> Response:
        return page(office, visit, creditor_of(office, id_))


def creditor_of(office: Office, id_: int) -> Row[Any]:
    """The creditor. 404 if there is none."""
    with office.database.read() as session:
        query = select(_CREDITOR).where(_CREDITOR.c.id == id_)
        row = session.connection().execute(query).one_or_none()
    if row is None:
        raise HTTPException(404)
    return row


def page(
    office: Office,
    visit: Visit,
    row: Row[Any],
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """All of one creditor; what was typed stays in the form that was refused."""
    brand = brand_of(row)
    colour = visit.asked.get("colour") or visit.typed.get("colour") or brand.colour
    with office.database.read() as session:
        called = on_call_list(session)
        told = {
            "offers": offer_rows(session, row.id),
            "own_list": [each for each in called if each.creditor_id == row.id],
            "house_list": [each for each in called if each.creditor_id is None],
            "waived": list(waivers(session, [row.id])),
        }
    return office.page(
        visit,
        "console/creditors/one.html",
        said=sentences_for(office, visit),
        room=ROOM,
        status=status,
        creditor=row,
        brand=brand,
        facts=[(name, office.say(visit, FACT_WORDS[name])) for name in _facts()],
        kept={name: str(row.brand.get(name) or "") for name in _facts()},
        orders=[(order, office.say(visit, words)) for order, words in ORDER_WORDS.items()],
        order=row.envelope.get("charges", {}).get("order") or "",
        colour=colour,
        colour_words=colour_words(office, visit, colour),
        limits=limits_of(row.envelope),
        limit_groups=LIMIT_GROUPS,
        limit_words=LIMIT_WORDS,
        gateways=["house", *GATEWAYS],
        house_gateway=office.settings.gateway,
        accounts=_accounts(row.accounts or {}),
        proofs=[(proof, office.say(visit, words)) for proof, words in PROOF_WORDS.items()],
        offer_words=OFFER_WORDS,
        situations=[(each, office.say(visit, words)) for each, words in SITUATION_WORDS.items()],
        faults=faults or {},
        **told,
    )


def _facts() -> Sequence[str]:
    """Those that are written; the colour has its own form."""
    return [name for name in BRAND_FACTS if name != "colour"]


def _accounts(kept: Mapping[str, Any]) -> list[tuple[str, PayAccount]]:
    return [(currency, PayAccount(**told)) for currency, told in sorted(kept.items())]


def owner_name(session: Session, id_: int) -> str:
    """The creditor's external id, by which acts of the book know it."""
    query = select(_CREDITOR.c.external_id).where(_CREDITOR.c.id == id_)
    return str(session.connection().execute(query).scalar_one())
