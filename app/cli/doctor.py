"""`duly doctor`: looks at everything that a running Duly needs, and says what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from app.cli.output import emit, fail, show

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.engines import Database


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at. What is not well says what to do."""

    name: str
    well: bool
    words: str


class Amiss(Exception):
    """Something is missing; the words name it and the remedy."""


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Looks at everything that a running Duly needs and says what is missing. Changes nothing."""
    found = list(_examined())
    if as_json:
        emit({"findings": [asdict(finding) for finding in found]})
    else:
        for finding in found:
            show(f"{'ok  ' if finding.well else 'FAIL'} {finding.name}: {finding.words}")
    if not all(finding.well for finding in found):
        raise fail("Something is missing.")


def _examined() -> Iterator[Finding]:
    """Stops at the first of the foundations that is missing: nothing can be said of the rest."""
    from app.cli.databases import opened
    from app.settings import SettingsError, read_settings
    from app.store.engines import DatabaseUrlError

    try:
        settings = read_settings()
        with opened(settings.database_url) as database:
            words = f"{settings.environment}; customers reach {settings.base_url}"
            yield Finding("settings", True, words)
            for name, look in _LOOKS:
                finding = _looked_at(name, look, settings, database)
                yield finding
                if name in _FOUNDATIONS and not finding.well:
                    return
    except (SettingsError, DatabaseUrlError) as problem:
        yield Finding("settings", False, str(problem))


_Look = Callable[["Settings", "Database"], str]


def _looked_at(name: str, look: _Look, settings: Settings, database: Database) -> Finding:
    from sqlalchemy.exc import DBAPIError

    from app.cli.faults import explain

    try:
        return Finding(name, True, look(settings, database))
    except Amiss as amiss:
        return Finding(name, False, str(amiss))
    except DBAPIError as problem:
        return Finding(name, False, explain(problem)[0])


def _database(_settings: Settings, database: Database) -> str:
    from app.cli.databases import REMEDY, missing_file

    missing = missing_file(database)
    if missing is not None:
        raise Amiss(f"there is no file {missing}. {REMEDY}")
    with database.read() as session:
        session.connection().exec_driver_sql("SELECT 1")
    return f"{database.dialect} answers"


def _version(_settings: Settings, database: Database) -> str:
    from app.cli.databases import REMEDY
    from app.store.migrate import is_current

    if not is_current(database):
        raise Amiss(f"not at the newest version. {REMEDY}")
    return "at the newest version"


def _clock(settings: Settings, database: Database) -> str:
    from app.clock import SystemClock

    off = abs((SystemClock().now() - database.now()).total_seconds())
    words = f"{off:.2f} s from the database's clock"
    if off > settings.clock_skew_seconds:
        raise Amiss(f"{words}. Set this machine's clock; until then the loops do not work")
    return words


def _published(_settings: Settings, database: Database) -> str:
    from app.cli.databases import REMEDY
    from app.store.publishing import current

    kinds = {"journey": "journeys", "template": "templates", "pack": "rule packs"}
    with database.read() as session:
        counts = {kind: len(current(session, kind)) for kind in kinds}
    empty = [kinds[kind] for kind, count in counts.items() if not count]
    if empty:
        raise Amiss(f"no {' and no '.join(empty)} are published. {REMEDY}")
    return ", ".join(f"{count} {kinds[kind]}" for kind, count in counts.items())


def _campaigns(_settings: Settings, database: Database) -> str:
    """Whether each active campaign can be decided: its journey and its creditor's rules."""
    from sqlmodel import col, select

    from app.engine.catalogue import Catalogue, NotPublished
    from app.store.rows import Campaign

    catalogue, problems = Catalogue(), set()
    with database.read() as session:
        catalogue.refresh(session)
        active = session.exec(select(Campaign).where(col(Campaign.active))).all()
    for campaign in active:
        try:
            catalogue.journey(campaign.journey)
            catalogue.policy(campaign.creditor_id)
        except NotPublished as problem:
            problems.add(str(problem))
    if problems:
        raise Amiss(". ".join(sorted(problems)))
    return f"{len(active)} active"


def _senders(settings: Settings, database: Database) -> str:
    """Whether each active sender has a channel that carries for it."""
    from sqlmodel import col, select

    from app.cli.parts import providers
    from app.store.rows import Sender
    from channels.registry import CHANNELS

    known = providers(settings)
    carried = {f"{medium} by {name}" for medium, name in CHANNELS if name in known}
    with database.read() as session:
        active = session.exec(select(Sender).where(col(Sender.active))).all()
    strange = sorted({f"{sender.medium} by {sender.provider}" for sender in active} - carried)
    if strange:
        raise Amiss(
            f"no channel for {', '.join(strange)}. Set up that provider (DULY_PROVIDER and its own"
            " settings), or give these senders another one"
        )
    return f"{len(active)} active; there is {', '.join(sorted(carried)) or 'no channel'}"


def _twilio(settings: Settings, database: Database) -> str:
    """Whether Twilio answers and knows us, and whether our senders and webhooks are right there."""
    from sqlmodel import col, select

    from app.store.rows import ApprovedText, Sender

    with database.read() as session:
        ours = select(Sender).where(col(Sender.active), Sender.provider == "twilio")
        senders = session.exec(ours).all()
        texts = session.exec(select(ApprovedText.status)).all()
    if not settings.twilio:
        if senders:
            raise Amiss("senders of twilio have no account. Set DULY_TWILIO_ACCOUNT and its token")
        return "not set up"
    problems = _problems_at_twilio(settings, [s.address for s in senders if s.medium == "sms"])
    if problems:
        raise Amiss(f"{'. '.join(problems)}. See docs/twilio.md")
    approved = sum(status == "approved" for status in texts)
    return f"{len(senders)} senders; {approved} of {len(texts)} texts for WhatsApp are approved"


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
            return [problem for problem in found if problem is not None]
        finally:
            await api.close()

    return asyncio.run(asked())


