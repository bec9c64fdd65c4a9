"""How a provider on this machine answers over HTTP on its bad days: the same for every provider.

What a provider says when it takes a request, refuses it or is too busy is its own; how a line
breaks is not.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from app.lab.faults import Fate, Faults

_DRIP: Final = 0.05  # seconds between two bytes
_HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a provider says itself: of a request that went well, and of the others."""

    good: web.Response
    refused: web.Response
    busy: web.Response
    error: web.Response


async def play(
    fate: Fate, request: web.Request, answers: Answers, faults: Faults
) -> web.StreamResponse:
    """The answer that this fate leaves."""
    await faults.linger()
    match fate:
        case Fate.TAKEN:
            return answers.good
        case Fate.REFUSED:
            return answers.refused
        case Fate.BUSY:
            return answers.busy
        case Fate.ERROR_BEFORE | Fate.ERROR_AFTER:
            return answers.error
        case Fate.RESET_BEFORE | Fate.RESET_AFTER:
            return _broken(request)
        case Fate.SILENT_BEFORE | Fate.SILENT_AFTER:
            await asyncio.sleep(faults.silence.total_seconds())
            return _broken(request)
        case Fate.DRIP:
            return await _dripping(request, answers.good)
        case Fate.MALFORMED:
            return _cut(answers.good)
        case Fate.TOO_LARGE:
            page = "<html><h1>413 Request Entity Too Large</h1></html>"
            return web.Response(status=413, text=page, content_type=_HTML)
        case Fate.HTML:
            return web.Response(text="<html>Sign in to this network</html>", content_type=_HTML)
        case Fate.REDIRECT:
            return web.Response(status=308, headers={"Location": "/elsewhere"})


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _cut(good: web.Response) -> web.Response:
    """As much of the body as is no JSON any more."""
    text = (good.text or "")[:-9]
    return web.Response(status=good.status, text=text, content_type="application/json")


async def _dripping(request: web.Request, good: web.Response) -> web.StreamResponse:
    """Its body byte by byte; one without a body drips with its head."""
    body = (good.text or "").encode()
    if not body:
        return await _dripping_head(request, good)
    slow = web.StreamResponse(status=good.status, headers={"Content-Length": str(len(body))})
    await slow.prepare(request)
    for byte in body:
        await slow.write(bytes([byte]))
        await asyncio.sleep(_DRIP)
    return slow


async def _dripping_head(request: web.Request, good: web.Response) -> web.StreamResponse:
    lines = [f"HTTP/1.1 {good.status} {good.reason}", "Content-Length: 0"]
    lines += [f"{name}: {value}" for name, value in good.headers.items()]
    for byte in ("\r\n".join(lines) + "\r\n\r\n").encode():
        if request.transport is None:
            break
        request.transport.write(bytes([byte]))
        await asyncio.sleep(_DRIP / 4)
    return _broken(request)
