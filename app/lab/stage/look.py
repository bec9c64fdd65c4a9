"""What somebody is looking at, kept in the address alone: no cookie, and a link keeps all of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import time
from urllib.parse import urlencode

from fastapi import Request

from app.web.catalogues import FALLBACK, languages

DOMAIN = "stage"


@dataclass(frozen=True, slots=True)
class Look:
    """`on` is what the phone shows: a medium, or her page. `try_` is an hour to ask about."""

    lang: str = FALLBACK
    on: str = ""
    link: str = ""
    letter: str = ""
    edit: str = ""
    hour: str = ""

    def to(self, **changed: str) -> str:
        """The query of this look with these changes."""
        looked = replace(self, **changed)
        said = {field.name: getattr(looked, field.name) for field in fields(looked)}
        return "?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def asked_hour(self) -> time | None:
        try:
            return time.fromisoformat(self.hour.rjust(5, "0")) if self.hour else None
        except ValueError:
            return None


def look_of(request: Request) -> Look:
    """The look that an address says; the language of the browser where it says none."""
    said = request.query_params
    known = {field.name: said.get(field.name, "")[:40] for field in fields(Look)}
    return Look(**{**known, "lang": _language(known["lang"], request)})


def _language(wished: str, request: Request) -> str:
    if wished in languages(DOMAIN):
        return wished
    for wish in request.headers.get("accept-language", "").split(","):
        code = wish.partition(";")[0].partition("-")[0].strip().lower()
        if code in languages(DOMAIN):
            return code
    return FALLBACK
