"""What is looked at of mail: the providers' side of it, and the senders' domains in DNS."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.examine.findings import reworded
from campaigns.worded import joined, worded

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.engines import Database
    from app.store.rows import Sender
    from channels.mail_domain import Lookup

SILENT_FOR: Final = timedelta(days=14)
"""So long without a single mail, bounces and automatic answers included, is hardly true."""

WELL_KNOWN: Mapping[str, Sequence[str]] = {"sendgrid": ("s1", "s2")}
"""Where a provider puts its DKIM keys, unless a sender says otherwise."""


def mail_problems(settings: Settings, database: Database) -> list[str]:
    """Reachable, authorised, webhook right, senders allowed: what is not, one sentence each."""
    by_provider = _mailboxes(database)
    found: list[str] = []
    if settings.smtp and "smtp" in by_provider:
        found += [joined(("SMTP", each), ": ") for each in _of_relay(settings, by_provider["smtp"])]
    if settings.sendgrid and "sendgrid" in by_provider:
        found += [
            joined(("SendGrid", each), ": ")
            for each in _of_sendgrid(settings, by_provider["sendgrid"])
        ]
    return found


def domain_problems(database: Database, lookup: Lookup) -> tuple[list[str], list[str]]:
    """The domains of the senders of real providers, and what DNS lacks of them.

    Raises `NoDns`.
    """
    from channels.mail import domain_of
    from channels.mail_domain import check_domain

    selectors: dict[str, set[str]] = {}
    for provider, senders in _mailboxes(database).items():
        for sender in senders:
            known = sender.dkim_selectors or WELL_KNOWN.get(provider, ())
            selectors.setdefault(domain_of(sender.address), set()).update(known)
    found = [check_domain(name, sorted(own), lookup) for name, own in sorted(selectors.items())]
    return sorted(selectors), reworded(problem for each in found for problem in each.problems)


def _of_relay(settings: Settings, senders: Sequence[Sender]) -> list[str]:
    from channels.email_smtp import SmtpEmail

    async def ask() -> list[str]:
        channel = SmtpEmail.from_settings(settings.smtp)
        try:
            return reworded(await channel.problems([sender.address for sender in senders]))
        finally:
            await channel.close()

    return asyncio.run(ask())


def _of_sendgrid(settings: Settings, senders: Sequence[Sender]) -> list[str]:
    from channels.sendgrid_setup import Account, problems_of

    account = Account(
        key=settings.sendgrid["key"],
        base_url=settings.sendgrid_base_url,
        webhook=f"{settings.base_url}/webhooks/sendgrid",
        public_key=settings.sendgrid_webhook_key,
        senders=[sender.address for sender in senders],
    )
    return reworded(asyncio.run(problems_of(account)))


def _mailboxes(database: Database) -> Mapping[str, Sequence[Sender]]:
    """The active mailboxes by provider, without those that the sandbox plays."""
    from sqlmodel import col, select

    from app.store.rows import Sender
    from campaigns.vocabulary import Medium

    query = select(Sender).where(
        col(Sender.active), Sender.medium == Medium.EMAIL.value, Sender.provider != "sandbox"
    )
    found: dict[str, list[Sender]] = {}
    with database.read() as session:
        for sender in session.exec(query):
            found.setdefault(sender.provider, []).append(sender)
    return found


def inbound_problems(
    settings: Settings, database: Database, exchangers: Lookup, now: datetime
) -> tuple[str, list[str]]:
    """How mail comes in, and what is not so: that nothing listens, that nothing ever came, that it
    has stopped coming, that no host takes mail for where replies go.

    Raises `NoDns`.
    """
    from channels.mail import domain_of
    from channels.mail_domain import takes_mail

    mailboxes = [s for each in _mailboxes(database).values() for s in each if s.two_way]
    if not mailboxes:
        return worded("no real mailbox hears replies"), []
    parse = bool(
        settings.sendgrid_inbound_key or settings.sendgrid_inbound_token.get_secret_value()
    )
    last = _last_came(database)
    found: list[str] = []
    if not last and not parse:
        found.append(
            worded(
                "no mail has ever come in and nothing listens for it, so replies, stops and bounces"
                " are lost. Have the relay call `duly mail take`, or set up Inbound Parse"
            )
        )
    elif not last:
        found.append(
            worded("Inbound Parse is set up and nothing ever came: write a mail to try it")
        )
    elif now - max(last.values()) > SILENT_FOR:
        newest = max(last.values()).date()
        found.append(
            worded("no mail has come in since %(day)s: write one to try the way", day=newest)
        )
    for domain in sorted({domain_of(s.replies_to or s.address) for s in mailboxes}):
        if not takes_mail(domain, exchangers):
            found.append(
                worded(
                    "no host takes mail for %(domain)s, where replies go: publish its MX record",
                    domain=domain,
                )
            )
    ways = ", ".join(f"{way} ({at:%Y-%m-%d})" for way, at in sorted(last.items()))
    return worded("comes in by %(ways)s", ways=ways or worded("nothing yet")), found


def _last_came(database: Database) -> Mapping[str, datetime]:
    """When the last mail came, by the way that it came."""
    from sqlalchemy import func, select

    from app.intake.mail_sources import PipedMail, SendGridInbound
    from app.store.given import table_of
    from app.store.rows import Inbound

    inbound = table_of(Inbound)
    query = (
        select(inbound.c.source, func.max(inbound.c.received_at).label("at"))
        .where(inbound.c.source.in_([PipedMail.name, SendGridInbound.name]))
        .group_by(inbound.c.source)
    )
    with database.read() as session:
        return {row.source: row.at for row in session.connection().execute(query)}
