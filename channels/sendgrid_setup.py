"""Whether an account at SendGrid is set up for us. Only asks; each problem is a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from channels.mail import domain_of
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


async def problems_of(account: Account) -> list[str]:
    """Reachable, authorised, events sent to us and signed, domains allowed: what is not."""
    transport = Transport()
    try:
        told = await _asked(transport, account, "scopes")
        if isinstance(told, str):
            return [told]
        scopes = told.get("scopes", []) if isinstance(told, dict) else []
        found = [] if "mail.send" in scopes else ["the key may not send mail: give it Mail Send"]
        found += await _of_events(transport, account)
        return found + await _of_domains(transport, account)
    finally:
        await transport.close()


async def _of_events(transport: Transport, account: Account) -> list[str]:
    settings = await _asked(transport, account, "user/webhooks/event/settings")
    if not isinstance(settings, dict):
        return [f"the settings of the Event Webhook cannot be read ({settings})"]
    found = []
    if not settings.get("enabled") or settings.get("url") != account.webhook:
        found.append(f"its Event Webhook does not call {account.webhook}: set that address")
    signed = await _asked(transport, account, "user/webhooks/event/settings/signed")
    shown = signed.get("public_key") if isinstance(signed, dict) else None
    if not shown:
        found.append("its events are not signed: switch the Signed Event Webhook on")
    elif shown != account.public_key:
        found.append("its events are signed by another key: copy it to DULY_SENDGRID_WEBHOOK_KEY")
    return found


async def _of_domains(transport: Transport, account: Account) -> list[str]:
    listed = await _asked(transport, account, "whitelabel/domains?limit=200")
    if not isinstance(listed, list):
        return [f"its authenticated domains cannot be read ({listed})"]
    valid = {str(one.get("domain", "")).lower() for one in listed if one.get("valid")}
    wanted = sorted({domain_of(sender) for sender in account.senders})
    lacking = [name for name in wanted if not _is_under(name, valid)]
    return [f"{name} is not authenticated there: set its CNAME records up" for name in lacking]


def _is_under(name: str, valid: set[str]) -> bool:
    return any(name == each or name.endswith(f".{each}") for each in valid)


async def _asked(
    transport: Transport, account: Account, path: str
) -> Mapping[str, Any] | list[Any] | str:
    """What SendGrid tells of itself; a sentence where it tells nothing."""
    request = Request(
        method="GET",
        url=f"{account.base_url.rstrip('/')}/v3/{path}",
        headers={"Authorization": f"Bearer {account.key}"},
    )
    answer = await transport.carry(request)
    if not isinstance(answer, Answer):
        return f"{account.base_url} cannot be reached: {type(answer).__name__.lower()}"
    if answer.status in _NOT_ALLOWED:
        return f"the key is not let in ({answer.status}): make one with the rights for this"
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if answer.status != 200 or not isinstance(told, dict | list):
        return f"it answers {answer.status}, which is not what is published"
    return told
