"""Tells what an event says, but for messages: one function a kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from app.intake.special import SPECIAL_DATA
from app.lab.stage.line import Line, Tone, event_line, first_words
from app.lab.stage.voice import Voice
from app.lab.stage.words import FACTS, JOURNEYS, OUTCOMES, REPLIED, SIGNALS
from app.records.history import History
from app.web.catalogues import N_
from campaigns.money import Money
from campaigns.reach import StopAct, reach_of
from campaigns.vocabulary import Medium

_Event = Mapping[str, Any]
_Teller = Callable[[_Event, History, Voice], Line | None]


def tell_fact(event: _Event, history: History, voice: Voice) -> Line | None:
    """The line of an event; None for what only matters to machines."""
    if event["kind"] in FACTS:
        what, why = FACTS[event["kind"]]
        return event_line(event, _tone(event["kind"]), voice.say(what), voice.say(why))
    teller = _TELLERS.get(event["kind"])
    return teller(event, history, voice) if teller is not None else None


def _tone(kind: str) -> Tone:
    if kind.startswith("message_") or kind == "address_bounced":
        return "stop"
    return "money" if kind in ("payment_declined", "checkout_abandoned") else "heard"


def _amount(row: Mapping[str, Any] | None, voice: Voice) -> str:
    return "–" if row is None else voice.money(Money(row["amount_minor"], row["currency"]))


def _invoice(event: _Event, history: History, voice: Voice) -> Line | None:
    row = history.invoices.get(event["payload"]["invoice_id"])
    if row is None:
        return None
    amount = _amount(row, voice)
    what = voice.say(N_("Invoice %(number)s: %(amount)s"), number=row["number"], amount=amount)
    day = voice.day(row["due_on"])
    return event_line(
        event, "money", what, voice.say(N_("The book says so; it is due on %(day)s."), day=day)
    )


def _paid(event: _Event, history: History, voice: Voice) -> Line:
    row = history.payments.get(event["payload"].get("payment_id", 0))
    what = voice.say(N_("A payment: %(amount)s"), amount=_amount(row, voice))
    return event_line(
        event, "money", what, voice.say(N_("It took effect before anything else could leave."))
    )


def _reversed(event: _Event, _history: History, voice: Voice) -> Line:
    why = voice.say(N_("The invoice is open again, and the case goes on where it should."))
    return event_line(event, "money", voice.say(N_("A payment was taken back")), why)


def _promised(event: _Event, history: History, voice: Voice) -> Line:
    row = history.promises[event["payload"]["promise_id"]]
    day, until = voice.day(row["due_on"]), voice.when(row["grace_until"])
    what = voice.say(N_("A promise: %(amount)s by %(day)s"), amount=_amount(row, voice), day=day)
    why = voice.say(N_("A promise is trusted: no reminder before %(until)s."), until=until)
    return event_line(event, "heard", what, why)


def _broken(event: _Event, history: History, voice: Voice) -> Line:
    row = history.promises[event["payload"]["promise_id"]]
    what = voice.say(N_("The promise of %(amount)s has passed"), amount=_amount(row, voice))
    why = voice.say(N_("The day and its grace are over, and it has not come in."))
    return event_line(event, "stop", what, why)


def _planned(event: _Event, history: History, voice: Voice) -> Line:
    row = history.plans[event["payload"]["plan_id"]]
    what = voice.say(N_("A plan was agreed: %(amount)s in parts"), amount=_amount(row, voice))
    why = voice.say(N_("The reminders rest: a plan has its own."))
    return event_line(event, "heard", what, why)


def _disputed(event: _Event, history: History, voice: Voice) -> Line:
    number = history.invoices[event["payload"]["invoice_id"]]["number"]
    what = voice.say(N_("Invoice %(number)s is disputed"), number=number)
    why = N_("It is carved out: nobody asks for it until a person has resolved it.")
    return event_line(event, "heard", what, voice.say(why))


def _replied(event: _Event, history: History, voice: Voice) -> Line:
    row = history.replies.get(event["payload"].get("reply_id", 0)) or {}
    what, why = REPLIED.get(row.get("intent") or "", REPLIED[""])
    quote = "" if row.get("intent") == SPECIAL_DATA else first_words(row.get("text", ""))
    return event_line(
        event, "heard", voice.say(what), voice.say(why), medium=row.get("medium"), quote=quote
    )


def _opted_out(event: _Event, _history: History, voice: Voice) -> Line:
    told = event["payload"]["medium"]
    reach = reach_of(StopAct(event["payload"]["source"]), Medium(told) if told else None)
    media = [medium for medium in _EVERY if reach.covers(Medium(medium))]
    what = voice.say(N_("An opt-out: %(media)s"), media=voice.media(media))
    why = N_("It took effect at once, for every creditor. Nobody writes there again.")
    return event_line(event, "stop", what, voice.say(why), medium=told)


def _released(event: _Event, _history: History, voice: Voice) -> Line:
    why = voice.say(N_("No hold lasts for ever: the case is decided again."))
    return event_line(event, "turn", voice.say(N_("A hold has ended")), why)


def _opened(event: _Event, history: History, voice: Voice) -> Line:
    case = history.cases[event["case_id"]]
    what = voice.say(N_("A case was opened: %(journey)s"), journey=journey_name(case, voice))
    if event["payload"]["arm"] == "control":
        return event_line(event, "turn", what, voice.reason("control_arm"))
    day = voice.day(case["anchor_on"])
    why = voice.say(N_("It counts from the due date, %(day)s."), day=day)
    return event_line(event, "turn", what, why)


def _closed(event: _Event, history: History, voice: Voice) -> Line:
    what, why = OUTCOMES[event["payload"]["outcome"]]
    journey = journey_name(history.cases[event["case_id"]], voice)
    return event_line(event, "turn", voice.say(what, journey=journey), voice.say(why))


def _branched(event: _Event, _history: History, voice: Voice) -> Line:
    told = event["payload"]
    params = {"step": told["step"], "target": told["target"] or "–"}
    what = voice.say(N_("The journey branches"))
    return event_line(event, "turn", what, voice.reason("branch_taken", params))


def _waits(event: _Event, _history: History, voice: Voice) -> Line:
    told = event["payload"]
    until = f"{datetime.fromisoformat(told['until']):%Y-%m-%d %H:%M}"
    signal = voice.say(SIGNALS.get(told["signal"], told["signal"]))
    why = voice.reason("waiting_for", {"signal": signal, "until": until})
    return event_line(event, "turn", voice.say(N_("The journey waits")), why)


def journey_name(case: Mapping[str, Any], voice: Voice) -> str:
    name = str(case["journey"])
    return voice.say(JOURNEYS[name]) if name in JOURNEYS else name.replace("_", " ")


_EVERY: Final = ("sms", "whatsapp", "email")
_TELLERS: Final[Mapping[str, _Teller]] = {
    "invoice_received": _invoice,
    "payment_received": _paid,
    "payment_reversed": _reversed,
    "promise_made": _promised,
    "promise_broken": _broken,
    "plan_agreed": _planned,
    "invoice_disputed": _disputed,
    "reply_received": _replied,
    "opted_out": _opted_out,
    "hold_released": _released,
    "CaseOpened": _opened,
    "CaseClosed": _closed,
    "BranchTaken": _branched,
    "WaitBegan": _waits,
}
