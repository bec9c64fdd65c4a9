"""A random world: any journey, any facts, any order of events. What must hold always."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.advance import advance
from campaigns.case import Phase, fold_all, step_of
from campaigns.decision import Decision, Say
from campaigns.events import (
    Arm,
    BranchTaken,
    CaseClosed,
    CaseEvent,
    CaseOpened,
    MessageIntended,
    StepPassed,
    TaskGiven,
    WaitBegan,
)
from campaigns.facts import (
    ChannelFact,
    ConsentState,
    Facts,
    HoldFact,
    MessageFact,
    MessageStage,
    PastContact,
    PlanFact,
    PromiseFact,
    SignalFact,
)
from campaigns.journey import Journey
from campaigns.money import Money
from campaigns.policy import permits, stops
from campaigns.proposal import Permit, Proposal
from campaigns.reasons import sentence
from campaigns.vocabulary import Category, HoldKind, Medium, Outcome, Signal
from tests.campaigns.casefacts import ANCHOR, DAY, HOUR, channels, invoice, on_day, owing, policy
from tests.campaigns.journeydraws import SIGNALS, edits, journeys

FINAL = (MessageStage.ACCEPTED, MessageStage.REFUSED, MessageStage.STOPPED, MessageStage.EXPIRED)


class World:
    """One case, its book and its provider, moved by whoever draws the moves."""

    def __init__(self, journey: Journey, facts: Facts, arm: Arm, now: datetime) -> None:
        self.journey, self.facts, self.policy, self.now = journey, facts, policy(), now
        self.events: list[tuple[CaseEvent, datetime]] = [(CaseOpened("case", ANCHOR, arm), now)]
        self.case = fold_all(self.events)
        self.look_at: datetime | None = now
        self.intended: list[MessageIntended] = []
        self.keys: set[str] = set()
        self.media: dict[str, list[Medium]] = defaultdict(list)
        self.numbers = 0

    def look(self) -> None:
        before, facts = self.case, self.facts
        advanced = advance(before, facts, self.journey, self.policy, self.now)
        assert advance(before, facts, self.journey, self.policy, self.now) == advanced
        for decision in advanced.decisions:
            self._check(decision)
            if decision.event is not None:
                self._follow(decision.event)
            left = tuple(s for s in self.facts.signals if s.id not in decision.handled)
            self.facts = replace(self.facts, signals=left)
            if isinstance(decision.action, Say):
                self._say(decision.action)
        assert self.case == advanced.case == fold_all(self.events)
        self.look_at = advanced.last.look_at
        assert (self.look_at is None) == (self.case.phase is Phase.CLOSED)

    def _check(self, decision: Decision) -> None:
        words = [(decision.reason, decision.params)]
        words += [(r.refusal.reason, r.refusal.params) for r in decision.refusals]
        for reason, params in words:
            assert "«" not in sentence(reason, params), (reason, params)
        if decision.look_at is not None:
            assert decision.look_at > self.now, decision
        for refused in decision.refusals:
            again = refused.refusal.look_again_at
            assert again is None or again > self.now

    def _follow(self, event: CaseEvent) -> None:
        before = self.case
        assert before.phase is not Phase.CLOSED, event
        match event:
            case StepPassed(step) | TaskGiven(step) | BranchTaken(step) | WaitBegan(step):
                assert step not in before.done, event
            case MessageIntended(key, origin, medium):
                assert key not in self.keys, event
                assert medium not in self.media[origin], event
                self._is_new_or_fallback(origin)
                self.keys.add(key)
                self.media[origin].append(medium)
                self.intended.append(event)
            case CaseClosed(Outcome.HANDED_OVER):
                assert before.spoke_at is not None
            case _:
                pass
        self.events.append((event, self.now))
        self.case = after = fold_all(self.events)
        assert after.done[: len(before.done)] == before.done, "position shrinks"
        assert before.reached is None or (after.reached or 0) >= before.reached

    def _is_new_or_fallback(self, origin: str) -> None:
        if not origin.startswith("step:"):
            return
        step = step_of(origin)
        spoken = [o.origin for o in self.intended if o.origin.startswith("step:")]
        assert step not in self.case.done or spoken[-1] == origin, "a passed step speaks again"

    def _say(self, said: Say) -> None:
        facts, acted_at = self.facts, said.answers_own_act_at
        assert said.channel in facts.channels
        assert said.valid_until > self.now
        assert 0 < said.probability <= 1
        subject = self.journey.subject
        stopped = stops(facts, self.now, category=said.category, subject=subject, acted_at=acted_at)
        assert stopped is None, stopped
        if said.category is not Category.RECEIPT:
            assert facts.claimable
            assert facts.anchor_open
            today = self.now.astimezone(self.policy.zone).date()
            assert all((i.limitation_on or today + DAY) > today for i in facts.claimable)
        proposal = Proposal(said.channel, said.category, said.slot, said.answers_own_act_at)
        assert isinstance(permits(proposal, facts, self.policy.rules, self.now), Permit)
        message = MessageFact(
            said.key, said.channel.medium, MessageStage.PENDING, self.now, said.valid_until
        )
        self.facts = replace(facts, message=message)

    def settle(self, stage: MessageStage, *, failed: bool = False) -> None:
        message = self.facts.message
        assert message is not None
        last = self.intended[-1]
        if stage is MessageStage.STOPPED:
            self.media[last.origin].remove(last.medium)
        contacts = self.facts.contacts
        if stage in (MessageStage.ACCEPTED, MessageStage.REFUSED):
            slot, refused = f"case:{last.origin}", stage is MessageStage.REFUSED
            contact = PastContact(
                self.now, last.medium, Category.REMINDER, 1, slot, failed=failed or refused
            )
            contacts = (*contacts, contact)
        self.facts = replace(
            self.facts, message=replace(message, stage=stage, at=self.now), contacts=contacts
        )

    def fail_late(self) -> None:
        message = self.facts.message
        if message is not None and message.stage is MessageStage.ACCEPTED:
            contacts = self.facts.contacts
            if contacts:
                contacts = (*contacts[:-1], replace(contacts[-1], failed=True))
            message = replace(message, stage=MessageStage.REFUSED, at=self.now)
            self.facts = replace(self.facts, message=message, contacts=contacts)

    def signal(self, kind: Signal, *, own_act: bool) -> None:
        self.numbers += 1
        fact = SignalFact(self.numbers, kind, self.now - HOUR, own_act)
        self.facts = replace(self.facts, signals=(*self.facts.signals, fact))

    @property
    def closed(self) -> bool:
        return self.case.phase is Phase.CLOSED

    @property
    def pending(self) -> bool:
        message = self.facts.message
        return message is not None and message.stage is MessageStage.PENDING

    def pass_time(self, length: timedelta) -> None:
        self.now += length


def move(world: World, data: st.DataObject, number: int) -> None:
    """One thing that may happen, drawn."""
    moves: dict[str, Callable[[], None]] = {
        "sleep": lambda: _sleep(world),
        "wait": lambda: world.pass_time(data.draw(st.integers(1, 60)) * HOUR),
        "settle": lambda: _settle(world, data),
        "late": world.fail_late,
        "signal": lambda: _signal(world, data),
        "facts": lambda: _change(world, data),
        "edit": lambda: _edit(world, data, number),
    }
    usual = ["settle"] * 6 if world.pending else ["sleep", "sleep", "late", "signal"]
    moves[data.draw(st.sampled_from([*usual, *moves]))]()


def _sleep(world: World) -> None:
    if world.look_at is not None:
        world.now = max(world.now, world.look_at)


def _settle(world: World, data: st.DataObject) -> None:
    if world.pending:
        world.settle(data.draw(st.sampled_from([MessageStage.ACCEPTED, *FINAL])))


def _signal(world: World, data: st.DataObject) -> None:
    awaited = [world.case.waiting_for] if world.case.waiting_for else []
    kinds = [*SIGNALS, *world.journey.reactions, *(awaited * 6)]
    world.signal(data.draw(st.sampled_from(kinds)), own_act=data.draw(st.booleans()))


def _edit(world: World, data: st.DataObject, number: int) -> None:
    world.journey = data.draw(edits(world.journey, number))


def _change(world: World, data: st.DataObject) -> None:
    now, euros = world.now, Money(50_00, "EUR")
    until = now + data.draw(st.integers(1, 200)) * HOUR
    holds = [(), (HoldFact(HoldKind.STAFF, until, now),), (HoldFact(HoldKind.REPLY, None),)]
    changes: dict[str, st.SearchStrategy[Any]] = {
        "holds": st.sampled_from(holds),
        "promise": st.sampled_from([None, PromiseFact(until.date(), until, euros, now)]),
        "plan": st.sampled_from([None, None, PlanFact(None)]),
        "channels": books(),
        "promises_broken": st.integers(0, 2),
        "preferred": st.none() | st.sampled_from(Medium),
        "ledger_as_of": st.sampled_from([None, now, now - 3 * DAY]),
        "invoices": debts(),
        "anchor_open": st.sampled_from([True, True, True, False]),
        "zones": st.sampled_from([("Europe/Vilnius",), (), ("Asia/Jerusalem",)]),
    }
    name = data.draw(st.sampled_from(sorted(changes)))
    world.facts = replace(world.facts, **{name: data.draw(changes[name])})


def books() -> st.SearchStrategy[Any]:
    one = st.fixed_dictionaries(
        {
            "valid": st.sampled_from([True, True, False]),
            "sender_id": st.sampled_from([1, 1, None]),
            "suppressed": st.sampled_from([None, None, "opted out"]),
            "unhealthy": st.sampled_from([None, None, "paused"]),
            "consent": st.sampled_from(ConsentState),
            "languages": st.sampled_from([None, None, frozenset({"he"})]),
            "asked": st.integers(0, 9),
            "answered": st.integers(0, 9),
        }
    )

    def changed(channel: ChannelFact) -> st.SearchStrategy[ChannelFact]:
        return one.map(lambda values: replace(channel, **values))

    media = st.lists(st.sampled_from(Medium), max_size=4)
    return media.flatmap(
        lambda chosen: st.tuples(*(changed(channel) for channel in channels(*chosen)))
    )


def debts() -> st.SearchStrategy[Any]:
    one = st.builds(
        lambda minor, disputed, limit: invoice(
            1, minor=minor, disputed=disputed, limitation_on=limit
        ),
        st.sampled_from([3_00, 60_00]),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([None, None, None, ANCHOR + 30 * DAY]),
    )
    return st.lists(one, min_size=0, max_size=3).map(
        lambda found: tuple(replace(i, id=n) for n, i in enumerate(found))
    )


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(journeys(), st.sampled_from([*[Arm.TREATMENT] * 4, Arm.CONTROL]), st.data())
def test_whatever_happens_the_rules_of_deciding_hold(
    journey: Journey, arm: Arm, data: st.DataObject
) -> None:
    facts = owing(ledger_max_age=data.draw(st.sampled_from([None, timedelta(hours=26)])))
    now = on_day(data.draw(st.integers(-4, 20)), "08:30")
    world = World(journey, replace(facts, ledger_as_of=now), arm, now)
    world.look()
    for number in range(data.draw(st.integers(1, 25))):
        if world.closed:
            return
        move(world, data, number)
        world.look()


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(journeys(), st.data())
def test_a_case_that_is_left_alone_comes_to_its_end_after_any_edits(
    journey: Journey, data: st.DataObject
) -> None:
    now = on_day(data.draw(st.integers(-4, 60)), "08:30")
    world = World(journey, owing(), Arm.TREATMENT, now)
    world.look()
    for number in range(data.draw(st.integers(0, 12))):
        if world.closed:
            return
        move(world, data, number)
        world.look()
    if world.closed:
        return
    world.facts = owing(message=world.facts.message, contacts=world.facts.contacts)
    left = 4 * len(world.journey.steps) + 20
    while not world.closed:
        assert left, (world.case, world.journey)
        left -= 1
        if world.pending:
            world.settle(MessageStage.ACCEPTED)
        else:
            _sleep(world)
        world.look()


@pytest.mark.slow
def test_the_world_says_something_and_meets_most_reasons() -> None:
    """The properties above would hold of a world in which nothing happens."""
    met = Counter[str]()

    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(journeys(), st.data())
    def play(journey: Journey, data: st.DataObject) -> None:
        now = on_day(data.draw(st.integers(-4, 20)), "08:30")
        world = World(journey, owing(), Arm.TREATMENT, now)
        for number in range(25):
            advanced = advance(world.case, world.facts, world.journey, world.policy, world.now)
            met.update(decision.reason for decision in advanced.decisions)
            world.look()
            if world.closed:
                break
            move(world, data, number)

    play()
    assert set(met) >= {"step_due", "superseded", "reaction", "fallback", "branch_taken", "settled"}
    assert set(met) >= {
        "message_refused",
        "message_stopped",
        "wait_met",
        "wait_over",
        "message_lost",
    }
    assert len(met) > 30, sorted(met)
