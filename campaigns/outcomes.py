"""What became of the case's message: pending, settled, unheard, or lost after all."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.case import Phase, step_of
from campaigns.decision import Decision, Give, Say
from campaigns.events import Arm, MessageLost, MessageSettled
from campaigns.facts import MessageFact, MessageStage
from campaigns.journey import Send, day_of
from campaigns.keys import derive
from campaigns.position import said_until
from campaigns.saying import RECHECK, again_at, ask_of, intend, last_message_of, say, wait
from campaigns.situation import Situation

REMEMBERED = timedelta(days=30)  # facts hold every contact that is as young as that


def if_message_pending(here: Situation) -> Decision | None:
    """The case waits for its message, and moves on what becomes of it."""
    if here.case.phase is not Phase.PENDING:
        return None
    message = here.facts.message
    if message is None or message.key != here.case.message_key:
        return _unknown(here)
    match message.stage:
        case MessageStage.PENDING:
            return Decision("message_pending", max(message.valid_until, here.now) + RECHECK)
        case MessageStage.ACCEPTED:
            return _settled(here, message, "message_accepted")
        case MessageStage.REFUSED:
            return _settled(here, message, "message_refused")
        case MessageStage.STOPPED:
            return _settled(here, message, "message_stopped")
        case MessageStage.EXPIRED:
            return _settled(here, message, "message_expired")


def _unknown(here: Situation) -> Decision:
    """The row of the message is gone, and with it whether it was sent: never said again, and
    nobody counts as reached by it."""
    key = here.case.message_key or ""
    title = "A message is not on record"
    task = Give(derive("unknown", key), "engineering", "defect", title, "record")
    event = _settlement(here, MessageStage.EXPIRED)
    return Decision("message_unknown", here.soon, {}, event, task)


def _settled(here: Situation, message: MessageFact, reason: str) -> Decision:
    event = _settlement(here, message.stage)
    return Decision(reason, here.soon, {"medium": str(message.medium)}, event)


def _settlement(here: Situation, stage: MessageStage) -> MessageSettled:
    key = here.case.message_key or ""
    if here.case.reacting is not None or here.case.origin is None:
        return MessageSettled(key, stage)
    step_id = step_of(here.case.origin)
    step = here.step(step_id)
    return MessageSettled(key, stage, step_id, day_of(step) if step is not None else None)


def if_unheard(here: Situation) -> Decision | None:
    """The fallback inside a step: refused late, not delivered in time, or not opened in time."""
    case, step = here.case, here.step(here.case.spoken_step)
    if not isinstance(step, Send) or case.arm is Arm.CONTROL:
        return None
    ask = ask_of(here, step)
    message = last_message_of(here, ask.origin)
    if message is None:
        return None
    over = said_until(here, step, case.spoke_at or message.at)
    missing = _missing_sign(step, message, case.spoke_at or message.at)
    if missing is None or max(here.now, missing[1]) >= over:
        return None
    sign, at = missing
    if here.now < at:
        return Decision("delivery_pending", at)
    said = say(here, ask, step.template, over)
    if isinstance(said, Say):
        params = {"sign": sign, "medium": str(message.medium)}
        return intend(said, "fallback", params, day=day_of(step))
    look_at = again_at(here, said)
    return wait(said, look_at) if look_at is not None and look_at < over else None


def _missing_sign(
    step: Send, message: MessageFact, said_at: datetime
) -> tuple[str, datetime] | None:
    """What there should be a sign of, and since when it is missing."""
    if message.stage is MessageStage.REFUSED and step.policy.on_refusal:
        return "delivery", message.at
    if step.policy.on_no_delivery is not None and not (message.delivered or message.clicked):
        return "delivery", said_at + step.policy.on_no_delivery
    if step.policy.on_no_click is not None and not message.clicked:
        return "a click", said_at + step.policy.on_no_click
    return None


def if_lost(here: Situation) -> Decision | None:
    """What was accepted last has failed, like all that this case said: nobody was reached."""
    message, spoke_at = here.facts.message, here.case.spoke_at
    if message is None or message.key != here.case.message_key or spoke_at is None:
        return None
    if message.stage is not MessageStage.REFUSED or spoke_at <= here.now - REMEMBERED:
        return None
    slots = f"{here.case.key}:"
    own = [contact for contact in here.facts.contacts if contact.slot.startswith(slots)]
    if not own or not all(contact.failed for contact in own):
        return None
    params = {"medium": str(message.medium)}
    return Decision("message_lost", here.soon, params, MessageLost(message.key))
