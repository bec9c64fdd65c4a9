"""A customer's timeline: each line says what happened, and why, in a sentence.

Lines are made of rows on record and of nothing else: facts, decisions, refusals, attempts, tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from app.lab.stage.facts import tell_fact
from app.lab.stage.line import REFUSAL, TASK, Line, event_line, first_words
from app.lab.stage.voice import Counted, Voice
from app.lab.stage.words import SIGNALS, TASKS, TEAMS, TEMPLATES
from app.records.history import History
from app.web.catalogues import N_
from campaigns.case import step_of
from campaigns.money import Money

_MUTE: Final = frozenset({"not_preferred", "medium_tried"})  # the step's own order, no reason
_TRIES: Final = frozenset({"message_accepted", "message_refused", "message_unclear"})
_BEFORE: Final = Counted("%(num)s day before the due date", "%(num)s days before the due date")
_AFTER: Final = Counted("%(num)s day after the due date", "%(num)s days after the due date")
_WAITED: Final = N_("It had to wait.")
_ARRIVED: Final = {"delivered": N_("Delivered."), "read": N_("Delivered and read.")}


def lines(history: History, voice: Voice) -> list[Line]:
    """All lines, the latest first."""
    teller = _Teller(history, voice)
    found = [*teller.held(), *teller.told(), *teller.given()]
    found.sort(key=lambda line: (line.at, line.order))
    # Two invoices open a case each, at one instant and for one reason: that is told once.
    once = {(line.at, line.what, line.why, line.quote): line for line in found}
    return list(once.values())[::-1]


class _Teller:
    def __init__(self, history: History, voice: Voice) -> None:
        self._history, self._voice, self._say = history, voice, voice.say
        self._by_key = {row["key"]: row for row in history.messages.values()}
        self._days: dict[str, int | None] = {
            event["payload"]["key"]: event["payload"]["day"]
            for event in history.events
            if event["kind"] == "MessageSettled"
        }

    def held(self) -> Iterator[Line]:
        """Refusals of an instant, together, unless another medium spoke at that very instant."""
        groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        for row in self._history.refusals:
            if row["reason"] not in _MUTE and not self._spoke(row):
                key = row["case_id"], row["at"], row["step"], row["asked_by"], row["reason"]
                groups.setdefault(key, []).append(row)
        for rows in groups.values():
            yield self._held(rows)

    def told(self) -> Iterator[Line]:
        """What happened; the tries of a message that had to wait are told together."""
        deferred: dict[int, list[Mapping[str, Any]]] = {}
        for event in self._history.events:
            if event["kind"] == "message_deferred":
                deferred.setdefault(event["message_id"], []).append(event)
            elif (line := self._told(event)) is not None:
                yield line
        for rows in deferred.values():
            yield self._deferred(rows)

    def given(self) -> Iterator[Line]:
        """Tasks for people."""
        for row in self._history.tasks:
            title = self._say(TASKS[row["kind"]]) if row["kind"] in TASKS else row["title"]
            team = self._say(TEAMS.get(row["team"], row["team"]))
            due = row["due_at"]
            until = self._say(N_("By %(when)s."), when=self._voice.when(due)) if due else ""
            yield Line(
                at=row["created_at"],
                tone="work",
                what=self._say(N_("A task for %(team)s: %(title)s"), team=team, title=title),
                why=" ".join(filter(None, (self._say(N_("Only a person can do this.")), until))),
                order=(TASK, row["id"]),
            )

    def _told(self, event: Mapping[str, Any]) -> Line | None:
        match event["kind"]:
            case kind if kind in _TRIES:
                return self._tried(event)
            case "MessageSettled":
                return self._stopped(event)
            case "StepPassed":
                return self._passed(event)
            case _:
                return tell_fact(event, self._history, self._voice)

    def _spoke(self, row: Mapping[str, Any]) -> bool:
        return row["asked_by"] == "decide" and any(
            message["case_id"] == row["case_id"] and message["created_at"] == row["at"]
            for message in self._history.messages.values()
        )

    def _held(self, rows: Sequence[Mapping[str, Any]]) -> Line:
        first, voice, say = rows[0], self._voice, self._say
        again = min((row["look_again_at"] for row in rows if row["look_again_at"]), default=None)
        note = say(N_("It is asked again on %(when)s."), when=voice.when(again)) if again else ""
        gate = first["asked_by"] == "gate"
        asker = N_("the gate, just before leaving") if gate else N_("the decision")
        return Line(
            at=first["at"],
            tone="held",
            what=say(N_("Held back: %(what)s"), what=self._about(first)),
            why=voice.reason(first["reason"], first["params"]),
            order=(REFUSAL, first["id"]),
            notes=(note,) if note else (),
            facts=(
                (say(N_("Rule")), ", ".join(sorted({row["rule"] for row in rows}))),
                (say(N_("Media")), voice.media([row["medium"] for row in rows if row["medium"]])),
                (say(N_("Asked by")), say(asker)),
                (say(N_("Clock")), voice.when(first["at"])),
            ),
        )

    def _about(self, row: Mapping[str, Any]) -> str:
        message = self._history.messages.get(row["message_id"] or 0)
        if message is not None:
            return self._title(message["template"])
        return self._title(row["step"]) if row["step"] else self._say(N_("an answer"))

    def _title(self, name: str) -> str:
        return self._say(TEMPLATES[name]) if name in TEMPLATES else name.replace("_", " ")

    def _tried(self, event: Mapping[str, Any]) -> Line | None:
        attempt = self._history.attempts.get(event["payload"]["attempt"])
        message = self._history.messages.get(event["message_id"])
        if attempt is None or message is None:
            return None
        left = event["kind"] == "message_accepted"
        said, not_taken = (
            N_("%(title)s, by %(medium)s"),
            N_("%(medium)s refused it: %(title)s"),
        )
        medium, title = self._voice.medium(attempt["medium"]), self._title(message["template"])
        return event_line(
            event,
            "sent" if left else "held",
            self._say(said if left else not_taken, title=title, medium=medium),
            self._why_said(message) if left else self._why_not(message),
            medium=attempt["medium"],
            letter=attempt["id"],
            quote=first_words(self._voice.unlinked(attempt["subject"] or attempt["text"])),
            notes=self._notes(message) if left else (),
            facts=self._evidence(attempt, message),
        )

    def _why_said(self, message: Mapping[str, Any]) -> str:
        """Which step was due, or what it answers."""
        origin = message["origin"]
        if origin.startswith("signal:"):
            signal = origin.split(":")[1]
            name = self._say(SIGNALS[signal]) if signal in SIGNALS else signal
            return self._say(N_("It answers %(what)s."), what=name)
        case = self._history.cases[message["case_id"]]
        today = (self._day_of(message["created_at"]) - case["anchor_on"]).days
        day = self._days.get(message["key"])
        said = self._say(
            N_("Step %(step)s was due: %(when)s."),
            step=step_of(origin),
            when=self._from_due(today if day is None else day),
        )
        waited = day is not None and today > day
        return f"{said} {self._say(_WAITED)}" if waited else said

    def _why_not(self, message: Mapping[str, Any]) -> str:
        return self._voice.reason(message["reason"] or "outcome_unclear", message["reason_params"])

    def _from_due(self, offset: int) -> str:
        if offset == 0:
            return self._say(N_("on the due date"))
        if offset < 0:
            return self._voice.count(_BEFORE, -offset)
        return self._voice.count(_AFTER, offset)

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._voice.zone).date()

    def _notes(self, message: Mapping[str, Any]) -> tuple[str, ...]:
        """What was refused on the way, and how far the message has come."""
        refused = [
            self._say(
                N_("%(medium)s was not possible: %(why)s"),
                medium=self._voice.medium(row["medium"]),
                why=self._voice.reason(row["reason"], row["params"]),
            )
            for row in self._history.refusals
            if row["case_id"] == message["case_id"]
            and row["at"] == message["created_at"]
            and row["reason"] not in _MUTE
        ]
        said = _ARRIVED.get(message["delivery"] or "")
        return (*refused, *([self._say(said)] if said else []))

    def _evidence(
        self, attempt: Mapping[str, Any], message: Mapping[str, Any]
    ) -> tuple[tuple[str, str], ...]:
        """Rules, facts, versions and clock behind an attempt, as the gate wrote them down."""
        kept, voice = attempt["evidence"], self._voice
        totals = [voice.money(Money(minor, code)) for minor, code in kept.get("totals", ())]
        numbers = [
            row["number"] for i in attempt["invoice_ids"] if (row := self._history.invoices.get(i))
        ]
        found = {
            N_("Clock of the gate"): voice.when(attempt["gated_at"]),
            N_("Allowed until"): voice.when(attempt["valid_until"]),
            N_("Rules that were asked"): ", ".join(kept.get("rules", ())),
            N_("Amounts as they stood"): ", ".join(totals),
            N_("Invoices"): ", ".join(numbers),
            N_("To"): attempt["recipient"],
            N_("Language"): attempt["locale"],
            N_("Version of the journey"): str(kept.get("journey", ""))[:12],
            N_("Version of the words"): attempt["template_hash"][:12],
            N_("Version of the rules"): str(kept.get("rules_hash", ""))[:12],
            N_("Chance that this medium was chosen"): f"{message['choice_probability']:.0%}",
            N_("Key, so that it is said once"): attempt["key"],
        }
        return tuple((self._say(name), value) for name, value in found.items() if value)

    def _deferred(self, rows: Sequence[Mapping[str, Any]]) -> Line:
        last, voice, say = rows[-1], self._voice, self._say
        message = self._history.messages[last["message_id"]]
        medium, title = voice.medium(message["medium"]), self._title(message["template"])
        notes = [
            say(N_("Tries so far: %(n)s. Nothing is lost, and nothing is sent twice."), n=len(rows))
        ]
        if message["state"] == "waiting":
            again = voice.when(message["due_at"])
            notes.append(say(N_("It is tried again on %(when)s."), when=again))
        what = N_("The provider of %(medium)s does not answer: %(title)s waits")
        why = N_("It answered that it cannot work now. That is no refusal, so the message is kept.")
        return event_line(
            last,
            "held",
            say(what, medium=medium, title=title),
            say(why),
            medium=message["medium"],
            notes=tuple(notes),
        )

    def _passed(self, event: Mapping[str, Any]) -> Line | None:
        told = event["payload"]
        if told["reason"] == "told_already":
            return None  # the message that was stopped says it
        what = self._say(N_("Passed over: %(what)s"), what=self._title(told["step"]))
        return event_line(event, "held", what, self._voice.reason(told["reason"], told["params"]))

    def _stopped(self, event: Mapping[str, Any]) -> Line | None:
        message = self._by_key.get(event["payload"]["key"])
        stage = event["payload"]["stage"]
        if message is None or stage not in ("stopped", "expired"):
            return None
        stopped, late = N_("Stopped before it left: %(what)s"), N_("Not said in time: %(what)s")
        what = self._say(
            stopped if stage == "stopped" else late, what=self._title(message["template"])
        )
        why = self._voice.reason(message["reason"] or "message_stopped", message["reason_params"])
        return event_line(event, "stop", what, why, medium=message["medium"])
