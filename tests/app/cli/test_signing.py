"""`duly policy check|publish|sign|withdraw|signoffs` and `duly allow`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store.bulk import insert_rows
from app.store.rows import Sender
from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor
from tests.world import World

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
OWN = """schema: duly-rules/1
pack: own
title: Own rules
level: creditor
creditor: carmel
rules:
  - id: OWN-CAP
    kind: cap
    n: 2
    per: 7d
    source: our board
    status: P
    checked: 2026-11-28
"""


@pytest.fixture
def carmel(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor_id = creditor(world)
    creditor(world, "galil")
    line = {"medium": "sms", "provider": "carrier", "address": "+37061234567", "display_name": "C"}
    with world.database.write() as session:
        insert_rows(session, Sender, [{"creditor_id": creditor_id, **line}])
    world.close()


@SQLITE
@pytest.mark.usefixtures("carmel")
def test_packs_are_signed_changed_and_signed_again(with_database: Duly, home: Path) -> None:
    doctor = with_database("doctor")
    assert "FAIL signed: rule packs are not signed for carmel" in doctor.out

    wrong = with_database("policy", "sign", "carmel", "de-nowhere", "--by", "Dana")
    assert (wrong.code, "does not concern this creditor" in wrong.err) == (2, True)
    assert with_database("policy", "sign", "carmel", "--by", "Dana").code == 2
    one = with_database("policy", "sign", "carmel", "house", "--by", "Dana", "--note", "the board")
    assert one.err.startswith("Signed: house.")
    assert "Not signed yet: " in one.err
    assert (
        "Not signed yet" not in with_database("policy", "sign", "carmel", "--all", "--by", "D").err
    )
    assert "ok   signed: " in with_database("doctor").out

    own = home / "own.yaml"
    own.write_text(OWN, "utf-8")
    assert with_database("policy", "publish", own).code == 0
    told = with_database("policy", "signoffs", "--json").json["signoffs"]
    states = {(each["creditor"], each["pack"]): each["state"] for each in told}
    assert states["carmel", "house"] == "signed"
    assert states["carmel", "own"] == "unsigned"
    assert ("galil", "own") not in states, "a creditor's own pack concerns no other"
    assert states["galil", "house"] == "unsigned"

    with_database("policy", "sign", "carmel", "own", "--by", "Dana")
    own.write_text(OWN.replace("n: 2", "n: 1"), "utf-8")
    assert "1 sign-offs are of an older version" in with_database("policy", "publish", own).err
    lines = with_database("policy", "signoffs", "carmel").out.splitlines()
    assert any(line.startswith("carmel own (") and "changed since" in line for line in lines)
    assert any("by Dana: the board" in line for line in lines)
    assert with_database("policy", "withdraw", "carmel", "house", "--by", "Omer").code == 0
    assert with_database("policy", "withdraw", "carmel", "house", "--by", "Omer").code == 2


KNOWN = "source: x, status: P, checked: 2026-11-28"
BROKEN = {
    "unknown key": (
        "    per: 7d",
        "    per: 7d\n    perr: 7d",
        "own.yaml:11:5: unknown key `perr`",
    ),
    "missing source": ("    source: our board\n", "", "own.yaml:7:5: `source` is missing"),
    "looser than the house": ("n: 2", "n: 5", "own.yaml:7:5: `OWN-CAP` is looser than"),
    "an id that is taken": ("OWN-CAP", "HOUSE-CAP-7D", "rules with an id that is taken"),
    "closes before it opens": (
        "    kind: cap\n    n: 2\n    per: 7d",
        '    kind: window\n    hours: {all: "18:00-09:00"}',
        "own.yaml:9:13: ",
    ),
    "overlapping dates": (
        "rules:\n",
        f"rules:\n  - {{id: OWN-CAP, kind: gap, least: 9d, {KNOWN}}}\n",
        "`OWN-CAP` is there twice, with dates that overlap",
    ),
}


@SQLITE
@pytest.mark.usefixtures("carmel")
def test_a_broken_pack_is_refused_with_its_line_and_the_old_one_stays(
    with_database: Duly, home: Path
) -> None:
    own = home / "own.yaml"
    own.write_text(OWN, "utf-8")
    assert with_database("policy", "publish", own).code == 0
    before = with_database("policy", "signoffs", "carmel").out
    for name, (old, new, words) in BROKEN.items():
        assert old in OWN
        own.write_text(OWN.replace(old, new), "utf-8")
        refused = with_database("policy", "publish", own)
        assert refused.code == 1, name
        assert words in refused.out + refused.err, (name, refused.out)
        assert "the rules that were published before stay" in refused.err
        assert with_database("policy", "signoffs", "carmel").out == before


@SQLITE
@pytest.mark.usefixtures("carmel")
def test_what_a_provider_forbids_cannot_be_published_away(with_database: Duly, home: Path) -> None:
    from app.loops.assembly import shipped_texts

    text = next(text for kind, name, text in shipped_texts() if (kind, name) == ("pack", "twilio"))
    file = home / "twilio.yaml"
    file.write_text(text.replace("[third_party_collector, debt_buyer]", "[debt_buyer]"), "utf-8")
    refused = with_database("policy", "publish", file)
    assert refused.code == 1
    assert "twilio.yaml:6:5: `TW-US-3P` is weaker" in refused.out


@SQLITE
def test_the_allow_list_knows_an_address_by_any_spelling(with_database: Duly) -> None:
    assert with_database("allow", "add", "Dana@Example.com", "--by", "Dana").err == "Allowed.\n"
    assert "already" in with_database("allow", "add", "dana@example.com ").err
    assert with_database("allow", "add", "+370 612 34567", "--note", "Omer's").code == 0
    assert with_database("allow", "add", "12").code == 2
    told = with_database("allow", "list", "--json").json["allowed"]
    assert [row["address"] for row in told] == ["+37061234567", "dana@example.com"]
    assert with_database("allow", "remove", "+37061234567").code == 0
    assert with_database("allow", "remove", "+37061234567").code == 2
    assert with_database("allow", "list").out.startswith("dana@example.com, ")
