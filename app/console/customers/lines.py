"""Tells the items of a timeline: what happened, and why, in a sentence each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from app.console.customers.related import Related
from app.console.customers.timeline import Item
from app.console.customers.told import EVENTS, INTENTS, Group, Tone
from app.console.sentences import Ours, Sentences
from app.console.task_titles import title_of
from app.intake.special import SPECIAL_DATA
from app.web.catalogues import N_
from app.wording import links
from app.wording.formats import formats_for
from campaigns.case import step_of
from campaigns.money import Money
from campaigns.vocabulary import HoldKind

_LENGTH: Final = 200
_PUT_DOWN: Final = (
    *("invoice_disputed", "hardship_reported", "task_question_asked", "task_question_answered"),
    "task_question_withdrawn",
)
"""What one of ours put on record, who is told with it."""
_ANYWHERE: Final = N_("everywhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. `quote` is in somebody's own words, which run in `direction`; `opens` is the page
    of the message or of the decision behind it; `refusal_id`, `attempt_id` name what "why?" asks
    about."""

    at: datetime
    group: Group
    tone: Tone
    what: str
    why: str = ""
    quote: str = ""
    direction: str = "auto"
    by: str = ""
    medium: str = ""
    notes: tuple[str, ...] = ()
    attempt_id: int | None = None
    message_id: int | None = None
    refusal_id: int | None = None


