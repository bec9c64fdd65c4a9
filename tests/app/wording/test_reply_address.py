"""The way back: a token that names what is answered, and that nobody can make up."""

import pytest

from app.wording.reply_address import placeholder, read_back, token, way_back, with_token

SECRET = b"a secret of the tests, 32 bytes long"


def signed(mailbox: str = "billing@acme.example", message_id: int = 4711) -> str:
    return with_token(way_back(mailbox, message_id), SECRET)


def test_what_was_signed_is_read_back() -> None:
    assert read_back(signed(), SECRET) == ("billing@acme.example", 4711)


def test_a_mail_program_may_change_the_case() -> None:
    assert read_back(signed().upper(), SECRET) == ("billing@acme.example", 4711)


def test_a_name_that_has_a_plus_of_its_own_keeps_it() -> None:
    assert read_back(signed("acme+duly@acme.example"), SECRET) == ("acme+duly@acme.example", 4711)


@pytest.mark.parametrize(
    "address",
    [
        "billing@acme.example",
        "billing+news@acme.example",
        "billing+1267.aaaaaaaaaaaaaaaa@acme.example",
        signed().replace("1267.", "1268."),
        "nobody",
        "",
    ],
)
def test_what_we_did_not_sign_names_nothing_and_stays(address: str) -> None:
    assert read_back(address, SECRET) == (address, None)


def test_another_secret_reads_nothing() -> None:
    assert read_back(signed(), b"x" * 32)[1] is None


def test_the_frozen_head_holds_no_token() -> None:
    assert token(SECRET, 4711) not in way_back("billing@acme.example", 4711)
    assert placeholder(4711) in way_back("billing@acme.example", 4711)


def test_a_name_without_room_for_a_token_stays() -> None:
    long = "b" * 60 + "@acme.example"

    assert way_back(long, 4711) == long
    assert len(signed("b" * 40 + "@acme.example").partition("@")[0]) <= 64
