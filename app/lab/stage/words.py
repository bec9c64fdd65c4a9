"""What the timeline calls things. Each text is marked for the catalogue of the stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.catalogues import N_

MEDIA: Final[Mapping[str, str]] = {
    "email": N_("email"),
    "sms": N_("SMS"),
    "whatsapp": N_("WhatsApp"),
    "page": N_("the page"),
}
WEEKDAYS: Final[frozenset[str]] = frozenset(
    (
        N_("Sunday"), N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"),
        N_("Saturday"),
    )
)  # fmt: skip
TEMPLATES: Final[Mapping[str, str]] = {
    "due_soon": N_("A friendly word before the due date"),
    "due_today": N_("A word on the due date"),
    "reminder_first": N_("The first reminder"),
    "reminder_second": N_("The second reminder"),
    "reminder_third": N_("The third reminder"),
    "offer_help": N_("An offer to pay in parts"),
    "notice_handover": N_("The notice before the hand-over"),
    "payment_received": N_("A receipt"),
    "payment_failed": N_("A word about the declined card"),
    "payment_returned": N_("A word about the returned payment"),
    "checkout_abandoned": N_("A word about the payment that was left"),
    "promise_confirmed": N_("A confirmation of the promise"),
    "promise_broken": N_("A word about the promise that has passed"),
    "plan_agreed": N_("A confirmation of the plan"),
    "dispute_received": N_("A confirmation of the dispute"),
    "hardship_received": N_("A calm word, and no more reminders"),
    "opt_out_confirmed": N_("A confirmation of the opt-out"),
    "who_writes": N_("An answer to who we are"),
    "payment_looked_for": N_("An answer: we look for the payment"),
    "choose_a_day": N_("An answer: which day suits"),
    "choose_parts": N_("An answer: parts, as it suits"),
    "invoice_link": N_("An answer: where the documents are"),
    "call_promised": N_("An answer: somebody will call"),
    "plain_words": N_("An answer in plain words"),
    "preference_noted": N_("An answer: noted, as asked"),
    "request_received": N_("An answer: a person answers"),
    "address_closed": N_("A word to somebody else: nothing more is written there"),
    "crisis_line": N_("A warm word, and who listens"),
    "thank_you": N_("A word of thanks"),
    "instalment_soon": N_("A word before an instalment"),
    "debit_soon": N_("A word before a debit"),
    "card_retry": N_("A word about the card, which is tried again"),
    "card_replace": N_("A word about the card, which needs another one"),
    "card_confirm": N_("A word about a payment that the bank wants confirmed"),
    "instalment_missed": N_("A word about an instalment that has passed"),
    "plan_rescue": N_("A way to keep the plan"),
}
JOURNEYS: Final[Mapping[str, str]] = {
    "consumer_before_due": N_("A friendly word before the due date"),
    "consumer_gentle": N_("Gentle reminders"),
    "plan_upkeep": N_("Care for a plan"),
    "service_answers": N_("Answers to what was written"),
}
TEAMS: Final[Mapping[str, str]] = {
    "collections": N_("collections"),
    "finance": N_("finance"),
    "operations": N_("operations"),
    "engineering": N_("engineering"),
    "service": N_("service"),
    "care": N_("the care team"),
}
SIGNALS: Final[Mapping[str, str]] = {
    "payment_received": N_("a payment"),
    "payment_reversed": N_("a payment that was taken back"),
    "payment_declined": N_("a declined card"),
    "checkout_abandoned": N_("a payment page that was left"),
    "promise_made": N_("a promise"),
    "promise_kept": N_("a kept promise"),
    "promise_broken": N_("a broken promise"),
    "plan_agreed": N_("an agreed plan"),
    "instalment_missed": N_("an instalment that has passed"),
    "plan_broken": N_("a broken plan"),
    "invoice_disputed": N_("a dispute"),
    "dispute_resolved": N_("a resolved dispute"),
    "hardship_reported": N_("a call for help"),
    "wrong_person_reported": N_("a stranger's word"),
    "opted_out": N_("an opt-out"),
    "help_asked": N_("a question who we are"),
    "payment_reported": N_("word of a payment"),
    "promise_offered": N_("a will to pay, without a day"),
    "plan_asked": N_("a wish for parts"),
    "invoice_asked": N_("a wish for a copy"),
    "call_asked": N_("a wish for a call"),
    "question_asked": N_("a question what it is about"),
    "preference_given": N_("a wish how to be written to"),
    "request_made": N_("something for a person to answer"),
    "danger_reported": N_("word of danger"),
    "address_disowned": N_("a stranger's word"),
    "reply_received": N_("a reply"),
    "link_clicked": N_("a visit to the page"),
    "address_bounced": N_("a dead address"),
    "hold_released": N_("the end of a hold"),
}
# What happened, and why that matters: plain facts that need nothing but themselves.
FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "payment_declined": (
        N_("The card was declined"),
        N_("That is told calmly, with a way to try again."),
    ),
    "checkout_abandoned": (
        N_("The payment page was left"),
        N_("It was opened, and nothing was paid."),
    ),
    "promise_kept": (N_("The promise was kept"), N_("What was promised has come in.")),
    "instalment_missed": (
        N_("An instalment has passed"),
        N_("Its day and its grace are over; the plan goes on while it can be rescued."),
    ),
    "plan_broken": (N_("The plan was broken"), N_("An instalment did not come in time.")),
    "dispute_resolved": (N_("The dispute was resolved"), N_("The case is decided again.")),
    "hardship_reported": (
        N_("A call for help"),
        N_("Reminders stop, and a person takes over."),
    ),
    "wrong_person_reported": (
        N_("Somebody else has this address"),
        N_("It is not used again, and the pages that were sent there are closed."),
    ),
    "opted_in": (
        N_("Messages may go there again"),
        N_("What had closed it is lifted, and stays on record."),
    ),
    "link_clicked": (
        N_("The page was opened"),
        N_("A medium that is answered is chosen more often."),
    ),
    "address_bounced": (
        N_("The address does not exist"),
        N_("It is not used again; another medium has to do."),
    ),
    "message_failed": (N_("The message did not arrive"), N_("The provider reported it failed.")),
    "message_bounced": (N_("The mail came back"), N_("The mailbox does not take it.")),
    "message_complained": (
        N_("The mail was marked as spam"),
        N_("That is an opt-out, and is taken as one."),
    ),
    "message_unsubscribed": (
        N_("Unsubscribed in the mail program"),
        N_("That is an opt-out, and is taken as one."),
    ),
}
REPLIED: Final[Mapping[str, tuple[str, str]]] = {
    "": (
        N_("An answer came in"),
        N_(
            "No machine answers for a person: all is halted until somebody has read it, three days"
            " at most."
        ),
    ),
    "already_paid": (
        N_("“I have paid already”"),
        N_("Reminders stop while finance looks for the payment."),
    ),
    "paid_already": (
        N_("“I have paid already”"),
        N_("Reminders stop while finance looks for the payment."),
    ),
    "promise": (
        N_("An answer that promises"),
        N_("Inside the creditor's limits it is a promise at once; else a person knows, all waits."),
    ),
    "part_payment": (
        N_("An answer: only a part, for now"),
        N_("Reminders pause, and the page offers parts."),
    ),
    "plan_request": (
        N_("An answer: in parts, please"),
        N_("Reminders pause, and the page offers parts."),
    ),
    "dispute": (
        N_("An answer: something is not right"),
        N_("The invoice that is meant is carved out; where that is not plain, a person asks."),
    ),
    "invoice_copy": (
        N_("An answer: the invoice, please"),
        N_("Answered by itself, with the page that holds the documents."),
    ),
    "call_me": (
        N_("An answer: please call"),
        N_("Somebody has the task; until then nobody writes."),
    ),
    "language": (
        N_("An answer: another language, please"),
        N_("From the next message on, where we write it; else a person looks."),
    ),
    "channel": (
        N_("An answer: elsewhere, please"),
        N_("From the next message on, where there is an address; else a person asks."),
    ),
    "hour": (
        N_("An answer: at other hours, please"),
        N_("From the next message on, within what the law allows."),
    ),
    "thanks": (N_("A word of thanks"), N_("Nothing stops, and nothing is answered.")),
    "complaint": (
        N_("A complaint"),
        N_("It has a day and an owner; nobody writes until it was read."),
    ),
    "special": (
        N_("Something personal"),
        N_("The words are kept apart; the care team reads them, and gets in touch."),
    ),
    "wrong_person": (
        N_("An answer: that is not me"),
        N_("The address is closed; whoever reads it is thanked, and told of no debt."),
    ),
    "opt_out_suspected": (
        N_("An answer that is probably an opt-out"),
        N_("Nobody writes again until a person has decided."),
    ),
}
OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "settled": (N_("Settled: %(journey)s"), N_("Nothing is owed any more; the case is closed.")),
    "handed_over": (
        N_("Handed over: %(journey)s"),
        N_("The journey has ended; people go on from here."),
    ),
    "withdrawn": (N_("Withdrawn: %(journey)s"), N_("Nobody asks any more.")),
    "transferred": (N_("Moved elsewhere: %(journey)s"), N_("Another journey goes on with it.")),
    "exhausted": (N_("Over: %(journey)s"), N_("This journey has said what it had to say.")),
}
TASKS: Final[Mapping[str, str]] = {
    "reply": N_("Read the answer, and reply"),
    "opt_out_suspected": N_("Probably an opt-out: read and decide"),
    "help_often": N_("See whether a machine is writing"),
    "already_paid": N_("Look for the payment"),
    "promise_offered": N_("Agree on a day"),
    "plan_request": N_("Agree on parts"),
    "call_me": N_("Call back"),
    "invoice_copy": N_("Send the copy"),
    "complaint": N_("Answer the complaint"),
    "data_request": N_("Send what is known of her"),
    "danger": N_("Speak to her, now"),
    "legal": N_("Read it, and enter the hold"),
    "answers_often": N_("See whether a machine is writing"),
    "dispute": N_("Look into the dispute"),
    "hardship": N_("Talk, and find a way"),
    "wrong_person": N_("Find the right address"),
    "unclear": N_("Find out whether the message arrived"),
}

ROWS: Final[Mapping[str, str]] = {
    "email": N_("Mail"),
    "sms": N_("SMS"),
    "whatsapp": N_("WhatsApp"),
    "waited": N_("Had to wait"),
    "unsaid": N_("Not said"),
    "answered": N_("Came back"),
}
STANDINGS: Final[Mapping[str, str]] = {
    "open": N_("still open"),
    "settled": N_("settled"),
    "handed_over": N_("handed over"),
    "exhausted": N_("journey ended"),
    "withdrawn": N_("withdrawn"),
    "transferred": N_("moved elsewhere"),
    "control": N_("control group"),
}
HOLDS: Final[Mapping[str, str]] = {
    "dispute": N_("dispute"),
    "hardship": N_("hardship"),
    "reply": N_("an answer to be read"),
    "staff": N_("by staff"),
    "legal": N_("legal"),
    "wrong_person": N_("wrong person"),
}
CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "medium": MEDIA,
    "signal": SIGNALS,
    "outcome": STANDINGS,
    "team": TEAMS,
    "kind": HOLDS,
}
BLANKS: Final[Mapping[str, str]] = {
    "medium": N_("the medium"), "place": N_("the recipient's place"), "day": N_("a day off"),
    "n": N_("some"), "per": N_("period"), "gap": N_("the least gap"), "why": N_("see its record"),
    "kind": N_("of some kind"), "until": N_("its end"), "due": N_("a day"), "as_of": N_("too old"),
    "variable": N_("a fact"), "template": N_("asked for"), "locale": N_("this language"),
    "step": N_("of the journey"), "by": N_("a later one"), "on": N_("a later day"),
    "condition": N_("something holds"),
}  # fmt: skip
