"""Every reason that a decision or a refusal may carry: a stable code and a sentence for staff.

The sentence is filled with the refusal's `params`; a test holds `docs/reasons.md` to this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    sentence: str

    def say(self, params: Mapping[str, str]) -> str:
        """The sentence with its blanks filled; a blank without a value stays visible as «name»."""
        return self.sentence.format_map(_Visible(params))


class _Visible(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"«{key}»"


_REASONS = (
    # What a case does
    Reason("step_due", "Step {step} is due."),
    Reason("not_yet", "The next step, {step}, is due on {on}."),
    Reason("message_pending", "Waits for the outcome of the message it sent."),
    Reason("delivery_pending", "Accepted by the provider; waits for a sign of delivery."),
    Reason("waiting_for", "Waits for {signal}, until {until} at the latest."),
    Reason("wait_over", "Nothing came within the time that step {step} allows."),
    Reason("wait_met", "What step {step} waited for has happened."),
    Reason("branch_taken", "Step {step} leads on to {target}."),
    Reason("condition_false", "Step {step} applies only when {condition}."),
    Reason("told_already", "Another message named this invoice a few days ago."),
    Reason("superseded", "Step {step} was overtaken by {by}: one message says it all."),
    Reason("skipped", "Step {step} was passed over by the team ({by})."),
    Reason("reaction", "Answers {signal}."),
    Reason("task_given", "A task was given to {team}."),
    Reason("settled", "What it was about is paid."),
    Reason("subject_over", "What it was about has ended: the plan or the date was changed."),
    Reason("journey_ended", "The journey has ended: {outcome}."),
    Reason("never_reached", "Ended without hand-over: no message ever reached the customer."),
    Reason("reaction_too_late", "Too late to answer {signal}."),
    Reason(
        "answered_already",
        "Another journey of this customer gave the answer ({signal}); nobody is told it twice.",
    ),
    Reason("confirmed_there", "Confirmed where it was done ({signal}); no message answers it."),
    Reason("noted", "Noted: {signal}."),
    Reason("message_accepted", "The provider took the message."),
    Reason("message_refused", "Refused for good on {medium}."),
    Reason("message_stopped", "Stopped before it was sent; decided again."),
    Reason("message_expired", "Not said in time, or not approved; the journey goes on."),
    Reason("message_unknown", "The message is no longer on record, so it is not said again."),
    Reason("message_lost", "Failed on {medium} after it was accepted; nobody was reached."),
    Reason("no_fallback", "Refused on {medium}, and no other medium is to be tried."),
    Reason("fallback", "No sign of {sign} on {medium}; another medium is tried."),
    Reason("steps_over", "No step is left."),
    Reason("defect", "This case cannot be decided; engineering has a task."),
    Reason("closed", "The case is closed."),
    Reason("erased", "The customer was erased; nobody writes any more."),
    # What stops a case
    Reason("dispute_open", "All that is owed is disputed; the dispute must be resolved first."),
    Reason("hold", "On hold ({kind}) until {until}."),
    Reason("promise_open", "The customer promised to pay by {due}; nobody writes before {until}."),
    Reason("plan_running", "A payment plan is running; it has its own reminders."),
    Reason("reply_unread", "The customer wrote; a person has to read it first (until {until})."),
    Reason(
        "payment_arriving", "A payment is made; the bank has yet to confirm it (until {until})."
    ),
    Reason("limitation_passed", "The debt is past its limitation date; only a person may ask."),
    Reason("notice_missing", "The law wants a notice first ({notice}, {by}); none is on record."),
    Reason("notice_running", "The notice ({notice}) must be older: it is so on {until}."),
    Reason("control_arm", "In the control group, which nobody contacts: it shows the effect."),
    # Which medium
    Reason("no_address", "No address or number is known for this customer."),
    Reason("no_medium_left", "Every medium was tried or refused."),
    Reason("no_sender", "No sender is set up for {medium}."),
    Reason("address_invalid", "The {medium} address is not valid."),
    Reason("address_suppressed", "The {medium} address must not be used: {why}."),
    Reason("sender_unhealthy", "The sender for {medium} is not healthy: {why}."),
    Reason("sender_full", "The sender for {medium} has sent all that it may; room at {until}."),
    Reason("template_not_approved", "The provider has not approved the template in {locale}."),
    Reason("template_stopped", "The provider forbids this template to the sender for {medium}."),
    Reason("medium_tried", "{medium} was already tried for this step."),
    Reason("no_contact", "No contact has the role {role}; {instead} is written to."),
    Reason("reads_along", "This contact only gets copies."),
    Reason("not_preferred", "{medium} is not in the step's order."),
    # Policy
    Reason("unknown_zone", "The recipient's time zone is unknown."),
    Reason("outside_hours", "Outside the allowed hours of {place}."),
    Reason("rest_day", "A rest day in {place}: {day}."),
    Reason("cap_reached", "The cap of {n} per {per} is reached."),
    Reason("gap_not_over", "Less than {gap} since the last message."),
    Reason("consent_missing", "Consent for {medium} is required and not on record."),
    Reason("consent_unwritten", "Consent for {medium} is required in writing."),
    Reason("consent_stale", "Consent for {medium} is older than the rule allows."),
    Reason("consent_withdrawn", "Consent for {medium} was withdrawn."),
    Reason("opted_out", "The customer opted out of {medium}."),
    Reason("medium_forbidden", "{medium} is not allowed here: {why}."),
    Reason("link_forbidden", "A link is not allowed in {medium} to {place}."),
    Reason("notice_before", "The text may not be said before the notice ({notice}) is given."),
    Reason("clearance_missing", "The sender has no {what} on record for {pack}."),
    Reason("ledger_stale", "The book is older than allowed ({as_of}); import a newer one first."),
    # The gate and the provider
    Reason("facts_changed", "The facts changed after the text was written; it is written anew."),
    Reason("gate_void", "The gate was passed too long ago; it is asked again."),
    Reason(
        "not_signed_off",
        "The rules of {pack} are not signed for this creditor; only allowed addresses are written"
        " to.",
    ),
    Reason(
        "nobody_on_call",
        "Nobody is on call for this creditor when somebody may be in danger; only allowed addresses"
        " are written to.",
    ),
    Reason(
        "crisis_line_unconfirmed",
        "Nobody has confirmed who listens in {place} to somebody in danger; only allowed addresses"
        " are written to.",
    ),
    Reason("approval_wanted", "Waits until somebody of {team} approves it."),
    Reason("approval_void", "Approved, but then {changed} changed; {team} is asked again."),
    Reason("approval_refused", "Not approved by {by}; the journey goes on without it."),
    Reason("approval_missing", "Nobody of {team} approved it before {until}."),
    Reason("halted", "Sending is stopped ({what}, by {by})."),
    Reason("expired", "Too late to say: it was valid until {until}."),
    Reason("paid_meanwhile", "Paid before it could be sent."),
    Reason("sender_changed", "Another sender speaks for {medium} by now, and sends it."),
    Reason("case_closed", "The case was closed before it could be sent."),
    Reason("variable_missing", "The text needs {variable}, which is not known."),
    Reason("field_missing", "The law wants {field} in the text; it does not say that on {medium}."),
    Reason("text_forbidden", "The text holds what may not stand there on {medium}: {what}."),
    Reason("template_missing", "The template {template} does not exist in {locale}."),
    Reason("provider_refused", "The provider refused: {why}."),
    Reason("provider_later", "The provider asked to try later: {why}."),
    Reason(
        "outcome_unclear", "It is not known whether the provider took it; it is not sent again."
    ),
)

REASONS: Mapping[str, Reason] = MappingProxyType({reason.code: reason for reason in _REASONS})


def sentence(code: str, params: Mapping[str, str] | None = None) -> str:
    """The reason as staff read it. Raises `KeyError` for a code that does not exist."""
    return REASONS[code].say(params or {})
