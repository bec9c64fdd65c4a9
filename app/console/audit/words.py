"""What the audit trail says of each act: a sentence, and clauses for what its detail tells.

Each text is marked for its catalogue. `who` did it, `about` is what it was done to; every other
blank is a value of the detail in the reader's words. In Hebrew and Arabic the act is the subject of
its sentence, so that nothing is said of anybody's gender.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from app.web.catalogues import N_

_KIND: Final = N_("Kind of hold: %(kind)s.")
_UNTIL: Final = N_("Until %(until)s.")
_WHY: Final = N_("Why: %(why)s.")
_MEDIUM: Final = N_("By %(medium)s.")
_LOCALE: Final = N_("In %(locale)s.")
_LINKS: Final = N_("Links: %(links)s.")
_PROMISED: Final = N_("%(amount)s by %(day)s.")
_PLANNED: Final = N_("For %(amount)s.")
_CASES: Final = N_("Cases: %(cases)s.")
_STEPS: Final = N_("Steps: %(steps)s.")
_CALLED: Final = N_("How it ended: %(outcome)s.")
_BEATEN: Final = N_("A colleague had it already.")
_ANSWER: Final = N_("With the ready answer: %(answer)s.")
_INTENT: Final = N_("It means: %(intent)s.")
_TASKS: Final = N_("Changed: %(tasks)s, changed meanwhile by others: %(late)s.")
_TEAM: Final = N_("The team: %(team)s.")
_PARTS: Final = N_("Parts: %(parts)s.")
_HELP: Final = N_("What it was: %(help)s.")
_DAYS: Final = N_("Days: %(days)s.")
_TAKEN: Final = N_("It is in the book now.")
_GATEWAY: Final = N_("It is %(gateway)s.")
_COUNTRY: Final = N_("Country: %(country)s.")
_PACKS: Final = N_("They are: %(packs)s.")
_SENT: Final = N_("What came of it: %(outcome)s.")
_OF: Final = N_("Of %(creditor)s alone.")
_BY_MEDIUM: Final = N_("By %(medium)s alone.")
_STOPS: Final = N_("Stops that ended: %(stops)s.")
_VERSION: Final = N_("From version %(version)s.")
_SEQUENCE: Final = N_("From version %(sequence)s.")
_SCOPES: Final = N_("It may: %(scopes)s.")
_SINCE: Final = N_("Since %(since)s.")
_WELL: Final = N_("It answered well.")
_ROLES: Final = N_("Roles: %(roles)s.")
_BEFORE: Final = N_("Before: %(before)s.")
_PURPOSE: Final = N_("For: %(purpose)s.")
_DROPPED: Final = N_("The second factor is off.")
_BY: Final = N_("By: %(by)s.")
_WRONG: Final = N_("Wrong was: %(wrong)s.")
_ENDED: Final = N_("Devices: %(ended)s.")
_SHARED: Final = N_("Everybody sees it.")

ACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "hold_placed": (N_("%(who)s held all cases of %(about)s."), _KIND, _UNTIL, _WHY),
    "hold_released": (N_("%(who)s ended a hold of %(about)s."), _KIND),
    "note_written": (N_("%(who)s wrote a note about %(about)s."),),
    "preference_noted": (
        N_("%(who)s noted how %(about)s wants to be written to."),
        _MEDIUM,
        _LOCALE,
    ),
    "opt_out_noted": (N_("%(who)s noted that %(about)s wants no more messages."), _MEDIUM),
    "wrong_person_reported": (
        N_("%(who)s closed an address of %(about)s: it belongs to somebody else."),
    ),
    "page_links_ended": (N_("%(who)s ended the links of %(about)s to their page."), _LINKS),
    "page_code_shown": (N_("%(who)s had the page’s code for %(about)s shown, to read it out."),),
    "promise_taken": (N_("%(who)s took a promise of %(about)s."), _PROMISED),
    "plan_agreed": (N_("%(who)s agreed on a plan with %(about)s."), _PLANNED),
    "evidence_exported": (N_("%(who)s exported the evidence on %(about)s."),),
    "cases_decided_now": (N_("%(who)s had the cases of %(about)s decided at once."), _CASES),
    "case_put_off": (N_("%(who)s put off a case of %(about)s."),),
    "steps_passed_over": (N_("%(who)s passed over steps in a case of %(about)s."), _STEPS),
    "case_closed": (N_("%(who)s closed a case of %(about)s."),),
    "call_taken": (N_("%(who)s took a call: %(about)s."),),
    "call_given_back": (N_("%(who)s gave back a call: %(about)s."),),
    "call_ended": (N_("%(who)s noted how a call ended: %(about)s."), _CALLED),
    "text_taken": (N_("%(who)s took a text to answer: %(about)s."), _BEATEN),
    "text_given_back": (N_("%(who)s gave back a text: %(about)s."),),
    "text_assigned": (N_("%(who)s assigned a text: %(about)s."),),
    "text_due": (N_("%(who)s set the deadline of a text: %(about)s."),),
    "text_answered": (N_("%(who)s answered a text: %(about)s."), _ANSWER),
    "text_classed": (N_("%(who)s said what a text means: %(about)s."), _INTENT),
    "text_done": (N_("%(who)s read a text, and it asks for nothing: %(about)s."),),
    "text_matched": (N_("%(who)s matched a text to a customer: %(about)s."),),
    "note_kept": (N_("%(who)s kept a note in confidence: %(about)s."),),
    "note_read": (N_("%(who)s read a note kept in confidence: %(about)s."),),
    "note.read": (N_("%(who)s read what was told in confidence: %(about)s."),),
    "means.read": (N_("%(who)s read what a customer told of their means: %(about)s."),),
    "proof.read": (N_("%(who)s took out the proof of a payment: %(about)s."),),
    "customers_held": (N_("%(who)s had several customers held."),),
    "holds_released": (N_("%(who)s had the holds of several customers ended."),),
    "hold_of_many_undone": (N_("%(who)s took back a hold of many."),),
    "tasks_given": (N_("%(who)s had the tasks of several customers given to somebody."),),
    "dispute_entered": (N_("%(who)s entered a dispute of %(about)s."),),
    "hardship_entered": (N_("%(who)s entered that %(about)s has a hard time."),),
    "journey_tried": (N_("%(who)s tried a journey: %(about)s."),),
    "message_approved": (N_("%(who)s approved a message: %(about)s."),),
    "message_refused": (N_("%(who)s did not approve a message: %(about)s."),),
    "messages_approved": (N_("%(who)s approved several messages that are alike."),),
    "task.taken": (N_("%(who)s took a task: %(about)s."),),
    "task.given": (N_("%(who)s gave a task to a colleague: %(about)s."),),
    "task.moved": (N_("%(who)s moved a task to another team: %(about)s."),),
    "task.dated": (N_("%(who)s set the deadline of a task: %(about)s."),),
    "task.done": (N_("%(who)s finished a task: %(about)s."),),
    "task.reopened": (N_("%(who)s opened a task again: %(about)s."),),
    "tasks.take": (N_("%(who)s took several tasks."), _TASKS),
    "tasks.give": (N_("%(who)s gave several tasks to a colleague."), _TASKS),
    "tasks.move": (N_("%(who)s moved several tasks to another team."), _TASKS),
    "tasks.date": (N_("%(who)s set the deadline of several tasks."), _TASKS),
    "tasks.done": (N_("%(who)s finished several tasks."), _TASKS),
    "team.asked": (N_("%(who)s asked another team: %(about)s."), _TEAM),
    "question.answered": (N_("%(who)s answered another team: %(about)s."),),
    "question.withdrawn": (N_("%(who)s took back a question to another team: %(about)s."),),
    "complaint.answered": (N_("%(who)s answered a complaint: %(about)s."),),
    "plan.agreed": (N_("%(who)s agreed to the plan that was asked for: %(about)s."), _PLANNED),
    "plan.declined": (N_("%(who)s declined the plan that was asked for: %(about)s."),),
    "plan.countered": (N_("%(who)s offered another plan: %(about)s."), _PARTS, _UNTIL),
    "dispute.uphold": (N_("%(who)s upheld a dispute: %(about)s."),),
    "dispute.part": (N_("%(who)s upheld a dispute in part: %(about)s."),),
    "dispute.reject": (N_("%(who)s rejected a dispute: %(about)s."),),
    "credit_note.booked": (N_("%(who)s noted that a credit note is booked: %(about)s."),),
    "help.given": (N_("%(who)s gave help: %(about)s."), _HELP),
    "hardship.ended": (N_("%(who)s noted that a hard time is over: %(about)s."),),
    "promise.held": (N_("%(who)s held reminders around a promise of %(about)s."), _DAYS),
    "bank.assigned": (N_("%(who)s booked an entry of the bank: %(about)s."),),
    "bank.aside": (N_("%(who)s put an entry of the bank aside: %(about)s."),),
    "reject.mended": (N_("%(who)s mended a rejected row: %(about)s."), _TAKEN),
    "reject.dropped": (N_("%(who)s left a rejected row out: %(about)s."),),
    "import_uploaded": (N_("%(who)s uploaded a file to import."),),
    "import_mapped": (N_("%(who)s changed what the columns of a file mean."),),
    "import_taken": (N_("%(who)s took a file into the book."),),
    "list_exported": (N_("%(who)s exported a list."),),
    "errand_stopped": (N_("%(who)s stopped work in the background: %(about)s."),),
    "audience_counted": (N_("%(who)s counted an audience at %(about)s."),),
    "campaign_added": (N_("%(who)s made the campaign %(about)s."),),
    "campaign_changed": (N_("%(who)s changed the campaign %(about)s."),),
    "campaign_paused": (N_("%(who)s paused the campaign %(about)s."),),
    "campaign_resumed": (N_("%(who)s let the campaign %(about)s go on."),),
    "colour_set": (N_("%(who)s set the colour of %(about)s."),),
    "logo_set": (N_("%(who)s set the logo of %(about)s."),),
    "logo_removed": (N_("%(who)s removed the logo of %(about)s."),),
    "gateway_chosen": (N_("%(who)s chose who takes the payments of %(about)s."), _GATEWAY),
    "account_set": (N_("%(who)s set the bank account of %(about)s."),),
    "account_removed": (N_("%(who)s removed a bank account of %(about)s."),),
    "offer_added": (N_("%(who)s added a discount of %(about)s."),),
    "offer_ended": (N_("%(who)s ended a discount of %(about)s."),),
    "on_call_added": (N_("%(who)s put somebody on call at %(about)s."),),
    "on_call_removed": (N_("%(who)s took %(about)s off call."),),
    "on_call_waived": (N_("%(who)s answers for it that %(about)s has nobody on call."),),
    "on_call_required": (N_("%(who)s made somebody on call a must at %(about)s."),),
    "creditor_told": (N_("%(who)s changed what messages say of %(about)s."),),
    "limits_set": (N_("%(who)s set the limits of %(about)s."),),
    "page_check_set": (N_("%(who)s set what the pages of %(about)s ask first."),),
    "crisis_line_confirmed": (N_("%(who)s confirmed the crisis line for %(about)s."), _COUNTRY),
    "crisis_line_withdrawn": (N_("%(who)s took back the crisis line for %(about)s."), _COUNTRY),
    "packs_signed": (N_("%(who)s signed rule packs for %(about)s."), _PACKS),
    "pack_withdrawn": (N_("%(who)s took back a signature under a rule pack of %(about)s."),),
    "sender_added": (N_("%(who)s made the sender %(about)s."),),
    "sender_changed": (N_("%(who)s changed the sender %(about)s."),),
    "sender_paused": (N_("%(who)s paused the sender %(about)s."),),
    "sender_resumed": (N_("%(who)s let the sender %(about)s go on."),),
    "sender_tested": (N_("%(who)s sent a test by %(about)s."), _SENT),
    "address_allowed": (N_("%(who)s allowed an address for tests."),),
    "address_disallowed": (N_("%(who)s took back an address for tests."),),
    "sending.stopped": (N_("%(who)s stopped sending."), _OF, _BY_MEDIUM),
    "sending.resumed": (N_("%(who)s let sending go on."), _STOPS),
    "journey.begun": (N_("%(who)s began a draft of the journey %(about)s."), _VERSION),
    "journey.saved": (N_("%(who)s saved the draft of the journey %(about)s."),),
    "journey.submitted": (N_("%(who)s submitted the draft of the journey %(about)s."),),
    "journey.approved": (N_("%(who)s approved the draft of the journey %(about)s."),),
    "journey.rejected": (N_("%(who)s gave back the draft of the journey %(about)s."),),
    "journey.published": (N_("%(who)s published the journey %(about)s."),),
    "journey.withdrawn": (N_("%(who)s put away the draft of the journey %(about)s."),),
    "journey.merged": (
        N_("%(who)s took what was published since into the draft of the journey %(about)s."),
    ),
    "template.begun": (N_("%(who)s began the template %(about)s."),),
    "template.language_begun": (N_("%(who)s began a language of the template %(about)s."), _LOCALE),
    "template.saved": (N_("%(who)s saved the draft of the template %(about)s."), _LOCALE),
    "template.rolled_back": (
        N_("%(who)s began a draft of the template %(about)s from an older version."),
        _SEQUENCE,
    ),
    "template.submitted": (N_("%(who)s submitted the draft of the template %(about)s."),),
    "template.approved": (N_("%(who)s approved the draft of the template %(about)s."),),
    "template.rejected": (N_("%(who)s gave back the draft of the template %(about)s."),),
    "template.published": (N_("%(who)s published the template %(about)s."),),
    "template.withdrawn": (N_("%(who)s put away the draft of the template %(about)s."),),
    "template.merged": (
        N_("%(who)s took what was published since into the draft of the template %(about)s."),
    ),
    "api_key_made": (N_("%(who)s made the API key %(about)s."), _SCOPES),
    "api_key_replaced": (N_("%(who)s replaced the API key %(about)s."),),
    "api_key_revoked": (N_("%(who)s revoked the API key %(about)s."),),
    "webhook_added": (N_("%(who)s added the webhook %(about)s."),),
    "webhook_secret_changed": (N_("%(who)s changed the secret of the webhook %(about)s."),),
    "webhook_paused": (N_("%(who)s paused the webhook %(about)s."),),
    "webhook_resumed": (N_("%(who)s let the webhook %(about)s go on."),),
    "webhook_ended": (N_("%(who)s ended the webhook %(about)s."),),
    "webhook_replayed": (N_("%(who)s had events told again to the webhook %(about)s."), _SINCE),
    "webhook_tested": (N_("%(who)s tested the webhook %(about)s."), _WELL),
    "user_invited": (N_("%(who)s invited %(about)s."), _ROLES),
    "link_made": (
        N_("%(who)s made a link by which %(about)s sets a password."),
        _PURPOSE,
        _DROPPED,
    ),
    "roles_changed": (N_("%(who)s changed the roles of %(about)s."), _BEFORE, _ROLES),
    "user_disabled": (N_("%(who)s keeps %(about)s out."),),
    "user_enabled": (N_("%(who)s let %(about)s in again."),),
    "first_admin_made": (N_("%(who)s came in first, as an administrator."),),
    "password_set": (N_("%(who)s set a password by a link."), _PURPOSE),
    "password_changed": (N_("%(who)s changed their password."),),
    "signed_in": (N_("%(who)s signed in."), _BY),
    "sign_in_failed": (N_("Somebody tried in vain to sign in as %(about)s."), _WRONG),
    "signed_out": (N_("%(who)s signed out."),),
    "session_ended": (N_("%(who)s signed out one of their devices."),),
    "sessions_ended": (N_("%(who)s signed out the devices of %(about)s."), _ENDED),
    "second_factor_on": (N_("%(who)s turned on the second factor."),),
    "second_factor_off": (N_("%(who)s turned off the second factor."),),
    "recovery_codes_made": (N_("%(who)s made new recovery codes."),),
    "profile_changed": (N_("%(who)s changed their own details."),),
    "view_saved": (N_("%(who)s saved a view of a list."), _SHARED),
    "view_deleted": (N_("%(who)s deleted a saved view."),),
}
"""The sentence of each act, and the clauses after it that are said where their blanks are known."""

SAID_IF: Final[Mapping[str, str]] = {
    _BEATEN: "refused",
    _TAKEN: "taken",
    _WELL: "is_well",
    _DROPPED: "second_factor_dropped",
    _SHARED: "shared",
}
"""Clauses without a blank, by the detail that has to be true."""

CODES: Final[Mapping[str, str]] = {
    "password": N_("a password"),
    "code": N_("a code of the app"),
    "first_admin": N_("the first administrator"),
    "invited": N_("an invitation"),
    "forgotten": N_("a forgotten password"),
    "accepted": N_("accepted"),
    "refused": N_("refused"),
    "later": N_("to be tried again later"),
    "unclear": N_("unclear"),
}
"""What short codes of details are called: proofs, purposes of links, outcomes of a test."""

CALLED: Final[Mapping[str, str]] = {
    "customer": N_("Customer"),
    "dunning_case": N_("Case"),
    "promise": N_("Promise"),
    "task": N_("Task"),
    "creditor": N_("Creditor"),
    "campaign": N_("Campaign"),
    "sender": N_("Sender"),
    "draft": N_("Draft"),
    "user": N_("User"),
    "api_key": N_("Key"),
}
"""What people call the kinds of what acts are about, where they look for one."""
_ARTICLE: Final = "ال"  # Arabic


def kinds_called(say: Callable[[str], str]) -> Mapping[str, str]:
    """The kinds by their words, with and without an article; `say` finds those of the reader."""
    found = {say(word).casefold(): kind for kind, word in CALLED.items()}
    return {**{word.removeprefix(_ARTICLE): kind for word, kind in found.items()}, **found}
