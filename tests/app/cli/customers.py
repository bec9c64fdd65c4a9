"""Customers of a served process: they open a link, fill in forms and hand in a file, by a browser's
means alone."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from html import unescape
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

NUMBER: Final = "+972525550199"
"""Where a customer wants to be called; on record nowhere else."""
WORDS: Final = {
    way: f"{way}: Shoshana of Herzl street 17 says so"
    for way in ("paid", "thread", "help", "dispute", "feedback")
}
FILE: Final = "receipt-of-shoshana.png"
_BOUNDARY: Final = "what-comes-between"


def act_on_pages(pages: list[str]) -> None:
    """Each way that takes words, a number or a file, on the page of a customer who owes. Some
    pages may lack a way, since one may close another; eight who act at once would be a machine."""
    for page in pages[:1]:
        fill_in(page, "thread", words=WORDS["thread"])
        fill_in(page, "dispute", words=WORDS["dispute"])
    for page in pages[2:4]:
        fill_in(page, "paid", words=WORDS["paid"], method="bank", file=FILE)
    for page in pages[5:7]:
        thanks = fill_in(page, "help", words=WORDS["help"])
        send(page, thanks, "feedback", {"answer": "no", "words": WORDS["feedback"]})
    for page in pages[8:10]:
        fill_in(page, "call", number="other", other_number=NUMBER)


def fill_in(page: str, way: str, **typed: str) -> str:
    """Opens the form of a way and sends it with these words. Answers the page that comes back."""
    return send(page, fetch(Request(f"{page}/{way}")), way, typed)


def send(page: str, html: str, way: str, typed: Mapping[str, str]) -> str:
    form = form_of(html, way)
    if not form:
        return ""
    chosen: dict[str, str] = {}
    for field in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', field))
        if told.get("type") in {"hidden", "radio"} and "name" in told:
            chosen.setdefault(told["name"], unescape(told.get("value", "")))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"(.*?)</select>', form, re.DOTALL):
        chosen[name] = next(filter(None, re.findall(r'value="([^"]*)"', options)))
    filled = {**chosen, **typed}
    if "multipart" in form:
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        asked = Request(f"{page}/{way}", in_parts(filled), {"content-type": kind})
    else:
        asked = Request(f"{page}/{way}", urlencode(filled).encode())
    return fetch(asked)


def form_of(html: str, way: str) -> str:
    found = re.search(rf'<form[^>]*action="[^"]*/{way}".*?</form>', html, re.DOTALL)
    return found[0] if found else ""


def fetch(asked: Request) -> str:
    try:
        with urlopen(asked) as answer:
            return str(answer.read().decode())
    except HTTPError as refused:
        with refused:
            return refused.read().decode()


def in_parts(filled: Mapping[str, str]) -> bytes:
    made = b""
    for name, value in filled.items():
        named = f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"'
        if name == "file":
            made += f'{named}; filename="{value}"\r\n\r\n'.encode() + picture() + b"\r\n"
        else:
            made += f"{named}\r\n\r\n{value}\r\n".encode()
    return made + f"--{_BOUNDARY}--\r\n".encode()


def picture() -> bytes:
    """A PNG of one grey dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    dot = zlib.compress(b"\0\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", dot) + chunk(b"IEND", b"")
