"""How pages of the stage are answered, and mails that stand in a frame of it."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException
from starlette.responses import HTMLResponse

from app.lab.stage.look import DOMAIN, Look
from app.web.catalogues import languages, own_name
from app.web.pages import Pages
from app.web.shield import MAIL_POLICY

_POLICY = MAIL_POLICY.partition("; sandbox")[0] + (
    "; sandbox allow-top-navigation-by-user-activation"
)


def answer(pages: Pages, name: str, look: Look, **facts: Any) -> HTMLResponse:
    """A page of the stage in the language of the look."""
    switch = [(code, own_name(code)) for code in languages(DOMAIN)]
    return pages.answer(f"stage/{name}.html", language=look.lang, look=look, switch=switch, **facts)


def framed_mail(html: str | None) -> HTMLResponse:
    """A mail's own page. Raises a 404 where there is none."""
    if html is None:
        raise HTTPException(404)
    headers = {"content-security-policy": _POLICY, "x-frame-options": "SAMEORIGIN"}
    return HTMLResponse(html, headers=headers)