def _gateways(settings: Settings, database: Database) -> str:
    """Whether whoever takes the payments is set up, answers, and calls us back."""
    from contextlib import ExitStack

    from app.cli.gateways import gateways_of
    from app.payments.choice import choices
    from app.payments.gateway import Examined, GatewayError
    from app.payments.sandbox_gateway import NAME as SANDBOX

    with database.read() as session:
        chosen = {name or settings.gateway for name, _ in choices(session).values()}
    words = []
    with ExitStack() as stack:
        gateways = gateways_of(settings, stack)
        for name in sorted(chosen | {settings.gateway}):
            if name == SANDBOX and settings.plays_money:
                words.append("the sandbox, which moves no money")
                continue
            try:
                gateway = gateways.chosen(name)
                hook = f"{settings.base_url}/webhooks/{name}"
                words.append(gateway.examine(hook) if isinstance(gateway, Examined) else name)
            except GatewayError as problem:
                raise Amiss(str(problem)) from problem
    return "; ".join(words)


def _sending(_settings: Settings, database: Database) -> str:
    """Whether anything is stopped by hand."""
    from app.delivery.halts import halts_in_force, words_of

    with database.read() as session:
        halts = halts_in_force(session)
    if halts:
        stopped = ", ".join(f"{words_of(halt)} (by {halt.placed_by})" for halt in halts)
        raise Amiss(f"stopped: {stopped}. `duly go` lets it go on")
    return "nothing is stopped"


def _signed(_settings: Settings, database: Database) -> str:
    """Whether somebody answers for the rules of each creditor that real providers carry for."""
    from sqlmodel import col, select

    from app.book.packs import published_packs
    from app.book.signoffs import packs_of, signed, unsigned
    from app.store.bulk import rows_by_id
    from app.store.rows import Creditor, Sender
    from channels.registry import is_real
    from channels.seam import Medium

    with database.read() as session:
        active = session.exec(select(Sender).where(col(Sender.active))).all()
        real = {s.creditor_id for s in active if is_real(Medium(s.medium), s.provider)}
        known, packs = signed(session, real), published_packs(session)
        missing = {
            row.external_id: unsigned(packs_of(session, row, packs), row.id, known)
            for row in rows_by_id(session, Creditor, real).values()
        }
    lacking = sorted(f"{name} ({len(packs)})" for name, packs in missing.items() if packs)
    if lacking:
        raise Amiss(
            f"rule packs are not signed for {', '.join(lacking)}, so only allowed addresses are"
            " written to. See `duly policy signoffs`"
        )
    return f"{len(real)} creditors on real providers, all rules signed"


def _mail(settings: Settings, database: Database) -> str:
    """Whether the providers of mail can be reached, let us in, and take our senders."""
    from app.cli.doctor_mail import mail_problems

    if settings.provider == "sandbox":
        return "the sandbox carries it"
    problems = mail_problems(settings, database)
    if problems:
        raise Amiss(". ".join(problems))
    return "its providers let us in and take our senders"


def _domains(_settings: Settings, database: Database) -> str:
    """Whether the domains of our mailboxes have SPF, DKIM and DMARC."""
    from app.cli.doctor_mail import domain_problems
    from channels.mail_domain import NoDns, dns_lookup

    try:
        names, problems = domain_problems(database, dns_lookup())
    except NoDns as silent:
        raise Amiss(
            f"DNS does not answer here ({silent}), so nothing is known of SPF, DKIM and DMARC."
            " Run this where there is a name server"
        ) from None
    if problems:
        raise Amiss(". ".join(problems))
    return f"SPF, DKIM and DMARC of {', '.join(names)}" if names else "no real mailbox yet"


def _books(_settings: Settings, database: Database) -> str:
    """Whether each creditor's book is new enough to send on."""
    from datetime import timedelta

    from sqlmodel import select

    from app.store.rows import Creditor

    now = database.now()
    with database.read() as session:
        creditors = session.exec(select(Creditor)).all()
    stale = sorted(
        creditor.external_id
        for creditor in creditors
        if creditor.ledger_max_age_s is not None
        and creditor.ledger_as_of is not None
        and creditor.ledger_as_of + timedelta(seconds=creditor.ledger_max_age_s) < now
    )
    if stale:
        raise Amiss(f"too old to send on: {', '.join(stale)}. Import a newer one")
    return f"{len(creditors)} creditors"


def _withheld(settings: Settings, database: Database) -> str:
    """Whether addresses that were erased would be known if a feed brought them again."""
    from app.book.withheld import unrecognisable

    with database.read() as session:
        lost = unrecognisable(session, settings.secret)
    if lost:
        raise Amiss(
            f"{lost} erased addresses are kept under another DULY_SECRET_KEY and would not be known"
            " again. Set that secret, or have the addresses suppressed at the provider"
        )
    return "every erased address would be known again"


_FOUNDATIONS = ("database", "migrations")
_LOOKS: tuple[tuple[str, _Look], ...] = (
    ("database", _database),
    ("migrations", _version),
    ("clock", _clock),
    ("published", _published),
    ("campaigns", _campaigns),
    ("senders", _senders),
    ("gateways", _gateways),
    ("twilio", _twilio),
    ("mail", _mail),
    ("mail domains", _domains),
    ("sending", _sending),
    ("signed", _signed),
    ("books", _books),
    ("withheld", _withheld),
)
