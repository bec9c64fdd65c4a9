"""Cases, journeys and facts made by hand, for the tests of deciding: plain functions."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.advance import Advanced, advance
from campaigns.calendar import BusinessCalendar
from campaigns.case import CaseState, Phase, fold
from campaigns.decision import Decision, Policy, Say
from campaigns.duties import Act
from campaigns.events import Arm, CaseOpened, MessageIntended
from campaigns.expressions import compile_condition
from campaigns.facts import (
    ChannelFact,
    Facts,
    InvoiceFact,
    MessageFact,
    MessageStage,
    NoticeFact,
    PastContact,
    SignalFact,
)
from campaigns.journey import (
    After,
    Anchor,
    Condition,
    Day,
    End,
    Journey,
    Reaction,
    Send,
    SendPolicy,
    Step,
)
from campaigns.money import Money
from campaigns.reasons import sentence
from campaigns.vocabulary import Category, Medium, Outcome, Signal, SubjectKind
from tests.campaigns.policyfacts import ruleset

ANCHOR = date(2026, 3, 2)  # a Monday
ZONES = {"LT": "Europe/Vilnius", "IL": "Asia/Jerusalem"}
SMS, EMAIL, WHATSAPP = Medium.SMS, Medium.EMAIL, Medium.WHATSAPP
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ACCEPTED, REFUSED = MessageStage.ACCEPTED, MessageStage.REFUSED
STOPPED, EXPIRED = MessageStage.STOPPED, MessageStage.EXPIRED


@cache
def policy(country: str = "LT") -> Policy:
    """The rules of the house and of a country, on that country's clock."""
    zone = ZoneInfo(ZONES[country])
    return Policy(ruleset("house", country.lower()), BusinessCalendar(country), zone)


def on_day(number: int, at: str = "12:00", country: str = "LT") -> datetime:
    """An hour of the nth day after `ANCHOR`, on the country's wall clock. A day before is < 0."""
    wall = datetime.fromisoformat(f"{ANCHOR + number * DAY}T{at}")
    return wall.replace(tzinfo=ZoneInfo(ZONES[country])).astimezone(UTC)


def when(source: str) -> Condition:
    return compile_condition(source, custom={})


def anchored(at: int | timedelta) -> Anchor:
    return Day(at) if isinstance(at, int) else After(at)


def send(id: str, at: int | timedelta, **more: Any) -> Send:
    """A reminder; `order`, `on_refusal`, `on_no_delivery` and `on_no_click` go to its policy."""
    sending = _policy(more)
    category = more.pop("category", Category.REMINDER)
    return Send(id, anchored(at), id, category, sending, **more)


def end(id: str, at: int | timedelta, outcome: Outcome = Outcome.HANDED_OVER, **more: Any) -> End:
    return End(id, anchored(at), outcome, **more)


def reaction(
    signal: Signal, category: Category = Category.REMINDER, **more: Any
) -> dict[Signal, Reaction]:
    sending = _policy(more)
    return {signal: Reaction(signal, f"on_{signal}", category, sending, **more)}


def _policy(more: dict[str, Any]) -> SendPolicy:
    names = [field.name for field in fields(SendPolicy)]
    return SendPolicy(**{name: more.pop(name) for name in names if name in more})


def journey(
    *steps: Step, on: Mapping[Signal, Reaction] | None = None, subject: str = "customer"
) -> Journey:
    return Journey("test", "Test", SubjectKind(subject), steps, on or {}, "hash")


def invoice(number: int = 1, **more: Any) -> InvoiceFact:
    money = Money(more.pop("minor", 100_00), "EUR")
    return InvoiceFact(number, f"INV-{number}", money, more.pop("due_on", ANCHOR), **more)


def channels(*media: Medium) -> tuple[ChannelFact, ...]:
    return tuple(
        ChannelFact(number, number, medium, number, provider="sandbox")
        for number, medium in enumerate(media, 1)
    )


def owing(*media: Medium, country: str = "LT", **more: Any) -> Facts:
    """A consumer who owes one invoice of 100 euros and is reached on `media` (all, if none).

    The notice that Lithuania wants before a hand-over is given.
    """
    return Facts(
        creditor_id=1,
        customer_id=1,
        person_id=1,
        locale="en",
        country=country,
        region=None,
        zones=(ZONES[country],),
        **{
            "invoices": (invoice(),),
            "channels": channels(*(media or (SMS, EMAIL, WHATSAPP))),
            "notices": (NoticeFact(Act.PRE_TRANSFER_NOTICE, LONG_AGO),),
            **more,
        },
    )


