"""`duly walk`: decides now, or replays days that are past."""

import pytest

from tests.app.cli.conftest import Duly
from tests.databases import on_both_stores

REPLAY = ("walk", "--from", "2026-02-26", "--until", "2026-02-27", "--dry-run")


def test_it_enrols_and_decides_what_is_due_now(with_book: Duly) -> None:
    ended = with_book("walk", "--json")

    assert (ended.code, ended.err) == (0, "")
    assert ended.json["opened"] > 0
    assert ended.json["decided"] == ended.json["opened"]
    assert with_book("walk").out == "0 cases opened, 0 decided, 0 messages intended\n"


@on_both_stores
def test_a_replay_is_one_json_document_of_days(with_book: Duly) -> None:
    ended = with_book(*REPLAY, "--json")

    assert (ended.code, ended.err) == (0, "")
    assert [day["day"] for day in ended.json["days"]] == ["2026-02-26", "2026-02-27"]
    assert (ended.json["written"], ended.json["not_written"]) == (3, 1)
    first = ended.json["days"][0]
    assert first["written"][0] == {
        "creditor": "alder",
        "customer": "dana",
        "template": "due_soon",
        "medium": "email",
        "locale": "en",
        "at": "2026-02-26T07:00:00+00:00",
    }
    assert first["not_written"] == [
        {
            "creditor": "alder",
            "customer": "omar",
            "step": "due_soon",
            "medium": None,
            "reason": "no_address",
            "sentence": "No address or number is known for this customer.",
        }
    ]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_people_read_a_table_of_days(with_book: Duly) -> None:
    ended = with_book(*REPLAY)

    assert ended.err == ""
    assert "no_address" in ended.out
    assert ended.out.endswith("3 messages in 2 days; 1 times one was not written.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--dry-run",), "Say which days"),
        (("--from", "2026-01-01"), "--from and --until go together"),
        (("--until", "2026-01-01", "--dry-run"), "--from and --until go together"),
        (("--from", "2026-01-01", "--until", "2026-01-02"), "add --dry-run"),
        (("--from", "2026-01-02", "--until", "2026-01-01", "--dry-run"), "is before --from"),
    ],
    ids=str,
)
def test_days_that_make_no_sense_are_wrong_use(
    duly: Duly, arguments: tuple[str, ...], told: str
) -> None:
    ended = duly("walk", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
