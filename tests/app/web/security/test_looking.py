"""Looking changes nothing, however much there is to look at: no row, no file, no cookie."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.app.web.people import Payer, Stand, whole
from tests.app.web.security.neighbours import act_at_gateway, add_plan, give_way, press
from tests.app.web.security.test_headers_and_redirects import addresses
from tests.app.web.security.test_two_on_one_phone import pages


def files_of(stand: Stand) -> dict[Path, int]:
    folder = Path(stand.settings.documents)
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("kind", ["plainly", "by card"])
def test_looking_at_pages_on_which_everything_is_open_changes_nothing(
    stand: Stand, client: TestClient, dana: Payer, zimri: Payer, kind: str
) -> None:
    give_way(stand, dana)
    if kind == "by card":
        add_plan(stand, dana, 124_050)
        press(client, dana, "/card", "card", agreed="yes")
        act_at_gateway(client, stand, "keep")
        press(client, dana, "/call", "call")
    paths = [f"{payer.path}{page}" for payer in (dana, zimri) for page in pages(stand)]
    paths = [path.replace("{invoice}", "4") for path in paths]
    paths += [path for method, path in addresses(stand, dana) if method == "GET"]
    rows, files = whole(stand), files_of(stand)

    opened = 0
    for method in ("HEAD", "GET"):
        for path in paths:
            answer = client.request(method, path)
            assert answer.status_code < 500 or path == "/readyz", path
            assert "set-cookie" not in answer.headers, path
            opened += answer.status_code == 200

    assert whole(stand) == rows
    assert files_of(stand) == files
    assert files
    assert opened > 80


def test_no_other_method_does_anything(stand: Stand, client: TestClient, dana: Payer) -> None:
    before = whole(stand)
    for path in {path for _, path in addresses(stand, dana)}:
        for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
            status = client.request(method, path).status_code
            assert status in (401, 404, 405), (method, path)
    assert whole(stand) == before
