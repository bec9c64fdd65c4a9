"""One customer's walk, end to end: from a friendly mail over a dispute, a broken promise and a plan
to a payment that her bank takes back.

A customer in Haifa owes 1,240.50 ILS on two invoices. Everything here goes through the doors that
the world uses: the loops on their clock, the pages as she sees them, the gateway's callbacks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.engine.checks.stops import nothing_after_a_stop
from app.loops.tidy import Tidy
from app.payments.choice import Gateways
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.web.app import create_app
from app.wording.links import token
from campaigns.reasons import sentence
from tests.factories import add_campaign, add_creditor, add_customer, add_invoice
from tests.world import SECRET, World

GATEWAY_SECRET = "another secret of the tests, for callbacks of the gateway"
BEGINS = datetime(2026, 5, 27, 6, 0, tzinfo=UTC)  # a Wednesday
DUE = date(2026, 6, 2)  # a Tuesday, so that the third day after is a Friday


class Walkthrough:
    """The world, its pages, and the one customer in it."""

    def __init__(self, url: str) -> None:
        self.world = World(url, start=BEGINS)
        database = self.world.database
        self.gateway = SandboxGateway(secret=GATEWAY_SECRET, base_url="http://test/sandbox")
        self.tidy = Tidy(
            database, self.world.loops.reconciliation, {"sandbox": self.gateway}, secret=SECRET
        )
        settings = Settings(
            environment="test",
            secret_key=SecretStr(SECRET.decode()),
            gateway_secret=SecretStr(GATEWAY_SECRET),
            base_url="http://test",
        )
        app = create_app(settings, database, self.world.clock, Gateways.of(self.gateway))
        self.browser = TestClient(app, base_url="http://test", follow_redirects=True)
        self._people()

    def _people(self) -> None:
        database = self.world.database
        creditor = add_creditor(database)
        with database.write() as session:  # WhatsApp has approved nothing in Hebrew
            session.connection().exec_driver_sql(
                "UPDATE sender SET languages = '[\"en\"]' WHERE medium = 'whatsapp'"
            )
        add_campaign(
            database, creditor, name="before_due", subject="invoice", journey="consumer_before_due"
        )
        add_campaign(database, creditor)
        add_campaign(database, creditor, name="plans", subject="plan", journey="plan_upkeep")
        self.customer = add_customer(
            database,
            creditor,
            "C-1007",
            email="shira@haifa.example",
            phone="+972520001007",
            locale="he",
            given_name="שירה",
            gender="f",
            preferred_medium="whatsapp",
        )
        self.small = add_invoice(database, self.customer, "A-1", amount=24_050, due_on=DUE)
        self.large = add_invoice(database, self.customer, "A-2", amount=100_000, due_on=DUE)

    def until(self, year: int, month: int, day: int, hour: int) -> None:
        """Lets time pass, three hours at a step, up to a moment in UTC."""
        end = datetime(year, month, day, hour, tzinfo=UTC)
        while self.world.now < end:
            left = (end - self.world.now).total_seconds() / 3600
            self.world.move(hours=min(3.0, left))
            self.tidy.tick(self.world.now)
            self.world.loops.settle(self.world.now)

    def sleep_until(self, year: int, month: int, day: int, hour: int, minute: int) -> None:
        """The machine is off until then."""
        self.world.clock.move_to(datetime(year, month, day, hour, minute, tzinfo=UTC))
        self.world.loops.settle(self.world.now)

    def said(self) -> list[tuple[str, str]]:
        """The template and medium of each message that went out, in order."""
        rows = self.world.rows("message", "state = 'accepted'")
        return [(row["template"], row["medium"]) for row in rows]

    def case(self) -> dict[str, Any]:
        """Her dunning case as it stands."""
        (row,) = self.world.rows(
            "dunning_case",
            "phase <> 'closed' AND campaign_id = (SELECT id FROM campaign WHERE name = 'gentle')",
        )
        return row

    def page(self) -> str:
        """The path of the page behind the newest message's link."""
        link = self.world.rows("link", "purpose = 'pay'")[-1]
        return f"/p/{token(SECRET, link['id'])}"

    def submit(self, act: str, **fields: str) -> str:
        """Fills in the form of the page whose action ends with `act`, and sends it."""
        path = self.page()
        html = self.browser.get(path if act == "pay" else f"{path}/{act}").text
        form = re.search(rf'<form[^>]*action="[^"]*/{act}".*?</form>', html, re.DOTALL)
        assert form, f"the page has no form for {act}"
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
        answer = self.browser.post(f"{path}/{act}", data={**hidden, **fields})
        assert answer.status_code == 200, answer.text
        return answer.text

    def agree_plan(self, **choice: str) -> str:
        """Chooses how to pay in parts, looks at the days and amounts, and agrees."""
        path = self.page()
        assert f'href="{path}/parts' in self.browser.get(path).text
        seen = self.browser.get(f"{path}/parts", params=choice).text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', seen))
        answer = self.browser.post(f"{path}/parts", data=hidden)
        assert answer.status_code == 200, answer.text
        return answer.text

    def instalments(self) -> list[tuple[str, int, str]]:
        """Day, amount and state of each part of her plan."""
        rows = self.world.rows("instalment")
        return [(str(row["due_on"])[:10], row["amount_minor"], row["state"]) for row in rows]

    def plan_case(self) -> dict[str, Any]:
        """The case of the part of her plan that is up next."""
        query = "phase <> 'closed' AND campaign_id = (SELECT id FROM campaign WHERE name = 'plans')"
        (row,) = self.world.rows("dunning_case", query)
        return row

    def open(self) -> dict[str, int]:
        """What is left of each invoice, in agorot."""
        return {row["number"]: row["open_minor"] for row in self.world.rows("invoice")}

    def pay_by_card(self, **fields: str) -> None:
        """Presses "pay" and pays at the gateway; its callback arrives."""
        self.submit("pay", **fields)
        session = self.world.rows("checkout")[-1]["session_id"]
        self.browser.post(f"/sandbox/pay/{session}", data={"act": "pay"})

    def take_back(self) -> None:
        """Her bank takes her last card payment back."""
        reference = str(self.world.rows("payment")[-1]["key"]).partition(":")[2]
        callback = self.gateway.charge_back(reference, self.world.now)
        answer = self.browser.post(
            "/webhooks/sandbox", content=callback.body, headers=dict(callback.headers)
        )
        assert answer.status_code == 200


