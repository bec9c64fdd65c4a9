"""`duly policy explain`: may we write to this customer at this time, and by which rule not?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, show
from app.cli.policy import policy
from campaigns.vocabulary import Category, Medium

if TYPE_CHECKING:
    from app.delivery.explained import Explained
    from campaigns.explain import Answer
    from campaigns.proposal import Refusal
    from campaigns.rules import Asked

_AT = typer.Option(
    None, "--at", metavar="TIME", help="2026-12-25T09:30, on the customer's clock; none: now."
)


def register(_app: typer.Typer) -> None:
    """The command stands below `duly policy`."""


@policy.command()
def explain(
    customer: str = typer.Option(..., "--customer", help="By the ERP's own number."),
    medium: Medium = typer.Option(..., "--medium", help="sms, email or whatsapp."),
    at: str | None = _AT,
    category: Category = typer.Option(Category.REMINDER, "--category", help="What it would be."),
    template: str | None = typer.Option(None, "--template", help="Of this template's category."),
    no_link: bool = typer.Option(False, "--no-link", help="The text would hold no link."),
    creditor: str | None = typer.Option(None, "--creditor", help="Where two have that number."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Says in a sentence whether a message may go, which rules were asked, which of them decided,
    by what source, and when it may go next."""
    from app.cli.databases import ready
    from app.delivery.explained import Question, category_of, explained
    from app.delivery.preview import NotShown
    from app.settings import read_settings
    from app.wording.errors import WordingError

    with ready(read_settings().database_url) as database, database.read() as session:
        now = database.now()
        when = _time(at) or now
        try:
            if template:
                category = category_of(session, template)
            asked = Question(customer, creditor, medium, category, when, has_link=not no_link)
            found = explained(session, asked, now)
        except (NotShown, WordingError) as problem:
            raise fail(problem, code=WRONG_USE) from None
    if as_json:
        emit(_told(found, medium, category))
        return
    for line in _lines(found, medium, category):
        show(line)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise fail(f"{text} is no time; write 2026-12-25T09:30.", code=WRONG_USE) from None


def _refusal(found: Explained) -> Refusal | None:
    """What is named first: what the case waits for, then what policy says."""
    from campaigns.proposal import Refusal

    verdict = found.policy.verdict
    return found.stopped or (verdict if isinstance(verdict, Refusal) else None)


def _sentence(found: Explained, medium: Medium, category: Category) -> str:
    from campaigns.proposal import Permit
    from campaigns.reasons import sentence

    what = f"{category} by {medium} at {_clock(found.at, found)}"
    refusal, verdict = _refusal(found), found.policy.verdict
    if refusal is None and isinstance(verdict, Permit):
        return f"Yes: a {what} may go, until {_clock(verdict.until, found)}."
    assert refusal is not None
    return f"No: a {what} may not go. {sentence(refusal.reason, refusal.params)}"


def _lines(found: Explained, medium: Medium, category: Category) -> Iterator[str]:
    yield _sentence(found, medium, category)
    if found.read_in_zone:
        yield f"The time was read on the customer's clock, {found.zone.key}."
    if found.is_ahead:
        yield "That is ahead: the book is taken to be renewed by then, and nothing else to change."
    refusal = _refusal(found)
    if refusal is not None:
        decided = found.policy.decided
        by_rule = decided is not None and found.stopped is None
        yield f"Decided by {_source(decided) if by_rule and decided else refusal.rule}."
        later = refusal.look_again_at
        yield (
            f"Next allowed: {_clock(later, found)}."
            if later
            else ("Next allowed: when the facts change; time alone does not open it.")
        )
    yield f"Where the customer may be: {', '.join(_places(found))}."
    yield f"Clocks: {', '.join(_clocks(found)) or 'none is known'}."
    yield "Rules that were asked:"
    for answer in found.policy.answers:
        yield f"  {_answer(answer, found)}"


def _answer(answer: Answer, found: Explained) -> str:
    from campaigns.asking import asks
    from campaigns.reasons import sentence

    refusal = answer.refusal
    word = "allows " if refusal is None else "refuses"
    why = f" {sentence(refusal.reason, refusal.params)}" if refusal else ""
    later = refusal.look_again_at if refusal else None
    opens = f" Opens {_clock(later, found)}." if later else ""
    return f"{word} {_source(answer.rule)}: {asks(answer.rule)}.{why}{opens}"


def _source(rule: Asked) -> str:
    head = rule.head
    caution = ", a caution: nobody has read the source" if head.is_caution else ""
    return f"{head.id} ({head.source}; status {head.status}{caution})"


def _clock(at: datetime, found: Explained) -> str:
    return f"{at.astimezone(found.zone):%Y-%m-%d %H:%M} {found.zone.key}"


def _clocks(found: Explained) -> list[str]:
    known = [f"{zone.key} {found.at.astimezone(zone):%H:%M}" for zone in found.policy.zones]
    return known + [f"{name} (unknown)" for name in found.policy.unknown_zones]


def _places(found: Explained) -> list[str]:
    facts = found.facts
    stated = ", ".join(filter(None, (facts.city, facts.region, facts.country)))
    return [stated or "no address on record", *(zone.key for zone in found.policy.zones)]


def _told(found: Explained, medium: Medium, category: Category) -> dict[str, Any]:
    refusal = _refusal(found)
    later = refusal.look_again_at if refusal else None
    decided = found.policy.decided if found.stopped is None else None
    return {
        "sentence": _sentence(found, medium, category),
        "allowed": refusal is None,
        "at": found.at.isoformat(),
        "book_taken_as_renewed": found.is_ahead,
        "read_on_the_clock_of": found.zone.key if found.read_in_zone else None,
        "rule": refusal.rule if refusal else None,
        "reason": refusal.reason if refusal else None,
        "source": decided.head.source if decided else None,
        "status": str(decided.head.status) if decided else None,
        "next_allowed_at": later.isoformat() if later else None,
        "places": _places(found),
        "clocks": _clocks(found),
        "rules": [_rule(answer) for answer in found.policy.answers],
    }


def _rule(answer: Answer) -> dict[str, Any]:
    from campaigns.asking import asks

    head, refusal = answer.rule.head, answer.refusal
    later = refusal.look_again_at if refusal else None
    return {
        "id": head.id,
        "pack": head.pack,
        "level": head.level.name.lower(),
        "asks": asks(answer.rule),
        "allows": refusal is None,
        "reason": refusal.reason if refusal else None,
        "opens_at": later.isoformat() if later else None,
        "source": head.source,
        "status": str(head.status),
    }
