"""Who has paid already: what they tell reaches finance, a file comes clean, a refused one costs
nothing of what was typed, and no page ever hands a file out again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.store.documents import Documents
from app.web.ways.paid import LARGEST_BODY
from tests.app.intake.proofs.make import WORD, paper, photo
from tests.app.web.people import Payer, Stand, add_payer, one_value, standing
from tests.app.web.test_acting import count, form_of
from tests.databases import on_both_stores

WRITTEN = {"paid_on": "2026-11-20", "method": "bank", "amount": "240.50", "words": "From my aunt"}


@pytest.fixture
def stand(migrated_url: str, tmp_path: Path) -> Iterator[Stand]:
    with standing(migrated_url, documents=tmp_path / "documents") as built:
        yield built


def send(client: TestClient, payer: Payer, content: bytes | None, **typed: str) -> tuple[int, str]:
    """The answer to the form as the page made it, with this file."""
    form = {**form_of(client, payer, "paid"), **typed}
    name = f"{WORD}.png"  # a name is believed in nothing
    files = {"file": (name, content, "image/png")} if content is not None else None
    answer = client.post(f"{payer.path}/paid", data=form, files=files)
    return answer.status_code, answer.text


@on_both_stores
def test_finance_gets_what_was_told_and_a_clean_file_under_a_name_of_ours(
    stand: Stand, client: TestClient, dana: Payer, tmp_path: Path
) -> None:
    assert send(client, dana, photo(), **WRITTEN)[0] == 303

    told = "paid_on = '2026-11-20' AND method = 'bank' AND amount_minor = 24050"
    assert count(stand, "proof", f"{told} AND currency = 'ILS'") == 1
    assert count(stand, "reply", "text = 'From my aunt' AND intent = 'already_paid'") == 1
    detail = one_value(stand, "SELECT detail FROM task")
    assert (json.loads(detail) if isinstance(detail, str) else detail)["proof_id"] == 1
    reference = one_value(stand, "SELECT document FROM proof")
    document = Documents(tmp_path / "documents").find(reference)
    assert document is not None
    assert document.name == "proof-1.jpg"
    content = document.path.read_bytes()
    assert WORD.encode() not in content
    assert Image.open(io.BytesIO(content)).size == (40, 60)

    assert "proof-1" not in client.get(dana.path).text
    for path in (f"/documents/{reference}", "/documents/1", "/paid/1", "/proof-1.jpg"):
        assert client.get(f"{dana.path}{path}").status_code == 404


def test_the_other_proof_of_a_second_tab_is_asked_for_once_more(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = {**form_of(client, dana, "paid"), **WRITTEN}
    first, second = photo(), photo((80, 40))

    answers = [
        client.post(f"{dana.path}/paid", data=form, files={"file": ("p.jpg", file, "image/jpeg")})
        for file in (first, first, second)
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 409]
    assert "Please choose the file once more." in answers[2].text
    assert count(stand, "proof") == 1


def test_a_file_that_is_not_taken_is_refused_beside_its_field_and_nothing_typed_is_lost(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for content, words in (
        (b"MZ an executable", "We cannot open this kind of file."),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "We cannot open HEIC photos."),
        (b"\xff\xd8\xff" + bytes(11 * 1024 * 1024), "This file is too large"),
        (photo()[:200], "it seems damaged"),
    ):
        status, page = send(client, dana, content, **WRITTEN)
        assert status == 422
        assert words in page
        assert 'id="fault-file"' in page
        assert 'value="2026-11-20"' in page
        assert 'value="bank" selected' in page
        assert 'value="240.50"' in page
        assert ">From my aunt</textarea>" in page
    assert count(stand, "proof") == 0
    assert count(stand, "hold") == 0

    status, page = send(client, dana, photo(), **{**WRITTEN, "paid_on": "2027-01-01"})
    assert status == 422
    assert 'id="fault-paid_on"' in page
    assert "Please choose the file once more." in page
    for wrong in ({"amount": "much"}, {"method": "barter"}, {"paid_on": "x"}):
        assert send(client, dana, None, **{**WRITTEN, **wrong})[0] == 422

    assert send(client, dana, paper(), **WRITTEN)[0] == 303, "the form is as good as new"
    assert one_value(stand, "SELECT document FROM proof").endswith("/proof-1.pdf")


def test_nothing_need_be_told_and_the_same_form_twice_acts_once(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = form_of(client, dana, "paid")
    for _ in range(2):
        files = {"file": ("", b"", "application/octet-stream")}  # as browsers send an empty field
        assert client.post(f"{dana.path}/paid", data=form, files=files).status_code == 303
    assert count(stand, "proof", "document IS NULL AND paid_on IS NULL AND method IS NULL") == 1

    other = add_payer(stand, "Ben")
    stale = form | {"nonce": form_of(client, other, "paid")["nonce"]}
    answer = client.post(f"{dana.path}/paid", data=stale, files={"file": ("x", photo())})
    assert answer.status_code == 409
    assert count(stand, "proof") == 1


def test_a_file_for_nobody_and_one_without_measure_are_not_even_read(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    def endless() -> Iterator[bytes]:
        yield b""[len(pytest.fail("the body was read")) :]

    head = {"content-type": "multipart/form-data; boundary=x", "content-length": "1000"}
    nobody = f"/p/{'x' * 22}/paid"
    assert client.post(nobody, content=endless(), headers=head).status_code == 404
    large = {**head, "content-length": str(LARGEST_BODY + 1)}
    assert client.post(f"{dana.path}/paid", content=endless(), headers=large).status_code == 413
    small = {**head, "content-length": str(300 * 1024)}
    assert client.post(f"{dana.path}/help", content=endless(), headers=small).status_code == 413
    two = [("file", ("a", b"1")), ("file", ("b", b"2"))]
    answer = client.post(f"{dana.path}/paid", data=form_of(client, dana, "paid"), files=two)
    assert answer.status_code == 400
