"""What a case does next, and why. Total and pure; read `decide` from top to bottom.

Engine, simulator, preview and back-test all call this one function.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.answers import if_reacting, if_signalled
from campaigns.case import CaseState, Phase
from campaigns.decision import Decision, Give, Policy
from campaigns.events import CaseClosed, WaitEnded
from campaigns.facts import Facts
from campaigns.journey import Journey, WaitFor, day_of
from campaigns.keys import derive
from campaigns.notices import overdue
from campaigns.outcomes import if_lost, if_message_pending, if_unheard
from campaigns.saying import as_words
from campaigns.situation import Situation
from campaigns.steps import next_step
from campaigns.stops import stops
from campaigns.vocabulary import Outcome

STOPPED_RECHECK = timedelta(days=7)


def decide(
    case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
) -> Decision:
    """The next single thing that `case` does. Never raises for any facts.

    The answer has a reason of `reasons`, and looks again later than `now` unless the case is
    closed. Decide again at once after an answer with an event, except one that says something.
    """
    here = Situation(case, facts, journey, policy, now)
    return (
        _if_closed(here)
        or if_message_pending(here)
        or if_reacting(here)
        or if_signalled(here)
        or _if_settled(here)
        or _if_stopped(here)
        or _if_waiting(here)
        or if_unheard(here)
        or if_lost(here)
        or next_step(here)
    )


def _if_closed(here: Situation) -> Decision | None:
    return Decision("closed", None) if here.case.phase is Phase.CLOSED else None


def _if_settled(here: Situation) -> Decision | None:
    """Nothing is owed, or what the episode is anchored on is paid or over: what else is overdue
    opens the next episode."""
    if here.facts.is_over:
        return Decision("subject_over", None, event=CaseClosed(Outcome.WITHDRAWN))
    if not here.facts.is_settled:
        return None
    return Decision("settled", None, event=CaseClosed(Outcome.SETTLED))


def _if_stopped(here: Situation) -> Decision | None:
    stopped = stops(here.facts, here.now, subject=here.journey.subject)
    if stopped is not None:
        look_at = stopped.look_again_at or here.now + STOPPED_RECHECK
        return Decision(stopped.reason, max(look_at, here.soon), stopped.params)
    unsaid = overdue(here.facts, here.policy.rules, here.now)
    if unsaid is not None:
        title = f"Give the notice that is overdue ({unsaid.rule}), then put it on record"
        task = Give(derive("overdue", here.case.key), "collections", "notice", title, "overdue")
        return Decision(unsaid.reason, here.now + STOPPED_RECHECK, unsaid.params, action=task)
    if here.past_limitation:
        key = derive("limitation", here.case.key)
        task = Give(key, "collections", "limitation", "Debt past its limitation")
        return Decision("limitation_passed", here.now + STOPPED_RECHECK, action=task)
    return None


def _if_waiting(here: Situation) -> Decision | None:
    case = here.case
    if case.phase is not Phase.WAITING or case.wait_until is None:
        return None
    if here.now < case.wait_until:
        params = {"signal": str(case.waiting_for), "until": as_words(case.wait_until)}
        return Decision("waiting_for", case.wait_until, params)
    step_id = case.next_step or ""
    step = here.step(step_id)
    target = step.otherwise if isinstance(step, WaitFor) else None
    event = WaitEnded(step_id, day_of(step) if step else None, False, target)
    return Decision("wait_over", here.soon, {"step": step_id}, event)
