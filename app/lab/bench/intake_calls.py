"""The calls of the bench of the intake: what providers tell of the messages of its book, signed as
they sign, as the bytes of requests.

Of 100 calls 92 are statuses of texts, 6 are batches of ten events of mails, one is what somebody
wrote and one is a payment, as in an hour of much sending: Twilio tells twice of each text, so one
in 46 is answered and as many lead to a payment. Each says something that no other says.

A few of each kind come first, for what has just started has all its statements to make.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from typing import Any, Final
from urllib.parse import urlsplit

from app.lab.bench.caller import Asked
from app.lab.bench.intake_book import MAILS, TEXTS, Page, Sent, Size
from app.lab.drill_field import BASE_URL, OWED
from app.lab.local_sendgrid import LocalSendGrid
from app.lab.stripe import LOCAL_SECRET
from app.lab.stripe_book import StripeBook
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from app.lab.twilio_calls import Call, signed
from app.payments.stripe_events import KEY
from campaigns.keys import draw
from channels.sendgrid_events import ATTEMPT

STATUSES, BATCHES, WORDS, PAYMENTS = 92, 6, 1, 1
"""Of 100 calls."""

IN_A_BATCH: Final = 10
FIRST: Final = 100
"""Statuses that come first."""
_TOLD_OF_TEXTS: Final = ("sent", "delivered")
_TOLD_OF_MAILS: Final = ("processed", "delivered")
_SAID: Final = (
    "STOP",
    "I paid this yesterday by bank transfer",
    "I will pay on Friday",
    "אשלם ביום חמישי",
    "Bitte rufen Sie mich an",
    "thanks",
    "That invoice is wrong, I never ordered this",
    "can I pay in three parts?",
)


@dataclass(frozen=True, slots=True)
class Calls:
    """Requests in the order in which they are made, the `first` of them to begin with; and what has
    to be on record once all were taken: events by their kind, and payments."""

    requests: Sequence[Asked] = field(repr=False)
    first: int
    events: Mapping[str, int]
    payments: int

    @property
    def count(self) -> int:
        return len(self.requests)


def size_for(calls: int, *, due: int) -> Size:
    """The people that so many calls speak of."""
    texts = -(-calls * STATUSES // (100 * len(_TOLD_OF_TEXTS)))
    mails = -(-calls * BATCHES * IN_A_BATCH // (100 * len(_TOLD_OF_MAILS)))
    return Size(texts, mails, pages=calls * PAYMENTS // 100, due=due)


def calls_about(
    texts: Sequence[Sent],
    mails: Sequence[Sent],
    pages: Sequence[Page],
    local: LocalSendGrid,
    *,
    now: datetime,
) -> Calls:
    """All that is told of these. The order is mixed, and the same for the same book."""
    events: Counter[str] = Counter()
    count = len(pages) * WORDS // PAYMENTS + len(_SAID)
    kinds = [
        (list(_statuses(texts, events)), FIRST),
        (list(_batches(mails, local, events, now)), 1),
        (list(_words(texts, count, events, now)), len(_SAID)),
        (list(_payments(pages, now)), 1),
    ]
    first = [call for calls, number in kinds for call in calls[:number]]
    rest = [call for calls, number in kinds for call in calls[number:]]
    mixed = sorted(range(len(rest)), key=lambda number: draw("bench call", number))
    told = [*first, *(rest[number] for number in mixed)]
    return Calls([Asked(request(each)) for each in told], len(first), events, len(pages))


def request(call: Call) -> bytes:
    """A call as it goes over a connection that is kept."""
    parts = urlsplit(call.url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [
        f"POST {target} HTTP/1.1",
        f"host: {parts.netloc}",
        "user-agent: TwilioProxy/1.1",
        "accept: */*",
        f"content-length: {len(call.body)}",
        *(f"{name}: {value}" for name, value in call.headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + call.body


def _statuses(texts: Sequence[Sent], events: Counter[str]) -> Iterator[Call]:
    for status in _TOLD_OF_TEXTS:
        for text in texts:
            form = {
                "AccountSid": ACCOUNT,
                "ApiVersion": "2010-04-01",
                "From": TEXTS.sender,
                "MessageSid": text.provider_id,
                "MessageStatus": status,
                "SmsSid": text.provider_id,
                "SmsStatus": status,
                "To": text.recipient,
            }
            events[f"message_{status}"] += 1
            hook = f"{BASE_URL}/webhooks/twilio?attempt={text.attempt_key}"
            yield signed(hook, form, TOKEN)


def _batches(
    mails: Sequence[Sent], local: LocalSendGrid, events: Counter[str], now: datetime
) -> Iterator[Call]:
    at = int(now.timestamp())
    told = [_event(mail, kind, at) for kind in _TOLD_OF_MAILS for mail in mails]
    for kind in _TOLD_OF_MAILS:
        recorded = "accepted" if kind == "processed" else kind
        events[f"message_{recorded}"] += len(mails)
    for first in range(0, len(told), IN_A_BATCH):
        body, headers = local.call(told[first : first + IN_A_BATCH], at=at)
        yield Call(f"{BASE_URL}/webhooks/{MAILS.provider}", body, headers)


def _event(mail: Sent, kind: str, at: int) -> dict[str, Any]:
    return {
        "email": mail.recipient,
        "timestamp": at,
        "event": kind,
        "sg_event_id": f"{kind}-{mail.attempt_key}",
        "sg_message_id": f"{mail.provider_id}.recvd-canary-5f86c5f7c-abcde-1-65A0.0",
        "smtp-id": f"<{mail.provider_id}@geopod-ismtpd-1>",
        ATTEMPT: mail.attempt_key,
    }


def _words(
    texts: Sequence[Sent], count: int, events: Counter[str], now: datetime
) -> Iterator[Call]:
    twilio = LocalTwilio(lambda: now)
    hook = f"{BASE_URL}/webhooks/twilio"
    events["text_received"] += min(count, len(texts))
    for text, words in zip(texts[-count:], cycle(_SAID), strict=False):
        yield twilio.hears(hook, sender=text.recipient, to=TEXTS.sender, text=words)


def _payments(pages: Sequence[Page], now: datetime) -> Iterator[Call]:
    book = StripeBook(LOCAL_SECRET)
    for page in pages:
        paid = {
            "id": page.session_id,
            "object": "checkout.session",
            "mode": "payment",
            "payment_status": "paid",
            "amount_total": OWED.minor,
            "currency": OWED.currency.lower(),
            "payment_intent": "pi_" + page.session_id,
            "metadata": {KEY: page.key},
        }
        told = book.tell("checkout.session.completed", paid, now)
        yield Call(f"{BASE_URL}/webhooks/stripe", told.body, told.headers)
