"""Promise 9: editing a journey never repeats a passed step and never strands a case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.engine.catalogue import Catalogue
from app.engine.walk import Walk
from app.store.publishing import publish
from app.store.rows import Message, Revision
from tests.databases import on_both_stores
from tests.factories import add_campaign, add_creditor
from tests.promises.stage import Stage

Steps = list[dict[str, Any]]
Edit = Callable[[Steps], None]


def at(steps: Steps, step_id: str) -> int:
    return next(index for index, step in enumerate(steps) if step["id"] == step_id)


def insert_ahead(steps: Steps) -> None:
    steps.insert(at(steps, "offer_help"), {"id": "extra", "day": 28, "send": "checkout_abandoned"})


def insert_behind(steps: Steps) -> None:
    steps.insert(1, {"id": "extra", "day": 1, "send": "checkout_abandoned"})


def remove_what_is_past(steps: Steps) -> None:
    del steps[at(steps, "reminder_first")]


def remove_what_is_ahead(steps: Steps) -> None:
    del steps[at(steps, "reminder_second")]


def rename_what_is_past(steps: Steps) -> None:
    for name in ("due_today", "reminder_first"):
        steps[at(steps, name)]["id"] = f"{name}_anew"


def rename_what_is_ahead(steps: Steps) -> None:
    steps[at(steps, "reminder_second")]["id"] = "reminder_two"


def swap(steps: Steps) -> None:
    first, second = at(steps, "reminder_first"), at(steps, "reminder_second")
    steps[first], steps[second] = steps[second], steps[first]
    steps[first]["day"], steps[second]["day"] = 3, 10


def move_later(steps: Steps) -> None:
    steps[at(steps, "reminder_first")]["day"] = 8
    steps[at(steps, "reminder_second")]["day"] = 15


def move_earlier(steps: Steps) -> None:
    steps[at(steps, "reminder_second")]["day"] = 5


def end_sooner(steps: Steps) -> None:
    del steps[at(steps, "third_or_help") :]
    steps.append({"id": "over", "day": 12, "end": "exhausted"})


EDITS: Mapping[str, Edit] = {
    edit.__name__: edit
    for edit in (
        insert_ahead,
        insert_behind,
        remove_what_is_past,
        remove_what_is_ahead,
        rename_what_is_past,
        rename_what_is_ahead,
        swap,
        move_later,
        move_earlier,
        end_sooner,
    )
}


class Editors:
    """A creditor, a journey and a customer for each edit, all in one world."""

    def __init__(self, stage: Stage, *names: str) -> None:
        self.stage = stage
        self.edits = {name: EDITS[name] for name in names or EDITS}
        shipped = stage.get(Revision, kind="journey", name="consumer_gentle")[0].content
        self._yaml = YAML()
        self._shipped = shipped
        self.customers: dict[str, int] = {}
        for name in self.edits:
            self.publish(name)
            creditor = add_creditor(stage.database, external_id=name)
            add_campaign(stage.database, creditor, journey=name)
            self.customers[name] = stage.owe(name, creditor=creditor)

    def publish(self, name: str, edit: Edit | None = None) -> str:
        """The shipped steps, or their edited version. Answers the hash."""
        document = self._yaml.load(self._shipped)
        document["journey"] = name
        if edit is not None:
            edit(document["steps"])
        out = StringIO()
        self._yaml.dump(document, out)
        with self.stage.database.write() as session:
            return publish(session, "journey", name, out.getvalue(), now=self.stage.now)

    def edit(self) -> dict[str, str]:
        """Publishes every edited version and answers the hashes."""
        return {name: self.publish(name, edit) for name, edit in self.edits.items()}


@pytest.mark.parametrize(
    ("database_kind", "day"), [("sqlite", 4), ("postgresql", 11)], indirect=["database_kind"]
)
def test_after_any_edit_nothing_is_repeated_and_every_case_ends(stage: Stage, day: int) -> None:
    editors = Editors(stage)
    stage.play(days=day)
    spoken = {name: len(stage.said(customer)) for name, customer in editors.customers.items()}
    assert set(spoken.values()) == {{4: 2, 11: 3}[day]}

    hashes = editors.edit()
    stage.play(days=67 - day)

    for name, customer in editors.customers.items():
        said = Counter(stage.said(customer))
        assert said, name
        assert {template for template, count in said.items() if count > 1} == set(), (name, said)
        case = stage.case_of(customer)
        assert case.phase == "closed", (name, case.reason)
        assert case.journey_hash == hashes[name], name
    last = {name: stage.said(customer)[-1] for name, customer in editors.customers.items()}
    assert last.pop("end_sooner") in ("reminder_first", "reminder_second")
    assert set(last.values()) == {"notice_handover"}


def test_an_edit_while_a_message_waits_neither_repeats_nor_strands_it(stage: Stage) -> None:
    editors = Editors(stage)
    stage.decide()

    stage.deliver(after="prepare", act=editors.edit)
    assert {len(stage.said(customer)) for customer in editors.customers.values()} == {1}
    stage.play(days=5)

    for name, customer in editors.customers.items():
        assert stage.said(customer)[0] == "due_today"
        assert stage.case_of(customer).look_at is not None
        assert max(Counter(stage.said(customer)).values()) == 1, name


@on_both_stores
def test_a_step_that_is_renamed_while_its_message_waits_is_not_said_again(stage: Stage) -> None:
    editors = Editors(stage, "rename_what_is_past")
    stage.decide()

    stage.deliver(after="prepare", act=editors.edit)
    stage.play(days=1)

    assert stage.said(editors.customers["rename_what_is_past"]) == ["due_today"]


def test_a_step_that_was_inserted_ahead_is_said(stage: Stage) -> None:
    editors = Editors(stage, "insert_ahead", "insert_behind")
    stage.play(days=4)
    editors.edit()

    stage.play(days=26)

    assert "checkout_abandoned" in stage.said(editors.customers["insert_ahead"])
    assert "checkout_abandoned" not in stage.said(editors.customers["insert_behind"])


def test_going_back_to_the_version_before_repeats_nothing(stage: Stage) -> None:
    editors = Editors(stage, "rename_what_is_past", "swap", "move_later", "remove_what_is_past")
    stage.play(days=4)
    editors.edit()
    stage.play(days=4)
    for name in editors.edits:
        editors.publish(name)

    stage.play(days=8)

    for name, customer in editors.customers.items():
        assert max(Counter(stage.said(customer)).values()) == 1, (name, stage.said(customer))
    keys = [row.key for row in stage.get(Message)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("batch", [1, 50])
def test_a_step_that_is_moved_earlier_is_seen_at_once_and_costs_one_look_a_case(
    stage: Stage, batch: int
) -> None:
    editors = Editors(stage)
    stage.play(days=4)
    walk = Walk(stage.database, Catalogue(), batch=batch)
    while walk.tick(stage.now).looked:
        continue  # a process that has just started reads them once

    def bring_forward(steps: Steps) -> None:
        steps[at(steps, "reminder_second")]["day"] = 4

    name = next(iter(editors.edits))
    asleep = stage.case_of(editors.customers[name])
    assert asleep.reason == "not_yet"
    digest = editors.publish(name, bring_forward)

    walked = []
    while (once := walk.tick(stage.now)).looked:
        walked.append(once)

    assert sum(once.looked for once in walked) == 1
    case = stage.case_of(editors.customers[name])
    assert (case.phase, case.journey_hash) == ("pending", digest)
    last = stage.get(Message, customer_id=editors.customers[name])[-1]
    assert last.template == "reminder_second"
