"""One question at the end: did you understand your options? Once, and not again for long."""

from __future__ import annotations

from typing import Final

from app.intake.feedback import Understood, give_feedback, may_ask
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Way, never


def asks_now(moment: Moment) -> bool:
    """Whether the question may stand here: the customer has not been heard lately."""
    link_id = moment.found.link.id
    assert link_id is not None
    return may_ask(moment.session, moment.found.customer_id, link_id, moment.now)


def _give(moment: Moment, typed: Filled) -> Fault | None:
    if typed["answer"] not in tuple(Understood):
        return Fault(CHOOSE)
    found = moment.found
    assert found.link.id is not None
    give_feedback(
        moment.session,
        found.concerned,
        Understood(typed["answer"]),
        typed["words"],
        link_id=found.link.id,
        message_id=found.link.message_id,
        locale=moment.language,
        now=moment.now,
    )
    return None


WAY: Final = Way(
    "feedback",
    Purpose.FEEDBACK,
    N_("Did you understand your options?"),
    never,
    act=_give,
    done=N_("That helps us to write more clearly."),
)
