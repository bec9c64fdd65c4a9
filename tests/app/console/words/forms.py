"""A template's page as a browser reads it: its fields with what stands in them."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.app.console.team import Seat

PATH = "/console/design/templates"


class _Form(HTMLParser):
    """What the form of this id would send, without its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._text = ""
        self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag == "textarea":
            self._text, self.fields[name] = name, ""
        elif tag == "select":
            self._choice = name
        elif tag == "option" and "selected" in told:
            self.fields[self._choice] = told["value"]
        elif tag == "input" and (told.get("type") != "checkbox" or "checked" in told):
            self.fields[name] = told.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._text] = self.fields[self._text].removeprefix("\n")
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[self._text] += data


def fields_in(page: str) -> dict[str, str]:
    """The fields of a template's page, by name."""
    form = _Form()
    form.feed(page[page.index('id="draft"') :])
    return {name: value for name, value in form.fields.items() if name not in ("q", "key")}


def form_of(seat: Seat, name: str, locale: str = "en") -> dict[str, str]:
    """The form of a template in one language, as it is opened."""
    return fields_in(seat.opens(f"{PATH}/{name}?locale={locale}"))


def saved(seat: Seat, name: str, locale: str, **texts: str) -> str:
    """Keeps these texts, named without `t.` and with `_` for each dot; answers the next page."""
    form = form_of(seat, name, locale)
    known = {key[2:].replace(".", "_"): key for key in form if key.startswith("t.")}
    return seat.does(f"{PATH}/{name}/save", form | {known[k]: v for k, v in texts.items()})
