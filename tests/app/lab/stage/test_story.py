"""What a newcomer may press, and what really comes of it."""

from datetime import UTC, datetime, time, timedelta

from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.lab.stage import acts
from app.lab.stage.story import Story
from campaigns.money import Money
from campaigns.proposal import Permit, Refusal
from campaigns.vocabulary import Medium
from tests.app.lab.stage.conftest import ENGLISH, news, plain, told

WEDNESDAY = datetime(2026, 12, 9, 7, 1, tzinfo=UTC)  # the due date, nine in the morning


def test_it_begins_with_the_friendly_mail_that_came_this_morning(story: Story) -> None:
    assert f"{story.world.now.astimezone(story.world.zone):%a %H:%M}" == "Fri 12:00"
    (mail,) = story.history().attempts.values()
    assert (mail["medium"], mail["locale"], mail["state"]) == ("email", "he", "accepted")
    assert mail["evidence"]["totals"] == [[124_050, "ILS"]]


def test_the_next_thing_is_the_word_on_the_due_date(story: Story) -> None:
    story.next_thing()

    assert story.world.now == WEDNESDAY
    assert "A word on the due date, by WhatsApp" in news(story)


def test_a_day_that_brings_nothing_passes_in_silence(story: Story) -> None:
    story.next_day()

    assert news(story) == []
    assert story.notice is not None
    assert story.notice.kind == "next_day"


def test_the_sabbath_holds_the_first_reminder_until_sunday_morning(story: Story) -> None:
    story.next_thing()
    story.next_thing()

    (held,) = [line for line in told(story) if line.tone == "held"]
    assert "rest day" in held.why
    story.next_thing()
    assert f"{story.world.now.astimezone(story.world.zone):%a %H:%M}" == "Sun 08:01"
    (said,) = news(story)
    assert said == "The first reminder, by WhatsApp"


def test_tomorrow_is_told_as_it_will_be(story: Story) -> None:
    for _ in range(6):
        foreseen = story.tomorrow(ENGLISH)
        story.next_day()
        assert story.world.today == foreseen.day
        assert [plain(line.what) for line in foreseen.lines] == news(story)


def test_the_next_message_is_foreseen_with_its_text(story: Story) -> None:
    letter = story.tomorrow(ENGLISH).letter
    story.next_thing()

    assert letter is not None
    sent = [a for a in story.history().attempts.values() if a["medium"] == "whatsapp"]
    assert [each["text"] for each in sent] == [letter.attempt["text"]]
    assert sent[0]["gated_at"] == letter.at


def test_looking_ahead_changes_nothing(story: Story) -> None:
    before = (story.world.now, story.history())
    story.tomorrow(ENGLISH)

    assert (story.world.now, story.history()) == before


def test_an_answer_that_nobody_understands_halts_and_gives_a_task(story: Story) -> None:
    story.next_thing()
    story.write(Medium.WHATSAPP, "נו טוב, נראה")

    assert news(story) == [
        "An answer came in",
        "A task for collections: Read the answer, and reply",
    ]
    story.next_day()
    assert news(story) == []
    (case,) = [c for c in story.history().cases.values() if c["phase"] != "closed"]
    assert case["reason"] == "reply_unread"


def test_a_promise_by_answer_is_one_at_once_and_is_confirmed_once(story: Story) -> None:
    story.next_thing()
    story.write(Medium.WHATSAPP, "אשלם ביום חמישי")

    told = news(story)
    assert "An answer that promises" in told
    said = [m for m in story.history().messages.values() if m["template"] == "promise_confirmed"]
    assert [m["state"] for m in said].count("accepted") == 1


def test_once_a_colleague_has_read_it_the_case_goes_on(story: Story) -> None:
    story.next_thing()
    story.write(Medium.WHATSAPP, "I already paid")
    story.read_answers()

    assert "A hold has ended" in news(story)
    assert {task["state"] for task in story.history().tasks} == {"done"}
    letter = story.tomorrow(ENGLISH).letter
    assert letter is not None
    assert letter.message["template"] == "reminder_first"


