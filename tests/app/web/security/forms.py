"""The forms of a page as a browser has them: where they lead, what each field offers, what is sent
when the first of everything is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from starlette.testclient import TestClient

from tests.app.web.people import Payer

TYPED = {"words": "Something", "amount": "100", "answer": "1984", "other_day": "2026-12-01"}
CHOSEN = frozenset({"hidden", "radio", "select", "checkbox"})
"""Kinds of fields whose values the page gives: nobody types into them."""

PLANNED = "parts?currency=ILS&parts=3&each=&rhythm=monthly&first=2026-12-01&lang=en"
DREAMED = "parts?currency=ILS&parts=amount&each=11&rhythm=monthly&first=2026-12-01&lang=en"
"""A plan inside the envelope, and one that the team is asked for."""
PAGES = (
    "?lang=en", "/promise", "/dispute", "/help", "/paid", "/thread", "/call", "/preferences",
    "/details", "/plan", "/card", f"/{PLANNED}", f"/{DREAMED}", "?lang=en&done=promise",
    "/wrong-person", "/stop",
)  # fmt: skip


@dataclass
class Field:
    """One name of a form, and every value that the page offers for it."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)

    @property
    def sent(self) -> str:
        offered = next((value for value in self.values if value), "")
        return offered if self.kind in CHOSEN else TYPED.get(self.name, "")


@dataclass
class Form:
    """A form that is posted."""

    action: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.action.rpartition("/")[2]

    def filled(self, **changed: str) -> dict[str, str]:
        """What a browser sends."""
        return {**{name: each.sent for name, each in self.fields.items()}, **changed}

    def chosen(self) -> Iterator[Field]:
        """The fields that a customer cannot write into."""
        yield from (each for each in self.fields.values() if each.kind in CHOSEN)


def forms_in(page: str) -> list[Form]:
    """The forms of a page that are posted, in their order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def forms_of(client: TestClient, payer: Payer) -> Iterator[tuple[str, Form]]:
    """Every form of a customer's pages as they stand, once, and the page on which it stands."""
    seen = set[tuple[str, str]]()
    for page in PAGES:
        answer = client.get(payer.path + page)
        if answer.status_code != 200:
            continue
        for form in forms_in(answer.text):
            share = form.fields["share"].sent if "share" in form.fields else ""
            if (form.name, share) not in seen:
                seen.add((form.name, share))
                yield page, form


def same_form(client: TestClient, payer: Payer, page: str, known: Form) -> Form:
    """The form as the page has it now: its nonce is a new one once something has happened."""
    share = known.fields["share"].sent if "share" in known.fields else None
    return next(
        form
        for form in forms_in(client.get(payer.path + page).text)
        if form.action == known.action and (share is None or form.fields["share"].sent == share)
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self._form = Form(given["action"])
        elif self._form is None:
            return
        elif tag == "input":
            self._offer(given["name"], given.get("type", "text"), given.get("value", ""))
        elif tag == "textarea":
            self._offer(given["name"], tag, "")
        elif tag == "select":
            self._select = self._form.fields.setdefault(given["name"], Field(given["name"], tag))
        elif tag == "option" and self._select is not None and "value" in given:
            self._select.values.append(given["value"])

    def handle_data(self, data: str) -> None:
        if self._select is not None and not self._select.values and data.strip():
            self._select.values.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "form" and self._form is not None:
            self.forms.append(self._form)
            self._form = None

    def _offer(self, name: str, kind: str, value: str) -> None:
        assert self._form is not None
        self._form.fields.setdefault(name, Field(name, kind)).values.append(value)
