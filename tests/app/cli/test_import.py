"""`duly import`: a book in, and a report of it."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Duly
from tests.app.loops.books import FEED, MAPPING, write_book
from tests.databases import on_both_stores

Files = tuple[Path, Path]


@on_both_stores
def test_a_book_is_imported_and_reported(with_database: Duly, book_files: Files) -> None:
    feed, mapping = book_files
    ended = with_database("import", feed, "--map", mapping, "--json")

    assert ended.code == 0
    report = ended.json
    assert (report["accepted"], report["rejected"]) == (5, 0)
    assert report["invoiced"] == {"EUR": 36000}
    assert "Alder Homes: the shipped campaigns are on" in ended.err


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestImport:
    def test_people_read_a_table(self, with_database: Duly, book_files: Files) -> None:
        feed, mapping = book_files

        ended = with_database("import", feed, "--map", mapping)

        assert ended.out.splitlines()[0] == "book.csv"
        assert "360.00 EUR" in ended.out

    def test_doing_it_again_changes_nothing(self, with_book: Duly, book_files: Files) -> None:
        feed, mapping = book_files

        ended = with_book("import", feed, "--map", mapping, "--json")

        assert ended.json["changed"] == 0
        assert ended.err == ""

    def test_a_dry_run_writes_nothing_and_says_so(
        self, with_database: Duly, book_files: Files
    ) -> None:
        feed, mapping = book_files

        ended = with_database("import", feed, "--map", mapping, "--dry-run")

        assert "book.csv (nothing was written)" in ended.out
        assert ended.err == ""
        assert "ok   books: 0 creditors" in with_database("doctor").out.splitlines()

    def test_production_gets_no_sandbox_senders(
        self, with_database: Duly, book_files: Files, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        feed, mapping = book_files
        for name, value in {
            "ENVIRONMENT": "production",
            "REHEARSAL": "true",
            "SECRET_KEY": "k" * 40,
            "GATEWAY_SECRET": "g" * 40,
            "BASE_URL": "https://pay.example.com",
        }.items():
            monkeypatch.setenv(f"DULY_{name}", value)

        ended = with_database("import", feed, "--map", mapping)

        assert (ended.code, ended.err) == (0, "")

    def test_a_broken_mapping_is_told_by_file_line_cause_and_remedy(
        self, with_database: Duly, home: Path
    ) -> None:
        broken = MAPPING.replace("Europe/Vilnius\n  locale: en", "Europe/Vilnus\n  locale: en")
        feed, mapping = write_book(home, mapping=broken)

        ended = with_database("import", feed, "--map", mapping)

        assert (ended.code, ended.out) == (2, "")
        assert f"{mapping}:6:9: `zone`: `Europe/Vilnus` is no known zone" in ended.err
        assert "Did you mean `Europe/Vilnius`?" in ended.err

    def test_rejected_rows_are_told_by_line_and_never_by_what_they_hold(
        self, with_database: Duly, home: Path
    ) -> None:
        feed, mapping = write_book(home, feed=FEED.replace("80.00", "secret-cell"))

        ended = with_database("import", feed, "--map", mapping)

        assert ended.code == 0
        assert "1 rows were rejected; all in" in ended.err
        assert "  line 3: " in ended.err
        assert "secret-cell" not in ended.err
        assert "noam" not in ended.err

    def test_a_book_of_which_no_row_can_be_taken_in_has_failed(
        self, with_database: Duly, home: Path
    ) -> None:
        feed, mapping = write_book(home, feed=f"{FEED.splitlines()[0]}\nx,,,,,,,,,\n")

        ended = with_database("import", feed, "--map", mapping)

        assert ended.code == 1
        assert "Not one row could be taken in." in ended.err

    def test_a_feed_that_is_no_text_is_wrong_use(
        self, with_database: Duly, book_files: Files
    ) -> None:
        feed, mapping = book_files
        feed.write_bytes(b"\xff\xfe\x00\x01")

        ended = with_database("import", feed, "--map", mapping)

        assert ended.code == 2
        assert "Traceback" not in ended.err

    def test_a_mapping_is_proposed_that_the_import_takes(
        self, with_database: Duly, book_files: Files, home: Path
    ) -> None:
        feed, _ = book_files

        guessed = with_database("import", feed, "--guess")
        (home / "guessed.yaml").write_text(guessed.out, "utf-8")
        taken = with_database("import", feed, "--map", home / "guessed.yaml", "--json")

        assert guessed.code == 0
        assert "unsure: country: nothing tells the country" in guessed.err
        assert "5 rows: 5 would go in, 0 would not; 4 customers, 5 invoices" in guessed.err
        assert "4 customers: 3 by email; 1 by none" in guessed.err
        assert (taken.json["accepted"], taken.json["customers_added"]) == (5, 4)

    def test_a_dry_run_of_a_folder_looks_at_what_waits(
        self, with_database: Duly, book_files: Files, tmp_path: Path
    ) -> None:
        feed, mapping = book_files
        folder = tmp_path / "in"
        folder.mkdir()

        empty = with_database("import", "--watch", folder, "--map", mapping, "--dry-run")
        feed.rename(folder / feed.name)
        full = with_database("import", "--watch", folder, "--map", mapping, "--dry-run", "--json")

        assert (empty.code, full.json["accepted"]) == (1, 5)
        assert [path.name for path in folder.iterdir()] == [feed.name]

    def test_the_day_up_to_which_it_is_true_can_be_told(
        self, with_database: Duly, book_files: Files
    ) -> None:
        feed, mapping = book_files

        ended = with_database("import", feed, "--map", mapping, "--as-of", "2026-03-01", "--json")

        assert ended.json["as_of"] == "2026-03-01T00:00:00+00:00"
        assert ended.json["as_of_from"] == "option"

    def test_what_to_import_is_told_once(
        self, with_database: Duly, book_files: Files, home: Path
    ) -> None:
        feed, mapping = book_files

        for arguments in (
            (),
            ("--map", mapping),
            (feed,),
            (feed, "--map", mapping, "--watch", home),
            (feed, feed, "--guess"),
        ):
            ended = with_database("import", *arguments)
            assert (ended.code, ended.out) == (2, "")
