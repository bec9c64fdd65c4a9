"""A form is never believed: whatever its page did not offer is refused, whosever it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from starlette.testclient import TestClient

from app.web.forms import Purpose
from app.web.ways.every import BY_PURPOSE
from tests.app.web.people import Payer, Stand, tables_of, whole
from tests.app.web.security.forms import forms_of, same_form
from tests.app.web.security.neighbours import act_at_gateway, add_plan, give_way, press

ANYTHING_GOES = {
    "lang": "an unknown language is the reader's own",
    "to": "an unknown page leads to the front",
    "each": "an amount that was typed a page before",
}
NOT_REFUSED = frozenset(
    {
        # A page that is out of date must not stand between a customer and these.
        ("help", "nonce"), ("wrong-person", "nonce"), ("stop", "nonce"),
        # What is ticked and is not the words of now keeps no card; the payment goes on.
        ("pay", "keep"),
        # Names the currency of an amount that is not written: nothing is noted of it.
        ("paid", "currency"),
        # Of a part it says nothing: the amount is the one that is typed.
        ("pay", "shown"),
        # Any number may be wished for: a person of the team answers.
        ("wish", "parts"),
        # Not asked for where nothing needs it.
        ("preferences", "agreed"),
    }
)  # fmt: skip


def furnished(stand: Stand, client: TestClient, payer: Payer, kind: str) -> None:
    """The payer's pages, so that all forms are there: some stand only beside a plan."""
    give_way(stand, payer)
    if kind == "in parts":
        add_plan(stand, payer, 124_050)
    if kind == "by card":
        add_plan(stand, payer, 124_050)
        press(client, payer, "/card", "card", agreed="yes")
        act_at_gateway(client, stand, "keep")
        press(client, payer, "/call", "call")


def foreign(stand: Stand, payer: Payer, other: Payer) -> list[str]:
    """Every id of a row of the other's that is no id of any row of the payer's, and their keys."""
    theirs, own = (set(_ids(stand, who)) for who in (other, payer))
    return [
        *sorted(theirs - own, key=int)[-4:],
        "Z-770",
        other.token,
        f"customer-{other.customer_id}",
    ]


def _ids(stand: Stand, payer: Payer) -> Iterator[str]:
    for _, rows in _owned(stand, payer).items():
        yield from (str(row["id"]) for row in rows if "id" in row)
    yield from (str(payer.customer_id), str(payer.address_id))


def _owned(stand: Stand, payer: Payer) -> dict[str, list[dict[str, Any]]]:
    """The rows that name this customer."""
    engine = create_engine(stand.database.url, hide_parameters=True)
    found = {}
    with engine.connect() as connection:
        for table in tables_of(connection).sorted_tables:
            if "customer_id" in table.c:
                query = select(table).where(table.c.customer_id == payer.customer_id)
                found[table.name] = [dict(row._mapping) for row in connection.execute(query)]
    engine.dispose()
    return found


def crossings(stand: Stand) -> list[str]:
    """Rows of one customer that lead to a row of another, by any foreign key."""
    engine = create_engine(stand.database.url, hide_parameters=True)
    found = []
    with engine.connect() as connection:
        for table in tables_of(connection).sorted_tables:
            for key in table.foreign_keys if "customer_id" in table.c else ():
                there = key.column.table
                if "customer_id" not in there.c or there is table:
                    continue
                query = select(table.c.id).join(there, key.parent == key.column)
                query = query.where(table.c.customer_id != there.c.customer_id)
                found += [f"{key.parent} {row.id}" for row in connection.execute(query)]
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", ["plainly", "in parts", "by card"])
def test_a_choice_that_the_page_did_not_offer_is_refused_and_touches_nobody(
    stand: Stand, client: TestClient, dana: Payer, zimri: Payer, kind: str
) -> None:
    furnished(stand, client, dana, kind)
    ids = foreign(stand, dana, zimri)
    forms = [form for _, form in forms_of(client, dana)]
    theirs, before = _owned(stand, zimri), whole(stand)
    tried = set[tuple[str, str]]()

    for form in forms:
        for field in form.chosen():
            if field.name in ANYTHING_GOES or (form.name, field.name) in NOT_REFUSED:
                continue
            for id_ in ids:
                if id_ in field.values:
                    continue  # a day of the month, for one
                answer = client.post(form.action, data=form.filled(**{field.name: id_}))
                assert answer.status_code in (403, 409, 422), (form.name, field.name, id_)
            tried.add((form.name, field.name))

    assert whole(stand) == before
    assert _owned(stand, zimri) == theirs
    assert len(tried) >= {"plainly": 24, "in parts": 14, "by card": 12}[kind], sorted(tried)
    assert crossings(stand) == []


def test_the_forms_of_all_ways_are_tried(
    stand: Stand, client: TestClient, dana: Payer, zimri: Payer
) -> None:
    """Else a new way could be left out of the test above."""
    seen = set[str]()
    furnished(stand, client, dana, "plainly")
    seen |= {form.name for _, form in forms_of(client, dana)}
    furnished(stand, client, dana, "by card")
    seen |= {form.name for _, form in forms_of(client, dana)}

    assert seen == {
        BY_PURPOSE[purpose].slug if purpose in BY_PURPOSE else "pay" for purpose in Purpose
    }


def test_every_form_is_taken_when_nothing_is_forged(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    """Else the refusals above would prove nothing."""
    furnished(stand, client, dana, "plainly")
    taken = dict[str, int]()
    for page, known in forms_of(client, dana):
        if known.name in ("wrong-person", "stop"):
            continue
        form = same_form(client, dana, page, known)
        taken.setdefault(known.name, client.post(form.action, data=form.filled()).status_code)

    assert {name for name, status in taken.items() if status == 303} >= {
        "pay", "promise", "dispute", "help", "paid", "thread", "call", "preferences", "details",
    }, taken  # fmt: skip
