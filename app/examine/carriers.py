"""What is looked at of those who carry messages and money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.examine.findings import Amiss, reworded
from campaigns.worded import joined, worded

if TYPE_CHECKING:
    from app.payments.choice import Gateways
    from app.settings import Settings
    from app.store.engines import Database


def senders(settings: Settings, database: Database) -> str:
    """Whether each active sender has a channel that carries for it."""
    from sqlmodel import col, select

    from app.delivery.carriers import providers
    from app.store.rows import Sender
    from channels.registry import CHANNELS

    known = providers(settings)
    carried = {f"{medium} by {name}" for medium, name in CHANNELS if name in known}
    with database.read() as session:
        active = session.exec(select(Sender).where(col(Sender.active))).all()
    strange = sorted({f"{sender.medium} by {sender.provider}" for sender in active} - carried)
    if strange:
        raise Amiss(
            worded(
                "no channel for %(senders)s. Set up that provider (DULY_PROVIDER and its own"
                " settings), or give these senders another one",
                senders=", ".join(strange),
            )
        )
    return worded(
        "%(count)s active; there is %(channels)s",
        count=len(active),
        channels=", ".join(sorted(carried)) or worded("no channel"),
    )


def twilio(settings: Settings, database: Database) -> str:
    """Whether Twilio answers and knows us, and whether our senders and webhooks are right there."""
    from sqlmodel import col, select

    from app.store.rows import ApprovedText, Sender

    with database.read() as session:
        ours = select(Sender).where(col(Sender.active), Sender.provider == "twilio")
        senders = session.exec(ours).all()
        texts = session.exec(select(ApprovedText.status)).all()
    if not settings.twilio:
        if senders:
            raise Amiss(
                worded("senders of twilio have no account. Set DULY_TWILIO_ACCOUNT and its token")
            )
        return worded("not set up")
    problems = _problems_at_twilio(settings, [s.address for s in senders if s.medium == "sms"])
    if problems:
        raise Amiss(worded("%(problems)s. See docs/twilio.md", problems=joined(problems, ". ")))
    approved = sum(status == "approved" for status in texts)
    return worded(
        "%(senders)s senders; %(approved)s of %(texts)s texts for WhatsApp are approved",
        senders=len(senders),
        approved=approved,
        texts=len(texts),
    )


def _problems_at_twilio(settings: Settings, senders: Sequence[str]) -> list[str]:
    import asyncio

    from channels.twilio_account import account_problem, sender_problem
    from channels.twilio_api import TwilioApi

    async def asked() -> list[str]:
        api = TwilioApi.from_settings(settings.twilio)
        try:
            found = [await account_problem(api)]
            if found == [None]:
                webhook = settings.twilio["callback"]
                found = [await sender_problem(api, each, webhook) for each in senders]
            return reworded(problem for problem in found if problem is not None)
        finally:
            await api.close()

    return asyncio.run(asked())


def gateways(settings: Settings, database: Database, made: Gateways) -> str:
    """Whether whoever takes the payments is set up, answers, and calls us back."""
    from app.payments.choice import choices
    from app.payments.gateway import Examined, GatewayError
    from app.payments.sandbox_gateway import NAME as SANDBOX

    with database.read() as session:
        chosen = {name or settings.gateway for name, _ in choices(session).values()}
    words: list[str] = []
    for name in sorted(chosen | {settings.gateway}):
        if name == SANDBOX and settings.plays_money:
            words.append(worded("the sandbox, which moves no money"))
            continue
        try:
            gateway = made.chosen(name)
            hook = f"{settings.base_url}/webhooks/{name}"
            words.append(gateway.examine(hook) if isinstance(gateway, Examined) else name)
        except GatewayError as problem:
            raise Amiss(str(problem)) from problem
    return joined(words, "; ")


def mail(settings: Settings, database: Database) -> str:
    """Whether the providers of mail can be reached, let us in, and take our senders."""
    from app.examine.mail import mail_problems

    if settings.provider == "sandbox":
        return worded("the sandbox carries it")
    problems = mail_problems(settings, database)
    if problems:
        raise Amiss(joined(problems, ". "))
    return worded("its providers let us in and take our senders")


def domains(_settings: Settings, database: Database) -> str:
    """Whether the domains of our mailboxes have SPF, DKIM and DMARC."""
    from app.examine.mail import domain_problems
    from channels.mail_domain import NoDns, dns_lookup

    try:
        names, problems = domain_problems(database, dns_lookup())
    except NoDns as silent:
        raise Amiss(
            worded(
                "DNS does not answer here (%(why)s), so nothing is known of SPF, DKIM and"
                " DMARC. Run this where there is a name server",
                why=silent,
            )
        ) from None
    if problems:
        raise Amiss(joined(problems, ". "))
    return (
        worded("SPF, DKIM and DMARC of %(domains)s", domains=", ".join(names))
        if names
        else worded("no real mailbox yet")
    )


def inbound_mail(settings: Settings, database: Database) -> str:
    """Whether mail comes back to us: replies, stops and bounces."""
    from app.examine.mail import inbound_problems
    from channels.mail_domain import NoDns, dns_lookup

    if settings.provider == "sandbox":
        return worded("the sandbox carries it")
    try:
        words, problems = inbound_problems(
            settings, database, dns_lookup(kind="MX"), database.now()
        )
    except NoDns as silent:
        raise Amiss(
            worded(
                "DNS does not answer here (%(why)s), so nothing is known of where replies go."
                " Run this where there is a name server",
                why=silent,
            )
        ) from None
    if problems:
        raise Amiss(worded("%(problems)s. See docs/mail.md", problems=joined(problems, ". ")))
    return words
