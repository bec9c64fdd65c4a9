"""Reports of how customers fared, and what it took: complaints, help, cost."""

from __future__ import annotations

from sqlalchemy import select

from app.console.figures.names import ASKED, COMPLAINTS, GIVEN_HELP, MEDIA
from app.console.figures.reports.monthly import by_month, months_chart, months_table
from app.console.figures.tables import Column, Kind, Line, Table
from app.console.figures.telling import Report, Telling
from app.figures.names import Daily
from app.figures.reading import daily
from app.store.given import table_of
from app.store.rows import Sender
from app.web.catalogues import N_

_SENDER = table_of(Sender)


def complaints(tell: Telling) -> Report:
    found = by_month(tell, (Daily.COMPLAINTS, Daily.DISPUTES))
    named = [
        (tell.say(name), found[f"{Daily.COMPLAINTS}:{kind}"]) for kind, name in COMPLAINTS.items()
    ]
    named.append((tell.say(N_("Disputes")), found[Daily.DISPUTES]))
    says = tell.say(
        N_("%(complaints)s complaints and requests, and %(disputes)s disputes."),
        complaints=tell.number(sum(found[Daily.COMPLAINTS].values())),
        disputes=tell.number(sum(found[Daily.DISPUTES].values())),
    )
    made = tell.say(N_("Each counts on the day it came in."))
    title = tell.say(N_("Complaints and disputes"))
    table = months_table(tell, title, named)
    return Report(says, made, [table], [months_chart(tell, title, says, named)])


def help_given(tell: Telling) -> Report:
    found = by_month(tell, (Daily.HELP_ASKED, Daily.HELP_GIVEN))
    asked = [(tell.say(name), found[f"{Daily.HELP_ASKED}:{of}"]) for of, name in ASKED.items()]
    given = [(tell.say(name), found[f"{Daily.HELP_GIVEN}:{of}"]) for of, name in GIVEN_HELP.items()]
    says = tell.say(
        N_("Help was asked for %(asked)s times and given %(given)s times."),
        asked=tell.number(sum(found[Daily.HELP_ASKED].values())),
        given=tell.number(sum(found[Daily.HELP_GIVEN].values())),
    )
    made = tell.say(
        N_("Asked: word of hardship, a wish for a call, a wish for a plan that a person decides on."
           " Given: answers of the team, plans agreed on such a wish, and pauses for people in"
           " trouble.")
    )  # fmt: skip
    titles = tell.say(N_("Help asked for")), tell.say(N_("Help given"))
    tables = [
        months_table(tell, title, named)
        for title, named in zip(titles, (asked, given), strict=True)
    ]
    charts = [
        months_chart(tell, title, says, named)
        for title, named in zip(titles, (asked, given), strict=True)
    ]
    return Report(says, made, tables, charts)


def cost(tell: Telling) -> Report:
    """No sender has a price yet, so this tells what a price would be multiplied with."""
    scope = tell.scope
    figures = (Daily.SENDER_SENT, Daily.SENDER_FAILED, Daily.SENDER_SEGMENTS)
    counted: dict[str, dict[str, int]] = {}
    for row in daily(
        tell.session, figures, scope.first, scope.last, "about", creditors=scope.creditor_ids
    ):
        counted.setdefault(row.about, dict.fromkeys(figures, 0))[row.figure] = int(row.number)
    senders = {
        str(row.id): row
        for row in tell.session.connection().execute(select(_SENDER))
        if str(row.id) in counted
    }
    says = tell.say(
        N_("%(sent)s messages were sent, which took %(segments)s SMS segments. No price is set for"
           " any sender, so no cost can be told."),
        sent=tell.number(sum(each[Daily.SENDER_SENT] for each in counted.values())),
        segments=tell.number(sum(each[Daily.SENDER_SEGMENTS] for each in counted.values())),
    )  # fmt: skip
    made = tell.say(N_("An SMS is billed by segments: 160 characters, or 70 in alphabets such as"
                       " Hebrew and Arabic. Multiply them by your provider's price."))  # fmt: skip
    columns = [
        Column(tell.say(N_("Sender"))),
        Column(tell.say(N_("Channel"))),
        Column(tell.say(N_("Sent")), Kind.NUMBER),
        Column(tell.say(N_("Failed")), Kind.NUMBER),
        Column(tell.say(N_("SMS segments")), Kind.NUMBER),
    ]
    rows = [
        Line(
            (
                senders[id_].address,
                tell.named(MEDIA, senders[id_].medium),
                *(counts[figure] for figure in figures),
            )
        )
        for id_, counts in sorted(counted.items(), key=lambda each: int(each[0]))
        if id_ in senders
    ]
    return Report(says, made, [Table(tell.say(N_("Cost")), columns, rows)])
