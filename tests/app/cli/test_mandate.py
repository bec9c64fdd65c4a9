"""`duly mandate list|revoke`."""

from __future__ import annotations

import pytest

from app.payments.sandbox_cards import CardCourse
from tests.app.cli.conftest import Duly
from tests.app.loops.debtor import debtor

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@SQLITE
def test_a_card_is_listed_and_revoked_by_staff(with_database: Duly, migrated_url: str) -> None:
    with debtor(migrated_url) as dana:
        assert "never agreed" in with_database("mandate", "list", "C1").err
        dana.keep_card()
        dana.plays(CardCourse.PAYS)
        (kept,) = dana.world.rows("mandate")

        assert str(kept["last_four"]) in with_database("mandate", "list", "C1").out
        assert with_database("mandate", "revoke", "C1", "--by", "noa").err == "Revoked.\n"
        assert "nothing to revoke" in with_database("mandate", "revoke", "C1").err
        (told,) = with_database("mandate", "list", "C1", "--json").json["mandates"]

        assert (told["revoked_by"], told["recorded_by"]) == ("staff", "noa")
        assert with_database("mandate", "revoke", "C9").code == 2
        assert "by noa" in with_database("mandate", "list", "C1").out
