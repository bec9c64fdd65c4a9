"""Style sheets and the two questions of a load balancer: is it alive, can it work.

Only our own files are sent compressed. A page is not: it holds secrets beside what others may have
put there, and from the size of the two together a secret can be guessed.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.book.logos import logo_of
from app.store.migrate import is_current
from app.store.publishing import current
from app.store.rows import Creditor
from app.web.brand import DEFAULT_COLOUR, brand_of, style_sheet
from app.web.pages import STATIC_TYPES, static_file
from app.web.site import Site

KINDS = ("journey", "template", "pack")
"""What must be published before anything is decided or said."""
_WORTH_PACKING: Final = 1024
_TAKES_GZIP: Final = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")

_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}  # another file, another name


def router(site: Site) -> APIRouter:
    """What pages are dressed in, and health."""
    routes = APIRouter()

    @routes.api_route("/static/{name}", methods=["GET", "HEAD"])
    def static(name: str, request: Request) -> Response:
        content = static_file(name)
        if content is None:
            raise HTTPException(404)
        kind = STATIC_TYPES[PurePosixPath(name).suffix]
        headers = {**_FOR_EVER}
        if len(content) >= _WORTH_PACKING:
            headers["vary"] = "accept-encoding"
            if _TAKES_GZIP.search(request.headers.get("accept-encoding", "")):
                content, headers["content-encoding"] = _packed(content), "gzip"
        return Response(content, media_type=kind, headers=headers)

    @routes.api_route("/brand/{name}.css", methods=["GET", "HEAD"])
    def brand(name: str) -> Response:
        colour = DEFAULT_COLOUR  # also for a stranger: which creditors there are is nobody's affair
        if name.isdecimal() and len(name) < 18:
            with site.database.read() as session:
                creditor = session.get(Creditor, int(name))
            if creditor is not None:
                colour = brand_of(creditor).colour
        return Response(style_sheet(colour), media_type=STATIC_TYPES[".css"])

    @routes.api_route("/brand/{name}/{digest}.png", methods=["GET", "HEAD"])
    def logo(name: str, digest: str) -> Response:
        content = None
        if name.isdecimal() and len(name) < 18:
            with site.database.read() as session:
                content = logo_of(session, int(name), digest)
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type="image/png", headers=_FOR_EVER)

    @routes.api_route("/robots.txt", methods=["GET", "HEAD"])
    def robots() -> PlainTextResponse:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    def alive() -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    def ready() -> JSONResponse:
        problem = _problem(site)
        return JSONResponse({"ready": problem is None, "problem": problem}, 503 if problem else 200)

    return routes


@lru_cache(maxsize=16)
def _packed(content: bytes) -> bytes:
    """The same wherever and whenever it is packed."""
    return gzip.compress(content, mtime=0)


def _problem(site: Site) -> str | None:
    try:
        if not is_current(site.database):
            return "the database is not migrated: run `duly db upgrade`"
        with site.database.read() as session:
            missing = [kind for kind in KINDS if not current(session, kind)]
    except SQLAlchemyError:
        return "the database does not answer"
    return f"no {missing[0]} is published: run `duly db upgrade`" if missing else None
