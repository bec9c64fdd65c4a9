"""What a task is called: worded here from its kind, in the reader's language.

The row's own title is English, for the command line and the API. Where one kind is several works,
`ask` of its detail says which; one about a provider's error is told by that. A task that a journey
gives has its author's words: those of a journey that ships are in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row

from app.console.sentences import Sentences
from app.intake.overdue import OVERDUE
from app.web.catalogues import N_
from channels.errors import BY_KIND

KINDS: Final[Mapping[str, str]] = {
    "plan_wished": N_("A plan outside of the limits"),
    "dispute": N_("A disputed invoice"),
    "credit_note": N_("Book a credit note"),
    "hardship": N_("A customer has a hard time"),
    "danger": N_("Somebody may be in danger"),
    "complaint": N_("A complaint"),
    "data_request": N_("A customer asks what we know of them"),
    "message_approval": N_("A message to approve"),
    "message_refused": N_("A message was not approved"),
    "sign_off": N_("Rules changed: sign them again"),
    "approved_text": N_("A text lost its approval"),
    "already_paid": N_("A customer says that it is paid"),
    "import_rejects": N_("Rows of a file stayed out"),
    "question": N_("A question of another team"),
    "asked": N_("Asked of another team: read the answer"),
    "bank_match": N_("Money came in: whose is it?"),
    "bank_return": N_("Money went back: of which payment?"),
    "surplus": N_("Money that settles no invoice"),
    "excess": N_("More went back than is open"),
    "payment_contested": N_("A bank contests a payment"),
    "amount_differs": N_("Another amount was taken than was asked for"),
    "rate_missing": N_("A reference rate is missing"),
    "debit_refused": N_("A debit was refused"),
    "debit_unclear": N_("Was this card debited?"),
    "reply": N_("A reply to read"),
    "message": N_("A message to answer"),
    "unknown_writer": N_("A text of somebody unknown"),
    "call_me": N_("Call a customer at a chosen time"),
    "details_changed": N_("Details have changed: correct the book"),
    "wrong_person": N_("An address belongs to somebody else"),
    "mail_came_back": N_("A mail came back"),
    "hold": N_("A hold to look at"),
    "notice": N_("A notice that the law wants"),
    "defect": N_("A case cannot be decided"),
    "plan_request": N_("A customer wants to pay in parts"),
    "promise_offered": N_("A customer will pay, and no day is agreed"),
    "opt_out_suspected": N_("Probably an opt-out: read and decide"),
    "minor": N_("A child may be reading: find out who, before anybody writes"),
    "legal": N_("A hold that the law knows, by the customer’s word: enter its day"),
    "invoice_copy": N_("A customer wants a copy of an invoice"),
    "language": N_("A customer asks for a language that we do not write"),
    "channel": N_("A customer wants to be written to elsewhere: ask where"),
    "hours": N_("A customer wants to be written to at other hours: enter them"),
    "bereavement": N_("A death was told: read, and get in touch gently"),
    "limitation": N_("A debt is past its limitation date"),
    "reach": N_("Find a way to reach this customer"),
    "wording": N_("A message lacks what a rule wants, or holds what it forbids"),
    "complaints": N_("Too many recipients complain: the sender is paused"),
    "rating": N_("WhatsApp rates a number of ours worse"),
    "callback_problem": N_("What a provider told could not be taken in"),
    "endpoint_problem": N_("A webhook does not answer well"),
    "erased_again": N_("A file brings a customer who was erased: nobody is written to"),
    "help_often": N_("Help was asked for too often: a machine may be answering ours"),
    "answers_often": N_("Too many texts were answered: a machine may be writing"),
    "reply.which_invoice": N_("An invoice is contested, and not which: read and ask"),
    "reply.angry": N_("A customer is angry: read, and decide who speaks to them"),
    "reply.explain": N_("A customer does not understand what we wrote: explain it"),
    "reply.more": N_("A reply says more than could be done at once: read"),
    "reply.whose": N_("Perhaps somebody else’s address: read and decide"),
    "defect.message": N_("A message cannot be written"),
    "defect.record": N_("A message is not on record"),
    "notice.overdue": N_("Give the notice that is overdue, then put it on record"),
    "notice.handover": N_("Give the notice that comes before hand-over"),
    "notice.payment": N_("A payment came in: make the notice that the law wants"),
    "approved_text.category": N_("WhatsApp moved a text to another category"),
    "unclear": N_("Did this message go out?"),
}


def words_of(row: Row[Any]) -> str:
    """The marked text of a task's title; "" for one whose title is an author's own."""
    error = BY_KIND.get(row.detail.get("error", ""))
    if error is not None:
        return error.sentence
    ask = row.detail.get("ask", "")
    return KINDS.get(f"{row.kind}.{ask}") or KINDS.get(row.kind, "")


def title_of(said: Sentences, row: Row[Any]) -> str:
    """The title in the reader's language, or as its author wrote it."""
    words = words_of(row)
    return said.say(words) if words else said.authored(own_title(row))


def own_title(row: Row[Any]) -> str:
    """As it was written, without the mark that its day has passed: that is said beside it."""
    return str(row.title).removeprefix(OVERDUE)
