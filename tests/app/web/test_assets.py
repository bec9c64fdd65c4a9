"""Style sheets, logos and other files of ours: what they are, and how they travel."""

import gzip
import io
import re

import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.book.logo_drawing import drawn
from app.book.logos import keep_logo
from app.web.pages import static_file
from tests.app.web.people import NOW, Payer, Stand, change


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


def test_the_brand_is_a_style_sheet_of_its_own(client: TestClient, stand: Stand) -> None:
    assert "--brand:#0b6e8f" in client.get(f"/brand/{stand.creditor_id}.css").text
    change(stand, """UPDATE creditor SET brand = '{"colour": "red;}body{display:none"}'""")
    assert "display" not in client.get(f"/brand/{stand.creditor_id}.css").text
    assert client.get("/brand/999.css").status_code == 200


def test_a_logo_stands_beside_the_name_and_is_kept_by_browsers(
    client: TestClient, stand: Stand, dana: Payer
) -> None:
    blue = io.BytesIO()
    Image.new("RGB", (300, 100), "#0b6e8f").save(blue, "PNG")
    logo = drawn(blue.getvalue())
    with stand.database.write() as session:
        assert keep_logo(session, "carmel", logo, now=NOW)
    page = client.get(dana.path).text
    (path,) = re.findall(r'<img class="logo" src="(/brand/[^"]+)" width="\d+"', page)
    answer = client.get(path)
    assert (answer.content, answer.headers["content-type"]) == (logo.content, "image/png")
    assert "immutable" in answer.headers["cache-control"]
    for stranger in (path.replace(logo.digest, "0" * 16), path.replace("/1/", "/2/")):
        assert client.get(stranger).status_code == 404

    with stand.database.write() as session:
        keep_logo(session, "carmel", None, now=NOW)
    assert '<span class="mark"' in client.get(dana.path).text
    assert client.get(path).status_code == 404


def test_static_files_cannot_be_climbed_out_of(client: TestClient) -> None:
    assert client.get("/static/pages.css").status_code == 200
    for name in ("..%2f..%2fapp%2fsettings.py", "pages.py", "none.css"):
        assert client.get(f"/static/{name}").status_code == 404
