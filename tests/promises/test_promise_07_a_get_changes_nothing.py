"""Promise 7: a GET changes nothing. The pages have tests of their own; here it is asked of a link
that the loops really sent, and of the cases behind it."""

from __future__ import annotations

from pydantic import SecretStr
from starlette.testclient import TestClient

from app.payments.choice import Gateways
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.rows import Case, Link
from app.web.app import create_app
from app.wording.links import token
from tests.databases import on_both_stores
from tests.promises.stage import Stage
from tests.promises.test_promise_06_every_message_can_be_shown import everything
from tests.world import SECRET

GATEWAY_SECRET = "another secret of the tests, for callbacks of the gateway"


@on_both_stores
def test_following_every_link_of_a_message_changes_no_row(stage: Stage) -> None:
    stage.owe("Ada", media=("email",))
    stage.tick()
    gateway = SandboxGateway(secret=GATEWAY_SECRET, base_url="http://test/sandbox")
    settings = Settings(
        environment="test",
        secret_key=SecretStr(SECRET.decode()),
        gateway_secret=SecretStr(GATEWAY_SECRET),
        base_url="http://test",
    )
    app = create_app(settings, stage.database, stage.clock, Gateways.of(gateway))
    paths = {"pay": "p", "unsubscribe": "u"}
    before = everything(stage)

    with TestClient(app, base_url="http://test") as scanner:
        for link in stage.get(Link):
            for method in ("HEAD", "GET", "GET"):
                url = f"/{paths[link.purpose]}/{token(SECRET, link.id)}"
                assert scanner.request(method, url).status_code < 500
    stage.loops.settle(stage.now)

    assert everything(stage) == before
    assert stage.one(Case).phase == "ready"
    gateway.close()
