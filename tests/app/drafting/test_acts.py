"""A draft is edited by one after the other, approved by a second person, and published whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from app.drafting import acts
from app.drafting.contents import Files, Kind
from app.drafting.errors import (
    BaseMoved,
    DraftingError,
    NoSuchVersion,
    NothingChanged,
    NotMerged,
    NotSound,
    SamePerson,
    StaleDraft,
    WrongState,
)
from app.drafting.origin import versions
from app.drafting.reading import Draft, State, all_live, draft, history, live
from app.store.engines import Database
from app.store.publishing import contents, current_of, publish
from tests.databases import on_both_stores
from tests.factories import NOON, add_campaign, add_creditor

NAME = "consumer_gentle"
FILE = "consumer_gentle.yaml"


def _begin(database: Database, by: str = "dana", name: str = NAME) -> Draft:
    with database.write() as session:
        return acts.begin(session, Kind.JOURNEY, name, by=by, now=NOON)


def _do(database: Database, act: Callable[..., Draft], seen: Draft, by: str, **told: Any) -> Draft:
    with database.write() as session:
        return act(session, seen.id, seen.revision, by=by, now=NOON + timedelta(hours=1), **told)


def _with(held: Draft, old: str, new: str) -> Files:
    assert old in held.files[FILE]
    return {FILE: held.files[FILE].replace(old, new, 1)}


def _earlier(held: Draft) -> Files:
    """The draft with its first reminder a day earlier."""
    return _with(held, "day: 3\n", "day: 2\n")


def _submitted(database: Database) -> Draft:
    begun = _begin(database)
    saved = _do(database, acts.save, begun, "dana", files=_earlier(begun))
    return _do(database, acts.submit, saved, "dana")


def _published_text(database: Database, name: str = NAME) -> str:
    with database.read() as session:
        digest = current_of(session, "journey", name)
        assert digest is not None
        return contents(session, [digest])[digest]


@on_both_stores
def test_a_draft_goes_from_one_designer_by_a_second_person_to_what_runs(
    database: Database,
) -> None:
    approved = _do(database, acts.approve, _submitted(database), "omer")
    done = _do(database, acts.publish, approved, "dana")

    assert (done.state, done.closed_by, done.decided_by) == (State.PUBLISHED, "dana", "omer")
    assert "day: 2\n" in _published_text(database)
    with database.read() as session:
        assert live(session, Kind.JOURNEY, NAME) is None
        newest = versions(session, Kind.JOURNEY, NAME)[0]
        acts_done = [(each.act, each.who) for each in history(session, done.id)]
    assert (newest.draft_id, newest.author, newest.approved_by) == (done.id, "dana", "omer")
    assert acts_done == [
        ("published", "dana"),
        ("approved", "omer"),
        ("submitted", "dana"),
        ("saved", "dana"),
        ("begun", "dana"),
    ]


def test_who_begins_a_name_that_somebody_edits_is_given_that_draft(database: Database) -> None:
    first = _begin(database)
    second = _begin(database, by="omer")
    assert (second.id, second.author) == (first.id, "dana")
    with database.read() as session:
        assert [each.name for each in all_live(session, Kind.JOURNEY)] == [NAME]


@on_both_stores
def test_of_two_who_save_at_once_one_is_told_what_the_other_wrote(database: Database) -> None:
    begun = _begin(database)
    texts = {
        by: _with(begun, "day: 3\n", f"day: {day}\n") for by, day in (("dana", 1), ("omer", 2))
    }

    def save(by: str) -> Draft | StaleDraft:
        try:
            return _do(database, acts.save, begun, by, files=texts[by])
        except StaleDraft as stale:
            return stale

    with ThreadPoolExecutor(2) as both:
        found = list(both.map(save, texts))
    (saved,) = [each for each in found if isinstance(each, Draft)]
    (stale,) = [each for each in found if isinstance(each, StaleDraft)]
    assert stale.there == saved
    assert saved.files == texts[saved.edited_by]


@on_both_stores
def test_two_who_begin_at_once_are_given_the_same_draft(database: Database) -> None:
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda by: _begin(database, by), ("dana", "omer")))
    assert found[0].id == found[1].id


@on_both_stores
def test_an_approval_and_an_edit_at_once_never_approve_what_was_not_seen(
    database: Database,
) -> None:
    seen = _submitted(database)
    later = _with(seen, "day: 10\n", "day: 12\n")

    def act(by: str) -> str:
        try:
            if by == "omer":
                return _do(database, acts.approve, seen, by).state
            return _do(database, acts.save, seen, by, files=later).state
        except DraftingError as problem:
            return type(problem).__name__

    with ThreadPoolExecutor(2) as both:
        found = sorted(both.map(act, ("omer", "dana")))
    assert found in (["StaleDraft", "approved"], ["StaleDraft", "open"])


def test_nobody_approves_what_they_wrote_a_word_of(database: Database) -> None:
    begun = _begin(database)
    saved = _do(database, acts.save, begun, "omer", files=_earlier(begun))
    again = _do(database, acts.save, saved, "lena", files=_with(saved, "day: 10\n", "day: 11\n"))
    seen = _do(database, acts.submit, again, "noa")
    for writer in ("dana", "omer", "lena"):
        with pytest.raises(SamePerson):
            _do(database, acts.approve, seen, writer)
    assert _do(database, acts.approve, seen, "noa").state is State.APPROVED


def test_whoever_goes_on_editing_takes_the_approval_back(database: Database) -> None:
    approved = _do(database, acts.approve, _submitted(database), "omer")
    edited = _do(
        database, acts.save, approved, "dana", files=_with(approved, "day: 10\n", "day: 9\n")
    )
    assert (edited.state, edited.approved_hash) == (State.OPEN, None)
    with pytest.raises(WrongState):
        _do(database, acts.publish, edited, "dana")


def test_saving_the_same_again_changes_nothing(database: Database) -> None:
    approved = _do(database, acts.approve, _submitted(database), "omer")
    files = {FILE: approved.files[FILE].replace("\n", "\r\n")}
    assert _do(database, acts.save, approved, "dana", files=files) == approved


def test_a_rejection_says_what_is_to_be_done(database: Database) -> None:
    back = _do(database, acts.reject, _submitted(database), "omer", note="Day 2 is a Sabbath.")
    assert (back.state, back.note, back.decided_by) == (State.OPEN, "Day 2 is a Sabbath.", "omer")
    with pytest.raises(StaleDraft), database.write() as session:
        acts.submit(session, back.id, back.revision - 1, by="dana", now=NOON)


def test_a_draft_with_errors_is_kept_and_not_submitted(database: Database) -> None:
    begun = _begin(database)
    broken = _with(begun, "send: reminder_first", "send: reminder_frist")
    saved = _do(database, acts.save, begun, "dana", files=broken)
    with pytest.raises(NotSound) as refused:
        _do(database, acts.submit, saved, "dana")
    (found,) = refused.value.findings
    line = broken[FILE].splitlines()[found.line - 1]
    assert "reminder_frist" in line
    assert found.remedy == "Did you mean `reminder_first`?"


def test_a_journey_does_not_take_another_name(database: Database) -> None:
    begun = _begin(database)
    renamed = _with(begun, f"journey: {NAME}", "journey: small_balance")
    saved = _do(database, acts.save, begun, "dana", files=renamed)
    with pytest.raises(NotSound, match="1 findings"):
        _do(database, acts.submit, saved, "dana")
    assert "title: Gentle" in _published_text(database)


def test_a_journey_that_campaigns_follow_stays_about_the_same(database: Database) -> None:
    add_campaign(database, add_creditor(database))
    begun = _begin(database)
    other = _with(begun, "subject: customer", "subject: invoice")
    saved = _do(database, acts.save, begun, "dana", files=other)
    with pytest.raises(NotSound) as refused:
        _do(database, acts.submit, saved, "dana")
    (found,) = refused.value.findings
    assert other[FILE].splitlines()[found.line - 1] == "subject: invoice"
    assert found.problem == "campaigns that follow it are about `customer`, not `invoice`"


def test_what_changes_nothing_is_not_submitted(database: Database) -> None:
    with pytest.raises(NothingChanged):
        _do(database, acts.submit, _begin(database), "dana")


def _publish_beside(database: Database, old: str, new: str) -> None:
    """Somebody publishes a file by the command line."""
    text = _published_text(database).replace(old, new, 1)
    with database.write() as session:
        publish(session, "journey", NAME, text, now=NOON)


def test_what_was_published_meanwhile_stops_an_approved_draft(database: Database) -> None:
    seen = _submitted(database)
    approved = _do(database, acts.approve, seen, "omer")
    _publish_beside(database, "day: 10\n", "day: 12\n")

    with pytest.raises(BaseMoved):
        _do(database, acts.publish, approved, "dana")
    taken = _do(database, acts.take_in, approved, "dana")
    assert (taken.state, taken.approved_hash) == (State.OPEN, None)
    assert "day: 2\n" in taken.files[FILE]
    assert "day: 12\n" in taken.files[FILE]
    again = _do(database, acts.submit, taken, "dana")
    done = _do(database, acts.publish, _do(database, acts.approve, again, "omer"), "dana")
    assert _published_text(database) == done.files[FILE]


def test_the_same_line_changed_in_both_is_for_a_person_to_decide(database: Database) -> None:
    begun = _begin(database)
    saved = _do(database, acts.save, begun, "dana", files=_earlier(begun))
    _publish_beside(database, "day: 3\n", "day: 4\n")

    with pytest.raises(NotMerged) as refused:
        _do(database, acts.take_in, saved, "dana")
    (conflict,) = refused.value.conflicts
    assert (conflict.base, conflict.mine, conflict.theirs) == (
        ("    day: 3\n",),
        ("    day: 2\n",),
        ("    day: 4\n",),
    )
    kept = _do(database, acts.keep_mine, saved, "dana")
    assert "day: 2\n" in kept.files[FILE]
    assert "day: 4\n" in kept.base[FILE]


def test_an_earlier_version_comes_back_as_a_draft(database: Database) -> None:
    before = _published_text(database)
    _publish_beside(database, "day: 3\n", "day: 4\n")
    with database.write() as session:
        back = acts.roll_back(session, Kind.JOURNEY, NAME, 1, by="dana", now=NOON)
        with pytest.raises(WrongState):
            acts.roll_back(session, Kind.JOURNEY, NAME, 1, by="dana", now=NOON)
    seen = _do(database, acts.submit, back, "dana")
    _do(database, acts.publish, _do(database, acts.approve, seen, "omer"), "omer")
    assert _published_text(database) == before
    with database.read() as session:
        found = [(each.sequence, each.author) for each in versions(session, Kind.JOURNEY, NAME)]
    assert found == [(3, "dana"), (2, None), (1, None)]


def test_a_name_that_is_new_begins_with_what_is_given(database: Database) -> None:
    text = "journey: ours\ntitle: One word\nsubject: customer\nsteps:\n"
    step = "  - id: word\n    day: 5\n    send: reminder_first\n  - id: over\n    day: 9\n"
    with database.write() as session:
        with pytest.raises(NoSuchVersion):
            acts.begin(session, Kind.JOURNEY, "ours", by="dana", now=NOON)
        begun = acts.begin_new(
            session, Kind.JOURNEY, "ours", {"ours.yaml": text}, by="dana", now=NOON
        )
    files = {"ours.yaml": f"{text}{step}    end: exhausted\n"}
    saved = _do(database, acts.save, begun, "dana", files=files)
    seen = _do(database, acts.submit, saved, "dana")
    _do(database, acts.publish, _do(database, acts.approve, seen, "omer"), "dana")
    assert _published_text(database, "ours") == files["ours.yaml"]


def test_one_that_was_withdrawn_stays_on_record_and_makes_room(database: Database) -> None:
    begun = _begin(database)
    gone = _do(database, acts.withdraw, begun, "omer")
    assert _begin(database).id != begun.id
    with database.read() as session:
        assert draft(session, begun.id) == gone
    with pytest.raises(WrongState):
        _do(database, acts.save, gone, "dana", files=_earlier(gone))
