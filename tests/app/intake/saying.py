"""A customer says something that a reader understands as the test wants, and what came of it."""

from __future__ import annotations

from typing import Any

from app.hearing.intents import Intent
from app.intake.replies import ReplyTaken, Written, receive_reply
from campaigns.vocabulary import Medium
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene
from tests.app.intake.reader import Understands
from tests.factories import NOON

WORDS = "what Dana of Herzl street wrote"


def says(scene: Scene, *intents: Intent, key: str = "sandbox:1", **told: Any) -> ReplyTaken:
    text, medium = told.pop("text", WORDS), Medium.SMS
    written = Written(key, medium, told.pop("sender", PHONE), OUR_NUMBER, text, NOON)
    reader = Understands(*intents, **told)
    with scene.database.write() as session:
        return receive_reply(session, written, now=NOON, reader=reader)


def answers(scene: Scene) -> list[str]:
    """What the case of answers was told, in order."""
    campaigns = {row["id"] for row in scene.rows("campaign", "name = 'service_answers'")}
    cases = {r["id"] for r in scene.rows("dunning_case") if r["campaign_id"] in campaigns}
    told = [row["signal"] for row in scene.rows("case_signal") if row["case_id"] in cases]
    return [signal for signal in told if signal != "reply_received"]


def holds(scene: Scene) -> list[tuple[str, bool]]:
    """The kind of each hold, and whether it ends by itself."""
    return [(row["kind"], row["until"] is not None) for row in scene.rows("hold")]


def all_that_staff_sees(scene: Scene) -> str:
    tables = ("event", "task", "hold", "reply", "hardship", "complaint", "consent", "suppression")
    return repr([scene.rows(table) for table in tables])
