"""`/p/{token}/statement`: all that was invoiced and paid, to read, to print, as a table, as PDF.

What is disputed or past its limitation stands on it, marked: the balance is that of the books.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from app.api.limits import Limits
from app.book.charges.terms import ChargeKind
from app.book.statement import EntryKind, Sheet, statement
from app.web.account import Account, Standing, account
from app.web.brand import brand_of
from app.web.catalogues import N_
from app.web.charged import Charged, charged
from app.web.documents import DocumentLink, document_links, missing
from app.web.pages import tongues
from app.web.paper import as_pdf, why_no_pdf
from app.web.site import Site
from app.web.statement_table import Words, table
from app.web.tickets import Held
from app.web.visits import Visit, spoken, visit
from app.wording.bidi import cleaned
from campaigns.money import Money, totals

KINDS: Mapping[EntryKind, str] = {
    EntryKind.INVOICE: N_("Invoice"),
    EntryKind.PAYMENT: N_("Payment"),
    EntryKind.CREDIT_NOTE: N_("Credit note"),
    EntryKind.DISCOUNT: N_("Discount"),
    EntryKind.REFUND: N_("Refund"),
    EntryKind.CHARGEBACK: N_("Card payment taken back"),
    EntryKind.RETURNED_DEBIT: N_("Direct debit returned by the bank"),
    EntryKind.DISCOUNT_WITHDRAWN: N_("Discount taken back, as the payment was returned"),
}
MARKS: Mapping[Standing, str] = {
    Standing.DISPUTED: N_("We are checking this"),
    Standing.LIMITED: N_("We do not ask for this"),
}
CHARGES: Mapping[ChargeKind, str] = {
    ChargeKind.INTEREST: N_("Interest on invoice %(number)s"),
    ChargeKind.COST: N_("Fixed sum for the late payment of invoice %(number)s"),
}
HEADERS = (
    N_("Date"), N_("Entry"), N_("Number"), N_("Due date"), N_("Currency"), N_("Amount"),
    N_("Settled"), N_("Balance"), N_("Note"),
)  # fmt: skip
OPENING = N_("Opening balance")
GOES_TO = N_("of that, for the invoice")
OPEN_AGAIN = N_("open again, of the invoice")
EVERYTHING = "all"
PDFS_A_MINUTE = 6  # of one customer: each costs as much as a hundred pages


@dataclass(frozen=True, slots=True)
class Standings:
    """What the balance of one currency is made of; the first three less the last."""

    asked: Money
    disputed: Money
    limited: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class StatementPage:
    """All that the template `pages/statement.html` shows."""

    path: str
    language: str
    name: str | None
    on: date
    since: date | None
    sheets: Sequence[tuple[Sheet, Standings]]
    charged: Mapping[int, Charged]
    kinds: Mapping[EntryKind, str]
    marks: Mapping[int, str]
    documents: Mapping[int, DocumentLink]
    as_pdf: bool


def router(site: Site) -> APIRouter:
    """The statement, as a page, as a table, and as PDF where that can be had."""
    asked = Limits(PDFS_A_MINUTE)
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}/statement", methods=["GET", "HEAD"])
    def show(ticket: Held, lang: str | None = None, period: str = "") -> HTMLResponse:
        now = site.clock.now()
        with site.database.read() as session:
            found = visit(site, session, ticket, now)
            language, locale = spoken(found, lang)
            page = _page(site, session, found, now, language, period)
        return site.pages.answer(
            "pages/statement.html",
            language=language,
            locale=locale,
            brand=brand_of(found.creditor),
            tongues=tongues(f"{page.path}/statement", language, period=_told(period)),
            page=page,
        )

    @routes.api_route("/p/{token}/statement.csv", methods=["GET", "HEAD"])
    def download(ticket: Held, lang: str | None = None, period: str = "") -> Response:
        now = site.clock.now()
        with site.database.read() as session:
            found = visit(site, session, ticket, now)
            language, _ = spoken(found, lang)
            page = _page(site, session, found, now, language, period)
        text = table([sheet for sheet, _ in page.sheets], _words(site, page))
        name = f"statement-{page.on.isoformat()}.csv"
        return Response(
            text.encode("utf-8-sig"),  # without the mark, spreadsheets guess an old code page
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    @routes.api_route("/p/{token}/statement.pdf", methods=["GET", "HEAD"])
    def typeset(ticket: Held, lang: str | None = None, period: str = "") -> Response:
        now = site.clock.now()
        with site.database.read() as session:
            found = visit(site, session, ticket, now)
            language, locale = spoken(found, lang)
            page = _page(site, session, found, now, language, period)
        spare = asked.take(str(found.customer_id), now.timestamp()).granted
        if not (page.as_pdf and spare):
            return missing(site, found, "statement", lang, status=404 if spare else 429)
        html = site.pages.html(
            "pages/statement_pdf.html",
            language=language,
            locale=locale,
            brand=brand_of(found.creditor),
            page=replace(page, documents={}),
        )
        name = f"statement-{page.on.isoformat()}.pdf"
        return Response(
            as_pdf(html),
            media_type="application/pdf",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return routes


def _page(
    site: Site, session: Session, found: Visit, now: datetime, language: str, period: str
) -> StatementPage:
    standing = account(session, found, now)
    since = None if period == EVERYTHING else _a_year_before(standing.today)
    zone = ZoneInfo(found.creditor.zone)
    sheets = statement(session, found.customer_id, zone, since=since)
    invoices = [
        line.entry
        for sheet in sheets
        for line in sheet.lines
        if line.entry.kind is EntryKind.INVOICE
    ]
    say, path = site.pages.words, f"/p/{found.token}"
    return StatementPage(
        path=path,
        language=language,
        name=found.customer.name,
        on=standing.today,
        since=since,
        sheets=[(sheet, _standings(standing, sheet.currency)) for sheet in sheets],
        charged=charged(session, found.customer_id),
        kinds={kind: say(language, text) for kind, text in KINDS.items()},
        marks={
            line.id: say(language, MARKS[line.standing])
            for line in standing.lines
            if line.standing in MARKS
        },
        documents=document_links(invoices, path, language),
        as_pdf=why_no_pdf() is None,
    )


def _standings(standing: Account, currency: str) -> Standings:
    def among(amounts: Iterable[Money]) -> Money:
        return next((m for m in amounts if m.currency == currency), Money(0, currency))

    def total(of: Standing) -> Money:
        return among(totals(line.open for line in standing.having(of)))

    return Standings(
        total(Standing.ASKED),
        total(Standing.DISPUTED),
        total(Standing.LIMITED),
        among(standing.credit),
    )


def _words(site: Site, page: StatementPage) -> Words:
    def say(text: str) -> str:
        return site.pages.words(page.language, text)

    return Words(
        headers=tuple(map(say, HEADERS)),
        kinds=page.kinds,
        opening=say(OPENING),
        goes_to=say(GOES_TO),
        open_again=say(OPEN_AGAIN),
        marks=page.marks,
        charges={
            id_: say(CHARGES[charge.kind]) % {"number": cleaned(charge.number)}
            for id_, charge in page.charged.items()
        },
    )


def _a_year_before(today: date) -> date:
    """The first of the month, a year ago."""
    return today.replace(year=today.year - 1, day=1)


def _told(period: str) -> str:
    return EVERYTHING if period == EVERYTHING else ""
