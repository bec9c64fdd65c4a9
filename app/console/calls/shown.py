"""One call as its page shows it: what to say, in their language and in the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from app.book.envelope import EnvelopeError
from app.console.beside import Beside, beside
from app.intake.call_hours import Number, call_slots
from app.intake.concerned import known_customer
from app.intake.leases import Lease, leases
from app.intake.phone.call_list import Call, call_of
from app.intake.phone.numbers import RulesOf
from app.wording.bidi import FSI, LRI, PDI
from app.wording.context import CrisisLine
from app.wording.crisis import crisis_line
from app.wording.formats import formats_for, parsed_locale
from app.wording.staff_words import Line, call_line, spoken_in
from campaigns.windows import Opening


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of the script. `meaning` is it in the caller's language; "" where that is the same."""

    line: Line
    words: str = field(repr=False)
    meaning: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dialled:
    """All that the page of one call needs. `fence` is of the reader's own lease; 0 without one."""

    call: Call
    about: Beside
    lease: Lease | None
    fence: int
    tongue: str
    script: Sequence[Spoken]
    slots: Mapping[str, Opening]
    theirs: ZoneInfo
    crisis: CrisisLine


def dialled(
    session: Session,
    rules: RulesOf,
    task_id: int,
    *,
    by: str,
    caller: str,
    language: str,
    now: datetime,
) -> Dialled | None:
    """The call; None where it is no longer to be made."""
    call = call_of(session, rules, task_id, now)
    about = beside(session, call.task.customer_id) if call is not None else None
    if call is None or about is None:
        return None
    lease = leases(session, [call.key], now).get(call.key)
    tongue = spoken_in(about.locale)
    return Dialled(
        call=call,
        about=about,
        lease=lease,
        fence=lease.fence if lease is not None and lease.by == by else 0,
        tongue=parsed_locale(tongue).get_display_name(language) or tongue,
        script=_script(call, about, caller, language),
        slots={slot_name(each): each for each in slots_of(session, rules, call, now)},
        theirs=ZoneInfo(about.customer.zone or about.creditor.zone),
        crisis=crisis_line(about.country, about.locale),
    )


def slot_name(slot: Opening) -> str:
    """What a form calls it."""
    return f"{slot[0]:%Y%m%dT%H%MZ}"


def slots_of(session: Session, rules: RulesOf, call: Call, now: datetime) -> tuple[Opening, ...]:
    """When they can be called back: where the team's hours and those of their place meet."""
    user = known_customer(session, call.task.customer_id)
    number = call.line.number if call.line is not None else Number(None, "")
    try:
        return call_slots(session, user, rules(user.creditor_id), [number], now)
    except EnvelopeError:
        return ()


def _script(call: Call, about: Beside, caller: str, language: str) -> list[Spoken]:
    theirs, ours = spoken_in(about.locale), spoken_in(language)
    said = _facts(call, about, caller, about.locale if theirs != "en" else "en")
    meant = _facts(call, about, caller, language)
    return [
        Spoken(
            line,
            call_line(line, theirs, said),
            call_line(line, ours, meant) if ours != theirs else "",
        )
        for line in Line
    ]


def _facts(call: Call, about: Beside, caller: str, locale: str) -> dict[str, str]:
    brand = about.creditor.brand or {}
    facts = {
        "name": about.customer.name or about.customer.external_id,
        "agent": caller,
        "creditor": brand.get("name") or about.creditor.name,
        "phone": f"{LRI}{brand['phone']}{PDI}" if brand.get("phone") else None,
    }
    if call.worth.open is not None:
        facts["amount"] = formats_for(locale).money(call.worth.open)
    return {name: f"{FSI}{value}{PDI}" for name, value in facts.items() if value}
