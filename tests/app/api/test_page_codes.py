"""A customer types the code of their page at the creditor's own site, which asks us."""

from __future__ import annotations

from datetime import date

from starlette.testclient import TestClient

from app.api.acts.page_codes import TRIES_AN_HOUR
from app.api.scopes import Scope
from app.wording.daily_codes import daily_code, is_daily_code
from tests.app.api.conftest import Api
from tests.app.web.people import SECRET, add_payer, one_value

TODAY, YESTERDAY = date(2026, 11, 24), date(2026, 11, 23)
KEY = SECRET.encode()


def test_the_site_of_a_creditor_learns_whether_a_code_is_right(api: Api) -> None:
    dana, other = add_payer(api.stand), add_payer(api.stand)
    site = api.client(api.key(Scope.PAGE_CODES))
    number = one_value(api.stand, f"SELECT external_id FROM customer WHERE id = {dana.customer_id}")

    def genuine(code: str, customer: str = str(number), client: TestClient = site) -> object:
        answer = client.post("/page-codes/checks", json={"customer": customer, "code": code})
        return answer.json().get("genuine", answer.status_code)

    code = daily_code(KEY, dana.customer_id, TODAY)
    assert genuine(code) is True
    assert genuine(code.lower().replace("-", " ")) is True
    assert genuine(daily_code(KEY, dana.customer_id, YESTERDAY)) is True
    assert genuine(daily_code(KEY, other.customer_id, TODAY)) is False, "it is somebody else's"
    assert genuine(daily_code(KEY, 0, TODAY), "nobody") is False
    assert genuine("") is False
    house = api.client(api.key(Scope.PAGE_CODES, creditor="other"))
    assert genuine(code, client=house) is False, "another creditor's site learns nothing"

    asked = [genuine("222-222") for _ in range(TRIES_AN_HOUR)]
    assert asked[-1] == 429
    assert genuine("222-222", "somebody else") is False


def test_a_code_is_of_one_customer_and_one_day() -> None:
    made = daily_code(KEY, 7, TODAY)
    assert len(made) == 7
    assert (
        len({daily_code(KEY, who, day) for who in range(50) for day in (TODAY, YESTERDAY)}) == 100
    )
    assert is_daily_code(KEY, 7, made, TODAY)
    assert not is_daily_code(KEY, 7, made, date(2026, 11, 26))
    assert not is_daily_code(bytes(32), 7, made, TODAY)
