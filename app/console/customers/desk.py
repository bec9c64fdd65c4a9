"""What the routes of this room share: sentences, ids of paths, and the page of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Path
from sqlalchemy import bindparam, select
from sqlmodel import Session
from starlette.responses import Response

from app.book.envelope import House, house_of
from app.console.calls.words import ABOUT
from app.console.customers.coming import coming
from app.console.customers.head import Head, read_head
from app.console.customers.lines import Teller
from app.console.customers.plain import ADDRESSES, CONSENTS, PARTS, RHYTHMS
from app.console.customers.related import related
from app.console.customers.timeline import read_items
from app.console.customers.told import GROUPS, Group
from app.console.door import Visit
from app.console.lists import AFTER, query_of
from app.console.office import Office
from app.console.queues.tasks import ANSWER_DAYS
from app.console.queues.words import TEAMS
from app.console.sentences import Sentences, sentences_for
from app.console.times import day_asked
from app.engine.catalogue import NotPublished
from app.intake.plan_offers import Rhythm, Terms, plan_offer
from app.intake.plans import Part
from app.intake.questions import questions_about
from app.intake.steering import steps_ahead
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Creditor, Customer
from app.web.catalogues import N_, own_name
from app.wording.files import LOCALES
from campaigns.vocabulary import HoldKind, Medium

ROOM: Final = "customers"
PATH: Final = "/console/customers"
Id = Annotated[int, Path(ge=1, lt=2**31)]
USUAL_HOLD: Final = timedelta(days=14)
LAWFUL: Final = (
    HoldKind.BREATHING_SPACE,
    HoldKind.MENTAL_HEALTH_CRISIS,
    HoldKind.DEBT_ADVICE,
    HoldKind.ATTORNEY,
    HoldKind.CEASE,
    HoldKind.OBJECTION,
)
"""Holds whose length a rule pack says."""
CAUSES: Final = {
    "hardship": N_("Too little money"),
    "unemployment": N_("Out of work"),
    "illness": N_("An illness"),
    "bereavement": N_("A death"),
    "other": N_("Something else"),
}
"""Why somebody cannot pay."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken: which, what is wrong with it (marked texts by field), what was
    typed."""

    form: str
    faults: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """The terms that were chosen, and their parts; none where that lies outside of the envelope."""

    currency: str
    terms: Terms
    parts: Sequence[Part]


def page_of(
    office: Office,
    visit: Visit,
    customer_id: int,
    *,
    refused: Refused | None = None,
    code: str = "",
) -> Response:
    """The page of a customer; with a form that was refused, open at its field. 404 for nobody."""
    now, said = office.clock.now(), sentences_for(office, visit)
    group = _group(visit.asked.get("kind", ""))
    with office.database.read() as session:
        head = read_head(session, customer_id, now)
        if head is None:
            raise HTTPException(404)
        items, older = read_items(
            session, customer_id, group=group, after=visit.asked.get(AFTER, "")
        )
        lines = Teller(said, related(session, items)).lines(items)
        outlooks = coming(session, office.catalogue, head.open_cases, now)
        house = house_of(session, head.creditor.id)
        plan = _plan(session, head, house, visit.asked, now) if visit.may(Right.ACT) else None
        questions = questions_about(session, customer_id)
        ahead = {case.id: _steps(session, office, case.id) for case in head.open_cases}
    kept = {"kind": str(group)} if group else {}
    return office.page(
        visit,
        "console/customers/case.html",
        room=ROOM,
        status=422 if refused else 200,
        c=head,
        said=said,
        lines=lines,
        groups=[(str(each), said.say(GROUPS[each])) for each in Group],
        group=str(group) if group else "",
        older=query_of({**kept, AFTER: older}) if older else "",
        newest=query_of(kept) if visit.asked.get(AFTER) else "",
        outlooks=outlooks,
        steps=ahead,
        questions=questions,
        plan=plan,
        may_act=visit.may(Right.ACT) and not head.is_erased,
        form=refused.form if refused else visit.asked.get("form", ""),
        faults={name: said.say(text) for name, text in refused.faults.items()} if refused else {},
        typed=dict(refused.typed) if refused else {},
        code=code,
        **_words(said),
        **_choices(head, house, said, now),
    )


def _words(said: Sentences) -> dict[str, dict[str, str]]:
    told = {"addresses": ADDRESSES, "consents": CONSENTS, "parts": PARTS}
    return {name: {code: said.say(text) for code, text in of.items()} for name, of in told.items()}


def _choices(head: Head, house: House, said: Sentences, now: datetime) -> dict[str, Any]:
    """What the forms offer."""
    usual = house.today(now) + USUAL_HOLD
    return {
        "currencies": [(money.currency, money.currency) for money in head.balances],
        "counts": [(str(n), str(n)) for n in range(2, house.plans.most_parts + 1)],
        "rhythms": [(each, said.say(text)) for each, text in RHYTHMS.items()],
        "last_promise": house.today(now) + timedelta(days=house.envelope.furthest_days),
        "last_part": house.today(now) + timedelta(days=house.plans.furthest_days),
        "usual_hold": usual.isoformat(),
        "lawful": [(str(kind), said.code("kind", kind)) for kind in LAWFUL],
        "languages": [(tag, own_name(tag)) for tag in LOCALES],
        "media": [(code, said.medium(code)) for code in Medium],
        "teams": [(str(team), said.say(text)) for team, text in TEAMS.items()],
        "contestable": _contestable(head),
        "abouts": [(str(kind), said.say(text)) for kind, text in ABOUT.items()],
        "causes": [(kind, said.say(text)) for kind, text in CAUSES.items()],
        "days_to_answer": [(str(days), str(days)) for days in ANSWER_DAYS],
        "points": [
            (str(point.id), f"{said.medium(point.medium)}: {point.value}") for point in head.reached
        ],
    }


def _contestable(head: Head) -> list[tuple[str, str]]:
    """The open invoices that are not disputed yet."""
    disputed = {row.invoice_id for row in head.disputes}
    return [(str(row.id), row.number) for row in head.invoices if row.id not in disputed]


def _group(text: str) -> Group | None:
    return Group(text) if text in set(Group) else None


def _steps(session: Session, office: Office, case_id: int) -> Sequence[str]:
    """The steps that a case can be sent on to."""
    try:
        return steps_ahead(session, office.catalogue, case_id)[1:]
    except NotPublished:
        return ()


def _plan(
    session: Session, head: Head, house: House, asked: Mapping[str, str], now: datetime
) -> Planned | None:
    """The parts of what the form asks to be shown; None where it asks for nothing."""
    currency, terms = asked.get("plan_currency", ""), terms_of(asked)
    if terms is None or currency not in {money.currency for money in head.balances}:
        return None
    day = head.customer.pay_day
    offer = plan_offer(session, house, head.customer.id, currency, pay_day=day, now=now)
    parts = offer.schedule(terms) if offer is not None else None
    return Planned(currency, terms, parts or ())


def terms_of(told: Mapping[str, str]) -> Terms | None:
    """What a form says of a plan; None for what is none."""
    count, rhythm, first_on = (
        told.get("count", ""),
        told.get("rhythm", ""),
        day_of(told, "first_on"),
    )
    if not (count.isascii() and count.isdecimal() and len(count) < 4):
        return None
    if rhythm not in set(Rhythm) or first_on is None:
        return None
    return Terms(int(count), Rhythm(rhythm), first_on)


def day_of(told: Mapping[str, str], name: str) -> date | None:
    return day_asked(told.get(name, ""))


def zone_of_creditor(office: Office, customer_id: int) -> ZoneInfo:
    """The clock of the customer's creditor. 404 where there is no such customer."""
    with office.database.read() as session:
        zone = session.connection().scalar(_ZONE, {"whose": customer_id})
    if zone is None:
        raise HTTPException(404)
    return ZoneInfo(zone)


def again(
    office: Office, visit: Visit, customer_id: int, form: str, faults: Mapping[str, str]
) -> Response:
    """The page once more, with the form that was refused and what was typed."""
    return page_of(office, visit, customer_id, refused=Refused(form, faults, visit.typed))


def to(customer_id: int) -> str:
    return f"{PATH}/{customer_id}"


_CUSTOMER, _CREDITOR = table_of(Customer), table_of(Creditor)
_ZONE: Final = (
    select(_CREDITOR.c.zone)
    .join(_CUSTOMER, _CUSTOMER.c.creditor_id == _CREDITOR.c.id)
    .where(_CUSTOMER.c.id == bindparam("whose"))
)
