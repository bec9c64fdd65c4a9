"""By when a complaint is answered stands in the packs; the strictest row that binds counts."""

from __future__ import annotations

from datetime import date

from app.intake.answer_terms import AnswerBy, answer_by
from app.store.publishing import contents, current, publish
from campaigns.duties import Act
from tests.factories import NOON, add_creditor, add_customer
from tests.world import World


def test_the_strictest_row_that_binds_gives_the_day_and_is_named(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor = add_creditor(world.database)
    people = {
        country: add_customer(world.database, creditor, country, country=country)
        for country in ("GB", "DE", "IL")
    }

    def by(country: str, asked: Act) -> AnswerBy:
        with world.database.read() as session:
            day = date(2026, 1, 31)
            return answer_by(session, people[country], asked, received_on=day, now=NOON)

    assert by("IL", Act.COMPLAINT) == AnswerBy(date(2026, 2, 15), "HOUSE-COMPLAINT")
    assert by("GB", Act.COMPLAINT) == AnswerBy(date(2026, 2, 15), "HOUSE-COMPLAINT")
    month_of_february = AnswerBy(date(2026, 2, 28), "EU-GDPR-DSAR")
    assert by("DE", Act.DATA_REQUEST) == month_of_february

    with world.database.write() as session:
        digest = current(session, "pack")["house"]
        text = contents(session, [digest])[digest].replace("within: 15d", "within: 70d")
        publish(session, "pack", "house", text, now=world.now)
    assert by("GB", Act.COMPLAINT) == AnswerBy(date(2026, 3, 28), "UK-DISP-COMPLAINT")
    assert by("IL", Act.COMPLAINT) == AnswerBy(date(2026, 4, 11), "HOUSE-COMPLAINT")

    with world.database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM publication")
    assert by("IL", Act.COMPLAINT) == AnswerBy(date(2026, 2, 15), None)
    world.close()
