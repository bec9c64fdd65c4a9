"""Reasons where each stands for many: their sentences without what would fill their blanks.

A filter or a figure says why many cases stand still, and not until when each of them does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from app.web.catalogues import N_
from campaigns.reasons import REASONS

AT_LARGE: Final[Mapping[str, str]] = {
    "step_due": N_("A step is due."),
    "not_yet": N_("The next step is not due yet."),
    "waiting_for": N_("Waits for an event, and not for ever."),
    "wait_over": N_("Nothing came within the time that the step allows."),
    "wait_met": N_("What the step waited for has happened."),
    "branch_taken": N_("The step leads on to another."),
    "condition_false": N_("The step does not apply: its condition is not met."),
    "superseded": N_("The step was overtaken by a later one: one message says it all."),
    "skipped": N_("The step was passed over by the team."),
    "reaction": N_("Answers something that happened."),
    "task_given": N_("A task was given to a team."),
    "journey_ended": N_("The journey has ended."),
    "reaction_too_late": N_("Too late to answer what happened."),
    "answered_already": N_(
        "Another journey of this customer gave the answer; nobody is told it twice."
    ),
    "confirmed_there": N_("Confirmed where it was done; no message answers it."),
    "noted": N_("Noted: nothing has to be done."),
    "message_refused": N_("Refused for good on this channel."),
    "message_lost": N_("Failed after it was accepted; nobody was reached."),
    "no_fallback": N_("Refused, and no other channel is to be tried."),
    "fallback": N_("No sign of life on this channel; another one is tried."),
    "hold": N_("On hold."),
    "promise_open": N_("The customer promised to pay; nobody writes until the day has passed."),
    "reply_unread": N_("The customer wrote; a person has to read it first."),
    "payment_arriving": N_("A payment is made; the bank has yet to confirm it."),
    "notice_missing": N_("The law wants a notice first; none is on record."),
    "notice_running": N_("The notice must be older before anything else is said."),
    "no_sender": N_("No sender is set up for the channel."),
    "address_invalid": N_("The address is not valid."),
    "address_suppressed": N_("The address must not be used."),
    "sender_unhealthy": N_("The sender is not healthy."),
    "sender_full": N_("The sender has sent all that it may."),
    "template_not_approved": N_("The provider has not approved the template in the language."),
    "template_stopped": N_("The provider forbids the template to the sender."),
    "medium_tried": N_("The channel was already tried for the step."),
    "no_contact": N_("No contact has the role; another one is written to."),
    "not_preferred": N_("The channel is not in the step's order."),
    "outside_hours": N_("Outside the allowed hours."),
    "rest_day": N_("A rest day."),
    "cap_reached": N_("A cap is reached."),
    "gap_not_over": N_("Too little time since the last message."),
    "consent_missing": N_("Consent is required and not on record."),
    "consent_unwritten": N_("Consent is required in writing."),
    "consent_stale": N_("Consent is older than the rule allows."),
    "consent_withdrawn": N_("Consent was withdrawn."),
    "opted_out": N_("The customer opted out."),
    "medium_forbidden": N_("The channel is not allowed here."),
    "link_forbidden": N_("A link is not allowed there."),
    "notice_before": N_("The text may not be said before a notice is given."),
    "clearance_missing": N_("The sender lacks what the rules ask of it."),
    "ledger_stale": N_("The book is older than allowed; import a newer one first."),
    "not_signed_off": N_(
        "The rules are not signed for the creditor; only allowed addresses are written to."
    ),
    "crisis_line_unconfirmed": N_(
        "Nobody has confirmed who listens to somebody in danger;"
        " only allowed addresses are written to."
    ),
    "approval_wanted": N_("Waits until somebody approves it."),
    "approval_void": N_("Approved, but then something changed; it is asked for again."),
    "approval_refused": N_("Not approved; the journey goes on without it."),
    "approval_missing": N_("Nobody approved it in time."),
    "halted": N_("Sending is stopped."),
    "expired": N_("Too late to say."),
    "sender_changed": N_("Another sender speaks on the channel by now, and sends it."),
    "variable_missing": N_("The text needs something that is not known."),
    "field_missing": N_("The law wants something in the text that it does not say."),
    "text_forbidden": N_("The text holds what may not stand there."),
    "template_missing": N_("The template does not exist in the language."),
    "provider_refused": N_("The provider refused."),
    "provider_later": N_("The provider asked to try later."),
}


def at_large(say: Callable[[str], str], code: str) -> str:
    """`say` finds a text in the reader's language. A code that this version does not know stands
    for itself."""
    if code in AT_LARGE:
        return say(AT_LARGE[code])
    return say(REASONS[code].sentence) if code in REASONS else code
