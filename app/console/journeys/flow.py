"""A journey as it is drawn: its steps from top to bottom, with who stands there and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from babel.units import format_unit

from app.drafting.figures import StepFigures
from app.web.catalogues import N_
from app.wording.context import MessageContext
from app.wording.errors import WordingError
from app.wording.formats import parsed_locale
from app.wording.render import Rendered, Wording
from app.wording.samples import sample_context
from campaigns.journey import (
    After,
    Branch,
    Day,
    End,
    GiveTask,
    Journey,
    Reaction,
    Send,
    Step,
    WaitFor,
)
from campaigns.vocabulary import Signal

KINDS: Final[Mapping[type[Step], str]] = {
    Send: N_("Message"),
    GiveTask: N_("Task"),
    WaitFor: N_("Waits"),
    Branch: N_("Branch"),
    End: N_("End of the journey"),
}
SHIFTS: Final = {
    "next_business_day": N_("moved to the next business day"),
    "previous_business_day": N_("moved to the business day before"),
}
CATEGORIES: Final = {
    "reminder": N_("reminder"),
    "notice": N_("notice"),
    "legal": N_("legal"),
    "receipt": N_("receipt"),
    "offer": N_("offer"),
}
RECIPIENTS: Final = {"manager": N_("to the manager"), "copy": N_("to whoever reads along")}
"""Whom a message is for, where that is not whoever pays."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a step leads, and when: a condition as the file writes it, or none."""

    target: str | None
    when: str | None = None
    met: bool | None = None  # of a wait: whether what it waits for has come


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said: the template, and its words with sample facts where it can be rendered."""

    template: str
    category: str
    channels: tuple[str, ...]
    on_no_delivery: str | None
    on_no_click: str | None
    on_refusal: bool
    subject: str | None
    text: str | None
    locale: str | None
    approval: str | None = None


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """One step. `day` is None where it counts from the step before, after `delay`."""

    id: str
    kind: str
    kind_name: str
    day: int | None
    is_new_day: bool
    delay: str | None
    shift: str | None
    when: str | None
    speech: Speech | None = None
    valid_for: str | None = None
    to: str | None = None
    team: str | None = None
    is_call: bool = False
    title: str | None = None
    signal: str | None = None
    limit: str | None = None
    ways: tuple[Way, ...] = ()
    outcome: str | None = None
    cases: int | None = None
    figures: StepFigures | None = None


@dataclass(frozen=True, slots=True)
class DrawnAnswer:
    """What is said when something happens: the first whose condition holds."""

    signal: str
    ways: tuple[tuple[str | None, Speech], ...]


class Drawing:
    """Draws journeys for one language, with the words that are published."""

    def __init__(self, wording: Wording | None, language: str) -> None:
        self._wording = wording
        self._language = language

    def steps(
        self,
        journey: Journey,
        standing: Mapping[str | None, int] | None = None,
        figures: Mapping[str, StepFigures] | None = None,
    ) -> list[DrawnStep]:
        """`standing` None: who stands where is not known (yet)."""
        drawn, last = [], None
        for step in journey.steps:
            day = step.anchor.offset if isinstance(step.anchor, Day) else None
            cases = None if standing is None else standing.get(step.id, 0)
            found = (figures or {}).get(step.id)
            drawn.append(self._step(step, day is not None and day != last, cases, found))
            last = day if day is not None else last
        return drawn

    def answers(self, journey: Journey) -> list[DrawnAnswer]:
        reactions = sorted(journey.reactions.items(), key=lambda pair: _ORDER[pair[0]])
        return [
            DrawnAnswer(str(signal), tuple(self._answer(way) for way in reaction.ways()))
            for signal, reaction in reactions
        ]

    def _answer(self, way: Reaction) -> tuple[str | None, Speech]:
        when = way.when.source if way.when else None
        return when, self._speech(way)

    def _step(
        self, step: Step, is_new_day: bool, cases: int | None, figures: StepFigures | None
    ) -> DrawnStep:
        day = step.anchor.offset if isinstance(step.anchor, Day) else None
        shift = SHIFTS.get(step.anchor.shift) if isinstance(step.anchor, Day) else None
        delay = self.span(step.anchor.delay) if isinstance(step.anchor, After) else None
        name, kind = KINDS[type(step)], type(step).__name__.lower()
        when = step.when.source if step.when else None
        own = self._own(step)
        return DrawnStep(
            step.id, kind, name, day, is_new_day, delay, shift, when, cases=cases, figures=figures,
            **own,  # type: ignore[arg-type]  # the fields of one kind of step
        )  # fmt: skip

    def _own(self, step: Step) -> Mapping[str, object]:
        match step:
            case Send():
                valid_for = None if step.its_day_only else self.span(step.valid_for)
                speech = self._speech(step)
                return {"speech": speech, "valid_for": valid_for, "to": RECIPIENTS.get(step.to)}
            case GiveTask():
                return {"team": step.team, "title": step.title, "is_call": step.call}
            case WaitFor():
                ways = (Way(step.then, met=True), Way(step.otherwise, met=False))
                return {"signal": str(step.signal), "limit": self.span(step.limit), "ways": ways}
            case Branch():
                arms = tuple(Way(go, condition.source) for condition, go in step.arms)
                return {"ways": (*arms, Way(step.otherwise))}
            case End():
                return {"outcome": str(step.outcome)}

    def _speech(self, said: Send | Reaction) -> Speech:
        template, policy = said.template, said.policy
        waits = (policy.on_no_delivery, policy.on_no_click)
        no_delivery, no_click = (self.span(each) if each else None for each in waits)
        rendered = self._rendered(template)
        return Speech(
            template,
            CATEGORIES[said.category],
            tuple(map(str, policy.order)),
            no_delivery,
            no_click,
            policy.on_refusal,
            rendered.subject if rendered else None,
            rendered.text if rendered else None,
            rendered.locale if rendered else None,
            said.approval,
        )

    def _rendered(self, template: str) -> Rendered | None:
        """Its mail with the facts of a sample. None for words that are not there or not well."""
        if self._wording is None:
            return None
        try:
            return self._wording.render(template, "email", self._language, self._sample)
        except (WordingError, LookupError):
            return None

    @property
    def _sample(self) -> MessageContext:
        return sample_context("one_invoice", self._language)

    def span(self, span: timedelta) -> str:
        """A duration in words, in the largest unit that it has a whole number of."""
        minutes = int(span.total_seconds() // 60)
        sizes = (("day", 1440), ("hour", 60), ("minute", 1))
        unit, size = next((unit, size) for unit, size in sizes if minutes % size == 0)
        locale = parsed_locale(self._language)
        told = format_unit(
            minutes // size, f"duration-{unit}", locale=locale, numbering_system="latn"
        )
        return str(told)


_ORDER: Final = {signal: at for at, signal in enumerate(Signal)}
