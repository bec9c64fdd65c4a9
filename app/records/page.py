"""The evidence as a page that people read: one file, without a script and without a network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template

from app.wording.formats import formats_for

_CONSENT: Final = (
    *("at", "medium", "given", "purpose", "basis", "source", "method", "evidence"),
    "recorded_by",
)
_CLOSING: Final = (
    *("at", "medium", "reason", "act", "evidence", "recorded_by", "lifted_at", "lifted_by"),
    "lift_evidence",
)
_TABLES: Final = (
    ("blocked", "refusals", ("at", "asked_by", "medium", "rule", "sentence", "look_again_at")),
    ("cases", "cases", ("opened_at", "journey", "journey_hash", "arm", "outcome", "sentence")),
    ("consents", "consents", _CONSENT),
    ("suppressions", "suppressions", _CLOSING),
    ("invoices", "invoices", ("number", "due_on", "amount_minor", "open_minor", "currency")),
    ("payments", "payments", ("paid_on", "amount_minor", "currency", "method", "reference")),
    ("reversals", "reversals", ("reversed_on", "kind", "amount_minor", "currency")),
    ("promises", "promises", ("made_at", "made_by", "amount_minor", "currency", "due_on", "state")),
    ("plans", "plans", ("agreed_at", "agreed_by", "amount_minor", "currency", "state")),
    ("disputes", "disputes", ("opened_at", "kind", "words", "state", "resolved_at")),
    ("hardships", "hardships", ("reported_at", "kind", "words", "ended_at")),
    ("complaints", "complaints", ("received_at", "words", "answer_by", "answered_at")),
    ("holds", "holds", ("placed_at", "kind", "until", "released_at", "why")),
    ("tasks", "tasks", ("created_at", "team", "title", "state", "done_at")),
    ("replies", "replies", ("received_at", "medium", "text", "intent")),
    ("visits", "visits", ("created_at", "purpose", "message_id", "expires_at", "revoked_at")),
    ("events", "events", ("at", "kind", "case_id", "message_id", "payload")),
)
"""Heading, section and columns, in the order in which they are read."""


def page(told: Mapping[str, Any]) -> str:
    """Each message runs in its own direction, the page in that of the person's language."""
    rtl = formats_for(told["customer"]["locale"] or "en").rtl
    messages = {row["id"]: row for row in told["messages"]}
    sent = [
        {**attempt, "message": messages.get(attempt["message_id"], {}), "rtl": _is_rtl(attempt)}
        for attempt in told["attempts"]
    ]
    direction = "rtl" if rtl else "ltr"
    tables = [(heading, told[section], columns) for heading, section, columns in _TABLES]
    return _template().render(told=told, sent=sent, tables=tables, direction=direction)


def _is_rtl(attempt: Mapping[str, Any]) -> bool:
    return formats_for(attempt["locale"]).rtl


@cache
def _template() -> Template:
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = files("templates").joinpath("evidence", "evidence.html").read_text("utf-8")
    return made.from_string(source)
