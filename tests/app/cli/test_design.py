"""`duly journey check|publish`, `duly template check|publish|render`."""

from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store.engines import Database
from app.store.publishing import contents, current
from tests.app.cli.conftest import Duly
from tests.databases import on_both_stores
from tests.factories import add_creditor
from tests.world import World

JOURNEY = """\
journey: ours
title: One word
subject: customer
steps:
  - id: only_word
    day: 5
    send: reminder_first
  - id: over
    day: 30
    end: exhausted
"""
BROKEN = """\
journey: ours
title: One word
subject: customer
steps:
  - id: first
    day: 5
    send: reminder_frist
  - id: over
    day: 30
    end: exhausted
    when: balanse > 5
"""
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def journey(home: Path) -> Path:
    path = home / "ours.yaml"
    path.write_text(JOURNEY, "utf-8")
    return path


@pytest.fixture
def template(home: Path) -> Path:
    """A copy of a shipped template, to be edited."""
    folder = home / "reminder_first"
    folder.mkdir()
    for file in files("templates").joinpath("messages", "reminder_first").iterdir():
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
    return folder


def _published(url: str, kind: str) -> dict[str, str]:
    database = Database(url)
    with database.read() as session:
        found = current(session, kind)
        texts = contents(session, found.values())
    database.dispose()
    return {name: texts[digest] for name, digest in found.items()}


def test_what_ships_is_well_without_any_database(duly: Duly, home: Path) -> None:
    journeys, templates = duly("journey", "check"), duly("template", "check")

    assert (journeys.code, journeys.out) == (0, "")
    assert "consumer_gentle.yaml: " in journeys.err
    assert (templates.code, templates.out) == (0, "")
    assert templates.err.splitlines() == [
        "Every template is well in every language.",
        "Who listens to somebody in danger is not verified for all, IT: duly crisis list",
    ]
    assert list(home.iterdir()) == []


def test_everything_that_is_wrong_with_a_journey_is_told_at_once(duly: Duly, journey: Path) -> None:
    journey.write_text(BROKEN, "utf-8")

    ended = duly("journey", "check", journey)

    assert (ended.code, ended.err) == (1, "")
    first, second = ended.out.splitlines()
    assert first.startswith(f"{journey}:7:")
    assert "Did you mean `reminder_first`?" in first
    assert second.startswith(f"{journey}:11:")
    assert "Did you mean `balance`?" in second


def test_files_of_several_journeys_are_all_checked(duly: Duly, journey: Path) -> None:
    broken = journey.with_name("broken.yaml")
    broken.write_text(BROKEN, "utf-8")

    ended = duly("journey", "check", broken, journey)

    assert ended.code == 1
    assert len(ended.out.splitlines()) == 2
    assert ended.err == f"{journey}: 2 steps, all well\n"


def test_a_file_that_is_no_text_is_wrong_use(duly: Duly, journey: Path) -> None:
    journey.write_bytes(b"\xff\xfe")

    ended = duly("journey", "check", journey)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"{journey} is not UTF-8 text; save it as UTF-8.\n"


@on_both_stores
def test_a_journey_is_published(with_book: Duly, migrated_url: str, journey: Path) -> None:
    ended = with_book("journey", "publish", journey)

    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("ours: published as ")
    assert _published(migrated_url, "journey")["ours"] == JOURNEY


def test_a_broken_journey_is_refused_and_the_published_version_goes_on(
    with_book: Duly, migrated_url: str, journey: Path
) -> None:
    with_book("journey", "publish", journey)
    journey.write_text(BROKEN, "utf-8")

    ended = with_book("journey", "publish", journey)

    assert ended.code == 1
    assert ended.out.startswith(f"{journey}:7:")
    assert ended.err == "Nothing was published; what was published before goes on.\n"
    assert _published(migrated_url, "journey")["ours"] == JOURNEY


