"""The packs with their coverage, the rows of one, and the sign-offs of a creditor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row
from sqlmodel import Session
from starlette.responses import Response

from app.book.packs import published_packs
from app.book.signoffs import SignState, packs_of, sign, sign_state, signed, withdraw
from app.console.creditors_known import creditor_row, creditors, number_in
from app.console.customers.plain import STATUSES
from app.console.door import Visit, acts, looks
from app.console.office import Office
from app.console.rules.words import SIGN_WORDS, STATE_WORDS
from app.staff.roles import Right
from app.web.catalogues import N_
from campaigns.asking import asks
from campaigns.coverage import State, cover
from campaigns.rules import Pack

ROOM: Final = "rules"


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        return _page(office, visit, visit.asked.get("creditor", ""))

    @routes.post("/sign")
    def signed_off(visit: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        told = visit.typed.get("creditor", "")
        creditor_id = number_in(told)
        with office.database.read() as session:
            row = creditor_row(session, creditor_id)
            packs = packs_of(session, row, published_packs(session)) if row else ()
        chosen = [pack for pack in packs if f"pack-{pack.name}" in visit.typed]
        note = visit.typed.get("note", "").strip()
        if row is None or not chosen:
            fault = office.say(visit, N_("Choose the packs that you answer for."))
            return _page(office, visit, told, fault=fault, status=422)
        if not note:
            fault = office.say(visit, N_("Say what was looked at, or by whose advice."))
            return _page(office, visit, told, fault=fault, status=422)
        with office.act(visit, "packs_signed", about=("creditor", row.id)) as doing:
            new = sign(doing.session, row.id, chosen, by=visit.by, note=note, now=doing.now)
            doing.detail.update({pack.name: pack.hash[:12] for pack in chosen if pack.name in new})
        said = N_("It is on record that you signed.")
        return office.back(f"/console/rules?creditor={row.id}", said)

    @routes.post("/withdraw")
    def withdrawn(visit: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        creditor_id = number_in(visit.typed.get("creditor", ""))
        name = visit.typed.get("pack", "")
        if creditor_id is None:
            raise HTTPException(404)
        with office.act(visit, "pack_withdrawn", about=("creditor", creditor_id)) as doing:
            was = withdraw(doing.session, creditor_id, name, by=visit.by, now=doing.now)
            doing.detail["withdrawn"] = int(was)
        said = N_("It is taken back; that it was signed stays on record.")
        return office.back(f"/console/rules?creditor={creditor_id}", said)

    @routes.get("/{name}")
    def shown(name: str, visit: Annotated[Visit, looks()]) -> Response:
        with office.database.read() as session:
            found = [pack for pack in published_packs(session) if pack.name == name]
        if not found:
            raise HTTPException(404)
        today = office.clock.now().date()
        return office.page(
            visit,
            "console/rules/pack.html",
            room=ROOM,
            pack=found[0],
            rows=[(each, asks(each.rule)) for each in cover(found, today)],
            states=STATE_WORDS,
            statuses=STATUSES,
        )


def _page(
    office: Office, visit: Visit, told: str, *, fault: str = "", status: int = 200
) -> Response:
    today = office.clock.now().date()
    with office.database.read() as session:
        packs = published_packs(session)
        named = creditors(session)
        chosen = number_in(told) or (named[0][0] if len(named) == 1 else None)
        row = creditor_row(session, chosen)
        signs = _signs(session, row, packs) if row else []
    return office.page(
        visit,
        "console/rules/list.html",
        room=ROOM,
        status=status,
        packs=[(pack, _counted(pack, today)) for pack in packs],
        states=STATE_WORDS,
        creditors=[("", "–"), *named],
        creditor=row,
        signs=signs,
        sign_words=SIGN_WORDS,
        fault=fault,
    )


def _counted(pack: Pack, today: Any) -> Mapping[str, int]:
    """Of each state of its rows, how many."""
    found = Counter(str(each.state) for each in cover([pack], today))
    return {str(state): found[str(state)] for state in State if found[str(state)]}


def _signs(
    session: Session, row: Row[Any], packs: Sequence[Pack]
) -> list[tuple[Pack, SignState, Row[Any] | None]]:
    known = signed(session, [row.id])
    found = [(pack, known.get((row.id, pack.name))) for pack in packs_of(session, row, packs)]
    return [(pack, sign_state(pack, one), one) for pack, one in found]
