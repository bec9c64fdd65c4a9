"""A journey's counts open lists of as many."""

from __future__ import annotations

import re

from app.staff.roles import Role
from tests.app.console.customers.lively import lively
from tests.databases import on_both_stores

FIGURE = r'<a href="(/console/(?:customers|messages)\?[^"]*journey=[^"]*)">(?:<b>)?<bdi>(\d+)'


@on_both_stores
def test_each_number_of_a_step_opens_what_it_counts(migrated_url: str) -> None:
    with lively(migrated_url) as lived:
        seat = lived.team.seat(Role.VIEWER)
        page = seat.opens("/console/design/journeys/consumer_gentle")
        found = [(href.replace("&amp;", "&"), int(told)) for href, told in re.findall(FIGURE, page)]
        listed = seat.opens("/console/design/journeys")
        found += [
            (href.replace("&amp;", "&"), int(told)) for href, told in re.findall(FIGURE, listed)
        ]
        for href, number in found:
            assert seat.opens(href).count("<tr data-line") == number, href

    standing = [number for href, number in found if "customers" in href and "step=" in href]
    said = [number for href, number in found if "messages" in href]
    assert sum(standing) == 2  # both customers stand somewhere
    assert sum(said) >= 1
    assert ("/console/customers?journey=consumer_gentle", 2) in found
