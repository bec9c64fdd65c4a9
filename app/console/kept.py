"""What somebody typed while their session ended is not lost: the next page holds it, to be sent
again once they are signed in.

Only what a page of ours has sent is shown again, and only a press of the person who wrote it sends
it on: at a desk that several people share, the next one is told that it is not theirs. Files and
passwords are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.responses import HTMLResponse

from app.console.door import KEY_FIELD, Entry, form_key, given_key
from app.console.notices import PATH
from app.console.signing_in.desks import SIGN_IN, tongue_of
from app.web.elsewhere import is_from_elsewhere

if TYPE_CHECKING:
    from app.console.office import Office

_FORM = "application/x-www-form-urlencoded"


def kept(
    office: Office, request: Request, typed: Mapping[str, str], status: int
) -> HTMLResponse | None:
    """The page that holds it; None where there is nothing to keep, or another site has sent it."""
    fields = {name: value for name, value in typed.items() if name != KEY_FIELD}
    is_form = request.headers.get("content-type", "").partition(";")[0] == _FORM
    if not is_form or not any(value.strip() for value in fields.values()):
        return None
    if any("password" in name for name in fields):
        return None
    if is_from_elsewhere(request.headers, office.settings.base_url):
        return None
    entry: Entry = request.app.state.entry
    token = request.cookies.get(entry.cookie, "")
    visitor, given = entry.visitor(token), given_key(request, typed)
    language = visitor.language if visitor else tongue_of(request)
    if visitor and entry.writer_of(given) != visitor.user_id:
        return office.pages.answer("console/not_yours.html", language=language, status=status)
    return office.pages.answer(
        "console/kept.html",
        language=language,
        status=status,
        action=PATH + request.scope["path"].removeprefix(request.scope.get("root_path", "")),
        fields=fields,
        key=form_key(office.settings.secret, token) if visitor else given,
        signed_in=visitor is not None,
        sign_in=SIGN_IN,
    )
