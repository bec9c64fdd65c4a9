"""Reports of how customers fared, and what it took: complaints, help, cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.sender_prices import prices_of
from app.console.figures.names import ASKED, COMPLAINTS, GIVEN_HELP, MEDIA
from app.console.figures.reports.monthly import (
    Counted,
    Counts,
    by_month,
    happened,
    months_chart,
    months_table,
)
from app.console.figures.tables import Column, Kind, Line, Table
from app.console.figures.telling import Report, Telling
from app.figures.names import Daily
from app.figures.reading import daily
from app.store.given import table_of
from app.store.rows import Sender
from app.web.catalogues import N_
from campaigns.prices import Price
from campaigns.vocabulary import Medium

_SENDER = table_of(Sender)


def complaints(tell: Telling) -> Report:
    found = by_month(tell, (Daily.COMPLAINTS, Daily.DISPUTES))
    columns = _kinds(tell, found, Daily.COMPLAINTS, COMPLAINTS)
    disputes = found[Daily.DISPUTES], happened(tell, Daily.DISPUTES)
    columns.append(Counted(tell.say(N_("Disputes")), *disputes))
    says = tell.say(
        N_("%(complaints)s complaints and requests, and %(disputes)s disputes."),
        complaints=tell.number(sum(found[Daily.COMPLAINTS].values())),
        disputes=tell.number(sum(found[Daily.DISPUTES].values())),
    )
    made = tell.say(N_("Each counts on the day it came in."))
    title = tell.say(N_("Complaints and disputes"))
    table = months_table(tell, title, columns)
    return Report(says, made, [table], [months_chart(tell, title, says, columns)])


def _kinds(
    tell: Telling, found: Mapping[str, Counts], what: Daily, names: Mapping[str, str]
) -> list[Counted]:
    """A column for each kind of a figure."""
    return [
        Counted(tell.say(name), found[f"{what}:{kind}"], happened(tell, what, kind))
        for kind, name in names.items()
    ]


def help_given(tell: Telling) -> Report:
    found = by_month(tell, (Daily.HELP_ASKED, Daily.HELP_GIVEN))
    columns = (
        _kinds(tell, found, Daily.HELP_ASKED, ASKED),
        _kinds(tell, found, Daily.HELP_GIVEN, GIVEN_HELP),
    )
    says = tell.say(
        N_("Help was asked for %(asked)s times and given %(given)s times."),
        asked=tell.number(sum(found[Daily.HELP_ASKED].values())),
        given=tell.number(sum(found[Daily.HELP_GIVEN].values())),
    )
    made = tell.say(
        N_("Asked: word of hardship, a wish for a call, a wish for a plan that a person decides on."
           " Given: answers of the team, plans agreed on such a wish, pauses for people in trouble,"
           " and what a person did for them: a talk, a plan talked over, the name of who advises on"
           " debts free of charge, a write-off asked for.")
    )  # fmt: skip
    titles = tell.say(N_("Help asked for")), tell.say(N_("Help given"))
    told = list(zip(titles, columns, strict=True))
    tables = [months_table(tell, title, each) for title, each in told]
    charts = [months_chart(tell, title, says, each) for title, each in told]
    return Report(says, made, tables, charts)


def cost(tell: Telling) -> Report:
    """At the prices that were in force on each day, of those in the scope's currency."""
    counted = _by_sender(tell)
    query = select(_SENDER).where(_SENDER.c.id.in_(sorted(counted))).order_by(_SENDER.c.id)
    senders = list(tell.session.connection().execute(query))
    priced = _priced(tell.session, counted, senders)
    costs = {row.id: _cost(priced[row.id], tell.scope.currency) for row in senders}
    total = sum(minor for minor in costs.values() if minor is not None)
    came = _collected(tell)
    made = tell.say(
        N_("What was sent, at the price that its sender had on that day: of a message, or of an"
           " SMS segment (160 characters, or 70 in alphabets such as Hebrew and Arabic). What was"
           " sent without a price, or at one in another currency, costs nothing here.")
    )  # fmt: skip
    columns = [
        Column(tell.say(N_("Sender"))),
        Column(tell.say(N_("Channel"))),
        Column(tell.say(N_("Sent")), Kind.NUMBER),
        Column(tell.say(N_("Failed")), Kind.NUMBER),
        Column(tell.say(N_("SMS segments")), Kind.NUMBER),
        Column(tell.say(N_("Price"))),
        Column(tell.say(N_("Cost")), Kind.MONEY),
    ]
    rows = [
        Line(
            (
                row.address,
                tell.named(MEDIA, row.medium),
                *(sum(day[each] for day in counted[row.id].values()) for each in _OF_SENDERS),
                ", ".join(str(price) for price in priced[row.id] if price is not None) or "–",
                costs[row.id],
            ),
            _sent_by(tell, row.id),
            hrefs={2: _sent_by(tell, row.id), 3: _sent_by(tell, row.id, outcome="failed")},
        )
        for row in senders
    ]
    table = Table(tell.say(N_("Cost")), columns, rows, tell.scope.currency)
    note = "" if all(None not in priced[row.id] for row in senders) else tell.say(_NO_PRICE)
    return Report(_said(tell, total, came), made, [table], [], note)


