"""Who cannot pay learns by when a person answers and who advises, and may tell their means."""

from __future__ import annotations

import json

from starlette.testclient import TestClient

from app.intake.means import read_means
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value
from tests.app.web.test_acting import count, filled
from tests.databases import on_both_stores


@on_both_stores
def test_means_are_kept_apart_and_the_page_says_by_when_a_person_answers(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    shown = client.get(f"{dana.path}/help").text
    assert "We will get in touch with you by <bdi>25 November 2026</bdi>." in shown
    assert '<a href="https://www.paamonim.org" rel="noreferrer">' in shown
    assert '<details class="other">' in shown

    figures = {"income": "8,000", "costs": "7,400.50", "payable": "0", "dependants": "4"}
    told = filled(client, dana, "help", kind="more_time", **figures)
    answer = client.post(f"{dana.path}/help", data=told)
    thanks = client.get(answer.headers["location"]).text
    assert "will be in touch with you by <bdi>25 November 2026</bdi>." in thanks

    with stand.database.write() as session:
        means = read_means(session, dana.customer_id, read_by="Noa", now=NOW)
    assert means is not None
    assert (str(means.income), str(means.costs)) == ("8000.00 ILS", "7400.50 ILS")
    assert (str(means.payable), means.dependants) == ("0.00 ILS", 4)
    facts = json.dumps([str(row) for row in _everything(stand)])
    for figure in ("800000", "740050", "8,000", "7,400"):
        assert figure not in facts
    due = one_value(stand, "SELECT due_at FROM task WHERE kind = 'hardship'")
    assert "2026-11-25 22:00" in str(due), "the end of that day in Haifa"


def _everything(stand: Stand) -> list[object]:
    """All events, and all tasks: what staff and feeds see."""
    return [
        one_value(stand, f"SELECT {what} FROM {table} WHERE id = {number}")
        for table, what in (("event", "payload"), ("task", "detail"))
        for number in range(1, int(count(stand, table)) + 1)
    ]


def test_a_figure_that_cannot_be_read_is_asked_again_with_the_part_open(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for wrong in ({"income": "a lot"}, {"costs": "-5"}, {"dependants": "we two"}):
        form = filled(client, dana, "help", kind="talk", words="Hello", **wrong)
        answer = client.post(f"{dana.path}/help", data=form)
        (field,) = wrong
        assert answer.status_code == 422
        assert f'id="fault-{field}"' in answer.text
        assert '<details class="other" open>' in answer.text
        assert ">Hello</textarea>" in answer.text
    assert count(stand, "means") == 0
    assert count(stand, "hold") == 0


def test_businesses_and_countries_without_a_known_service_are_shown_no_advice(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE customer SET country = 'AE'")
    assert "Free advice" not in client.get(f"{dana.path}/help").text
    change(stand, "UPDATE customer SET country = 'GB'")
    shown = client.get(f"{dana.path}/help?lang=he").text
    assert '<a href="tel:08001381111">' in shown
    assert "ייעוץ חינם בענייני חובות" in shown
    business = add_payer(stand, "Acme", kind="business")
    assert "Free advice" not in client.get(f"{business.path}/help").text
