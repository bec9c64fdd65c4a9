"""The provider that ships: for the demo, the drill and the tests. Nothing leaves the machine.

It behaves like a provider on its bad days, as its `Faults` say, and writes what it accepts
into its own `Ledger`. Time comes in with each envelope; it reads no clock.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import ClassVar, Final, Self

from channels.errors import (
    ChannelClosed,
    ContentRejected,
    NoAnswer,
    SendError,
    TemplateNotApproved,
    WindowClosed,
)
from channels.sandbox_course import course_of
from channels.sandbox_faults import (
    PROVIDER,
    Chance,
    Fate,
    Faults,
    chance_of,
    door_error,
)
from channels.sandbox_ledger import Ledger
from channels.seam import (
    Accepted,
    Capabilities,
    Envelope,
    Found,
    Later,
    Medium,
    NotFound,
    Outcome,
    Unclear,
    ensure_supported,
    outcome_of,
)

_WINDOW: Final = timedelta(hours=24)


class _Sandbox:
    """What the three media share. `ledger` may be shared by channels and by processes.

    A channel from `from_settings` closes its ledger; a ledger that was handed in stays open.
    """

    medium: ClassVar[Medium]
    provider: ClassVar[str] = PROVIDER
    capabilities: ClassVar[Capabilities]
    usually_stands_for: ClassVar[str]

    def __init__(
        self, ledger: Ledger, *, faults: Faults | None = None, stands_for: str = ""
    ) -> None:
        self.stands_for = stands_for or self.usually_stands_for
        self._ledger = ledger
        self._faults = faults or Faults()
        self._owns_ledger = False
        self._is_closed = False

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """A channel from plain strings: `ledger` (a path), `stands_for`, and any of `Faults`."""
        rest = dict(settings)
        path, stands_for = rest.pop("ledger", ":memory:"), rest.pop("stands_for", "")
        faults = Faults.from_settings(rest)
        channel = cls(Ledger(path), faults=faults, stands_for=stands_for)
        channel._owns_ledger = True
        return channel

    async def send(self, envelope: Envelope) -> Outcome:
        """Try once, as the seam promises. The ledger is committed before the answer."""
        self._ensure_usable(envelope)
        chance = chance_of(self._faults.seed, envelope.attempt_key)
        error = self._objection(envelope) or door_error(self._faults, chance, envelope)
        if error:
            outcome = outcome_of(error)
            wait = self._faults.retry_after
            return Later(error, wait) if isinstance(outcome, Later) else outcome
        fate = self._faults.fate(chance.door)
        if fate is Fate.TIMEOUT_BEFORE:
            return Unclear(NoAnswer(PROVIDER, "timeout-before"))
        provider_id = self._accept(envelope, chance)
        if fate is Fate.TIMEOUT_AFTER:
            return Unclear(NoAnswer(PROVIDER, "timeout-after"))
        return Accepted(provider_id, envelope.sent_at)

    async def find(self, envelope: Envelope) -> Found | NotFound:
        """Ask the ledger by the attempt's key, else by recipient and link token."""
        self._ensure_usable(envelope)
        acceptance = self._ledger.find(envelope)
        if acceptance is None:
            return NotFound()
        return Found(acceptance.provider_id, acceptance.accepted_at)

    async def close(self) -> None:
        self._is_closed = True
        if self._owns_ledger:
            self._ledger.close()

    def _objection(self, envelope: Envelope) -> SendError | None:
        """What this medium has against the envelope itself; media add their own rules."""
        limit = self.capabilities.max_length
        if not envelope.text or (limit is not None and len(envelope.text) > limit):
            return ContentRejected(PROVIDER, "too-long" if envelope.text else "empty")
        return None

    def _accept(self, envelope: Envelope, chance: Chance) -> str:
        faults = self._faults
        plans = course_of(faults, chance, envelope, tells_read=self.capabilities.read_receipts)
        hidden_for = faults.hidden_for if chance.hidden < faults.hidden else 0
        return self._ledger.accept(envelope, plans, hidden_for=hidden_for)

    def _ensure_usable(self, envelope: Envelope) -> None:
        if self._is_closed:
            raise ChannelClosed(f"the {self.medium} sandbox was closed: open a new one")
        ensure_supported(self, envelope)


class SandboxSms(_Sandbox):
    """Texts without a subject, delivery receipts, replies."""

    medium = Medium.SMS
    usually_stands_for = "twilio"
    capabilities = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=False,
        lookup=True,
        html=False,
        subject=False,
        max_length=1600,
        real=False,
    )


class SandboxEmail(_Sandbox):
    """Mails with a subject and HTML. Opens are no reading: scanners open mails too."""

    medium = Medium.EMAIL
    usually_stands_for = "sendgrid"
    capabilities = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=False,
        lookup=True,
        html=True,
        subject=True,
        max_length=None,
        cc=True,
        real=False,
    )


class SandboxWhatsapp(_Sandbox):
    """Approved templates at any time; free text for 24 hours after the recipient wrote.

    `approved` holds (template, locale) pairs, None approves everything. An envelope with
    template "" is free text; `Ledger.hear` opens its window.
    """

    medium = Medium.WHATSAPP
    usually_stands_for = "whatsapp"
    capabilities = Capabilities(
        two_way=True,
        delivery_receipts=True,
        read_receipts=True,
        lookup=True,
        html=False,
        subject=False,
        max_length=4096,
        real=False,
    )

    def __init__(
        self,
        ledger: Ledger,
        *,
        faults: Faults | None = None,
        stands_for: str = "",
        approved: Collection[tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(ledger, faults=faults, stands_for=stands_for)
        self._approved = None if approved is None else frozenset(approved)

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """As for the other media, with `approved`: "reminder/he, reminder/en"."""
        rest = dict(settings)
        approved = _pairs(rest.pop("approved", None))
        channel = super().from_settings(rest)
        channel._approved = approved
        return channel

    def _objection(self, envelope: Envelope) -> SendError | None:
        if not envelope.template:
            heard_at = self._ledger.heard_at(envelope.recipient)
            if heard_at is None or envelope.sent_at - heard_at > _WINDOW:
                return WindowClosed(PROVIDER, "free-text")
        elif self._approved is not None and (
            (envelope.template, envelope.locale) not in self._approved
        ):
            return TemplateNotApproved(PROVIDER, "not-approved")
        return super()._objection(envelope)


def _pairs(text: str | None) -> frozenset[tuple[str, str]] | None:
    if text is None:
        return None
    return frozenset(_pair(part) for part in text.split(",") if part.strip())


def _pair(text: str) -> tuple[str, str]:
    template, slash, locale = text.strip().rpartition("/")
    if not (template and slash and locale):
        raise ValueError(f"approved: {text.strip()!r} is not of the form template/locale")
    return template, locale
