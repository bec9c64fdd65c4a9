"""The evidence file: everything about one customer, readable by people and by programs."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_file

from app.records.erasure import ErasureReason, erase
from app.records.evidence import SCHEMA, bundle, copy_bundle, evidence
from app.records.page import Reader
from app.store.rows import Attempt, Contact, Customer, Hold, Refused, Reply, Task
from app.web.catalogues import catalogue, translations
from tests.databases import on_both_stores
from tests.factories import add, add_customer
from tests.house.tree import ROOT
from tests.promises.stage import Stage, staging
from tests.world import SECRET


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    with staging(migrated_url) as made:
        dana = made.owe("Dana", media=("sms",))
        made.owe("Ben", media=("email",))
        made.run(
            "UPDATE customer SET name = :name, locale = 'he' WHERE id = :id",
            name="<script>alert(1)</script>",
            id=dana,
        )
        made.play(days=4)
        yield made


def gather(stage: Stage) -> dict[str, Any]:
    customer = stage.one(Customer, external_id="Dana")
    with stage.database.write() as session:
        return evidence(session, customer.id, stage.now)


def reader(language: str) -> Reader:
    say = translations(language, "evidence").gettext
    return Reader(language, say, translations("en", "stage").gettext)


def files(told: dict[str, Any]) -> tuple[dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(bundle(told, reader("he")))) as archive:
        assert archive.namelist() == ["evidence.json", "evidence.html"]
        return json.loads(archive.read("evidence.json")), archive.read("evidence.html").decode()


def test_it_tells_all_about_one_and_nothing_of_another(stage: Stage) -> None:
    found, page = files(gather(stage))

    customer = stage.one(Customer, external_id="Dana")
    attempts = [row for row in stage.get(Attempt) if row.person_id == customer.person_id]
    assert found["schema"] == SCHEMA
    assert [each["id"] for each in found["attempts"]] == [row.id for row in attempts]
    assert found["events"]
    assert {each["hash"] for each in found["versions"]} >= {row.template_hash for row in attempts}
    assert all(each["evidence"]["rules_hash"] for each in found["attempts"])
    assert found["trail"]["broken"] == []
    assert found["trail"]["head"]["number"] == len(found["trail"]["lines"])
    assert "Customer Ben" not in json.dumps(found) + page


def test_the_page_runs_no_script_shows_no_link_and_reads_from_the_right(stage: Stage) -> None:
    found, page = files(gather(stage))

    assert 'dir="rtl"' in page.split("<body>")[0]
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{link:" not in json.dumps(found)
    assert "{{link:" not in page
    assert "/p/" not in page.replace("/p/…", "").replace("</p>", "")


def test_the_same_record_makes_the_same_file(stage: Stage) -> None:
    he = reader("he")
    assert bundle(gather(stage), he) == bundle(gather(stage), he)


def test_a_refusal_says_why_in_a_sentence(stage: Stage) -> None:
    refused = stage.get(Refused)
    found, _ = files(gather(stage))

    assert all(each["sentence"] for each in found["refusals"])
    assert len(found["refusals"]) <= len(refused)


@on_both_stores
def test_after_an_erasure_ledger_and_trail_are_what_is_left(stage: Stage) -> None:
    """Vector 25: the file lists both."""
    customer = stage.one(Customer, external_id="Dana")
    with stage.database.write() as session:
        erase(session, customer.id, reason=ErasureReason.REQUEST, secret=SECRET, now=stage.now)
    found, page = files(gather(stage))

    assert found["invoices"]
    assert {each["text"] for each in found["attempts"]} == {""}
    assert found["trail"]["broken"] == []
    assert "פרטי הלקוח נמחקו" in page
    assert [each["value"].split(":")[0] for each in found["addresses"]] == ["erased"]


LISTED = (
    *("notices", "charges", "consents", "holds", "promises", "plans", "disputes", "tasks"),
    *("replies", "cases", "refusals", "attempts", "invoices", "payments", "events"),
    *("hardships", "complaints", "bank_entries", "subscriptions", "suppressions", "visits"),
)


def test_each_kind_is_a_section_of_the_file_even_when_it_is_empty(stage: Stage) -> None:
    found, page = files(gather(stage))

    assert set(LISTED) <= set(found)
    assert "הסדרי תשלומים" in page  # named as being empty


@pytest.mark.parametrize("language", ["en", "he", "ar", "lt", "de"])
def test_the_page_is_in_the_language_that_is_asked_for(stage: Stage, language: str) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle(gather(stage), reader(language)))) as archive:
        page = archive.read("evidence.html").decode()

    assert f'<html lang="{language}" dir="{"rtl" if language in ("he", "ar") else "ltr"}">' in page
    assert translations(language, "evidence").gettext("Messages as sent") in page


def test_what_another_creditor_has_of_the_same_person_is_not_told(stage: Stage) -> None:
    dana = stage.one(Customer, external_id="Dana")
    other = stage.second_creditor()
    theirs = add_customer(stage.database, other, "Theirs", person="person-Dana")
    held = {"person_id": dana.person_id, "placed_at": stage.now, "renewed_at": stage.now}
    add(stage.database, Hold, customer_id=theirs, kind="staff", why="a word of theirs", **held)
    add(stage.database, Hold, kind="legal", why="of all", **held)

    found, page = files(gather(stage))

    assert [each["why"] for each in found["holds"]] == ["of all"]
    assert "a word of theirs" not in page


def test_the_copy_for_the_customer_says_nothing_of_others_or_of_the_house(stage: Stage) -> None:
    dana = stage.one(Customer, external_id="Dana")
    own: dict[str, Any] = {"customer_id": dana.id}
    at = stage.now
    add(stage.database, Task, **own, key="t", team="x", kind="x", title="house one", created_at=at)
    add(stage.database, Contact, **own, name="house two")
    add(
        stage.database,
        Hold,
        **own,
        person_id=dana.person_id,
        kind="staff",
        why="house three",
        placed_at=at,
        renewed_at=at,
    )
    add(stage.database, Reply, **own, medium="sms", text="my own words", received_at=at)
    stage.run("UPDATE attempt SET copied_to = '[\"house four\"]'")
    stage.run("UPDATE customer SET account_owner = 'house five'")

    with zipfile.ZipFile(io.BytesIO(copy_bundle(gather(stage), reader("en")))) as archive:
        data, page = (archive.read(name).decode() for name in ("data.json", "data.html"))

    found = json.loads(data)
    assert found["schema"] == "duly-copy/1"
    assert [each["text"] for each in found["replies"]] == ["my own words"]
    assert [each["number"] for each in found["invoices"]]
    assert found["messages"][0]["text"]
    assert "my own words" in page
    assert "house" not in data + page
    assert not {"tasks", "contacts", "trail", "events"} & set(found)


def _spoken() -> set[str]:
    paths = sorted((ROOT / "templates/evidence").glob("*.html"))
    shown = [each for path in paths for each in extract_from_file("jinja2.ext:babel_extract", path)]
    tables = ROOT / "app/records/tables.py"
    return {text for _, text, *_ in [*shown, *_marked(tables)]}


def _marked(path: Path) -> list[Any]:
    return list(extract_from_file("python", path, keywords={"N_": None}))


@pytest.mark.parametrize("language", ["en", "he", "ar", "lt", "de"])
def test_every_word_of_the_pages_is_there_in_every_language(language: str) -> None:
    written = {message.id: message for message in catalogue(language, "evidence") if message.id}

    assert set(written) == _spoken()
    for text, message in written.items():
        assert message.string, text
        facts = [set(re.findall(r"%\(\w+\)s", str(each))) for each in (text, message.string)]
        assert facts[0] == facts[1], text
