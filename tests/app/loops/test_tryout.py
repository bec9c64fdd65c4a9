"""A journey is tried on one customer: it tells what the loops would do, and none does it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from sqlalchemy import text as sql

from app.hearing.intents import Intent
from app.intake.promises import MadeBy, make_promise
from app.intake.tidy import break_promises
from app.loops.assembly import shipped_texts
from app.loops.sandbox import hand_receipts
from app.loops.tryout.asked import Happening, NotTried, Trial, What
from app.loops.tryout.people import SAMPLES
from app.loops.tryout.run import Tried, try_out
from app.loops.tryout.telling import Kind, Line
from campaigns.language import read_journey
from campaigns.money import Money
from campaigns.vocabulary import Medium
from tests.factories import add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

NAME = "consumer_gentle"
TEXT = files("campaigns").joinpath("library", f"{NAME}.yaml").read_text("utf-8")
BEGINS = datetime(2026, 5, 31, 21, 0, tzinfo=UTC)  # the first of June in Haifa
FIRST = date(2026, 6, 1)


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url, start=BEGINS)
    add_campaign(made.database, add_creditor(made.database))
    yield made
    made.close()


def _customer(world: World, **columns: str) -> int:
    told = {"email": "dana@people.example", "phone": "+972521000001", **columns}
    customer_id = add_customer(world.database, 1, "C1", **told)
    add_invoice(world.database, customer_id)
    return customer_id


def _tried(world: World, days: int, *happenings: Happening, **told: object) -> Tried:
    asked = {
        "name": NAME, "text": TEXT, "creditor_id": 1, "customer_id": None, "sample": "he",
        "now": world.now,
    }  # fmt: skip
    trial = Trial(
        **{**asked, "starts_on": FIRST, "days": days, "happenings": happenings, **told}  # type: ignore[arg-type]  # of a test's few words
    )
    return try_out(world.database, trial, read_journey(trial.text, trial.name))


def _lines(tried: Tried, *kinds: Kind) -> list[Line]:
    return [line for day in tried.days for line in day.lines if line.kind in kinds]


def _said(tried: Tried) -> list[tuple[datetime, str | None, str | None]]:
    return [(line.at, line.template, line.medium) for line in _lines(tried, Kind.SAID)]


def test_what_it_tells_is_what_the_loops_then_do(world: World) -> None:
    customer_id = _customer(world)
    foretold = _tried(world, 24, Happening(5, What.PROMISES), customer_id=customer_id)

    promised_at = BEGINS + timedelta(days=5, hours=12)
    while world.now < BEGINS + timedelta(days=24) - timedelta(hours=1):
        world.clock.move_to(world.now + timedelta(hours=1))
        while hand_receipts(world.database, world.ledger, world.now):
            continue
        with world.database.write() as session:
            break_promises(session, world.now)
            if world.now == promised_at:
                make_promise(
                    session,
                    customer_id=customer_id,
                    amount=Money(24050, "ILS"),
                    due_on=date(2026, 6, 13),
                    made_by=MadeBy.PAGE,
                    now=world.now,
                )
        world.loops.settle(world.now)
    query = sql(
        "SELECT a.gated_at, m.template, a.medium FROM attempt a JOIN message m ON"
        " m.id = a.message_id WHERE a.state = 'accepted' ORDER BY a.id"
    )
    with world.database.read() as session:
        done = [
            (datetime.fromisoformat(str(row[0])).replace(tzinfo=UTC), row[1], row[2])
            for row in session.connection().execute(query)
        ]
    assert _said(foretold) == done
    assert [template for _, template, _ in done] == [
        "due_today",
        "reminder_first",
        "promise_confirmed",
        "promise_broken",
        "offer_help",
    ]


def test_nothing_of_the_book_changes(world: World) -> None:
    customer_id = _customer(world)
    tables = ("dunning_case", "message", "attempt", "event", "invoice", "publication", "address")
    before = {table: world.rows(table) for table in tables}
    tried = _tried(world, 20, Happening(2, What.PAYS), customer_id=customer_id)
    assert _said(tried)
    assert {table: world.rows(table) for table in tables} == before
    assert world.accepted() == []


def test_a_draft_is_tried_that_nobody_published(world: World) -> None:
    text = TEXT.replace("send: reminder_first", "send: offer_help", 1)
    assert (_said(_tried(world, 5, text=text))[-1])[1] == "offer_help"


def test_what_waits_and_what_is_forbidden_has_its_reason_and_its_end(world: World) -> None:
    text = TEXT.replace("day: 3\n", "day: 5\n", 1)  # a Sabbath
    tried = _tried(world, 8, text=text)
    held = _lines(tried, Kind.HELD)
    assert {line.reason for line in held} == {"rest_day"}
    assert {line.until for line in held} == {datetime(2026, 6, 7, 5, 0, tzinfo=UTC)}
    assert _said(tried)[-1][0] == datetime(2026, 6, 7, 5, 0, tzinfo=UTC)


def test_messages_are_shown_as_the_customer_would_read_them(world: World) -> None:
    (line,) = _lines(_tried(world, 1), Kind.SAID)
    assert line.locale == "he"
    assert line.text is not None
    assert SAMPLES["he"].name in line.text
    assert "[link" in line.text
    assert "{{" not in line.text
    (other,) = _lines(_tried(world, 1, locale="lt"), Kind.SAID)
    assert other.locale == "lt"


@pytest.mark.parametrize("what", [What.PAYS, What.PAYS_PART, What.PLANS, What.DISPUTES])
def test_what_the_customer_does_is_answered(world: World, what: What) -> None:
    tried = _tried(world, 6, Happening(2, what))
    answers = {
        What.PAYS: "thank_you",
        What.PAYS_PART: "payment_received",
        What.PLANS: "plan_agreed",
        What.DISPUTES: "dispute_received",
    }
    assert [line.happening for line in _lines(tried, Kind.DONE)] == [Happening(2, what)]
    assert answers[what] in {template for _, template, _ in _said(tried)}


def test_whoever_pays_all_is_written_to_no_more(world: World) -> None:
    tried = _tried(world, 60, Happening(2, What.PAYS))
    assert tried.over
    assert [line.reason for line in _lines(tried, Kind.ENDED)] == ["settled"]
    assert tried.until < FIRST + timedelta(days=10)


def test_a_stop_word_ends_it_on_every_medium_that_it_closes(world: World) -> None:
    tried = _tried(world, 14, Happening(1, What.OPTS_OUT, Medium.SMS))
    media = {medium for at, _, medium in _said(tried) if at > BEGINS + timedelta(days=2)}
    assert "sms" not in media


@pytest.mark.slow
def test_an_address_that_takes_nothing_is_left_for_another(world: World) -> None:
    first = _said(_tried(world, 1))[0][2]
    assert first is not None
    tried = _tried(
        world, 4, Happening(1, What.BOUNCES, Medium(_said(_tried(world, 4))[1][2] or ""))
    )
    assert _lines(tried, Kind.BACK)
    assert _said(tried)[-1][1] == "reminder_first"


def test_a_word_that_a_person_must_read_stills_the_journey(world: World) -> None:
    happens = Happening(1, What.REPLIES, Medium.SMS, "xyzzy plugh")
    tried = _tried(world, 8, happens)
    assert [line.reason for line in _lines(tried, Kind.QUIET)] == ["reply_unread"]
    assert _lines(tried, Kind.TASK)


def test_what_the_team_reads_in_a_reply_is_done(world: World) -> None:
    happens = Happening(1, What.REPLIES, Medium.SMS, "xyzzy plugh", Intent.THANKS)
    tried = _tried(world, 5, happens)
    assert _said(tried)[-1][1] == "reminder_first"


def test_a_page_is_opened_and_a_hold_stills_the_journey(world: World) -> None:
    tried = _tried(world, 8, Happening(1, What.OPENS), Happening(2, What.HELD))
    assert [each.happening.what for each in _lines(tried, Kind.DONE) if each.happening] == [
        What.OPENS, What.HELD,
    ]  # fmt: skip
    assert [line.reason for line in _lines(tried, Kind.QUIET)] == ["hold"]
    assert [template for _, template, _ in _said(tried)] == ["due_today"]


def test_drafts_of_words_are_tried(world: World) -> None:
    (text,) = [text for kind, name, text in shipped_texts() if name == "due_today"]
    (line,) = _lines(_tried(world, 1, words={"due_today": text.replace("שלום", "היי")}), Kind.SAID)
    assert line.text is not None
    assert "היי" in line.text + (line.subject or "")


def test_what_cannot_be_done_is_told_so(world: World) -> None:
    tried = _tried(world, 6, Happening(1, What.PAYS), Happening(3, What.PROMISES))
    assert [line.happening.what for line in _lines(tried, Kind.NOT_DONE) if line.happening] == [
        What.PROMISES
    ]


@pytest.mark.parametrize("language", list(SAMPLES))
def test_every_sample_is_written_to(world: World, language: str) -> None:
    tried = _tried(world, 2, sample=language)
    assert {line.locale for line in _lines(tried, Kind.SAID)} == {language}


SHIPPED = sorted(
    each.name.removesuffix(".yaml")
    for each in files("campaigns").joinpath("library").iterdir()
    if each.name.endswith(".yaml")
)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_journey_can_be_tried(world: World, name: str) -> None:
    text = files("campaigns").joinpath("library", f"{name}.yaml").read_text("utf-8")
    days = {"plan_upkeep": 33, "small_balance": 12}
    tried = _tried(world, days.get(name, 4), name=name, text=text)
    assert _lines(tried, Kind.OPENED) or name == "service_answers"


def test_it_begins_so_that_the_whole_journey_is_seen(world: World) -> None:
    customer_id = _customer(world)
    name = "consumer_before_due"
    text = files("campaigns").joinpath("library", f"{name}.yaml").read_text("utf-8")
    told = {"name": name, "text": text, "customer_id": customer_id, "starts_on": None}
    tried = _tried(world, 3, **told)
    assert tried.starts_on == date(2026, 5, 27)
    assert [template for _, template, _ in _said(tried)] == ["due_soon"]


def test_nobody_who_owes_nothing_is_tried_on(world: World) -> None:
    customer_id = add_customer(world.database, 1, "C2", email="x@people.example")
    with pytest.raises(NotTried, match="owes_nothing"):
        _tried(world, 3, customer_id=customer_id)
    with pytest.raises(NotTried, match="no_customer"):
        _tried(world, 3, customer_id=999)


ASKING = TEXT.replace("send: due_today\n", "send: due_today\n    approval: finance\n", 1)


@pytest.mark.slow
def test_what_waits_for_somebodys_word_is_shown_and_gets_it_after_some_hours(world: World) -> None:
    told = {"customer_id": _customer(world), "text": ASKING}
    plain = _said(_tried(world, 2, customer_id=told["customer_id"]))

    tried = _tried(world, 2, **told)

    (held,) = [line for line in _lines(tried, Kind.HELD) if line.reason == "approval_wanted"]
    assert held.params == {"team": "finance"}
    assert _lines(tried, Kind.TASK) == []
    ((at, template, _),) = _said(tried)
    assert (at - plain[0][0], template) == (timedelta(hours=4), "due_today")


def test_what_nobody_approves_any_more_is_not_said(world: World) -> None:
    told = {"customer_id": _customer(world), "text": ASKING.replace("day: 0", "day: 1", 1)}

    tried = _tried(world, 6, Happening(0, What.NOT_APPROVED), **told)

    assert "due_today" not in {template for _, template, _ in _said(tried)}
    assert "approval_missing" in {line.reason for line in _lines(tried, Kind.PASSED)}
