"""`duly creditor page-check`, `duly customer code` and `close`, and what the doctor says of pages
that ask."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from app.clock import SystemClock
from app.settings import read_settings
from app.wording.daily_codes import is_daily_code
from tests.app.cli.conftest import Duly
from tests.app.delivery.cast import creditor, owing
from tests.world import World

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def _checks(duly: Duly) -> tuple[bool, str]:
    told = duly("doctor", "--json").json["findings"]
    (found,) = [one for one in told if one["name"] == "page checks"]
    return found["well"], found["words"]


def test_a_creditor_has_its_pages_ask_and_staff_know_their_code(
    migrated_url: str, with_database: Duly
) -> None:
    world = World(migrated_url)
    owing(world, creditor(world), "C-7", birth_year=1984)
    owing(world, creditor(world, "galil"), "G-1")
    world.close()
    duly = with_database

    assert _checks(duly) == (True, "asked by law or wish before a page tells: nobody")
    assert duly("creditor", "page-check", "carmel", "always").code == 0
    assert duly("creditor", "page-check", "galil", "always", "--by", "birth_year").code == 0
    well, words = _checks(duly)
    assert (well, "1 of galil" in words) == (False, True)
    assert duly("creditor", "page-check", "galil", "law").code == 0
    assert _checks(duly) == (True, "asked by law or wish before a page tells: carmel")
    for wrong in (("nobody", "law"), ("carmel", "law", "--by", "invoice")):
        assert duly("creditor", "page-check", *wrong).code == 2

    code = duly("customer", "code", "C-7")
    there = SystemClock().now().astimezone(ZoneInfo("Asia/Jerusalem"))
    today = there.date()  # and yesterday's code is good, too
    assert is_daily_code(read_settings().secret, 1, code.out.strip(), today)
    assert duly("customer", "code", "C-8").code == 2
    assert duly("customer", "close", "C-7").out.strip() == "0 ended"
    assert duly("customer", "close", "C-8").code == 2
