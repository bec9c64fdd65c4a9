"""What a scenario's creditor has published beside what ships: words of its own, and rows that it
has had read. Both are made of what ships, so that they stay true to it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.book.charges.rates import add_rate
from app.lab.scenarios import Scenario
from app.loops.assembly import shipped_texts
from app.store.publishing import publish_all
from campaigns.duties import Reference

_STOP = "{{ stop }}"
_RULE = "  - id: "


def publish_own(session: Session, scenario: Scenario, now: datetime) -> None:
    """Publishes them, and adds the rates that the claims are reckoned by."""
    publish_all(session, list(_own(scenario)), now=now)
    for rate in scenario.rates:
        add_rate(
            session,
            reference=Reference(rate["reference"]),
            starts_on=rate["starts_on"],
            percent=rate["percent"],
            source="invented for the demo",
            added_by="demo",
            now=now,
        )


def _own(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    for kind, name, text in shipped_texts():
        if kind == "template" and scenario.disclosure:
            yield kind, name, _disclosing(text, scenario.disclosure)
        if kind == "pack" and name in scenario.read:
            yield kind, name, _enabled(text, scenario.read[name])


def _disclosing(text: str, line: str) -> str:
    """The template with the line in every message: before the way out, or behind a mail's end."""
    content = json.loads(text)
    for words in content["locales"].values():
        texts: dict[str, Any] = words["texts"]
        for key, said in texts.items():
            if _STOP in said:
                texts[key] = said.replace(_STOP, f"{{{{ {line} }}}} {_STOP}")
            elif key.startswith("email.closing"):
                texts[key] = f"{said} {{{{ {line} }}}}"
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _enabled(text: str, rows: Collection[str]) -> str:
    """The pack as it is once somebody has read the law of these rows."""
    first, *rules = text.split(_RULE)
    return _RULE.join((first, *(_read(r) if r.split("\n", 1)[0] in rows else r for r in rules)))


def _read(rule: str) -> str:
    kept = (line for line in rule.split("\n") if not line.startswith("    disabled:"))
    return "\n".join("    status: V" if line.startswith("    status:") else line for line in kept)
