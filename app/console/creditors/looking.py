"""A creditor's colour and logo, with a picture of how customers will see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.book.brands import BrandRefused, change_creditor
from app.book.logo_drawing import LogoRefused, drawn
from app.book.logos import keep_logo
from app.console.creditors.look import colour_words, drawn_look
from app.console.creditors.pages import CreditorId, creditor_of, page
from app.console.door import Visit, acts, looks, typed_in
from app.console.office import Office
from app.staff.roles import Right
from app.web.brand import brand_of
from app.web.catalogues import N_

LARGEST_LOGO: Final = 5 * 1024 * 1024
_RTL: Final = ("he", "ar")


async def _pictures(
    request: Request, _typed: Annotated[object, Depends(typed_in)]
) -> Sequence[bytes]:
    """The pictures of the form, which `typed_in` has read."""
    form = await request.form()
    files = [each for each in form.getlist("logo") if isinstance(each, UploadFile)]
    return [await each.read() for each in files if each.filename]


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("/{id_}/look.svg")
    def look(id_: CreditorId, visit: Annotated[Visit, looks()]) -> Response:
        brand = brand_of(creditor_of(office, id_))
        words = tuple(
            office.say(visit, each)
            for each in (N_("How your page looks"), N_("How a mail begins"), N_("Pay"))
        )
        colour = visit.asked.get("colour", brand.colour)
        picture = drawn_look(
            brand, colour, (words[0], words[1], words[2]), rtl=visit.language in _RTL
        )
        return Response(picture, media_type="image/svg+xml")

    @routes.post("/{id_}/colour")
    def coloured(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        colour = visit.typed.get("colour", "").strip().lower()
        try:
            with office.act(visit, "colour_set", about=("creditor", id_)) as doing:
                change_creditor(
                    doing.session, row.external_id, brand={"colour": colour}, capability=None
                )
        except BrandRefused:
            _, words = colour_words(office, visit, colour)
            return page(office, visit, row, faults={"colour": words}, status=422)
        return office.back(f"/console/creditors/{id_}", N_("Pages and mails have this colour now."))

    @routes.post("/{id_}/logo")
    def logo(
        id_: CreditorId,
        visit: Annotated[Visit, acts(Right.RUN)],
        pictures: Annotated[Sequence[bytes], Depends(_pictures)],
    ) -> Response:
        row = creditor_of(office, id_)
        if not pictures:
            fault = office.say(visit, N_("Choose a picture."))
            return page(office, visit, row, faults={"logo": fault}, status=422)
        try:
            made = drawn(pictures[0])
        except LogoRefused as refused:
            return page(office, visit, row, faults={"logo": str(refused)}, status=422)
        with office.act(visit, "logo_set", about=("creditor", id_)) as doing:
            keep_logo(doing.session, row.external_id, made, now=doing.now)
        return office.back(f"/console/creditors/{id_}", N_("Pages show it from now on."))

    @routes.post("/{id_}/logo/remove")
    def bare(id_: CreditorId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = creditor_of(office, id_)
        with office.act(visit, "logo_removed", about=("creditor", id_)) as doing:
            keep_logo(doing.session, row.external_id, None, now=doing.now)
        said = N_("Pages show the first letter of the name.")
        return office.back(f"/console/creditors/{id_}", said)
