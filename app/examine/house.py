"""What is looked at of the house: database, clock, what is published, books and rules."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from app.examine.findings import Amiss
from campaigns.worded import joined, listed, worded

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.settings import Settings
    from app.store.engines import Database


def database(_settings: Settings, database: Database) -> str:
    from app.store.places import REMEDY, missing_file

    missing = missing_file(database)
    if missing is not None:
        raise Amiss(
            worded("there is no file %(missing)s. %(remedy)s", missing=missing, remedy=REMEDY)
        )
    with database.read() as session:
        session.connection().exec_driver_sql("SELECT 1")
    return worded("%(dialect)s answers", dialect=database.dialect)


def version(_settings: Settings, database: Database) -> str:
    from app.store.migrate import is_current
    from app.store.places import REMEDY

    if not is_current(database):
        raise Amiss(worded("not at the newest version. %(remedy)s", remedy=REMEDY))
    return worded("at the newest version")


def clock(settings: Settings, database: Database) -> str:
    from app.clock import SystemClock

    off = abs((SystemClock().now() - database.now()).total_seconds())
    words = worded("%(seconds)s s from the database's clock", seconds=f"{off:.2f}")
    if off > settings.clock_skew_seconds:
        raise Amiss(
            worded(
                "%(words)s. Set this machine's clock; until then the loops do not work", words=words
            )
        )
    return words


def published(_settings: Settings, database: Database) -> str:
    from app.store.places import REMEDY
    from app.store.publishing import current

    kinds = {
        "journey": worded("journeys"),
        "template": worded("templates"),
        "pack": worded("rule packs"),
    }
    with database.read() as session:
        counts = {kind: len(current(session, kind)) for kind in kinds}
    empty = [kinds[kind] for kind, count in counts.items() if not count]
    if empty:
        none = reduce(lambda a, b: worded("%(first)s and no %(last)s", first=a, last=b), empty)
        raise Amiss(worded("no %(kinds)s are published. %(remedy)s", kinds=none, remedy=REMEDY))
    return listed(
        worded("%(count)s %(kind)s", count=count, kind=kinds[kind])
        for kind, count in counts.items()
    )


def campaigns(_settings: Settings, database: Database) -> str:
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
        raise Amiss(joined(sorted(problems), ". "))
    return worded("%(count)s active", count=len(active))


def sending(_settings: Settings, database: Database) -> str:
    """Whether anything is stopped by hand."""
    from app.delivery.halts import halts_in_force, words_of

    with database.read() as session:
        halts = halts_in_force(session)
    if halts:
        stopped = listed(
            worded("%(what)s (by %(who)s)", what=words_of(halt), who=halt.placed_by)
            for halt in halts
        )
        raise Amiss(worded("stopped: %(stopped)s. `duly go` lets it go on", stopped=stopped))
    return worded("nothing is stopped")


def signed(_settings: Settings, database: Database) -> str:
    """Whether somebody answers for the rules of each creditor that real providers carry for."""
    from app.book.packs import published_packs
    from app.book.signoffs import packs_of, signed, unsigned
    from app.store.given import rows_by_id
    from app.store.rows import Creditor

    with database.read() as session:
        real = _real(session)
        known, packs = signed(session, real), published_packs(session)
        missing = {
            row.external_id: unsigned(packs_of(session, row, packs), row.id, known)
            for row in rows_by_id(session, Creditor, real).values()
        }
    lacking = sorted(f"{name} ({len(packs)})" for name, packs in missing.items() if packs)
    if lacking:
        raise Amiss(
            worded(
                "rule packs are not signed for %(creditors)s, so only allowed addresses are"
                " written to. See `duly policy signoffs`",
                creditors=", ".join(lacking),
            )
        )
    return worded("%(count)s creditors on real providers, all rules signed", count=len(real))


def on_call(_settings: Settings, database: Database) -> str:
    """Whether somebody is called, at any hour, for each creditor that real providers carry for."""
    from app.book.on_call import on_call_list, uncovered, waivers
    from app.store.given import rows_by_id
    from app.store.rows import Creditor

    with database.read() as session:
        real = _real(session)
        names = rows_by_id(session, Creditor, real)
        lacking = uncovered(session, real)
        listed, waived = len(on_call_list(session)), len(waivers(session, real))
    if lacking:
        lack = ", ".join(sorted(names[number].external_id for number in lacking))
        raise Amiss(
            worded(
                "NOBODY IS CALLED when a customer of %(creditors)s may be in danger, so only"
                " allowed addresses are written to. Put somebody on the list: `duly oncall add`",
                creditors=lack,
            )
        )
    return worded(
        "%(listed)s on call; waived for %(waived)s creditors", listed=listed, waived=waived
    )


def crisis_lines(_settings: Settings, database: Database) -> str:
    """Whether somebody has looked who listens in each country that real providers carry to."""
    from sqlmodel import col, select

    from app.book.signoffs import signed, unsigned
    from app.store.given import rows_by_id
    from app.store.rows import Creditor, Customer
    from app.wording.crisis import crisis_lines, crisis_row

    missing = set()
    with database.read() as session:
        real = rows_by_id(session, Creditor, _real(session))
        known = signed(session, real)
        for number, creditor in real.items():
            countries = select(Customer.country).where(col(Customer.creditor_id) == number)
            places = {place or creditor.country for place in session.exec(countries.distinct())}
            doubtful = {row.name: row for row in map(crisis_row, places) if not row.is_verified}
            left = unsigned(doubtful.values(), number, known)
            missing |= {f"{row.country} for {creditor.external_id}" for row in left}
    if missing:
        raise Amiss(
            worded(
                "NOBODY HAS CONFIRMED who listens to somebody in danger: %(places)s; only"
                " allowed addresses are written to there. Call the number (`duly crisis list`),"
                " then `duly crisis confirm`",
                places=", ".join(sorted(missing)),
            )
        )
    return worded(
        "%(count)s rows; every one that is needed is verified or confirmed",
        count=len(crisis_lines()),
    )


def books(_settings: Settings, database: Database) -> str:
    """Whether each creditor's book is new enough to send on."""
    from sqlalchemy import func, select

    from app.book.stale import stale_books
    from app.store.given import table_of
    from app.store.rows import Creditor

    now = database.now()
    with database.read() as session:
        stale = stale_books(session, now)
        count = select(func.count()).select_from(table_of(Creditor))
        creditors = session.connection().execute(count).scalar_one()
    if stale:
        raise Amiss(
            worded("too old to send on: %(books)s. Import a newer one", books=", ".join(stale))
        )
    return worded("%(count)s creditors", count=creditors)


