"""Whether an account at SendGrid is set up for us. Only asks; each problem is a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from channels.mail import domain_of
from channels.problems import Problem, problem
from channels.transport import Answer, Request, Transport

_NOT_ALLOWED: Final = (401, 403)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What we believe of it. `webhook` is our public address for events, `public_key` theirs."""

    key: str = field(repr=False)
    base_url: str
    webhook: str
    public_key: str
    senders: Sequence[str]


async def problems_of(account: Account) -> list[Problem]:
    """Reachable, authorised, events sent to us and signed, domains allowed: what is not."""
    transport = Transport()
    try:
        told = await _asked(transport, account, "scopes")
        if isinstance(told, Problem):
            return [told]
        scopes = told.get("scopes", []) if isinstance(told, dict) else []
        found = (
            []
            if "mail.send" in scopes
            else [problem("the key may not send mail: give it Mail Send")]
        )
        found += await _of_events(transport, account)
        return found + await _of_domains(transport, account)
    finally:
        await transport.close()


async def _of_events(transport: Transport, account: Account) -> list[Problem]:
    settings = await _asked(transport, account, "user/webhooks/event/settings")
    if not isinstance(settings, dict):
        return [
            problem(
                "the settings of the Event Webhook cannot be read (%(why)s)", why=_why(settings)
            )
        ]
    found = []
    if not settings.get("enabled") or settings.get("url") != account.webhook:
        found.append(
            problem(
                "its Event Webhook does not call %(webhook)s: set that address",
                webhook=account.webhook,
            )
        )
    signed = await _asked(transport, account, "user/webhooks/event/settings/signed")
    shown = signed.get("public_key") if isinstance(signed, dict) else None
    if not shown:
        found.append(problem("its events are not signed: switch the Signed Event Webhook on"))
    elif shown != account.public_key:
        found.append(
            problem("its events are signed by another key: copy it to DULY_SENDGRID_WEBHOOK_KEY")
        )
    return found


async def _of_domains(transport: Transport, account: Account) -> list[Problem]:
    listed = await _asked(transport, account, "whitelabel/domains?limit=200")
    if not isinstance(listed, list):
        return [problem("its authenticated domains cannot be read (%(why)s)", why=_why(listed))]
    valid = {str(one.get("domain", "")).lower() for one in listed if one.get("valid")}
    wanted = sorted({domain_of(sender) for sender in account.senders})
    lacking = [name for name in wanted if not _is_under(name, valid)]
    return [
        problem("%(domain)s is not authenticated there: set its CNAME records up", domain=name)
        for name in lacking
    ]


def _why(told: object) -> Problem:
    return (
        told if isinstance(told, Problem) else problem("it tells something else than is published")
    )


def _is_under(name: str, valid: set[str]) -> bool:
    return any(name == each or name.endswith(f".{each}") for each in valid)


async def _asked(
    transport: Transport, account: Account, path: str
) -> Mapping[str, Any] | list[Any] | Problem:
    """What SendGrid tells of itself; a sentence where it tells nothing."""
    request = Request(
        method="GET",
        url=f"{account.base_url.rstrip('/')}/v3/{path}",
        headers={"Authorization": f"Bearer {account.key}"},
    )
    answer = await transport.carry(request)
    if not isinstance(answer, Answer):
        return problem(
            "%(url)s cannot be reached: %(why)s",
            url=account.base_url,
            why=type(answer).__name__.lower(),
        )
    if answer.status in _NOT_ALLOWED:
        return problem(
            "the key is not let in (%(status)s): make one with the rights for this",
            status=answer.status,
        )
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if answer.status != 200 or not isinstance(told, dict | list):
        return problem(
            "it answers %(status)s, which is not what is published", status=answer.status
        )
    return told
