"""The command line. Results go to standard output, all else to standard error.

Exit codes: 0 well, 1 the work failed, 2 wrong use; 130 stopped by Ctrl+C, as shells know it. Each
command imports what it needs when it runs: all of it would take a second and a half before
`duly --help` says a word.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from app.cli import (
    allowed,
    bench,
    book,
    call,
    campaign,
    charges,
    consent,
    creditor,
    crisis,
    customer,
    data,
    design,
    dispute,
    doctor,
    einvoice,
    evidence,
    explain,
    feedback,
    halt,
    hold,
    hours,
    key,
    lab,
    mail,
    mandate,
    means,
    message,
    notice,
    offer,
    oncall,
    plan,
    policy,
    proof,
    rates,
    replies,
    reply,
    run,
    send_test,
    sender,
    signing,
    statement,
    user,
    walk,
    whatsapp,
)
from app.cli.output import INTERRUPTED, aside, use_utf8
from app.cli.output import note as tell

app = typer.Typer(
    name="duly",
    help="Reminds people of what they owe, the way they like to be reminded.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with locals would print customers' data
    add_completion=False,
)
_ALL = (
    lab, bench, run, halt, walk, campaign, book, statement, charges, rates, offer, einvoice,
    design, policy, explain, signing, creditor, sender, allowed, oncall, crisis, consent, reply,
    call, feedback, dispute, plan, proof, means, hold, hours, notice, mail, mandate, message,
    send_test, replies, evidence, whatsapp, data, key, user, customer, doctor,
)  # fmt: skip
for commands in _ALL:
    commands.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of `duly`; of `sys.argv` unless told otherwise. Ends by `SystemExit`."""
    use_utf8()
    try:
        app(arguments)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            tell("Stopped. What was finished stays; nothing is half-written.")
        raise
    except Exception as problem:  # noqa: BLE001  # told in words that hold no customer's data
        from app.cli.faults import explain

        words, code = explain(problem)
        aside().print(words, style="red", soft_wrap=True)
        sys.exit(code)