def _sent_by(tell: Telling, sender_id: int, **asked: str) -> str:
    return f"/console/messages{tell.scope.query(sender=str(sender_id), currency='', **asked)}"


_OF_SENDERS = (Daily.SENDER_SENT, Daily.SENDER_FAILED, Daily.SENDER_SEGMENTS)
_NO_PRICE = N_("Some senders have no price yet. It is set where the sender is, under Senders.")


def _said(tell: Telling, total: int, came: int) -> str:
    if not total:
        return tell.say(N_("No sender has a price in this currency, so no cost can be told."))
    return tell.say(
        N_("Messages cost %(cost)s, and %(came)s came in: %(share)s of it."),
        cost=tell.whole_money(total),
        came=tell.whole_money(came),
        share=tell.percent(total / came) if came > 0 else "–",
    )


def _by_sender(tell: Telling) -> Mapping[int, Mapping[date, dict[str, int]]]:
    """What each sender sent, by day."""
    scope = tell.scope
    found: dict[int, dict[date, dict[str, int]]] = defaultdict(dict)
    for row in daily(
        tell.session, _OF_SENDERS, scope.first, scope.last, "about", "day",
        creditors=scope.creditor_ids,
    ):  # fmt: skip
        counts = found[int(row.about)].setdefault(row.day, dict.fromkeys(_OF_SENDERS, 0))
        counts[row.figure] = int(row.number)
    return found


def _priced(
    session: Session,
    counted: Mapping[int, Mapping[date, Mapping[str, int]]],
    senders: Sequence[Row[Any]],
) -> Mapping[int, Mapping[Price | None, int]]:
    """How many messages (of SMS, segments) each sender sent at which of its prices."""
    prices = prices_of(session, [row.id for row in senders])
    found: dict[int, Counter[Price | None]] = {}
    for row in senders:
        figure = Daily.SENDER_SEGMENTS if row.medium == Medium.SMS else Daily.SENDER_SENT
        found[row.id] = Counter()
        for day, counts in sorted(counted[row.id].items()):
            found[row.id][prices.on(row.id, day)] += counts[figure]
    return found


def _cost(priced: Mapping[Price | None, int], currency: str) -> int | None:
    """In minor units; None where no price says."""
    costs = [
        price.of_many(number).minor
        for price, number in priced.items()
        if price is not None and price.currency == currency
    ]
    return sum(costs) if costs else None


def _collected(tell: Telling) -> int:
    scope = tell.scope
    found = daily(
        tell.session, [Daily.COLLECTED], scope.first, scope.last,
        creditors=scope.creditor_ids, currency=scope.currency,
    )  # fmt: skip
    return sum(int(row.amount) for row in found)