@pytest.fixture
def walk(migrated_url: str) -> Iterator[Walkthrough]:
    walk = Walkthrough(migrated_url)
    yield walk
    walk.browser.close()
    walk.gateway.close()
    walk.world.close()


def test_one_customers_walk_from_a_friendly_mail_to_a_payment_taken_back(
    walk: Walkthrough,
) -> None:
    # Five days before the due date: one friendly mail in Hebrew, for both invoices.
    walk.until(2026, 5, 31, 12)
    assert walk.said() == [("due_soon", "email")]
    mail = walk.world.rows("attempt")[0]
    assert mail["locale"] == "he"
    assert "A-1" in mail["text"]
    assert "A-2" in mail["text"]

    # On the due date she is told by SMS: WhatsApp, which she prefers, has approved no Hebrew.
    walk.until(2026, 6, 3, 0)
    assert walk.said()[1:] == [("due_today", "sms")]
    refused = walk.world.rows("refusal", "medium = 'whatsapp'")
    assert {row["reason"] for row in refused} == {"template_not_approved"}

    # Day 3 is a Friday, and it is 15:10 when the machine is on again: not on the Sabbath's eve.
    walk.sleep_until(2026, 6, 5, 12, 10)
    assert walk.said()[2:] == []
    assert walk.case()["reason"] in ("outside_hours", "rest_day")
    assert str(walk.case()["look_at"]).startswith("2026-06-07 05:00")  # Sunday 08:00 in Haifa
    walk.until(2026, 6, 7, 6)
    assert walk.said()[2:] == [("reminder_first", "sms")]

    # She disputes the smaller invoice and promises the larger one for the 28th.
    walk.submit("dispute", invoice=str(walk.small), kind="wrong_amount", words="קיבלתי זיכוי")
    walk.submit("promise", day="other", other_day="2026-06-28")
    walk.until(2026, 6, 8, 12)
    answers = [template for template, _ in walk.said()[3:]]
    assert sorted(answers) == ["dispute_received", "promise_confirmed"]
    assert [t["kind"] for t in walk.world.rows("task", "state = 'open'")] == ["dispute"]
    (promise,) = walk.world.rows("promise")
    assert (promise["amount_minor"], str(promise["due_on"])[:10]) == (100_000, "2026-06-28")

    # The case pauses: nothing is said while the promise and its day of grace run.
    walk.until(2026, 6, 29, 20)
    assert len(walk.said()) == 5
    assert walk.case()["reason"] == "promise_open"

    # Nothing has come: the promise is broken, and the one answer offers another day or instalments.
    # What fell due meanwhile is overtaken by it: she is not written to again the next day.
    walk.until(2026, 7, 1, 12)
    assert [template for template, _ in walk.said()[5:]] == ["promise_broken"]
    answer = walk.world.rows("attempt")[-1]["text"]
    assert "תשלומים" in answer

    # She accepts on the page: three parts, the first today. What is disputed stays out of it.
    seen = walk.agree_plan(currency="ILS", parts="3", rhythm="weekly", first="2026-07-01")
    assert "ההסדר נקבע" in seen
    assert walk.instalments() == [
        ("2026-07-01", 33_334, "due"),
        ("2026-07-08", 33_333, "due"),
        ("2026-07-15", 33_333, "due"),
    ]

    # She pays the first part by card, at once: it is paid the moment the money is here. The plan is
    # confirmed, the payment has its receipt, and the journey of what is overdue is silent.
    said = len(walk.said())
    walk.pay_by_card()
    assert walk.instalments()[0] == ("2026-07-01", 33_334, "paid")
    walk.until(2026, 7, 3, 12)
    assert walk.open() == {"A-1": 24_050, "A-2": 66_666}
    answers = [template for template, _ in walk.said()[said:]]
    assert sorted(answers) == ["payment_received", "plan_agreed"]
    assert walk.case()["reason"] == "plan_running"

    # The second part has a reminder of its own, three days before.
    walk.until(2026, 7, 6, 12)
    assert [template for template, _ in walk.said()[said + 2 :]] == ["instalment_soon"]
    assert str(walk.plan_case()["anchor_on"])[:10] == "2026-07-08"

    # A week after her payment her bank takes it back, and she is told. The first part is open
    # again, late, with time to rescue the plan; the plan goes on.
    walk.until(2026, 7, 8, 6)
    said = len(walk.said())
    walk.take_back()
    assert walk.open() == {"A-1": 24_050, "A-2": 100_000}
    assert walk.instalments()[0] == ("2026-07-01", 33_334, "missed")
    walk.until(2026, 7, 8, 18)
    assert [template for template, _ in walk.said()[said:]] == ["payment_returned"]
    assert walk.world.rows("plan")[0]["state"] == "running"
    assert walk.case()["reason"] == "plan_running"

    # Nothing comes any more. When the rescue is over the plan ends, and the case of what is overdue
    # goes on where it stood: from its own due date, with nothing said twice.
    walk.until(2026, 7, 21, 12)
    assert walk.world.rows("plan")[0]["state"] == "broken"
    assert walk.case()["reason"] == "not_yet"
    assert str(walk.case()["anchor_on"])[:10] == "2026-06-02"
    _every_line_has_a_reason(walk)


STORY = (
    "CaseOpened MessageIntended message_accepted StepPassed invoice_disputed promise_made"
    " promise_broken BranchTaken plan_agreed payment_received payment_reversed instalment_missed"
    " plan_broken"
).split()


def _every_line_has_a_reason(walk: Walkthrough) -> None:
    """Her timeline tells every step above; what was not said says why, in whole sentences."""
    told = {row["kind"] for row in walk.world.rows("event")}
    assert [kind for kind in STORY if kind not in told] == []
    silent = walk.world.rows("message", "state IN ('stopped', 'expired', 'refused')")
    for row in [*silent, *walk.world.rows("refusal")]:
        params = row.get("params", row.get("reason_params"))
        said = sentence(row["reason"], json.loads(params) if isinstance(params, str) else params)
        assert "«" not in said
    for row in walk.world.rows("dunning_case"):
        assert row["reason"]
    with walk.world.database.read() as session:
        assert nothing_after_a_stop(session).violations == 0