def withheld(settings: Settings, database: Database) -> str:
    """Whether addresses that were erased would be known if a feed brought them again."""
    from app.book.withheld import unrecognisable

    with database.read() as session:
        lost = unrecognisable(session, settings.secret)
    if lost:
        raise Amiss(
            worded(
                "%(lost)s erased addresses are kept under another DULY_SECRET_KEY and would not"
                " be known again. Set that secret, or have the addresses suppressed at the"
                " provider",
                lost=lost,
            )
        )
    return worded("every erased address would be known again")


def users(settings: Settings, database: Database) -> str:
    """Whether whoever may come into the console can do so."""
    from app.staff.second_factor import unreadable
    from app.staff.users import all_users

    with database.read() as session:
        open_to = [row for row in all_users(session) if row.disabled_at is None]
        lost = unreadable(session, settings.secret)
    if lost:
        raise Amiss(
            worded(
                "%(lost)s users' codes are kept under another DULY_SECRET_KEY: their apps open"
                " nothing. Set that secret, or run: duly user link EMAIL --drop-second-factor",
                lost=lost,
            )
        )
    if not open_to:
        return worded(
            "nobody can come into the console yet; `duly serve` prints a link for the first"
        )
    return worded("%(count)s can come into the console", count=len(open_to))


def numbers(_settings: Settings, database: Database) -> str:
    """Whether there are row numbers left for a long while. Asks no table how long it is."""
    from app.store.numbers import HALF, numbers_used

    with database.read() as session:
        used = numbers_used(session)
    table, share = max(used.items(), key=lambda each: each[1], default=("", 0.0))
    if share >= HALF:
        raise Amiss(
            worded(
                "%(share)s of the row numbers of `%(table)s` are used; when all are, nothing"
                " more is written. Plan to widen them: see docs/production.md",
                share=f"{share:.0%}",
                table=table,
            )
        )
    return (
        worded("%(share)s used where most are", share=f"{share:.0%}")
        if used
        else worded("rows are numbered without an end here")
    )


def paper(_settings: Settings, _database: Database) -> str:
    """Whether customers can have their statement as PDF: an extra, so its lack is no fault."""
    from app.web.paper import REMEDY, why_no_pdf

    lacking = why_no_pdf()
    return (
        worded(
            "not offered: %(lacking)s. To offer them, %(remedy)s", lacking=lacking, remedy=REMEDY
        )
        if lacking
        else worded("offered")
    )


def page_checks(_settings: Settings, database: Database) -> str:
    """Which creditors' pages ask before they tell, and how many customers they can ask nothing."""
    from app.clock import SystemClock
    from app.engine.catalogue import Catalogue
    from app.intake.light_check import asking, unprovable

    catalogue = Catalogue()
    with database.read() as session:
        catalogue.refresh(session)
        found = asking(session, catalogue, SystemClock().now())
        lacking = {row.external_id: count for row in found if (count := unprovable(session, row))}
    if lacking:
        told = ", ".join(f"{count} of {name}" for name, count in sorted(lacking.items()))
        raise Amiss(
            worded(
                "customers with no postcode, year of birth or invoice to be asked for:"
                " %(told)s. Their pages stay closed; bring one of the three in with the book",
                told=told,
            )
        )
    names = ", ".join(sorted(row.external_id for row in found))
    return worded(
        "asked by law or wish before a page tells: %(creditors)s",
        creditors=names or worded("nobody"),
    )


def _real(session: Session) -> set[int]:
    """The creditors that real providers carry for."""
    from sqlmodel import col, select

    from app.store.rows import Sender
    from channels.registry import is_real
    from channels.seam import Medium

    active = session.exec(select(Sender).where(col(Sender.active))).all()
    return {s.creditor_id for s in active if is_real(Medium(s.medium), s.provider)}
