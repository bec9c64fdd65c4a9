"""Promise 6: every message can be shown as it was sent, with the versions, rules, facts and clock
behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Row, inspect, text

from app.store.publishing import publish
from app.store.rows import Attempt, Invoice, Link, Message, Person, Revision
from app.wording.links import expand, link_ids, token
from app.wording.render import Wording
from campaigns.packs import read_pack
from tests.databases import on_both_stores
from tests.promises.stage import Stage
from tests.world import SECRET


@pytest.fixture
def sent(stage: Stage) -> Stage:
    """One text and one mail that went out."""
    stage.owe("Ada", media=("sms",))
    stage.owe("Ben", media=("email",))
    stage.tick()
    return stage


def everything(stage: Stage) -> dict[str, Sequence[Row[Any]]]:
    """All rows of all tables."""
    tables = inspect(stage.database.engine).get_table_names()
    with stage.database.read() as session:
        return {
            table: session.connection().execute(text(f"SELECT * FROM {table}")).all()
            for table in sorted(tables)
        }


@on_both_stores
def test_the_frozen_text_is_what_the_provider_got_but_for_its_links(sent: Stage) -> None:
    attempts = {row.key: row for row in sent.get(Attempt)}
    for taken in sent.ledger.acceptances():
        attempt = attempts[taken.attempt_key]
        links = {row.id: row.purpose for row in sent.get(Link, message_id=attempt.message_id)}
        paths = {"pay": "p", "unsubscribe": "u"}
        urls = {
            link_id: f"https://pay.example.com/{paths[purpose]}/{token(SECRET, link_id)}"
            for link_id, purpose in links.items()
        }

        assert link_ids(attempt.text) <= set(urls)
        assert any(links[link_id] == "pay" for link_id in link_ids(attempt.text))
        assert expand(attempt.text, urls) == taken.text
        assert (attempt.subject, attempt.recipient) == (taken.subject, taken.recipient)
        assert attempt.provider_id == taken.provider_id


def test_a_mail_is_kept_with_its_layout(sent: Stage) -> None:
    mail = sent.one(Attempt, medium="email")

    assert "<html" in mail.html
    assert link_ids(mail.html)


def test_the_token_of_a_link_is_stored_nowhere(sent: Stage) -> None:
    tokens = [token(SECRET, row.id) for row in sent.get(Link)]
    assert all(made in "".join(s.text for s in sent.sent()) for made in tokens[:1])

    written = "\n".join(str(rows) for rows in everything(sent).values())

    assert len(tokens) == 4
    assert not [made for made in tokens if made in written]
    hashes = {row.token_hash for row in sent.get(Link)}
    assert hashes == {sha256(made.encode()).hexdigest() for made in tokens}


def test_the_evidence_names_revisions_that_are_kept(sent: Stage) -> None:
    kept = {row.hash: row for row in sent.get(Revision)}
    packs = [
        read_pack(row.content, f"{row.name}.yaml") for row in kept.values() if row.kind == "pack"
    ]
    rules = sha256("".join(sorted(pack.hash for pack in packs)).encode()).hexdigest()

    for attempt in sent.get(Attempt):
        template, journey = kept[attempt.template_hash], kept[attempt.evidence["journey"]]
        assert (template.kind, template.name) == ("template", "due_today")
        assert (journey.kind, journey.name) == ("journey", "consumer_gentle")
        assert attempt.evidence["template"] == attempt.template_hash
        assert attempt.evidence["rules_hash"] == rules
        assert "IL-HOURS" in attempt.evidence["rules"]


def test_the_text_can_be_rendered_again_from_the_kept_template(sent: Stage) -> None:
    text_message = sent.one(Attempt, medium="sms")
    kept = sent.one(Revision, hash=text_message.template_hash)

    wording = Wording.from_revisions({kept.hash: kept.content})  # raises if it has other words

    assert wording.hash_of("due_today") == text_message.template_hash


def test_the_evidence_holds_the_clock_the_guard_and_the_facts(sent: Stage) -> None:
    for attempt in sent.get(Attempt):
        message = sent.one(Message, id=attempt.message_id)
        person = sent.one(Person, id=attempt.person_id)
        (invoice,) = sent.get(Invoice, customer_id=message.customer_id)
        evidence = attempt.evidence

        assert datetime.fromisoformat(evidence["now"]) == attempt.gated_at == sent.now
        assert datetime.fromisoformat(evidence["permitted_until"]) > sent.now
        assert person.revision == evidence["guard"] + 1
        assert evidence["totals"] == [[invoice.open_minor, "ILS"]]
        assert attempt.invoice_ids == [invoice.id]
        assert evidence["choice_probability"] == message.choice_probability
        assert (attempt.locale, evidence["locale_asked"]) == ("en", "en")


def test_evidence_holds_nothing_personal(sent: Stage) -> None:
    for attempt in sent.get(Attempt):
        told = json.dumps(attempt.evidence)
        assert attempt.recipient not in told
        assert "Customer" not in told


def test_a_template_that_is_published_anew_changes_no_message_that_was_sent(sent: Stage) -> None:
    before = sent.get(Attempt)
    old = sent.one(Revision, hash=before[0].template_hash)
    new = old.content.replace("today is the day for", "this very day is the day for")
    assert new != old.content
    with sent.database.write() as session:
        publish(session, "template", "due_today", new, now=sent.now)
    later = sent.owe("Cyd")
    sent.run("UPDATE campaign SET enrolled_on = NULL")

    sent.tick()

    after = sent.get(Attempt)
    assert after[:2] == before
    assert "this very day" in sent.sent(customer_id=later)[0].text
    assert after[2].template_hash != before[0].template_hash
    kept = {row.hash for row in sent.get(Revision)}
    assert {row.template_hash for row in after} <= kept


def test_a_journey_that_is_published_anew_changes_no_evidence(sent: Stage) -> None:
    before = sent.get(Attempt)
    old = sent.one(Revision, hash=before[0].evidence["journey"])
    with sent.database.write() as session:
        new = old.content.replace("title: Gentle", "title: Gentler")
        publish(session, "journey", "consumer_gentle", new, now=sent.now)

    sent.play(days=4)

    first, second = sent.get(Attempt, medium="sms")
    assert first == next(row for row in before if row.medium == "sms")
    assert second.evidence["journey"] != first.evidence["journey"]
    assert {row.hash for row in sent.get(Revision)} >= {second.evidence["journey"], old.hash}
