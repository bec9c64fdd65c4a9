"""What no file of rules may undo."""

from __future__ import annotations

import pytest

from campaigns.guards import GUARDED
from campaigns.packs import PackError, read_pack
from campaigns.rules import Pack
from tests.campaigns.policyfacts import FOLDER, SHIPPED


def shipped(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


def faults(text: str, *, house: Pack | None = None) -> list[str]:
    with pytest.raises(PackError) as refused:
        read_pack(text, "edited.yaml", house=house)
    return [str(finding) for finding in refused.value.findings]


def own(*rules: str) -> str:
    known = ", source: ours, status: P, checked: 2026-11-28}"
    head = (
        "schema: duly-rules/1\npack: own\ntitle: Own\nlevel: creditor\ncreditor: carmel\nrules:\n"
    )
    return head + "\n".join(f"  - {rule.removesuffix('}')}{known}" for rule in rules)


def test_every_guarded_row_ships() -> None:
    for pack, guards in GUARDED.items():
        assert guards.keys() <= {rule.id for rule in SHIPPED[pack].rules}


@pytest.mark.parametrize(
    ("pack", "old", "new", "word"),
    [
        ("twilio", "countries: [US, CA]\n    why", "countries: [CA]\n    why", "TW-US-3P"),
        ("twilio", "roles: [third_party_collector, debt_buyer]", "roles: [debt_buyer]", "TW-US-3P"),
        ("twilio", "id: TW-US-3P", "id: TW-US-3Q", "TW-US-3P"),
        (
            "whatsapp",
            "    why: Meta prohibits",
            "    disabled: no\n    why: Meta prohibits",
            "WA-1",
        ),
        ("whatsapp", "past_due_from: 31", "past_due_from: 60", "WA-3"),
        (
            "whatsapp",
            "    why: legal steps",
            "    effective_to: 2026-12-01\n    why: legal",
            "WA-3-",
        ),
        (
            "whatsapp",
            "    why: legal steps",
            "    effective_from: 2030-01-01\n    why: le",
            "WA-3-",
        ),
        ("whatsapp", "act: attestation", "act: sender_registration", "WA-3-ATTESTATION"),
        ("whatsapp", "until: released", "until: outcome_sent", "WA-9"),
    ],
)
def test_what_a_provider_forbids_is_not_edited_away(
    pack: str, old: str, new: str, word: str
) -> None:
    text = shipped(pack)
    assert old in text
    (fault, *_) = faults(text.replace(old, new))
    assert fault.startswith("edited.yaml:")
    assert word in fault


def test_a_guarded_row_may_be_made_wider() -> None:
    wider = shipped("whatsapp").replace("past_due_from: 31", "past_due_from: 8")
    assert read_pack(wider, "edited.yaml").name == "whatsapp"


@pytest.mark.parametrize(
    ("rule", "house"),
    [
        ("{id: A, kind: cap, n: 4, per: 7d}", "HOUSE-CAP-7D"),
        ("{id: A, kind: gap, least: 19h}", "HOUSE-GAP"),
        ('{id: A, kind: window, hours: {business: "08:00-21:00"}}', "HOUSE-HOURS"),
        ('{id: A, kind: window, hours: {sat: "07:00-10:00"}}', "HOUSE-HOURS"),
    ],
)
def test_a_creditor_cannot_loosen_the_house(rule: str, house: str) -> None:
    (fault,) = faults(own(rule), house=SHIPPED["house"])
    assert fault.startswith("edited.yaml:7:")
    assert f"looser than `{house}`" in fault


@pytest.mark.parametrize(
    "rule",
    [
        "{id: A, kind: cap, n: 2, per: 7d}",
        "{id: A, kind: gap, least: 30h}",
        '{id: A, kind: window, hours: {all: "09:00-18:00"}}',
        "{id: A, kind: freshness, max_age: 6h}",
        "{id: A, kind: cap, n: 9, per: 60d}",
    ],
)
def test_a_creditor_may_tighten_the_house(rule: str) -> None:
    assert read_pack(own(rule), "own.yaml", house=SHIPPED["house"]).creditor == "carmel"


def test_a_creditors_own_pack_names_the_creditor_and_no_other_pack_does() -> None:
    rule = "{id: A, kind: gap, least: 30h}"
    assert "`creditor` is missing" in faults(own(rule).replace("creditor: carmel\n", ""))[0]
    assert (
        "only a creditor's own pack"
        in faults(own(rule).replace("level: creditor", "level: house"))[0]
    )