class Teller:
    """Tells items in one reader's language."""

    def __init__(self, said: Sentences, known: Related) -> None:
        self._said, self._known = said, known

    def lines(self, items: Sequence[Item]) -> list[Line]:
        tellers: Mapping[str, Callable[[Row[Any]], Line]] = {
            "refusal": self._refusal,
            "event": self._event,
            "task": self._task,
            "note": self._note,
            "hold": self._hold,
            "consent": self._consent,
        }
        return [tellers[item.source](item.row) for item in items]

    def _refusal(self, row: Row[Any]) -> Line:
        why = self._said.reason(row.reason, row.params)
        waits, unsent = N_("Waits until %(when)s: %(why)s"), N_("Not sent by %(medium)s: %(why)s")
        if row.look_again_at is not None:
            when = self._said.when(row.look_again_at)
            what = self._said.fill(waits, when=when, why=why)
        elif row.medium:
            what = self._said.fill(unsent, medium=self._said.medium(row.medium), why=why)
        else:
            what = self._said.fill(N_("Not sent: %(why)s"), why=why)
        message = self._known.messages.get(row.message_id or 0)
        step = message.template if message is not None else row.step
        return Line(
            at=row.at,
            group=Group.UNSENT,
            tone="held",
            what=what,
            why=self._about(step) if step else "",
            medium=row.medium or "",
            refusal_id=row.id,
        )

    def _about(self, name: str) -> str:
        return self._said.fill(N_("It was about: %(title)s"), title=self._said.spelled(name))

    def _event(self, row: Row[Any]) -> Line:
        told = EVENTS.get(row.kind)
        if told is None:
            plain = row.kind.replace("_", " ")
            return Line(at=row.at, group=Group.JOURNEY, tone="turn", what=plain)
        message = self._message(row)
        attempt = self._attempt(row, message)
        filled = self._said.fill(told.what, **self._blanks(row, message))
        own = self._of_kind(row, message)
        return Line(
            at=row.at,
            group=told.group,
            tone=told.tone,
            what=own.get("what", filled),
            why=own.get("why", self._said.say(told.why) if told.why else ""),
            quote=own.get("quote", ""),
            direction=own.get("direction", "auto"),
            notes=self._notes(row, message),
            by=str(row.payload.get("by", "")) if row.kind in _PUT_DOWN else "",
            medium=self._medium(row, message),
            attempt_id=attempt.id if attempt is not None else None,
            message_id=message.id if message is not None else None,
        )

    def _message(self, row: Row[Any]) -> Row[Any] | None:
        if row.kind == "MessageSettled":
            key = row.payload.get("key")
            return next((m for m in self._known.messages.values() if m.key == key), None)
        return self._known.message_of(row)

    def _attempt(self, row: Row[Any], message: Row[Any] | None) -> Row[Any] | None:
        tried = self._known.attempts.get(row.payload.get("attempt", 0))
        return tried or (self._known.latest.get(message.id) if message is not None else None)

    def _medium(self, row: Row[Any], message: Row[Any] | None) -> str:
        told = row.payload.get("medium") or (message.medium if message is not None else "")
        return str(told)

    def _blanks(self, row: Row[Any], message: Row[Any] | None) -> dict[str, str]:
        """All that any sentence about an event may name; a blank that is not known is a dash."""
        told, known = row.payload, self._known
        promise = known.promises.get(told.get("promise_id", 0))
        invoice = known.invoices.get(told.get("invoice_id", 0))
        plan = known.plans.get(told.get("plan_id", 0))
        payment = known.payments.get(told.get("payment_id", 0))
        amount = promise or plan or payment or invoice
        question = known.questions.get(told.get("question_id", 0))
        return {
            "medium": self._said.medium(self._medium(row, message)) or self._said.say(_ANYWHERE),
            "title": self._said.spelled(message.template) if message is not None else "–",
            "amount": self._money(amount) if amount is not None else "–",
            "day": self._said.day(promise.due_on) if promise is not None else "–",
            "number": invoice.number if invoice is not None else "–",
            "journey": self._said.spelled(known.journeys.get(row.case_id or 0, "–")),
            "outcome": self._said.code("outcome", str(told.get("outcome", ""))),
            "step": self._said.spelled(str(told.get("step") or "–")),
            "team": self._said.code("team", question.to_team) if question is not None else "–",
        }

    def _money(self, row: Row[Any]) -> str:
        return self._said.money(Money(row.amount_minor, row.currency))

    def _of_kind(self, row: Row[Any], message: Row[Any] | None) -> dict[str, str]:
        told = row.payload
        match row.kind:
            case "StepPassed":
                return {"why": self._said.reason(told.get("reason"), self._params(told))}
            case "BranchTaken":
                return {"why": self._said.reason("branch_taken", self._params(told))}
            case "WaitBegan":
                until = f"{datetime.fromisoformat(told['until']):%Y-%m-%d %H:%M}"
                params = {"signal": told["signal"], "until": until}
                return {"why": self._said.reason("waiting_for", params)}
            case "message_accepted" if message is not None:
                return {"why": self._origin(message), **self._text(row, message)}
            case "message_refused" | "MessageSettled" if message is not None:
                return {"why": self._said.reason(message.reason, message.reason_params)}
            case "task_question_asked" | "task_question_answered":
                return self._question(row)
            case "invoice_disputed" if told.get("contested_minor"):
                return self._in_part(told)
            case "reply_received" | "text_received":
                return self._reply(row)
            case _:
                return {}

    def _question(self, row: Row[Any]) -> dict[str, str]:
        question = self._known.questions.get(row.payload.get("question_id", 0))
        if question is None:
            return {}
        is_answer = row.kind == "task_question_answered"
        return {"quote": (question.answer if is_answer else question.words) or ""}

    def _in_part(self, told: Mapping[str, Any]) -> dict[str, str]:
        invoice = self._known.invoices.get(told["invoice_id"])
        if invoice is None:
            return {}
        part = self._said.money(Money(told["contested_minor"], invoice.currency))
        contested = N_("They contest %(amount)s of it. All of it rests until a person has decided.")
        return {"why": self._said.fill(contested, amount=part)}

    def _params(self, told: Mapping[str, Any]) -> dict[str, Any]:
        target = told.get("target") or "–"
        return {"step": told.get("step", ""), "target": target, **(told.get("params") or {})}

    def _origin(self, message: Row[Any]) -> str:
        """Which step was due, or what it answers."""
        if message.origin.startswith("signal:"):
            signal = message.origin.split(":")[1]
            return self._said.reason("reaction", {"signal": signal})
        return self._said.reason("step_due", {"step": step_of(message.origin)})

    def _text(self, row: Row[Any], message: Row[Any]) -> dict[str, str]:
        """As it was frozen. A Hebrew text that begins with a Latin name runs from the right too."""
        attempt = self._attempt(row, message)
        if attempt is None:
            return {}
        direction = "rtl" if formats_for(attempt.locale).rtl else "ltr"
        return {"quote": masked(attempt.subject or attempt.text), "direction": direction}

    def _reply(self, row: Row[Any]) -> dict[str, str]:
        reply = self._known.replies.get(row.payload.get("reply_id", 0))
        if reply is None:
            return {}
        known = INTENTS.get(reply.intent or "")
        means = N_("As it was read: the customer %(meaning)s.")
        why = self._said.fill(means, meaning=self._said.say(known)) if known else ""
        unread = N_("Nobody has read it yet; all waits until then.")
        if reply.classed_at is None:
            why = " ".join(filter(None, (why, self._said.say(unread))))
        return {"why": why, "quote": "" if reply.intent == SPECIAL_DATA else short(reply.text)}

    def _notes(self, row: Row[Any], message: Row[Any] | None) -> tuple[str, ...]:
        """Beside a message that went, the media that were refused on the way."""
        if row.kind != "message_accepted" or message is None:
            return ()
        unsent = N_("Not sent by %(medium)s: %(why)s")
        return tuple(
            self._said.fill(
                unsent,
                medium=self._said.medium(refused.medium or ""),
                why=self._said.reason(refused.reason, refused.params),
            )
            for refused in self._known.refusals.get((message.case_id, message.created_at), ())
        )

    def _task(self, row: Row[Any]) -> Line:
        team = self._said.code("team", row.team)
        task = title_of(self._said, row)
        what = self._said.fill(N_("A task for %(team)s: %(title)s"), team=team, title=task)
        until = N_("By %(when)s.")
        done = N_("Done on %(when)s.")
        if row.done_at is not None:
            why = self._said.fill(done, when=self._said.when(row.done_at))
        elif row.due_at is not None:
            why = self._said.fill(until, when=self._said.when(row.due_at))
        else:
            why = Ours()
        by = row.owner or ""
        return Line(at=row.created_at, group=Group.TASKS, tone="work", what=what, why=why, by=by)

    def _note(self, row: Row[Any]) -> Line:
        what = self._said.fill(N_("A note by %(who)s"), who=row.by)
        return Line(at=row.at, group=Group.NOTES, tone="work", what=what, quote=row.words or "")

    def _hold(self, row: Row[Any]) -> Line:
        what = self._said.fill(N_("On hold: %(kind)s"), kind=self._said.code("kind", row.kind))
        if row.released_at is not None:
            why = self._said.fill(N_("Ended on %(when)s."), when=self._said.when(row.released_at))
        elif row.until is not None:
            why = self._said.fill(N_("Until %(when)s."), when=self._said.when(row.until))
        else:
            why = Ours(self._said.say(N_("Until a person releases it.")))
        own = row.why or "" if row.kind == HoldKind.STAFF else ""
        return Line(at=row.placed_at, group=Group.HOLDS, tone="stop", what=what, why=why, quote=own)

    def _consent(self, row: Row[Any]) -> Line:
        given, withdrawn = N_("Consent given: %(medium)s"), N_("Consent withdrawn: %(medium)s")
        what = given if row.given else withdrawn
        return Line(
            at=row.at,
            group=Group.CONSENTS,
            tone="heard" if row.given else "stop",
            what=self._said.fill(what, medium=self._said.medium(row.medium)),
            by=row.recorded_by or "",
        )


def short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LENGTH else words[: _LENGTH - 1].rstrip() + "…"


def masked(text: str) -> str:
    """The first words of a frozen text, without its links and its code."""
    return short(links.mask(text))
