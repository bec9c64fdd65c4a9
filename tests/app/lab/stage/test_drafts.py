"""One step or one text, edited in a box: through the real checkers, and true from the next day."""

from datetime import UTC, datetime

from app.lab.stage.drafts import Step, step_of_journey
from app.lab.stage.story import Story
from campaigns.vocabulary import Medium
from tests.app.lab.stage.conftest import ENGLISH

GENTLE = "consumer_gentle"


def _step(story: Story, step_id: str) -> Step:
    found = step_of_journey(story.world, GENTLE, step_id)
    assert found is not None
    return found


def test_a_step_is_cut_out_without_its_neighbours(story: Story) -> None:
    assert _step(story, "reminder_first").text.splitlines() == [
        "  - id: reminder_first",
        "    day: 3",
        "    send: reminder_first",
        "    fallback: {on_no_delivery: 1d}",
    ]
    assert _step(story, "hand_over").text.splitlines()[-1] == "    end: handed_over"
    assert step_of_journey(story.world, GENTLE, "nothing") is None


def test_a_step_that_is_moved_is_due_on_its_new_day(story: Story) -> None:
    story.prefer(Medium.SMS)  # which tells of no reading, so nothing else wakes the case
    story.next_thing()
    step = _step(story, "reminder_first")
    story.publish_step(Step(GENTLE, step.id, step.text.replace("day: 3", "day: 1")))
    letter = story.tomorrow(ENGLISH).letter
    story.next_day()

    assert letter is not None
    assert letter.at == datetime(2026, 12, 10, 7, 0, tzinfo=UTC)
    last = list(story.history().attempts.values())[-1]
    assert last["gated_at"] == letter.at


def test_a_broken_step_is_refused_with_its_line_and_a_remedy(story: Story) -> None:
    step = _step(story, "reminder_first")
    story.publish_step(Step(GENTLE, step.id, step.text.replace("send:", "sendd:")))

    assert story.notice is not None
    assert story.notice.kind == "refused_draft"
    assert story.notice.findings[0].box == "step"
    assert 3 in {found.line for found in story.notice.findings}
    assert all(found.remedy for found in story.notice.findings)
    assert _step(story, "reminder_first") == step


def test_one_changed_word_is_in_the_next_message(story: Story) -> None:
    texts = story.words.texts("due_today", "he", "whatsapp")
    changed = {key: text.replace("שלום", "היי") for key, text in texts.items()}
    story.publish_words("due_today", "he", changed)
    letter = story.tomorrow(ENGLISH).letter
    story.next_thing()

    assert letter is not None
    assert "היי" in letter.attempt["text"]
    last = list(story.history().attempts.values())[-1]
    assert last["text"] == letter.attempt["text"]


def test_an_unknown_blank_is_refused_at_its_line_of_the_box(story: Story) -> None:
    texts = story.words.texts("due_today", "en", "sms")
    story.publish_words("due_today", "en", {"sms": "First line\n{{ totall }}\n{{ pay_link }}"})

    assert story.notice is not None
    found = {(finding.box, finding.line) for finding in story.notice.findings}
    assert ("sms", 2) in found
    assert story.words.texts("due_today", "en", "sms") == texts


def test_what_ships_comes_back(story: Story) -> None:
    step = _step(story, "reminder_first")
    story.publish_step(Step(GENTLE, step.id, step.text.replace("day: 3", "day: 1")))
    story.back_to_shipped()

    assert _step(story, "reminder_first") == step


def test_an_edit_that_was_taken_back_by_starting_over_is_not_remembered(story: Story) -> None:
    step = _step(story, "reminder_first")
    for day in (1, 2):  # the same number of publications, and other words
        story.start_over()
        story.next_thing()
        story.publish_step(Step(GENTLE, step.id, step.text.replace("day: 3", f"day: {day}")))
        letter = story.tomorrow(ENGLISH).letter
        assert letter is not None
        assert (letter.at.date() - datetime(2026, 12, 9, tzinfo=UTC).date()).days == day
