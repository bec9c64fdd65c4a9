"""The providers of the drill: a local Twilio, SendGrid and mail relay, each with its bad days.

They run in threads of the drill's own process; workers reach them over the wire. What they report
goes to our own intake, as calls that they signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from email import message_from_bytes
from functools import partial
from typing import Any, Final

from app.clock import SystemClock
from app.delivery.approved_texts import keep, submissions
from app.intake.mail_sources import ENVELOPE
from app.lab.drill_compare import Acceptance
from app.lab.drill_door import PIPE
from app.lab.drill_field import BASE_URL, LOCALE, TEMPLATES, Fighter, Route
from app.lab.drill_mailbox import Received
from app.lab.drill_post import Make, Post, as_it_is
from app.lab.faults import Fate, Faults, MailFate, MailFaults
from app.lab.inbound_parse import CONTENT_TYPE, taken_apart, whole
from app.lab.local_sendgrid import LocalSendGrid, TakenRequest, event_of
from app.lab.local_smtp import LocalSmtp
from app.lab.served import served
from app.lab.twilio import LocalTwilio
from app.lab.twilio_book import Taken
from app.lab.twilio_calls import Call
from app.store.engines import Database
from app.wording.samples import shipped
from campaigns.keys import draw
from campaigns.vocabulary import Medium
from channels.mail import message_id
from channels.twilio_content import APPROVED, Content

DELIVERED: Final = 0.8
FAILED: Final = 0.1  # of what is taken; of the rest nothing is ever heard again
_UNREACHABLE: Final = 30003
_SHARES: Final[Mapping[Fate, float]] = {
    Fate.REFUSED: 0.02, Fate.BUSY: 0.05, Fate.ERROR_BEFORE: 0.02, Fate.ERROR_AFTER: 0.04,
    Fate.RESET_BEFORE: 0.02, Fate.RESET_AFTER: 0.04, Fate.SILENT_BEFORE: 0.01,
    Fate.SILENT_AFTER: 0.03, Fate.DRIP: 0.02, Fate.MALFORMED: 0.02, Fate.HTML: 0.01,
    Fate.TOO_LARGE: 0.01, Fate.REDIRECT: 0.01,
}  # fmt: skip
_MAIL_SHARES: Final[Mapping[MailFate, float]] = {
    MailFate.REFUSED: 0.02, MailFate.REJECTED: 0.01, MailFate.GREYLISTED: 0.05,
    MailFate.BUSY: 0.02, MailFate.RESET_EARLY: 0.02, MailFate.RESET_BEFORE: 0.02,
    MailFate.RESET_AFTER: 0.04, MailFate.SILENT_BEFORE: 0.01, MailFate.SILENT_AFTER: 0.03,
    MailFate.DRIP: 0.02, MailFate.MALFORMED: 0.03,
}  # fmt: skip
_LATENCY: Final = timedelta(seconds=1 / 15)


def bad_days(name: str, seed: int, *, but: Collection[Fate] = ()) -> Faults:
    """Every way to fail over HTTP (`but` these), before and after the provider took what it was
    asked. No more errors than the breaker bears: it would end the drill."""
    second = timedelta(seconds=1)
    shares = {fate: share for fate, share in _SHARES.items() if fate not in but}
    return Faults(
        shares, seed=f"drill-{name}-{seed}", latency=_LATENCY, silence=second, retry_after=second
    )


class Twilio:
    """SMS, and WhatsApp by texts that it has approved."""

    routes = (Route(Medium.SMS, "twilio"), Route(Medium.WHATSAPP, "twilio"))

    def __init__(self, seed: int) -> None:
        self.delivered: set[str] = set()
        self._seed = seed
        self._local = LocalTwilio(SystemClock().now, faults=bad_days("twilio", seed))
        self._own = ExitStack()
        self.orders = {"twilio": self._own.enter_context(served(self._local.app()))}
        self._told = 0

    def prepare(self, database: Database, now: datetime) -> None:
        """Has WhatsApp approve all that the journey may say."""
        wording = shipped()
        wanted = [one for name in TEMPLATES for one in submissions(wording, name, LOCALE)]
        with database.write() as session:
            for one in wanted:
                types = {"twilio/text": {"body": one.body}}
                made = self._local.write(one.name, one.locale, types, one.samples)
                made.status, made.category = APPROVED, one.category
                kept = Content(made.sid, one.name, one.locale, one.body, APPROVED, one.category)
                keep(session, one, kept, now)

    def taken(self, keys: Iterable[str]) -> Sequence[Acceptance]:  # noqa: ARG002  # it has a field
        return [
            Acceptance(_route(one).name, one.sid, one.attempt_key)
            for one in list(self._local.taken)
        ]

    def report(self, post: Post, now: datetime) -> None:  # noqa: ARG002  # calls have no time
        """Two calls for a message, which may overtake each other."""
        new = self._local.taken[self._told :]
        self._told += len(new)
        for one in new:
            before = None
            for nth, call in enumerate(self._calls(one)):
                key = f"{one.sid}:{nth}"
                post.put(key, partial(as_it_is, call), after=before)
                before = key

    def _calls(self, one: Taken) -> list[Call]:
        """Most are delivered, some fail, and of some nothing is ever heard."""
        point = draw(self._seed, one.attempt_key, "fate")
        if point >= DELIVERED + FAILED:
            return []
        sent = self._local.tells(one, "sent")
        if point < DELIVERED:
            self.delivered.add(one.attempt_key)
            return [sent, self._local.tells(one, "delivered")]
        return [sent, self._local.tells(one, "undelivered", _UNREACHABLE)]

    def reply(self, writer: Fighter, text: str, now: datetime) -> Make | None:  # noqa: ARG002
        prefix = "whatsapp:" if writer.route.medium is Medium.WHATSAPP else ""
        sender, to = prefix + writer.address, prefix + writer.route.sender
        url = f"{BASE_URL}/webhooks/twilio"
        return partial(as_it_is, self._local.hears(url, sender=sender, to=to, text=text))

    def close(self) -> None:
        self._own.close()


def _route(one: Taken) -> Route:
    sms, whatsapp = Twilio.routes
    return whatsapp if one.form["To"].startswith("whatsapp:") else sms


class SendGrid:
    """Mail whose attempt is named by our custom argument."""

    routes = (Route(Medium.EMAIL, "sendgrid"),)

    def __init__(self, seed: int) -> None:
        self.delivered: set[str] = set()
        self._seed = seed
        self._own = ExitStack()
        self._local = self._own.enter_context(LocalSendGrid(bad_days("sendgrid", seed)))
        self.orders = {"sendgrid": self._local.url, "sendgrid_key": self._local.public_key}
        self._told = 0

    def prepare(self, database: Database, now: datetime) -> None:
        """Nothing: mails need no approval."""

    def taken(self, keys: Iterable[str]) -> Sequence[Acceptance]:  # noqa: ARG002  # it has a field
        (route,) = self.routes
        return [Acceptance(route.name, one.provider_id, one.attempt) for one in self._local.taken()]

    def report(self, post: Post, now: datetime) -> None:
        """All that is new in two calls, as SendGrid collects events: what it processes, and what
        became of that."""
        new = self._local.taken()[self._told :]
        self._told += len(new)
        at = int(now.timestamp())
        if not new:
            return
        processed = [event_of(one, "processed", 1, at=at) for one in new]
        first = f"sendgrid:{self._told}:processed"
        post.put(first, partial(self._call, processed))
        if events := [event for one in new for event in self._events(one, at)]:
            post.put(f"sendgrid:{self._told}", partial(self._call, events), after=first)

    def _call(self, events: Sequence[Mapping[str, object]], now: datetime) -> Call:
        body, headers = self._local.call(events, at=int(now.timestamp()))
        return Call(f"{BASE_URL}/webhooks/sendgrid", body, headers)

    def reply(self, writer: Fighter, text: str, now: datetime) -> Make | None:
        """By Inbound Parse, half of them as the whole mail and half taken apart."""
        sent = [one for one in self._local.taken() if one.recipient == writer.address]
        if not sent:
            return None
        mail = _received(sent[-1].body).answer(text, writer=writer.address, now=now)
        is_whole = draw(self._seed, writer.customer_id, "shape") < 0.5
        return partial(self._hands_on, whole(mail) if is_whole else taken_apart(mail))

    def _hands_on(self, form: bytes, now: datetime) -> Call:
        headers = self._local.signed(form, at=int(now.timestamp()))
        url = f"{BASE_URL}/webhooks/sendgrid-inbound"
        return Call(url, form, {**headers, "content-type": CONTENT_TYPE})

    def _events(self, one: TakenRequest, at: int) -> list[dict[str, object]]:
        point = draw(self._seed, one.attempt, "fate")
        if point < DELIVERED:
            self.delivered.add(one.attempt)
            return [event_of(one, "delivered", 1, at=at)]
        if point < DELIVERED + FAILED:
            return [event_of(one, "bounce", 1, at=at, type="blocked", status="4.7.1")]
        return []

    def close(self) -> None:
        self._own.close()


class Relay:
    """A mail relay: no receipts, no questions; a mail is known by its Message-ID. What is answered
    to one it hands to our pipe."""

    routes = (Route(Medium.EMAIL, "smtp"),)
    delivered: Collection[str] = ()

    def __init__(self, seed: int) -> None:
        self._own = ExitStack()
        faults = MailFaults(_MAIL_SHARES, seed=f"drill-smtp-{seed}", latency=_LATENCY)
        self._local = self._own.enter_context(LocalSmtp(faults))
        self.orders = {"smtp": str(self._local.port)}

    def prepare(self, database: Database, now: datetime) -> None:
        """Nothing: mails need no approval."""

    def taken(self, keys: Iterable[str]) -> Sequence[Acceptance]:
        (route,) = self.routes
        by_id = {message_id(key, route.sender): key for key in keys}
        found = []
        for mail in self._local.taken():
            named = str(message_from_bytes(mail.content)["Message-ID"])
            found.append(Acceptance(route.name, mail.queue_id, by_id.get(named, named)))
        return found

    def report(self, post: Post, now: datetime) -> None:
        """Nothing: a relay never tells."""

    def reply(self, writer: Fighter, text: str, now: datetime) -> Make | None:
        sent = [one for one in self._local.taken() if writer.address in one.recipients]
        if not sent:
            return None
        received = Received.read(sent[-1].content)
        mail = received.answer(text, writer=writer.address, now=now)
        return partial(as_it_is, Call(PIPE, mail, {ENVELOPE: received.back}))

    def close(self) -> None:
        self._own.close()


def _received(asked: Mapping[str, Any]) -> Received:
    """A mail as SendGrid was asked to send it."""
    text = next(part["value"] for part in asked["content"] if part["type"] == "text/plain")
    back = asked.get("reply_to", asked["from"])["email"]
    return Received(asked["headers"]["Message-ID"], back, asked["subject"], text)
