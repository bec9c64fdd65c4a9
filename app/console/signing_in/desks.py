"""Where somebody stands who signs in: their browser, its network, its language, its cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from app.console.door import typed_in
from app.console.notices import PATH
from app.console.office import DOMAIN, Office
from app.staff.signing_in import Desk
from app.staff.users import LANGUAGES
from app.web.catalogues import language_of, own_name
from app.web.elsewhere import is_from_elsewhere
from app.web.networks import network_behind

SIGN_IN: Final = f"{PATH}/sign-in"
Typed = Annotated[Mapping[str, str], Depends(typed_in)]
"""A parameter that is what a form says, of one who is not signed in."""


def desk_of(office: Office, request: Request) -> Desk:
    """What tries are counted by is the network, as on the customers' pages."""
    device = request.headers.get("user-agent", "")
    printable = "".join(letter for letter in device if letter.isprintable())
    return Desk(office.database, office.secret, network_behind(request), printable)


def tongue_of(request: Request) -> str:
    """The language of a browser in which nobody is signed in."""
    wished = request.headers.get("accept-language", "")
    tags = [tag.partition(";")[0] for tag in wished.split(",")]
    return language_of(tags, DOMAIN)[0]


def ensure_ours(office: Office, request: Request) -> None:
    """Refuses a form that another site sends, of one who has no session that it could carry the key
    of: nobody is signed in as somebody else without knowing."""
    if is_from_elsewhere(request.headers, office.settings.console_origin):
        raise HTTPException(403)


def alone(
    office: Office, request: Request, template: str, status: int = 200, **facts: Any
) -> Response:
    """A page before anybody is signed in."""
    return office.pages.answer(
        f"console/signing_in/{template}", language=tongue_of(request), status=status, **facts
    )


def cookie_of(request: Request) -> str:
    """The name of the session's cookie."""
    return str(request.app.state.entry.cookie)


def give_cookie(answer: Response, office: Office, request: Request, token: str) -> None:
    """Has the browser keep a session's token until it is closed, for the console alone."""
    answer.set_cookie(
        cookie_of(request),
        token,
        path=PATH,
        secure=office.encrypted,
        httponly=True,
        samesite="strict",
    )


def take_cookie(answer: Response, office: Office, request: Request) -> None:
    answer.delete_cookie(
        cookie_of(request), path=PATH, secure=office.encrypted, httponly=True, samesite="strict"
    )


def place_after(wished: str) -> str:
    """Where to go once signed in: a page of the console, never anybody else's."""
    parts = urlsplit(wished)
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{PATH}/")
    if not is_ours or "\\" in wished or not wished.isprintable() or ".." in parts.path:
        return f"{PATH}/"
    return wished


def tongues() -> list[tuple[str, str]]:
    """The console's languages, each under its own name."""
    return [(language, own_name(language)) for language in LANGUAGES]