def signal(kind: Signal, at: datetime, number: int = 1, *, own_act: bool = False) -> SignalFact:
    return SignalFact(number, kind, at, own_act)


class Played:
    """One case that is played by hand: facts in, looks, outcomes of its messages."""

    def __init__(
        self,
        steps: Journey,
        facts: Facts,
        *,
        now: datetime | None = None,
        country: str = "LT",
        arm: Arm = Arm.TREATMENT,
        entered: tuple[str, ...] = (),
        reached: int | None = None,
    ) -> None:
        self.journey, self.facts, self.policy = steps, facts, policy(country)
        self.now = now or on_day(0, "00:00", country)
        event = CaseOpened("case", ANCHOR, arm, entered, reached)
        self.case: CaseState = fold(_BLANK, event, self.now)
        self.reasons: list[str] = []
        self.said: list[Say] = []
        self.last: Decision | None = None

    def look(self, at: datetime | None = None) -> Advanced:
        """Looks at the case, and answers what that came to. Every reason must be whole."""
        self.now = at or self.now
        advanced = advance(self.case, self.facts, self.journey, self.policy, self.now)
        self.case, self.last = advanced.case, advanced.last
        handled = {id for decision in advanced.decisions for id in decision.handled}
        left = tuple(fact for fact in self.facts.signals if fact.id not in handled)
        self.facts = replace(self.facts, signals=left)
        for decision in advanced.decisions:
            self.reasons.append(decision.reason)
            assert "«" not in sentence(decision.reason, decision.params)
            if isinstance(decision.action, Say):
                self._keep(decision)
        return advanced

    def outcome(self, stage: MessageStage, at: datetime | None = None, **more: Any) -> Advanced:
        """What became of the last message; the case looks at once."""
        self.now = at or self.now
        assert self.facts.message is not None
        message = replace(self.facts.message, stage=stage, at=self.now, **more)
        self.facts = replace(self.facts, message=message)
        return self.look()

    def accepted(self, at: datetime | None = None, **more: Any) -> Advanced:
        """The provider took the last message; it is on record as a contact."""
        self.know(contacts=(*self.facts.contacts, self._contact(at or self.now)))
        return self.outcome(MessageStage.ACCEPTED, at, **more)

    def play_on(self, most: int = 60) -> None:
        """All goes well from here on: every message is delivered, until the case is closed."""
        for _ in range(most):
            if self.closed:
                return
            self.move_on()
        raise AssertionError(f"the case is stranded: {self.case}")

    def move_on(self) -> None:
        """The message that is out is delivered, or else the time of the next look has come."""
        if self.pending:
            self.accepted(delivered=True)
        else:
            self.look(self.look_at)

    def know(self, **facts: Any) -> None:
        self.facts = replace(self.facts, **facts)

    def signalled(self, *facts: SignalFact) -> None:
        self.know(signals=(*self.facts.signals, *facts))

    @property
    def closed(self) -> bool:
        return self.case.phase is Phase.CLOSED

    @property
    def pending(self) -> bool:
        return self.case.phase is Phase.PENDING

    @property
    def media(self) -> list[Medium]:
        return [said.channel.medium for said in self.said]

    @property
    def templates(self) -> list[str]:
        return [said.template for said in self.said]

    @property
    def look_at(self) -> datetime:
        assert self.last is not None
        assert self.last.look_at is not None
        return self.last.look_at

    def _keep(self, decision: Decision) -> None:
        said, event = decision.action, decision.event
        assert isinstance(said, Say)
        assert isinstance(event, MessageIntended)
        self.said.append(said)
        medium, until = said.channel.medium, said.valid_until
        self.know(message=MessageFact(said.key, medium, MessageStage.PENDING, self.now, until))

    def _contact(self, at: datetime) -> PastContact:
        said = self.said[-1]
        return PastContact(at, said.channel.medium, said.category, 1, said.slot)


LADDER = journey(send("first", 3), send("second", 10), send("notice", 20), end("over", 30))


def said_first(steps: Journey = LADDER, *media: Medium) -> Played:
    """A case whose first step has just been said, on day 3."""
    played = Played(steps, owing(*media))
    played.look(on_day(3))
    assert played.templates == ["first"]
    return played


_BLANK = CaseState("case", ANCHOR, datetime(2026, 1, 1, tzinfo=UTC), phase=Phase.READY)