def test_stop_is_taken_at_once_and_her_words_are_not_kept(story: Story) -> None:
    story.next_thing()
    story.write(Medium.SMS, "STOP")

    assert "An opt-out: SMS and WhatsApp" in news(story)
    said = [message["template"] for message in story.history().messages.values()]
    assert said[-1] == "opt_out_confirmed"
    assert not story.history().replies
    letter = story.tomorrow(ENGLISH).letter
    assert letter is None or letter.attempt["medium"] == "email"


def test_a_payment_while_a_message_is_leaving_stops_it_at_the_gate(story: Story) -> None:
    story.pay_while_leaving()

    assert story.notice is not None
    crossed = story.notice.crossed
    assert crossed is not None
    assert [money.minor for money in crossed.paid] == [124_050]
    assert not crossed.left
    (stopped,) = [line for line in told(story) if story.is_fresh(line) and line.tone == "stop"]
    assert stopped.why == "Paid before it could be sent."
    sent = [a["text"] for a in story.history().attempts.values()]
    assert crossed.text not in sent
    assert "A word of thanks, by WhatsApp" in news(story)


def test_nothing_can_leave_once_all_is_paid_and_the_clock_stands_still(story: Story) -> None:
    story.pay_while_leaving()
    at = story.world.now
    story.pay_while_leaving()
    assert story.notice is not None
    assert story.notice.kind == "nothing_leaves"
    story.next_thing()
    assert story.notice.kind == "nothing_comes"

    assert story.world.now == at


def test_policy_is_asked_for_ten_past_ten_at_night_and_for_noon(story: Story) -> None:
    story.next_day()
    story.next_day()
    at_night = [asked.verdict for asked in story.try_at(time(22, 10))]
    at_noon = [asked.verdict for asked in story.try_at(time(12))]

    assert len(at_night) == 3
    for verdict in at_night:
        assert isinstance(verdict, Refusal)
        assert verdict.reason == "outside_hours"
        assert verdict.look_again_at == datetime(2026, 12, 7, 6, 0, tzinfo=UTC)
    assert all(isinstance(verdict, Permit) for verdict in at_noon)


def test_a_provider_that_is_down_makes_a_message_wait_and_loses_none(story: Story) -> None:
    story.break_providers(frozenset({"whatsapp"}))
    story.next_thing()
    waiting = [line for line in told(story) if "does not answer" in line.what]
    assert len(waiting) == 1
    assert not [a for a in story.history().attempts.values() if a["state"] == "accepted"][1:]
    story.break_providers(frozenset())
    story.next_thing()

    assert "A word on the due date, by WhatsApp" in news(story)
    assert len(list(story.world.ledger.acceptances())) == 2


def test_her_language_and_her_medium_are_those_of_the_next_message(story: Story) -> None:
    story.speak("lt")
    story.prefer(Medium.SMS)
    story.next_thing()

    last = list(story.history().attempts.values())[-1]
    assert (last["medium"], last["locale"]) == ("sms", "lt")
    assert "Šira" in last["text"]


def test_starting_over_forgets_everything(story: Story) -> None:
    begins, first = story.world.now, story.history()
    story.pay_while_leaving()
    story.write(Medium.EMAIL, "hello")
    story.start_over()

    assert (story.world.now, story.history(), story.typed) == (begins, first, [])
    story.pay_while_leaving()
    assert story.notice is not None
    assert story.notice.crossed is not None


def test_a_plan_that_she_agrees_is_told_and_confirmed(story: Story) -> None:
    world, half = story.world, Money(62_025, "ILS")
    days = (world.today, world.today + timedelta(days=7))
    with world.database.write() as session:
        agree_plan(
            session,
            customer_id=story.customer_id,
            parts=[Part(half, day) for day in days],
            agreed_by=MadeBy.PAGE,
            now=world.now,
        )
    acts.moment(world)

    lines = [plain(line.what) for line in told(story)]
    assert "A plan was agreed: ₪1,240.50 in parts" in lines
    assert any("A confirmation of the plan" in line for line in lines), lines
