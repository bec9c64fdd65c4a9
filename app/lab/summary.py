"""A demo's figures as a person reads them: 80 columns, plain characters, no need of colour."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.lab.law_at_work import LawAtWork
from app.lab.result import DemoResult
from campaigns.money import Money
from campaigns.reasons import REASONS

WIDTH = 78
LANGUAGES = {"he": "Hebrew", "ar": "Arabic", "lt": "Lithuanian", "en": "English", "de": "German"}
MEDIA = {"email": "email", "sms": "SMS", "whatsapp": "WhatsApp"}
_BLANKS: Mapping[str, str] = {
    "medium": "the medium", "place": "the recipient's place", "day": "weekend or holiday",
    "n": "messages", "per": "period", "gap": "the least gap", "why": "see its record",
    "kind": "of some kind", "until": "its end", "due": "a day", "as_of": "its date is past",
    "variable": "a fact", "template": "asked for", "locale": "this language",
    "role": "that is asked for", "instead": "another one", "sign": "delivery",
    "signal": "to the same event",
}  # fmt: skip
RESPONSES: Mapping[str, str] = {
    "link_clicked": "opened their page",
    "payment_received": "payments came in",
    "payment_reversed": "payments were taken back",
    "payment_declined": "cards were declined",
    "checkout_abandoned": "left the payment page",
    "promise_made": "promised a day",
    "promise_kept": "kept their promise",
    "promise_broken": "broke their promise",
    "promise_offered": "said that they will pay",
    "plan_agreed": "agreed to a plan",
    "plan_asked": "asked to pay in parts",
    "plan_changed": "moved a part of their plan",
    "instalment_missed": "let an instalment pass",
    "plan_broken": "broke their plan",
    "payment_reported": "said that it is paid",
    "invoice_disputed": "disputed an invoice",
    "dispute_resolved": "disputes were decided",
    "invoice_asked": "asked for a copy",
    "question_asked": "did not understand us",
    "call_asked": "asked for a call",
    "call_arranged": "chose when we call",
    "call_cancelled": "took a call back",
    "preference_given": "chose a language, a channel or hours",
    "details_confirmed": "looked over their details",
    "request_made": "wrote what a person answers",
    "message_answered": "were answered by a person",
    "danger_reported": "may be in danger",
    "hold_released": "pauses ended",
    "hardship_reported": "asked for help",
    "wrong_person_reported": "said that they are somebody else",
    "address_disowned": "wrote from an address that is not theirs",
    "opted_out": "opted out",
    "help_asked": "asked who we are",
    "reply_received": "wrote back",
    "address_bounced": "addresses turned out dead",
}


def render_summary(result: DemoResult, console: Console) -> None:
    """Prints what went out, what came back, what was collected, what was not sent and why, and
    last the ten promises."""
    console.print(
        f"\n{result.customers} simulated customers, {result.days} days, walked in"
        f" {result.seconds:.0f} s. Nothing left this machine.",
        markup=False,
    )
    console.print(f"Cases: {_listed(result.cases)}.", markup=False, width=WIDTH)
    _section(console, f"What went out: {result.sent} messages")
    _row(console, "by medium", _named(result.by_medium, MEDIA))
    _row(console, "by language", _named(result.by_locale, LANGUAGES))
    _section(console, "What came back")
    for kind, count in result.responses.items():
        _row(console, str(count), RESPONSES[kind])
    _section(console, "What was collected (simulated money)")
    for currency, owed in result.owed.items():
        _money(console, currency, result.collected.get(currency, 0), owed)
    wrong, examined = result.ledger.violations, result.ledger.examined
    _row(console, "ledger", f"{wrong} of {examined} rows do not add up")
    _section(console, "What was not sent, and why")
    _reasons(console, result.not_sent)
    _section(console, "What had to wait, or to take another way, and why")
    _reasons(console, result.moved)
    _law(console, result.law)
    _promises(console, result)


def _law(console: Console, law: LawAtWork) -> None:
    _section(console, "What the law did")
    for medium, hours in law.hours.items():
        at = ", ".join(f"{hour:02} h {count}" for hour, count in hours.items())
        _row(console, MEDIA.get(medium, medium), f"sent by the recipient's clock: {at}")
    for rule, count in law.refusals.items():
        _row(console, str(count), f"refused by {rule}")
    for notice, count in law.notices.items():
        _row(console, str(count), f"on record: {notice.replace('_', ' ')}")
    for task, count in law.tasks.items():
        _row(console, str(count), f"for a person: {task.replace('_', ' ')}")
    for line in law.charges:
        _row(console, "by law", line)


def _section(console: Console, title: str) -> None:
    console.print(Text(f"\n{title}", style="bold"))


def _row(console: Console, left: str, right: str) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=12, justify="right")
    table.add_column(width=WIDTH - 18)
    table.add_row(Text(left), Text(right))
    console.print(Padding(table, (0, 0, 0, 2)))


def _money(console: Console, currency: str, collected: int, owed: int) -> None:
    came, of = Money(collected, currency).decimal, Money(owed, currency).decimal
    share = f" ({collected / owed:.0%})" if owed else ""
    _row(console, currency, f"{came:,.2f} of {of:,.2f} that fell due{share}")


def _reasons(console: Console, counts: Mapping[str, int]) -> None:
    if not counts:
        _row(console, "0", "Everything was sent.")
    for code, count in counts.items():
        _row(console, str(count), f"{_sentence(code)} [{code}]")


def _sentence(code: str) -> str:
    """The reason's own sentence; what differs from case to case is said in general."""
    reason = REASONS.get(code)
    if reason is None:
        return code
    said = reason.say(_BLANKS).replace("The the medium address", "The address")
    said = said.replace("The the ", "The ")
    return said[:1].upper() + said[1:]


def _promises(console: Console, result: DemoResult) -> None:
    table = Table(title="The ten promises, asked of this database", box=None, title_style="bold")
    table.add_column("", justify="right")
    table.add_column("promise", max_width=44)
    table.add_column("broken", justify="right")
    table.add_column("examined", justify="right")
    for promise in result.promises:
        broken = "tests only" if promise.violations is None else str(promise.violations)
        table.add_row(str(promise.number), Text(promise.name), broken, str(promise.examined))
    console.print()
    console.print(table, width=WIDTH)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


def _named(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    return ", ".join(f"{names.get(name, name)} {count}" for name, count in counts.items())
