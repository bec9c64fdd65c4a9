"""What the doctor looks at of mail: the providers' side of it, and the senders' domains in DNS."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.engines import Database
    from app.store.rows import Sender
    from channels.mail_domain import Lookup

WELL_KNOWN: Mapping[str, Sequence[str]] = {"sendgrid": ("s1", "s2")}
"""Where a provider puts its DKIM keys, unless a sender says otherwise."""


def mail_problems(settings: Settings, database: Database) -> list[str]:
    """Reachable, authorised, webhook right, senders allowed: what is not, one sentence each."""
    by_provider = _mailboxes(database)
    found = []
    if settings.smtp and "smtp" in by_provider:
        found += [f"SMTP: {each}" for each in _of_relay(settings, by_provider["smtp"])]
    if settings.sendgrid and "sendgrid" in by_provider:
        found += [f"SendGrid: {each}" for each in _of_sendgrid(settings, by_provider["sendgrid"])]
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
    return sorted(selectors), [problem for each in found for problem in each.problems]


def _of_relay(settings: Settings, senders: Sequence[Sender]) -> list[str]:
    from channels.email_smtp import SmtpEmail

    async def ask() -> list[str]:
        channel = SmtpEmail.from_settings(settings.smtp)
        try:
            return await channel.problems([sender.address for sender in senders])
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
    return asyncio.run(problems_of(account))


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
