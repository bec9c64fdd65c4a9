"""A message as it was seen, and everything about one customer as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException
from starlette.responses import HTMLResponse, Response

from app.console.customers.desk import ROOM, Id, zone_of_creditor
from app.console.customers.plain import STATES
from app.console.door import Visit, acts, looks
from app.console.sentences import sentences_for
from app.records.evidence import bundle, evidence
from app.records.page import Reader
from app.staff.roles import Right
from app.web import outbox_view
from app.web.catalogues import translations
from app.web.shield import MAIL_POLICY
from app.wording.links import mask

if TYPE_CHECKING:
    from app.console.office import Office


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/customers/{customer_id}/messages/{attempt_id}")
    def message(visit: Annotated[Visit, looks()], customer_id: Id, attempt_id: Id) -> Response:
        with office.database.read() as session:
            letter = outbox_view.letter(session, attempt_id)
        if letter is None or letter.customer_id != customer_id:
            raise HTTPException(404)
        said = sentences_for(office, visit)
        return office.page(
            visit,
            "console/customers/message.html",
            room=ROOM,
            letter=letter,
            said=said,
            states={code: said.say(text) for code, text in STATES.items()},
            text=mask(letter.text),
            local=_on_their_clock(office, visit, letter),
            tall=outbox_view.frame_height(letter),
        )

    @routes.get("/customers/{customer_id}/messages/{attempt_id}/mail")
    def mail(_: Annotated[Visit, looks()], customer_id: Id, attempt_id: Id) -> HTMLResponse:
        with office.database.read() as session:
            letter = outbox_view.letter(session, attempt_id)
        if letter is None or letter.customer_id != customer_id or letter.html is None:
            raise HTTPException(404)
        headers = {"content-security-policy": MAIL_POLICY, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(mask(letter.html), headers=headers)

    @routes.post("/customers/{customer_id}/evidence")
    def export(visit: Annotated[Visit, acts(Right.ACT)], customer_id: Id) -> Response:
        """The same file as `duly evidence export`; that it was taken out is on record."""
        zone_of_creditor(office, customer_id)
        with office.act(visit, "evidence_exported", about=("customer", customer_id)) as doing:
            told = evidence(doing.session, customer_id, doing.now)
            doing.detail["events"] = len(told["events"])
        say = translations(visit.language, "evidence").gettext
        reasons = translations(visit.language, "console").gettext
        file = bundle(told, Reader(visit.language, say, reasons), office.documents)
        name = f"evidence-{customer_id}-{doing.now:%Y-%m-%d}.zip"
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        }
        return Response(file, media_type="application/zip", headers=headers)

    return routes


def _on_their_clock(office: Office, visit: Visit, letter: outbox_view.Letter) -> str:
    """The instant as the recipient's own wall showed it, in the reader's language."""
    theirs = sentences_for(office, visit, zone=letter.zone)
    return theirs.when(letter.sent_at)
