"""Whether an account at Twilio is fit to send: it answers, knows us, and our senders are its own.

Harmless to ask. Problems are sentences for whoever sets Duly up, and hold no customer's data.
"""

from __future__ import annotations

from typing import Final

from channels.errors import SendError
from channels.problems import UNREACHED, Problem, problem
from channels.twilio_api import TwilioApi, object_of
from channels.twilio_messages import is_service

_WHY: Final = {
    **UNREACHED,
    "20003": problem("it does not know this account and token"),
    "20008": problem("these are test credentials, which send nothing"),
}


async def account_problem(api: TwilioApi) -> Problem | None:
    """Why nothing can be sent by this account; None where all is well."""
    told = object_of(await api.call(lambda client: client.api.v2010.accounts(api.account).fetch()))
    if isinstance(told, SendError):
        return problem("Twilio cannot be used: %(why)s", why=_WHY.get(told.code, told.code))
    status = told.get("status")
    return (
        None
        if status == "active"
        else problem("the account at Twilio is %(status)s", status=status)
    )


async def sender_problem(api: TwilioApi, sender: str, webhook: str) -> Problem | None:
    """Why this number or Messaging Service cannot be used; None where all is well.

    A name as a sender is nobody's number: it cannot be asked for, and hears no replies.
    """
    if is_service(sender):
        return await _service_problem(api, sender, webhook)
    if not sender.startswith("+"):
        return None
    told = object_of(
        await api.call(
            lambda client: client.incoming_phone_numbers.page(phone_number=sender, page_size=1)
        )
    )
    if isinstance(told, SendError):
        return problem("%(sender)s cannot be asked for (%(code)s)", sender=sender, code=told.code)
    found = told.get("incoming_phone_numbers") or []
    if not found:
        return problem("%(sender)s is no number of this account", sender=sender)
    return _webhook_problem(sender, found[0].get("sms_url"), webhook)


async def _service_problem(api: TwilioApi, sid: str, webhook: str) -> Problem | None:
    told = object_of(await api.call(lambda client: client.messaging.v1.services(sid).fetch()))
    if isinstance(told, SendError):
        return problem(
            "%(sender)s is no Messaging Service of this account (%(code)s)",
            sender=sid,
            code=told.code,
        )
    if told.get("smart_encoding"):
        return problem(
            "%(sender)s has smart encoding on, which changes texts: switch it off", sender=sid
        )
    return _webhook_problem(sid, told.get("inbound_request_url"), webhook)


def _webhook_problem(sender: str, told: object, webhook: str) -> Problem | None:
    if told == webhook:
        return None
    return problem(
        "%(sender)s tells what people write to %(whom)s instead of %(webhook)s",
        sender=sender,
        whom=told or problem("nobody"),
        webhook=webhook,
    )
