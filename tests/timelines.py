"""One customer's whole story as a collections person reads it: date, what, how, and why.

Built from what is on record alone: events, attempts and refusals, in the order of happening.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.case import step_of
from campaigns.reasons import sentence
from tests.world import World

_OWN = {"medium_tried", "not_preferred"}
_UNSAID = {"CaseOpened", "MessageIntended", "MessageSettled", "BranchTaken"}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    rank: int
    what: str
    why: str = ""


def timeline(world: World, zone: str) -> str:
    """Every line of the one customer in `world`, on the wall clock of `zone`."""
    lines = [*_events(world), *_messages(world), *_refusals(world)]
    lines.sort(key=lambda line: (line.at, line.rank))
    return "".join(_written(line, ZoneInfo(zone)) for line in lines)


def _written(line: Line, zone: ZoneInfo) -> str:
    head = f"{line.at.astimezone(zone):%a %d %b %H:%M}  {line.what}"
    return f"{head}\n" + (f"{'':18}{line.why}\n" if line.why else "")


def _events(world: World) -> Iterator[Line]:
    campaigns = {row["id"]: row["name"] for row in world.rows("campaign")}
    cases = {row["id"]: campaigns[row["campaign_id"]] for row in world.rows("dunning_case")}
    tasks = iter(world.rows("task"))
    for row in world.rows("event"):
        told, case = json.loads(row["payload"]), cases.get(row["case_id"], "")
        match row["kind"]:
            case "CaseOpened":
                yield _line(row, 1, f"begins    {case}, counted from {told['anchor_on']}")
            case "CaseClosed":
                yield _line(row, 8, f"ends      {case}: {told['outcome']}")
            case "StepPassed":
                why = sentence(told["reason"], told["params"])
                yield _line(row, 4, f"passes    {told['step']}", why)
            case "TaskGiven":
                task = next(tasks)
                yield _line(row, 5, f"task      {task['team']}: {task['title']}")
            case "WaitBegan":
                until = told["until"][:10]
                yield _line(row, 7, f"waits     for {told['signal']}, until {until}")
            case "WaitEnded":
                came = "it came" if told["met"] else "nothing came"
                yield _line(row, 7, f"waited    {came}")
            case kind if kind not in _UNSAID and not kind.startswith("message_"):
                yield _line(row, 0, f"happens   {kind}")


def _messages(world: World) -> Iterator[Line]:
    messages = {row["id"]: row for row in world.rows("message")}
    readers, before = _readers(world), dict[tuple[int, str], str]()
    for row in world.rows("attempt"):
        message = messages[row["message_id"]]
        to = readers.get(message["contact_point_id"], "")
        copied = json.loads(row["copied_to"])
        copy = f", copy to {', '.join(copied)}" if copied else ""
        what = f"{row['medium']:9} {message['template']} ({row['locale']}){to}{copy}"
        said = row["subject"] or row["text"].split("\n")[0]
        asked = (message["case_id"], message["origin"])
        why = _why(message, before.get(asked))
        before[asked] = row["medium"]
        yield _line(row, 6, what, f"{why}  »{_plain(said)}«", at="gated_at")


def _why(message: Mapping[str, Any], before: str | None) -> str:
    """`before` is the medium on which the same was said already."""
    origin = message["origin"]
    if before is not None:
        return sentence("fallback", {"sign": "delivery", "medium": before})
    if origin.startswith("signal:"):
        return sentence("reaction", {"signal": origin.split(":")[1]})
    return sentence("step_due", {"step": step_of(origin)})


def _readers(world: World) -> Mapping[int, str]:
    contacts = {row["id"]: row for row in world.rows("contact")}
    return {
        row["id"]: " to {name} ({role})".format(**contacts[row["contact_id"]])
        for row in world.rows("contact_point")
        if row["contact_id"]
    }


def _refusals(world: World) -> Iterator[Line]:
    said = set()
    for row in world.rows("refusal"):
        why = sentence(row["reason"], json.loads(row["params"]))
        if row["reason"] not in _OWN and (why, row["step"]) not in said:
            said.add((why, row["step"]))
            yield _line(row, 3, f"held      {row['medium']}", why)


def _line(row: Mapping[str, Any], rank: int, what: str, why: str = "", at: str = "at") -> Line:
    moment = datetime.fromisoformat(str(row[at])).replace(tzinfo=UTC)
    return Line(moment, rank, what.rstrip(), why)


def _plain(text: str) -> str:
    """Without the invisible marks of direction, which no editor shows."""
    marks = {ord(mark): None for mark in "\u2066\u2067\u2068\u2069\u200e\u200f"}
    return text.translate(marks).replace("\u00a0", " ").replace("\u202f", " ")
