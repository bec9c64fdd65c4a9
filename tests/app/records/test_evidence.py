"""The evidence file: everything about one customer, readable by people and by programs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from app.records.erasure import ErasureReason, erase
from app.records.evidence import SCHEMA, bundle, evidence
from app.store.rows import Attempt, Customer, Refused
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


def files(told: dict[str, Any]) -> tuple[dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(bundle(told))) as archive:
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
    assert bundle(gather(stage)) == bundle(gather(stage))


def test_a_refusal_says_why_in_a_sentence(stage: Stage) -> None:
    refused = stage.get(Refused)
    found, _ = files(gather(stage))

    assert all(each["sentence"] for each in found["refusals"])
    assert len(found["refusals"]) <= len(refused)


def test_after_an_erasure_ledger_and_trail_are_what_is_left(stage: Stage) -> None:
    """Vector 25: the file lists both."""
    customer = stage.one(Customer, external_id="Dana")
    with stage.database.write() as session:
        erase(session, customer.id, reason=ErasureReason.REQUEST, secret=SECRET, now=stage.now)
    found, page = files(gather(stage))

    assert found["invoices"]
    assert {each["text"] for each in found["attempts"]} == {""}
    assert found["trail"]["broken"] == []
    assert "was erased" in page
    assert [each["value"].split(":")[0] for each in found["addresses"]] == ["erased"]
