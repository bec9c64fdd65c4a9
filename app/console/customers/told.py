"""What the timeline says of each kind of event: its group, its tone, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from app.web.catalogues import N_

Tone = Literal["sent", "held", "heard", "money", "stop", "work", "turn"]


class Group(StrEnum):
    """What a timeline can be narrowed to."""

    MESSAGES = "messages"
    UNSENT = "unsent"
    REPLIES = "replies"
    VISITS = "visits"
    MONEY = "money"
    ARRANGEMENTS = "arrangements"
    DISPUTES = "disputes"
    CONSENTS = "consents"
    HOLDS = "holds"
    TASKS = "tasks"
    NOTES = "notes"
    JOURNEY = "journey"


GROUPS: Final[Mapping[str, str]] = {
    Group.MESSAGES: N_("Messages"),
    Group.UNSENT: N_("Not sent, and why"),
    Group.REPLIES: N_("Replies and calls"),
    Group.VISITS: N_("Visits to the page"),
    Group.MONEY: N_("Invoices and payments"),
    Group.ARRANGEMENTS: N_("Promises and plans"),
    Group.DISPUTES: N_("Disputes and help"),
    Group.CONSENTS: N_("Consents and wishes"),
    Group.HOLDS: N_("Holds"),
    Group.TASKS: N_("Tasks"),
    Group.NOTES: N_("Notes"),
    Group.JOURNEY: N_("Steps of the journey"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """`what` may have blanks that only its own rows fill."""

    group: Group
    tone: Tone
    what: str
    why: str = ""


_MESSAGE, _REPLY, _MONEY = Group.MESSAGES, Group.REPLIES, Group.MONEY
_ARRANGED, _DISPUTE, _WISH = Group.ARRANGEMENTS, Group.DISPUTES, Group.CONSENTS
_JOURNEY: Final = Group.JOURNEY

EVENTS: Final[Mapping[str, Told]] = {
    "message_accepted": Told(_MESSAGE, "sent", N_("Sent by %(medium)s: %(title)s")),
    "message_refused": Told(Group.UNSENT, "held", N_("Refused by %(medium)s: %(title)s")),
    "message_unclear": Told(
        Group.UNSENT,
        "held",
        N_("Nobody knows whether it left by %(medium)s: %(title)s"),
        N_("The provider gave no clear answer. It is never sent twice blindly."),
    ),
    "message_deferred": Told(
        Group.UNSENT,
        "held",
        N_("The provider of %(medium)s asks to wait: %(title)s"),
        N_("That is no refusal; the message is kept and tried again."),
    ),
    "approval_wanted": Told(
        Group.UNSENT,
        "work",
        N_("A message waits to be approved"),
        N_("It does not go before somebody of the team has seen it."),
    ),
    "message_approved": Told(_MESSAGE, "work", N_("A message was approved")),
    "message_not_approved": Told(
        Group.UNSENT,
        "held",
        N_("A message was not approved"),
        N_("The journey goes on without it."),
    ),
    "message_delivered": Told(_MESSAGE, "sent", N_("Delivered: %(title)s")),
    "message_read": Told(_MESSAGE, "sent", N_("Delivered and read: %(title)s")),
    "message_failed": Told(
        _MESSAGE, "stop", N_("Did not arrive: %(title)s"), N_("The provider reported it failed.")
    ),
    "message_bounced": Told(
        _MESSAGE, "stop", N_("The mail came back: %(title)s"), N_("The mailbox does not take it.")
    ),
    "message_complained": Told(
        _WISH, "stop", N_("The mail was marked as spam"), N_("That counts as an opt-out.")
    ),
    "message_unsubscribed": Told(
        _WISH, "stop", N_("Unsubscribed in the mail program"), N_("That counts as an opt-out.")
    ),
    "message_answered": Told(_REPLY, "sent", N_("The team wrote an answer")),
    "address_bounced": Told(
        _MESSAGE, "stop", N_("An address does not exist"), N_("It is not used again.")
    ),
    "MessageLost": Told(_MESSAGE, "stop", N_("Nobody was reached"), N_("Another medium is tried.")),
    "reply_received": Told(_REPLY, "heard", N_("A reply by %(medium)s")),
    "text_received": Told(_REPLY, "heard", N_("A text came in")),
    "mail_note_received": Told(
        _REPLY, "heard", N_("A machine answered"), N_("Such as an absence note: nobody wrote.")
    ),
    "call_asked": Told(_REPLY, "heard", N_("The customer asks for a call")),
    "call_arranged": Told(_REPLY, "heard", N_("A call was arranged")),
    "call_cancelled": Told(_REPLY, "heard", N_("The call was cancelled")),
    "call_made": Told(_REPLY, "work", N_("Somebody of the team called")),
    "phone_called": Told(_REPLY, "work", N_("Somebody of the team called")),
    "help_asked": Told(_REPLY, "heard", N_("The customer asks who writes")),
    "help_unanswered": Told(_REPLY, "held", N_("A question who writes was not answered")),
    "question_asked": Told(_REPLY, "heard", N_("The customer asks what it is about")),
    "invoice_asked": Told(_REPLY, "heard", N_("The customer asks for the invoice")),
    "request_made": Told(
        _REPLY, "heard", N_("A request that a person answers"), N_("The team has a task.")
    ),
    "feedback_given": Told(_REPLY, "heard", N_("The customer said how it was for them")),
    "link_clicked": Told(
        Group.VISITS,
        "heard",
        N_("The customer opened their page"),
        N_("A person pressed the button: visits of scanners are not counted."),
    ),
    "page_link_ended": Told(Group.VISITS, "turn", N_("A link to the page was ended")),
    "invoice_received": Told(_MONEY, "money", N_("Invoice %(number)s: %(amount)s")),
    "invoice_changed": Told(_MONEY, "money", N_("Invoice %(number)s was changed")),
    "payment_received": Told(_MONEY, "money", N_("A payment: %(amount)s")),
    "payment_reversed": Told(
        _MONEY, "stop", N_("A payment went back"), N_("What it had settled is open again.")
    ),
    "payment_declined": Told(_MONEY, "stop", N_("A card was declined")),
    "charge_declined": Told(_MONEY, "stop", N_("A debit was declined")),
    "debit_withheld": Told(_MONEY, "held", N_("A debit was not made")),
    "checkout_abandoned": Told(
        _MONEY, "money", N_("The payment page was left"), N_("It was opened, and nothing was paid.")
    ),
    "payment_reported": Told(
        _MONEY, "heard", N_("The customer says that it is paid"), N_("Finance looks for it.")
    ),
    "proof_read": Told(_MONEY, "work", N_("The team looked at a proof of payment")),
    "promise_made": Told(_ARRANGED, "heard", N_("A promise: %(amount)s by %(day)s")),
    "promise_kept": Told(_ARRANGED, "money", N_("The promise was kept")),
    "promise_broken": Told(
        _ARRANGED,
        "stop",
        N_("The promise was not kept"),
        N_("Its day and its grace are over, and it has not come in."),
    ),
    "promise_offered": Told(_ARRANGED, "heard", N_("The customer wants to pay, and named no day")),
    "plan_agreed": Told(_ARRANGED, "heard", N_("A plan was agreed: %(amount)s in parts")),
    "plan_asked": Told(_ARRANGED, "heard", N_("The customer asks to pay in parts")),
    "plan_changed": Told(_ARRANGED, "turn", N_("The plan was changed")),
    "instalment_moved": Told(_ARRANGED, "turn", N_("An instalment was moved")),
    "instalment_spread": Told(_ARRANGED, "turn", N_("An instalment was spread over the others")),
    "instalment_missed": Told(
        _ARRANGED,
        "stop",
        N_("An instalment was missed"),
        N_("The plan goes on while it can be rescued."),
    ),
    "plan_broken": Told(
        _ARRANGED, "stop", N_("The plan is broken"), N_("An instalment did not come in time.")
    ),
    "plan_completed": Told(_ARRANGED, "money", N_("The plan is paid in full")),
    "invoice_disputed": Told(
        _DISPUTE,
        "heard",
        N_("Invoice %(number)s is disputed"),
        N_("Nobody asks for it until a person has decided."),
    ),
    "dispute_resolved": Told(
        _DISPUTE, "turn", N_("The dispute was decided"), N_("The case is decided again.")
    ),
    "hardship_reported": Told(
        _DISPUTE, "heard", N_("A call for help"), N_("Reminders stop, and a person takes over.")
    ),
    "danger_reported": Told(
        _DISPUTE, "stop", N_("Somebody may be in danger"), N_("Only a person speaks to them now.")
    ),
    "special_note_read": Told(_DISPUTE, "work", N_("A confidential note was read")),
    "means_read": Told(_DISPUTE, "work", N_("The customer's means were read")),
    "wrong_person_reported": Told(
        _WISH,
        "stop",
        N_("The address belongs to somebody else"),
        N_("It is not used again, and the pages sent there are closed."),
    ),
    "address_disowned": Told(_WISH, "stop", N_("A stranger reads this address")),
    "opted_out": Told(
        _WISH,
        "stop",
        N_("An opt-out: %(medium)s"),
        N_("It took effect at once. Nobody writes there again."),
    ),
    "opted_in": Told(
        _WISH, "heard", N_("Messages may go there again"), N_("What had closed it is lifted.")
    ),
    "preference_given": Told(_WISH, "heard", N_("The customer said how to be written to")),
    "choice_made": Told(_WISH, "heard", N_("A choice was put on record")),
    "choice_lifted": Told(_WISH, "turn", N_("A choice was given back")),
    "choice_contradicted": Told(
        _WISH, "held", N_("The book says otherwise than the customer"), N_("The customer counts.")
    ),
    "details_confirmed": Told(_WISH, "heard", N_("The customer confirmed their details")),
    "hold_released": Told(
        Group.HOLDS, "turn", N_("A hold has ended"), N_("The case is decided again.")
    ),
    "task_overdue": Told(Group.TASKS, "held", N_("The day of a task has passed")),
    "task_question_asked": Told(Group.TASKS, "work", N_("Asked of %(team)s")),
    "task_question_answered": Told(Group.TASKS, "work", N_("Answered by %(team)s")),
    "task_question_withdrawn": Told(
        Group.TASKS, "turn", N_("A question to %(team)s was taken back")
    ),
    "alarm_raised": Told(Group.TASKS, "stop", N_("The person on call was alarmed")),
    "alarm_called": Told(Group.TASKS, "work", N_("The person on call was called")),
    "alarm_taken": Told(Group.TASKS, "work", N_("The person on call has taken it")),
    "customer_erased": Told(
        _JOURNEY, "stop", N_("The customer was erased"), N_("Nobody writes any more.")
    ),
    "customer_returned": Told(_JOURNEY, "turn", N_("The customer is in the book again")),
    "CaseOpened": Told(_JOURNEY, "turn", N_("A case was opened: %(journey)s")),
    "CaseClosed": Told(_JOURNEY, "turn", N_("The case was closed: %(outcome)s")),
    "StepPassed": Told(_JOURNEY, "turn", N_("Passed over: %(step)s")),
    "BranchTaken": Told(_JOURNEY, "turn", N_("The journey branches")),
    "WaitBegan": Told(_JOURNEY, "turn", N_("The journey waits")),
    "WaitEnded": Told(_JOURNEY, "turn", N_("The wait is over")),
    "MessageSettled": Told(Group.UNSENT, "held", N_("Stopped before it left: %(title)s")),
}
"""By kind. `MessageIntended` and `TaskGiven` are told by the message and the task themselves."""
SILENT: Final = frozenset({"MessageIntended", "TaskGiven", "message_sent"})
INTENTS: Final[Mapping[str, str]] = {
    "already_paid": N_("says that it is paid"),
    "paid_already": N_("says that it is paid"),
    "promise": N_("promises to pay"),
    "part_payment": N_("can pay a part for now"),
    "plan_request": N_("asks to pay in parts"),
    "dispute": N_("says that something is not right"),
    "invoice_copy": N_("asks for the invoice"),
    "call_me": N_("asks for a call"),
    "language": N_("asks for another language"),
    "channel": N_("asks for another medium"),
    "hour": N_("asks for other hours"),
    "thanks": N_("says thank you"),
    "complaint": N_("complains"),
    "special": N_("told something in confidence"),
    "hardship": N_("cannot pay now"),
    "wrong_person": N_("is somebody else"),
    "opt_out": N_("wants no more messages"),
    "opt_out_suspected": N_("probably wants no more messages"),
    "help": N_("asks who writes"),
    "unclear": N_("could not be read by a machine"),
}
