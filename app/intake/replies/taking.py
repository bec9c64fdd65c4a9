"""Takes one text in: stored, understood and acted on in one transaction, once, before the 2xx.

Reading says what a text means, `acts` what that does. Here stands in which order: the address
first (a stop, a return), then each customer that may have written.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from app.hearing.intents import Confidence, Intent, Meaning, Reader
from app.hearing.reading import Verdict
from app.hearing.understanding import Understanding
from app.intake.alarms import raise_alarm
from app.intake.concerned import Concerned, stop_customer
from app.intake.danger import AT_ONCE, DANGER
from app.intake.inbound import mark_special
from app.intake.opt_ins import opt_in
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.places import Place
from app.intake.replies.acts import HARD, act, acted_on, is_left
from app.intake.replies.addressing import (
    Writers,
    calendar_of,
    count_answer,
    creditor_of,
    new_address,
    own_address,
    writers_of,
)
from app.intake.replies.rows import is_special, store_reply
from app.intake.replies.said import ReplyTaken, Said, ask
from app.intake.replies.waiting import await_match, await_reader, needs_reader
from app.intake.replies.written import Written
from app.intake.service_answers import confirms_itself, tell_who_writes
from app.intake.special import SPECIAL_DATA
from app.intake.tasks import Team, give_task
from app.store.journal import Happened, record
from campaigns.reach import StopAct
from campaigns.vocabulary import Category, Signal

log = logging.getLogger(__name__)

LOOK_WITHIN: Final = timedelta(days=1)
READER: Final[Reader] = Understanding()

_TOO_LONG: Final = Meaning(Intent.UNCLEAR, Confidence.POSSIBLE, "too_long")
_STOPPED: Final = Meaning(Intent.OPT_OUT, Confidence.CERTAIN, "provider")
_ASKED: Final = Meaning(Intent.HELP, Confidence.CERTAIN, "provider")
_GRAVITY: Final = {intent: place for place, intent in enumerate(Intent)}


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text, who may have written it, and all that it means."""

    written: Written
    writers: Writers
    meanings: Sequence[Meaning]
    now: datetime

    @property
    def gravest(self) -> Meaning:
        return self.meanings[0]

    @property
    def there(self) -> Mapping[str, Any]:
        return {"medium": self.written.medium, "to_address": self.written.to_address}

    def sure_of(self, intent: Intent) -> Meaning | None:
        """The meaning of that intent, where it is more than a suspicion."""
        found = (m for m in self.meanings if m.intent is intent)
        return next((m for m in found if m.confidence >= Confidence.LIKELY), None)


def receive_reply(
    session: Session,
    written: Written,
    *,
    now: datetime,
    reader: Reader = READER,
    inbound_id: int | None = None,
) -> ReplyTaken:
    """Takes one text in, once. What it does stands in `acts`, and for people in `docs/answers.md`.

    A stop word suppresses at once, and is confirmed once; a word of return takes the stop word of
    the same address back. Where several customers share the address and nothing tells who wrote,
    hard stops are those of all of them, and everything else is left to a person. An opt-out from an
    address that we do not know is kept for the day on which it is imported. `inbound_id` is the
    call that brought it: where the text is special data, the call goes early.
    """
    writers = writers_of(session, written)
    meanings = _understood(session, written, writers, reader)
    heard = _Heard(written, writers, meanings, now)
    if not _note(session, heard):
        return ReplyTaken.KNOWN_ALREADY
    if inbound_id is not None and is_special(heard.meanings):
        mark_special(session, inbound_id, is_noted=bool(writers.concerned))
    stop = heard.sure_of(Intent.OPT_OUT)
    if stop is not None:
        _opt_out(session, heard, stop)
        return _act(session, heard, is_stopped=True)
    if heard.gravest.intent is Intent.OPT_IN and _opt_in(session, heard):
        return ReplyTaken.OPTED_IN
    helped = _help(session, heard) if heard.gravest.intent is Intent.HELP else None
    if helped is not None:
        return helped
    if not writers.concerned:
        _ask_who_that_is(session, heard)
        return ReplyTaken.FROM_NOBODY_KNOWN
    return _act(session, heard, is_stopped=False)


def take_for(
    session: Session,
    written: Written,
    customer_id: int,
    *,
    now: datetime,
    reader: Reader = READER,
) -> ReplyTaken:
    """The same of a text that nobody known wrote and that a person has matched to a customer. A
    machine answers nothing: the address is still nobody's. An opt-out is a suspicion, for the
    address itself was closed when it came."""
    user = stop_customer(session, customer_id)
    writers = Writers(None, [user], [user], None)
    heard = _Heard(written, writers, _understood(session, written, writers, reader), now)
    return _act_for(session, heard, user, acted_on(heard.meanings), None)


def _understood(
    session: Session, written: Written, writers: Writers, reader: Reader
) -> Sequence[Meaning]:
    """What the text means; of one that is endless only what stops us.

    What the provider took for a stop is one, whatever the words; a question who we are, unless the
    words say more. A word of return has to be one that we know.
    """
    asked = calendar_of(session, writers, written.at)
    meanings = list(reader.understand(written.kept, asked))
    if written.is_long:
        meanings = [*(meaning for meaning in meanings if meaning.intent in HARD), _TOO_LONG]
    if written.handled is Verdict.OPT_OUT:
        others = [meaning for meaning in meanings if meaning.intent is not Intent.OPT_OUT]
        return sorted([_STOPPED, *others], key=lambda meaning: _GRAVITY[meaning.intent])
    if written.handled is Verdict.HELP and meanings[0].intent is Intent.UNCLEAR:
        return [_ASKED]
    return meanings


