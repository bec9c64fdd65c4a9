"""The simulated people: what they know, what they read, and when they do something about it.

They know their own bills, what they paid, and the messages that reached them; nothing else. They
never read a table of Duly's. Every choice is drawn from the seed, the account and how often it has
come to that choice, so a person does the same on every store and in every process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count
from zoneinfo import ZoneInfo

from app.lab.acts import (
    Act,
    AgreePlan,
    AskForHelp,
    Contest,
    Letter,
    Open,
    PayByCard,
    PayByTransfer,
    PayNextPart,
    PressStop,
    Promise,
    SayWrongPerson,
    TakeBack,
    Write,
)
from app.lab.book import Account, Bill
from app.lab.replies import STOP, WORDS, WRONG_NUMBER
from app.lab.traits import Traits, Type, pick, traits_of
from campaigns.keys import draw

SURPLUS = 0.03  # of transfers are rounded up
ROUND_TO = 1_000


class Plan(StrEnum):
    """Why somebody comes back to it at a given moment."""

    READ = "read"
    PAY = "pay"
    KEEP_WORD = "keep_word"
    TAKE_BACK = "take_back"


@dataclass(order=True, frozen=True, slots=True)
class Intent:
    """Something that one person will come to. Ordered by time, then by account: never by chance."""

    at: datetime
    who: str
    number: int
    plan: Plan = field(compare=False)
    letter: Letter | None = field(default=None, compare=False)
    bill: str | None = field(default=None, compare=False)


@dataclass(slots=True)
class Mind:
    """What one person knows of one account. `open` is what they believe to owe, by bill."""

    account: Account
    traits: Traits
    open: dict[str, int] = field(default_factory=dict)
    letters: int = 0
    promised_on: date | None = None
    broke_word: bool = False
    parts_left: int = 0  # of a plan
    handed_over: bool = False  # to staff, to a dispute, to silence: they have had their say
    paid_last: int = 0
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def owed(self) -> int:
        return sum(self.open.values())

    def pays(self, minor: int) -> None:
        """Settles the oldest bills first, as people do in their heads."""
        self.paid_last = minor
        for number in list(self.open):
            settled = min(self.open[number], minor)
            self.open[number] -= settled
            minor -= settled
            if not self.open[number]:
                del self.open[number]


class Crowd:
    """Everybody of a sample book. Feed it bills and letters; ask it who does what by `now`."""

    def __init__(self, accounts: Iterable[Account], seed: int) -> None:
        self._seed = seed
        self._minds = {a.who: Mind(a, traits_of(seed, a.who)) for a in accounts}
        self._intents: list[Intent] = []

    def next_at(self) -> datetime | None:
        """When the next one comes to something."""
        return self._intents[0].at if self._intents else None

    def bill(self, who: str, bill: Bill, now: datetime) -> None:
        """A bill comes by post. Some will pay it in time, whatever anybody writes."""
        mind = self._minds[who]
        mind.open[bill.number] = bill.minor
        unasked = draw(self._seed, who, "unasked", bill.number) < mind.traits.habits.pays_unasked
        if not unasked or bill.due_on < now.date():
            return
        early = mind.traits.type is Type.ORGANISED
        point = draw(self._seed, who, "when", bill.number)
        offset = -7 + 8 * point**0.7 if early else -2 + 14 * point
        at = datetime.combine(bill.due_on, time(0), UTC) + timedelta(days=offset)
        self._plan(mind, Plan.PAY, max(at, now), bill=bill.number)

    def receive(self, letter: Letter) -> None:
        """A message reached the device or mailbox. It may be read, later, or never."""
        mind = self._minds[letter.who]
        chance = 0.94 if letter.medium == mind.traits.reads_on else 0.5
        if self._chance(mind, "reads") < chance:
            patience = {"email": 300, "sms": 60, "whatsapp": 45}[letter.medium]
            delay = timedelta(minutes=2 + patience * self._chance(mind, "delay") ** 2 * 4)
            self._plan(mind, Plan.READ, letter.at + delay, letter=letter)

    def due(self, now: datetime) -> Iterator[Act]:
        """What is done by `now`, one after the other: later acts see what earlier ones changed."""
        while self._intents and self._intents[0].at <= now:
            intent = heappop(self._intents)
            yield from self._act(self._minds[intent.who], intent, now)

    def paid(self, letter: Letter, minor: int, now: datetime) -> None:
        """A card payment went through."""
        mind = self._minds[letter.who]
        mind.pays(minor)
        mind.parts_left = max(mind.parts_left - 1, 0)
        if mind.traits.takes_back and self._chance(mind, "regrets") < 0.6:
            days = 5 + 7 * self._chance(mind, "regrets_after")
            self._plan(mind, Plan.TAKE_BACK, now + timedelta(days=days))

    def declined(self, letter: Letter, now: datetime) -> None:
        """The card did not work. Some go to the bank instead."""
        mind = self._minds[letter.who]
        if self._chance(mind, "bank_instead") < 0.6:
            self._plan(mind, Plan.PAY, now + timedelta(days=2))

    def _act(self, mind: Mind, intent: Intent, now: datetime) -> Iterator[Act]:
        match intent.plan:
            case Plan.READ if intent.letter is not None:
                yield from self._read(mind, intent.letter, now)
            case Plan.PAY:
                yield from self._transfer(mind, intent.bill)
            case Plan.KEEP_WORD:
                mind.promised_on = None
                if self._chance(mind, "keeps_word") < mind.traits.habits.keeps_promises:
                    yield from self._transfer(mind, None)
                else:
                    mind.broke_word = True
            case Plan.TAKE_BACK if mind.paid_last:
                number = min(mind.open, default="taken back")
                mind.open[number] = mind.open.get(number, 0) + mind.paid_last
                mind.paid_last = 0
                yield TakeBack(mind.account.who)
            case _:
                return

    def _read(self, mind: Mind, letter: Letter, now: datetime) -> Iterator[Act]:
        mind.letters += 1
        if mind.traits.type is Type.STRANGER:
            yield from self._answer_as_stranger(mind, letter)
            return
        if mind.handed_over or not mind.owed or mind.promised_on is not None:
            return
        habits = mind.traits.habits
        if mind.parts_left:
            if self._chance(mind, "keeps_plan") < habits.keeps_promises:
                yield PayNextPart(letter)
            return
        annoyed = 2.5 if mind.letters > mind.traits.patience else 1.0
        if self._chance(mind, "stops") < habits.stops * annoyed:
            mind.handed_over = True
            yield self._stop(mind, letter)
        elif self._chance(mind, "writes") < habits.writes:
            mind.handed_over = True
            yield Write(letter, pick(WORDS[mind.account.locale], self._seed, letter.who, "words"))
        elif self._chance(mind, "clicks") < 0.78:
            yield Open(letter)
            yield from self._on_the_page(mind, letter, now)
        elif self._chance(mind, "at_the_bank") < habits.pays_when_asked * 0.6:
            self._plan(mind, Plan.PAY, now + timedelta(days=1))

    def _on_the_page(self, mind: Mind, letter: Letter, now: datetime) -> Iterator[Act]:
        match mind.traits.type:
            case Type.DISPUTER:
                mind.handed_over = True
                kinds = ("wrong_amount", "not_received", "already_paid", "not_mine")
                yield Contest(letter, pick(kinds, self._seed, letter.who, "contests"))
            case Type.IN_TROUBLE if self._chance(mind, "asks") < 0.4:
                mind.handed_over = True
                troubles = ("illness", "unemployment", "hardship")
                yield AskForHelp(letter, pick(troubles, self._seed, letter.who, "trouble"))
            case Type.SQUEEZED if mind.broke_word:
                mind.broke_word = False
                mind.parts_left = pick((2, 3, 4), self._seed, letter.who, "parts")
                rhythm = pick(("weekly", "fortnightly", "monthly"), self._seed, letter.who, "every")
                yield AgreePlan(letter, mind.parts_left, rhythm)
                yield PayNextPart(letter)
            case Type.SQUEEZED | Type.FORGETFUL if self._chance(mind, "promises") < (
                0.30 if mind.traits.type is Type.SQUEEZED else 0.12
            ):
                days = 4 + int(self._chance(mind, "promises_in") * 14)
                mind.promised_on = now.date() + timedelta(days=days)
                at = datetime.combine(mind.promised_on, time(6), UTC)
                self._plan(mind, Plan.KEEP_WORD, at)
                yield Promise(letter, days)
            case Type.SQUEEZED if self._chance(mind, "pays_part") < 0.25:
                yield PayByCard(letter, percent=pick((30, 40, 50), self._seed, letter.who, "part"))
            case _:
                yield from self._by_card(mind, letter)

    def _by_card(self, mind: Mind, letter: Letter) -> Iterator[Act]:
        push = 1 + 0.08 * mind.letters
        if self._chance(mind, "pays") >= mind.traits.habits.pays_when_asked * push:
            return
        if self._chance(mind, "leaves") < 0.05:
            yield PayByCard(letter, leaves=True)
        else:
            fails = mind.traits.card_fails and self._chance(mind, "card") < 0.7
            yield PayByCard(letter, declined=fails)

    def _transfer(self, mind: Mind, bill: str | None) -> Iterator[Act]:
        """Pays one bill, or all that is owed, by bank. A few round up."""
        minor = mind.open.get(bill, 0) if bill else mind.owed
        if not minor:
            return
        mind.pays(minor)
        if self._chance(mind, "rounds_up") < SURPLUS:
            minor = -(-minor // ROUND_TO) * ROUND_TO
        yield PayByTransfer(mind.account.who, minor)

    def _answer_as_stranger(self, mind: Mind, letter: Letter) -> Iterator[Act]:
        point = self._chance(mind, "stranger")
        if mind.handed_over or point >= 0.5:
            return
        mind.handed_over = True
        if point < 0.2:
            yield SayWrongPerson(letter)
        elif point < 0.35:
            yield Write(letter, WRONG_NUMBER[mind.account.locale])
        else:
            yield self._stop(mind, letter)

    def _stop(self, mind: Mind, letter: Letter) -> Act:
        if letter.medium == "email":
            return PressStop(letter)
        return Write(letter, pick(STOP[mind.account.locale], self._seed, letter.who, "stop"))

    def _plan(
        self,
        mind: Mind,
        plan: Plan,
        at: datetime,
        *,
        letter: Letter | None = None,
        bill: str | None = None,
    ) -> None:
        at = self._awake(mind, at)
        number = next(mind.numbers)
        heappush(self._intents, Intent(at, mind.account.who, number, plan, letter, bill))

    def _awake(self, mind: Mind, at: datetime) -> datetime:
        """The instant, moved into the hours in which this person looks at such things."""
        zone, traits = ZoneInfo(mind.account.zone), mind.traits
        local = at.astimezone(zone)
        if traits.reads_from <= local.hour < traits.reads_until:
            return at
        day = local.date() + timedelta(days=local.hour >= traits.reads_until)
        minutes = 60 * (traits.reads_until - traits.reads_from) * self._chance(mind, "minute")
        start = datetime.combine(day, time(traits.reads_from), zone)
        return start.astimezone(UTC) + timedelta(minutes=minutes)

    def _chance(self, mind: Mind, what: str) -> float:
        """A draw of its own for every time that this person comes to such a choice."""
        return draw(self._seed, mind.account.who, what, next(mind.numbers))
