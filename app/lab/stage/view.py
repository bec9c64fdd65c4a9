"""Puts the first tab together: her phone, the timeline, what comes next, and the boxes to edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.lab.stage import acts, drafts, notices
from app.lab.stage.ahead import Tomorrow
from app.lab.stage.line import Line, by_day
from app.lab.stage.look import Look
from app.lab.stage.phone import Phone, phone
from app.lab.stage.story import Story
from app.lab.stage.timeline import lines
from app.lab.stage.voice import Voice
from app.lab.stage.words import JOURNEYS, TEMPLATES
from app.records.history import History
from app.web.catalogues import N_, own_name
from app.wording.formats import formats_for
from campaigns.case import step_of
from campaigns.money import Money, totals
from campaigns.proposal import Refusal

HINTS = ("אשלם ביום חמישי", "I already paid", "STOP")
SPOKEN = ("he", "ar", "en", "lt")
PREFERRED = ("whatsapp", "sms", "email")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open case: what it waits for, and when it looks again."""

    journey: str
    why: str
    look_at: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the rules say of some media at an hour."""

    media: str
    allowed: bool
    why: str
    rule: str
    again: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """The next message as it would be, and what makes it: a step and words, to be edited."""

    when: str
    title: str
    medium: str
    locale: str
    direction: str
    subject: str
    text: str
    template: str
    step: drafts.Step | None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """All that the template of the first tab shows."""

    look: Look
    phone: Phone
    today: str
    hour: str
    owed: str
    name: str
    locale: str
    preferred: str
    spoken: Sequence[tuple[str, str]]
    days: Sequence[tuple[str, Sequence[Line]]]
    fresh: frozenset[tuple[int, int]]
    news: Sequence[Line]
    waiting: Sequence[Waiting]
    notice: tuple[str, str] | None
    pressed: str
    crossed: Mapping[str, str] | None
    findings: Sequence[drafts.Finding]
    asked: Sequence[Answered]
    tomorrow: Tomorrow
    next_day: str
    boxes: Boxes | None
    down: frozenset[str]
    unread: bool
    preferred_media: Sequence[str] = PREFERRED
    hints: Sequence[str] = HINTS

    @property
    def quiet(self) -> bool:
        """Whether the last press let a day pass, so that silence needs its reason."""
        return self.pressed == "next_day"

    def href(self, line: Line) -> str:
        """Where the message of a line is shown on the phone."""
        letter = str(line.letter) if line.medium == "email" else ""
        return f"/{self.look.to(on=line.medium or '', letter=letter, link='')}#phone"


def view(story: Story, look: Look, voice: Voice) -> View:
    history = story.history()
    found = lines(history, voice)
    news = [line for line in reversed(found) if story.is_fresh(line)]
    telling = [line for line in news if line.tone != "turn"]
    tomorrow = story.tomorrow(voice)
    customer = history.customer
    return View(
        look=look,
        phone=phone(story, look, voice),
        today=voice.day(story.world.today),
        hour=voice.hour(story.world.now),
        owed=_owed(history, voice),
        name=customer["name"],
        locale=customer["locale"],
        preferred=customer["preferred_medium"] or "",
        spoken=[(code, own_name(code)) for code in SPOKEN],
        days=by_day(found, voice),
        fresh=frozenset(line.order for line in news),
        news=telling or news,
        waiting=_waiting(history, voice),
        notice=notices.said(story.notice, voice),
        pressed=story.notice.kind if story.notice else "",
        crossed=_crossed(story, voice),
        findings=story.notice.findings if story.notice else (),
        asked=_asked(story, look, voice),
        tomorrow=tomorrow,
        next_day=voice.day(tomorrow.day),
        boxes=_boxes(story, tomorrow, voice),
        down=story.world.down,
        unread=any(_waits_for_reader(task) for task in history.tasks),
    )


def _waits_for_reader(task: Mapping[str, Any]) -> bool:
    return task["state"] == "open" and task["kind"] in acts.READING


def _owed(history: History, voice: Voice) -> str:
    open_ = [Money(row["open_minor"], row["currency"]) for row in history.invoices.values()]
    owed = [money for money in totals(open_) if money.minor]
    return ", ".join(voice.money(money) for money in owed) or voice.say(N_("nothing"))


def _waiting(history: History, voice: Voice) -> list[Waiting]:
    """What two invoices wait for alike is told once."""
    found = []
    for case in history.cases.values():
        if case["phase"] == "closed":
            continue
        name = case["journey"]
        title = voice.say(JOURNEYS[name]) if name in JOURNEYS else name.replace("_", " ")
        why = voice.reason(case["reason"] or "not_yet", case["reason_params"])
        found.append(Waiting(title, why, voice.when(case["look_at"]) if case["look_at"] else ""))
    return list(dict.fromkeys(found))


def _crossed(story: Story, voice: Voice) -> Mapping[str, str] | None:
    """The message that was ready to leave when she paid."""
    crossed = story.notice.crossed if story.notice else None
    if crossed is None:
        return None
    paid = ", ".join(voice.money(money) for money in crossed.paid)
    return {
        "paid": paid,
        "medium": voice.medium(crossed.medium),
        "text": voice.unlinked(crossed.text),
        "left": "yes" if crossed.left else "",
    }


def _asked(story: Story, look: Look, voice: Voice) -> list[Answered]:
    """Media that get the same answer stand together."""
    hour = look.asked_hour
    if hour is None:
        return []
    groups: dict[tuple[bool, str, str, str], list[str]] = {}
    for asked in story.try_at(hour):
        verdict = asked.verdict
        if isinstance(verdict, Refusal):
            again = voice.when(verdict.look_again_at) if verdict.look_again_at else ""
            key = (False, voice.reason(verdict.reason, verdict.params), verdict.rule, again)
        else:
            key = (True, voice.when(verdict.until), ", ".join(verdict.rules), "")
        groups.setdefault(key, []).append(asked.medium)
    return [
        Answered(voice.media(media), allowed, why, rule, again)
        for (allowed, why, rule, again), media in groups.items()
    ]


def _boxes(story: Story, tomorrow: Tomorrow, voice: Voice) -> Boxes | None:
    letter = tomorrow.letter
    if letter is None:
        return None
    attempt, message = letter.attempt, letter.message
    template, locale, medium = message["template"], attempt["locale"], attempt["medium"]
    title = voice.say(TEMPLATES[template]) if template in TEMPLATES else template
    typed = story.notice.boxes if story.notice else {}
    return Boxes(
        when=voice.when(letter.at),
        title=title,
        medium=medium,
        locale=locale,
        direction="rtl" if formats_for(locale).rtl else "ltr",
        subject=attempt["subject"] or "",
        text=voice.unlinked(attempt["text"]),
        template=template,
        step=_step(story, letter.journey, message["origin"], typed),
        texts={
            key: typed.get(key, text)
            for key, text in story.words.texts(template, locale, medium).items()
        },
    )


def _step(story: Story, journey: str, origin: str, typed: Mapping[str, str]) -> drafts.Step | None:
    if origin.startswith("signal:"):
        return None
    found = drafts.step_of_journey(story.world, journey, step_of(origin))
    if found is None or "step" not in typed:
        return found
    return drafts.Step(found.journey, found.id, typed["step"])
