"""How our own files travel: packed for whoever can unpack them, and pages never."""

import gzip

import pytest
from starlette.testclient import TestClient

from app.web.pages import static_file
from tests.app.web.people import Payer


def test_a_style_sheet_is_packed_for_whoever_takes_it_so(client: TestClient) -> None:
    plain = client.get("/static/pages.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == static_file("pages.css")

    with client.stream("GET", "/static/pages.css", headers={"accept-encoding": "br, gzip"}) as sent:
        assert sent.headers["content-encoding"] == "gzip"
        packed = b"".join(sent.iter_raw())
    assert gzip.decompress(packed) == plain.content
    assert len(packed) < len(plain.content) / 3
    for answer in (plain, sent):
        assert answer.headers["vary"] == "accept-encoding"
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("refusing", ["", "gzip;q=0", "gzip; q=0.0, br", "br"])
def test_whoever_refuses_a_packed_file_gets_it_plain(client: TestClient, refusing: str) -> None:
    answer = client.get("/static/pages.css", headers={"accept-encoding": refusing})
    assert "content-encoding" not in answer.headers


def test_a_page_is_never_packed(client: TestClient, dana: Payer) -> None:
    """It holds a nonce: from the size of what is packed with it, it could be guessed."""
    answer = client.get(dana.path, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