def _opt_out(session: Session, heard: _Heard, stop: Meaning) -> None:
    written, writers = heard.written, heard.writers
    answered = writers.answered
    address_id = writers.address_id or new_address(session, written)
    category = Category(answered.category) if answered is not None else None
    said = StopSaid(StopAct.REPLY, written.medium, written.proof(stop.rule), category)
    is_confirmed = written.handled is not None or confirms_itself(session, **heard.there)
    confirm_to = None if is_confirmed else writers.asking
    opt_out(session, said, address_id=address_id, now=heard.now, confirm_to=confirm_to)


def _opt_in(session: Session, heard: _Heard) -> bool:
    """A word of return is only believed of the mailbox itself: mails are passed on."""
    own = own_address(session, heard.written)
    if own is None:
        return False
    evidence = heard.written.proof(heard.gravest.rule)
    medium = heard.written.medium
    return opt_in(session, address_id=own, medium=medium, evidence=evidence, now=heard.now)


def _help(session: Session, heard: _Heard) -> ReplyTaken | None:
    """Says who we are, so often a day. None: a person has to see who asks."""
    is_keyword = heard.gravest.rule == "keyword"
    is_answered = is_keyword and confirms_itself(session, **heard.there)
    if is_answered or heard.written.handled is Verdict.HELP:
        return ReplyTaken.HELPED
    if heard.writers.asking is None:
        return None
    is_told = tell_who_writes(
        session,
        heard.writers.asking,
        address_id=heard.writers.address_id,
        medium=heard.written.medium,
        now=heard.now,
    )
    return ReplyTaken.HELPED if is_told else ReplyTaken.HELPED_OFTEN


def _act(session: Session, heard: _Heard, *, is_stopped: bool) -> ReplyTaken:
    """What the text does for each customer that may have written. Of a stop word and nothing else
    no words are kept."""
    meanings = [m for m in heard.meanings if not (is_stopped and m.intent is Intent.OPT_OUT)]
    left = {meaning.intent for meaning in meanings}
    done = [meaning for meaning in acted_on(heard.meanings) if meaning.intent in left]
    if is_stopped and not done and not is_left(meanings, done):
        return ReplyTaken.OPTED_OUT
    writers = heard.writers
    if writers.answered is not None:
        count_answer(session, writers.answered, heard.now)
    if writers.one is None:
        done = [meaning for meaning in done if meaning.intent in HARD]
    # The stop is confirmed, and that is enough; but for somebody who may be in danger.
    is_answered = not is_stopped or heard.gravest.intent is Intent.SELF_HARM
    place = writers.place(heard.written.medium) if is_answered else None
    said = replace(heard, meanings=meanings)
    taken = [_act_for(session, said, user, done, place) for user in writers.concerned]
    return ReplyTaken.OPTED_OUT if is_stopped else taken[0]


def _act_for(
    session: Session,
    heard: _Heard,
    user: Concerned,
    done: Sequence[Meaning],
    place: Place | None,
) -> ReplyTaken:
    """A reply row, what each meaning does, and a signal, for one customer."""
    written, meanings, now = heard.written, heard.meanings, heard.now
    message_id = heard.writers.message_id
    reply_id = store_reply(session, user, written, meanings, done, message_id=message_id, now=now)
    words = None if is_special(meanings) else written.kept
    place = place if user == heard.writers.asking else None
    said = Said(
        user, reply_id, heard.gravest, written.kept, words, written.at, now, place,
        heard.writers.address_id,
    )  # fmt: skip
    taken = act(session, said, done)
    left = is_left(meanings, done)
    if left and done:
        title = "A reply says more than could be done at once: read"
        ask(session, said, "reply", title, detail={"ask": "more"})
    if needs_reader(meanings, taken, is_left=left):
        await_reader(
            session, user, reply_id, meanings, medium=written.medium, at=written.at, now=now
        )
    fact = Happened(
        Signal.REPLY_RECEIVED,
        at=written.at,
        customer_id=user.customer_id,
        message_id=message_id,
        own_act=True,
        payload={"reply_id": reply_id, "medium": written.medium},
    )
    record(session, [fact], now=now)
    return taken


def _note(session: Session, heard: _Heard) -> bool:
    """The fact that a text came, once, without a word of it. Wakes nobody by itself. Answers
    whether it was new."""
    written, answered = heard.written, heard.writers.answered
    hidden = is_special(heard.meanings)
    fact = Happened(
        "text_received",
        at=written.at,
        customer_id=answered.customer_id if answered is not None else None,
        message_id=heard.writers.message_id,
        key=written.event_key,
        payload={
            "medium": written.medium,
            "intent": SPECIAL_DATA if hidden else heard.gravest.intent,
            "confidence": int(heard.gravest.confidence),
            "rule": SPECIAL_DATA if hidden else heard.gravest.rule,
        },
    )
    return bool(record(session, [fact], now=heard.now))


def _ask_who_that_is(session: Session, heard: _Heard) -> None:
    """A person looks: at once, where somebody may be in danger. The stored call has the words."""
    written, key = heard.written, f"unknown_writer:{heard.written.key}"
    in_danger = heard.gravest.intent is Intent.SELF_HARM
    give_task(
        session,
        key=key,
        team=Team.CARE if in_danger else Team.COLLECTIONS,
        kind="danger" if in_danger else "unknown_writer",
        title=DANGER if in_danger else "Somebody wrote from an address that no customer has",
        now=heard.now,
        due_in=AT_ONCE if in_danger else LOOK_WITHIN,
        detail={"medium": written.medium, "text_key": written.key},
    )
    whose = creditor_of(session, **heard.there)
    await_match(session, key, written, in_danger=in_danger, creditor_id=whose, now=heard.now)
    if in_danger:
        log.critical("somebody unknown may be in danger: see task %s", key)
        raise_alarm(session, key, creditor_id=whose, note_id=None, now=heard.now)
