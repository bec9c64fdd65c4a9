"""The list of campaigns, the form of one, and the preview of its audience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import Row, func, select
from sqlmodel import Session
from starlette.responses import Response

from app.console.campaigns import form as forms
from app.console.campaigns.form import FACT_WORDS, SIGN_WORDS, Form, NoNumber
from app.console.creditors_known import creditors, number_in
from app.console.door import Visit, acts, looks
from app.console.errands.asking import ask_errand
from app.console.office import Office
from app.engine.audience_terms import ASKED
from app.engine.campaigns import CampaignRefused, add_campaign, change_campaign
from app.engine.catalogue import NotPublished
from app.engine.reach import Reach, reach
from app.errands.asking import Wanted
from app.errands.kinds import Kind
from app.staff.roles import Right
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Campaign, Case, Creditor
from app.web.catalogues import N_
from campaigns.expressions import ConditionError

CampaignId = Annotated[int, Path(ge=1, lt=2**31)]
ROOM: Final = "campaigns"
LOOKED_AT: Final = 1000
"""Customers whom a preview asks the condition while somebody waits."""
MOST_CASES: Final = 1000
"""Open cases of a campaign are counted so far and no further."""

_CAMPAIGN, _CREDITOR, _CASE = table_of(Campaign), table_of(Creditor), table_of(Case)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A page of the form: what is wrong, and what its audience would reach."""

    faults: dict[str, str]
    reach: Reach | None = None


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/campaigns")

    @routes.get("")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        with office.database.read() as session:
            rows = session.connection().execute(_ALL).all()
            open_cases = {row.id: _open_cases(session, row.id) for row in rows}
        return office.page(
            visit,
            "console/campaigns/list.html",
            room=ROOM,
            campaigns=rows,
            open_cases=open_cases,
            most=MOST_CASES,
        )

    @routes.get("/new")
    def new(visit: Annotated[Visit, looks(Right.RUN)]) -> Response:
        empty = Form("", None, "", "", (), "10", "0")
        return _page(office, visit, None, empty, _Shown({}))

    @routes.get("/{id_}")
    def shown(id_: CampaignId, visit: Annotated[Visit, looks()]) -> Response:
        row = _row(office, id_)
        form = forms.of_row(row)
        return _page(office, visit, row, form, _tried(office, visit, form))

    @routes.post("/preview")
    def previewed(visit: Annotated[Visit, looks()]) -> Response:
        number = number_in(visit.typed.get("id", ""))
        row = _row(office, number) if number else None
        form = _typed(office, visit, row)
        shown = _tried(office, visit, form)
        return _page(office, visit, row, form, shown, status=422 if shown.faults else 200)

    @routes.post("/count")
    def counted(visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        form = _typed(office, visit, None)
        shown = _tried(office, visit, form)
        if shown.faults or form.creditor_id is None:
            return _page(office, visit, None, form, shown, status=422)
        wanted = Wanted(
            Kind.AUDIENCE,
            visit.by,
            visit.user_id,
            form.creditor_id,
            {"journey": form.journey, "audience": form.audience or None},
        )
        with office.act(visit, "audience_counted", about=("creditor", form.creditor_id)) as doing:
            number = ask_errand(doing, wanted)
        return office.back(f"/console/errands/{number}")

    @routes.post("")
    def added(visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        form = _typed(office, visit, None)
        if form.creditor_id is None:
            fault = {"creditor": office.say(visit, N_("Choose a creditor."))}
            return _page(office, visit, None, form, _Shown(fault), status=422)
        try:
            with office.act(visit, "campaign_added") as doing:
                number = add_campaign(
                    doing.session, office.catalogue, form.creditor_id, form.told()
                )
                doing.detail["campaign"] = number
        except (CampaignRefused, ValueError) as problem:
            shown = _Shown(_faults(office, visit, problem))
            return _page(office, visit, None, form, shown, status=422)
        said = N_("The campaign is made. Its cases open with the next enrolment.")
        return office.back(f"/console/campaigns/{number}", said)

    @routes.post("/{id_}")
    def changed(id_: CampaignId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = _row(office, id_)
        form = _typed(office, visit, row)
        try:
            told = form.told()
            facts = {
                "audience": told.audience,
                "control_share": told.control_share,
                "priority": told.priority,
            }
            with office.act(visit, "campaign_changed", about=("campaign", id_)) as doing:
                change_campaign(doing.session, id_, facts)
        except (CampaignRefused, ValueError) as problem:
            shown = _Shown(_faults(office, visit, problem))
            return _page(office, visit, row, form, shown, status=422)
        return office.back(f"/console/campaigns/{id_}", N_("Changed."))

    @routes.post("/{id_}/pause")
    def paused(id_: CampaignId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        _switch(office, visit, id_, active=False)
        said = N_("It opens no more cases. Those that run go on to their end.")
        return office.back("/console/campaigns", said, undo=f"/console/campaigns/{id_}/resume")

    @routes.post("/{id_}/resume")
    def resumed(id_: CampaignId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        _switch(office, visit, id_, active=True)
        said = N_("It opens cases again, from the next enrolment on.")
        return office.back("/console/campaigns", said, undo=f"/console/campaigns/{id_}/pause")

    return routes


_ALL: Final = (
    select(_CAMPAIGN, _CREDITOR.c.name.label("creditor"))
    .join(_CREDITOR, _CREDITOR.c.id == _CAMPAIGN.c.creditor_id)
    .order_by(_CREDITOR.c.external_id, _CAMPAIGN.c.priority.desc(), _CAMPAIGN.c.id)
)


def _open_cases(session: Session, campaign_id: int) -> int:
    some = (
        select(_CASE.c.id)
        .where(_CASE.c.campaign_id == campaign_id, _CASE.c.phase != word("closed"))
        .limit(MOST_CASES + 1)
        .subquery()
    )
    return int(session.connection().execute(select(func.count()).select_from(some)).scalar_one())


def _row(office: Office, id_: int) -> Row[Any]:
    with office.database.read() as session:
        row = forms.campaign_row(session, id_)
    if row is None:
        raise HTTPException(404)
    return row


def _switch(office: Office, visit: Visit, id_: int, *, active: bool) -> None:
    _row(office, id_)
    act = "campaign_resumed" if active else "campaign_paused"
    with office.act(visit, act, about=("campaign", id_)) as doing:
        change_campaign(doing.session, id_, {"active": active})


def _typed(office: Office, visit: Visit, row: Row[Any] | None) -> Form:
    typed = number_in(visit.typed.get("creditor", ""))
    creditor_id = row.creditor_id if row else typed
    with office.database.read() as session:
        kinds = forms.kinds_of(session, creditor_id)
    return forms.of_typed(visit, row, kinds)


def _tried(office: Office, visit: Visit, form: Form) -> _Shown:
    """Whom it would reach, as far as somebody can wait."""
    if form.creditor_id is None or not form.journey:
        return _Shown({})
    try:
        form.ensure_read()
        with office.database.read() as session:
            *_, found = reach(
                session,
                office.catalogue,
                form.creditor_id,
                form.journey,
                form.audience or None,
                now=office.clock.now(),
                most=LOOKED_AT,
            )
    except NoNumber as problem:
        return _Shown(_faults(office, visit, problem))
    except ConditionError as problem:
        return _Shown({"audience": str(problem)})
    except (NotPublished, KeyError) as problem:
        return _Shown({"journey": str(problem)})
    return _Shown({}, found)


def _faults(office: Office, visit: Visit, problem: ValueError) -> dict[str, str]:
    if isinstance(problem, CampaignRefused):
        if problem.field == "control_share":  # the form asks for percent
            return {"share": office.say(visit, N_("Between 0 and 100 percent."))}
        return {problem.field: str(problem)}
    if isinstance(problem, NoNumber):
        fact = FACT_WORDS.get(problem.fact)
        shown = office.say(visit, fact) if fact else problem.fact.removeprefix("custom.")
        words = N_("“%(fact)s” is compared with a number, such as 10.")
        return {"audience": office.say(visit, words, fact=shown)}
    return {"share": office.say(visit, N_("A share and a priority are numbers."))}


def _page(
    office: Office,
    visit: Visit,
    row: Row[Any] | None,
    form: Form,
    shown: _Shown,
    *,
    status: int = 200,
) -> Response:
    with office.database.read() as session:
        kinds = forms.kinds_of(session, form.creditor_id)
        known = creditors(session)
        journeys = forms.journeys(session)
    own = [(name, name) for name in kinds if name not in ASKED]
    return office.page(
        visit,
        "console/campaigns/one.html",
        room=ROOM,
        status=status,
        campaign=row,
        form=form,
        facts=[(name, office.say(visit, FACT_WORDS[name])) for name in ASKED] + own,
        fact_words={**FACT_WORDS, **dict(own)},
        signs=[(sign, office.say(visit, words)) for sign, words in SIGN_WORDS.items()],
        creditors=[("", ""), *known],
        journeys=[("", ""), *[(name, name) for name in journeys]],
        faults=shown.faults,
        reach=shown.reach,
    )