@SQLITE
class TestPublishing:
    def test_several_journeys_are_published_all_or_none(
        self, with_book: Duly, migrated_url: str, journey: Path
    ) -> None:
        broken = journey.with_name("broken.yaml")
        broken.write_text(BROKEN, "utf-8")

        assert with_book("journey", "publish", journey, broken).code == 1
        assert "ours" not in _published(migrated_url, "journey")

    def test_two_files_of_one_journey_are_wrong_use(
        self, with_book: Duly, migrated_url: str, journey: Path
    ) -> None:
        twin = journey.with_name("twin.yaml")
        twin.write_text(JOURNEY, "utf-8")

        assert with_book("journey", "publish", journey, twin).code == 2
        assert "ours" not in _published(migrated_url, "journey")

    def test_a_journey_may_ask_for_what_the_book_tells_of_customers(
        self, with_book: Duly, migrated_url: str, journey: Path
    ) -> None:
        said = "send: reminder_first"
        asked = JOURNEY.replace(said, f"{said}\n    when: custom.branch == 'north'")
        journey.write_text(asked, "utf-8")
        assert with_book("journey", "publish", journey).code == 1
        database = Database(migrated_url)
        with database.write() as session:
            known = text("UPDATE creditor SET custom_types = :types")
            session.connection().execute(known, {"types": '{"branch": "text"}'})
        database.dispose()

        assert with_book("journey", "publish", journey).code == 0
        assert with_book("journey", "check", journey).code == 0

    def test_words_are_published_in_all_languages_at_once(
        self, with_book: Duly, migrated_url: str, template: Path
    ) -> None:
        english = template / "en.yaml"
        english.write_text(
            english.read_text("utf-8").replace("a short note", "a kind note"), "utf-8"
        )

        ended = with_book("template", "publish", template)

        assert (ended.code, ended.out) == (0, "")
        assert "reminder_first: published as " in ended.err
        assert "a kind note" in _published(migrated_url, "template")["reminder_first"]

    def test_a_broken_template_is_refused_and_the_published_version_goes_on(
        self, with_book: Duly, migrated_url: str, template: Path
    ) -> None:
        before = _published(migrated_url, "template")
        english = template / "en.yaml"
        english.write_text(english.read_text("utf-8").replace("creditor }}", "credtor }}"), "utf-8")

        ended = with_book("template", "publish", template)

        assert ended.code == 1
        assert "reminder_first/en.yaml:" in ended.out
        assert "Nothing was published" in ended.err
        assert _published(migrated_url, "template") == before

    def test_a_template_that_lacks_a_language_is_refused(
        self, with_book: Duly, template: Path
    ) -> None:
        (template / "he.yaml").unlink()

        ended = with_book("template", "check", template)

        assert ended.code == 1
        assert "reminder_first/he.yaml:1: `he` is missing" in ended.out

    def test_a_folder_without_words_is_wrong_use(self, with_book: Duly, home: Path) -> None:
        (home / "empty").mkdir()

        assert with_book("template", "publish", home / "empty").code == 2


def test_a_sample_is_rendered_without_any_database(duly: Duly, home: Path) -> None:
    text_message = duly("template", "render", "due_soon", "--medium", "sms")
    mail = duly("template", "render", "due_soon", "--medium", "email", "--locale", "he", "--json")

    assert text_message.code == 0
    assert text_message.out.startswith("Alder & Finch: ")
    assert "segments" in text_message.err
    assert mail.json["locale"] == "he"
    assert "<html" in mail.json["html"]
    assert mail.err == ""
    assert list(home.iterdir()) == []


def test_a_language_without_words_is_told(duly: Duly) -> None:
    ended = duly("template", "render", "due_soon", "--medium", "sms", "--locale", "fi")

    assert ended.code == 0
    assert "There are no words for fi; these are in en." in ended.err


DANA = ("template", "render", "reminder_first", "--medium", "email", "--customer", "dana")


@on_both_stores
def test_a_customer_of_the_book_is_shown_what_she_would_get(with_book: Duly) -> None:
    with_book("walk")

    ended = with_book(*DANA, "--json")

    assert (ended.code, ended.err) == (0, "")
    assert "Dana" in ended.json["text"]
    assert "INV-1" in ended.json["text"]
    assert "{{link:0}}" in ended.json["text"]


@SQLITE
class TestACustomerOfTheBook:
    def test_may_be_shown_another_language(self, with_book: Duly) -> None:
        with_book("walk")

        ended = with_book(*DANA, "--locale", "lt", "--json")

        assert ended.json["locale"] == "lt"

    def test_without_a_case_says_what_opens_one(self, with_book: Duly) -> None:
        ended = with_book(*DANA)

        assert (ended.code, ended.out) == (1, "")
        assert "has no open case" in ended.err
        assert "duly walk opens them" in ended.err

    def test_without_an_address_says_so(self, with_book: Duly) -> None:
        with_book("walk")

        ended = with_book(*DANA[:-1], "omar")

        assert (ended.code, ended.err) == (1, "This customer has no address for email.\n")

    def test_who_is_nobody_is_looked_up(self, with_book: Duly) -> None:
        ended = with_book(*DANA[:-1], "nobody")

        assert ended.code == 1
        assert ended.err == "There is no customer of this number; look it up in the book.\n"

    def test_of_two_creditors_must_be_told_apart(self, with_book: Duly, home: Path) -> None:
        from tests.app.loops.books import MAPPING, write_book

        other = MAPPING.replace("external_id: alder", "external_id: birch")
        feed, mapping = write_book(home, mapping=other, name="birch")
        with_book("import", feed, "--map", mapping)
        with_book("walk")

        ended = with_book(*DANA)

        assert ended.code == 1
        assert "Several creditors have this number: alder, birch." in ended.err
        assert with_book(*DANA, "--creditor", "birch").code == 0
        assert with_book(*DANA, "--creditor", "cedar").code == 1


@SQLITE
def test_a_template_is_not_published_where_the_law_misses_something_in_it(
    with_database: Duly, template: Path, migrated_url: str
) -> None:
    world = World(migrated_url)
    add_creditor(world.database, country="US", zone="America/Chicago", region="IL")
    before = _published(migrated_url, "template")["reminder_first"]
    world.close()
    text_of = template / "en.yaml"
    text_of.write_text(text_of.read_text("utf-8") + "# changed\n", "utf-8")

    ended = with_database("template", "publish", template)
    checked = with_database("template", "check", template, "--creditor", "carmel")
    unknown = with_database("template", "check", template, "--creditor", "nobody")

    assert (ended.code, checked.code, unknown.code) == (1, 1, 2)
    assert "no postal address in `he` on email, for carmel in US (US-CANSPAM)" in ended.out
    assert checked.out == ended.out
    assert _published(migrated_url, "template")["reminder_first"] == before
