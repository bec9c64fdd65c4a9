"""From a claimed message to a draft: facts read, words rendered, nothing locked."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from app.book.heard import OPEN_FOR
from app.book.snapshot import Snapshot, load
from app.delivery.approvals import Approvals, load_approvals, needs_approval
from app.delivery.claim import Claimed, Waiting
from app.delivery.material import Material, material
from app.delivery.parties import Parties, load_parties
from app.engine.catalogue import Catalogue
from app.store.bulk import survivors
from app.store.told import Told, noted
from app.wording.errors import MissingVariable, UnknownTemplate, WordingError
from app.wording.render import Rendered, Wording
from channels.seam import ApprovedContent

READ_WITHIN = timedelta(seconds=2)
"""As long as a gate itself holds."""

_MOSTLY = 2  # of a reading, half of the messages at least: to ask for all its rows must pay

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a batch of messages is made from: their cases by id, and whom they are about."""

    snapshots: Mapping[int, Snapshot]
    parties: Parties


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """A basis, when it was read, for how many messages, and the rows themselves."""

    basis: Basis
    told: Told
    at: datetime
    count: int


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A rendered message that has not been through the gate. It has no words for a log."""

    claimed: Claimed
    snapshot: Snapshot
    material: Material
    rendered: Rendered
    content: ApprovedContent | None = None
    heard_at: datetime | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Unwritten:
    """A message that cannot be put into words: why, in a code and its blanks."""

    claimed: Claimed
    reason: str
    params: Mapping[str, str]
    reading: Reading | None = None


def _read_basis(session: Session, waiting: Sequence[Claimed], now: datetime) -> Basis:
    """A fixed number of queries for any number of messages."""
    snapshots = snapshots_of(session, waiting, now)
    return Basis(snapshots, load_parties(session, waiting, snapshots))


def basis_now(session: Session, batch: Sequence[Draft | Unwritten], now: datetime) -> Basis:
    """What the drafts were made from, where every row of it is still the same and hardly any time
    has passed: a hold that ends meanwhile, say, is no new row. Otherwise it is read anew."""
    readings = {id(draft.reading): draft.reading for draft in batch}
    (reading,) = readings.values() if len(readings) == 1 else (None,)
    if (
        reading is not None
        and len(batch) * _MOSTLY >= reading.count
        and timedelta(0) <= now - reading.at <= READ_WITHIN
        and reading.told.still(session)
    ):
        return reading.basis
    return _read_basis(session, [draft.claimed for draft in batch], now)


def snapshots_of(
    session: Session, waiting: Sequence[Waiting], now: datetime
) -> Mapping[int, Snapshot]:
    """The case of each message as it stands, by case id."""
    found = load(session, dict.fromkeys(each.row["case_id"] for each in waiting), now)
    return {s.row["id"]: s for s in found if isinstance(s, Snapshot)}


def prepare(
    session: Session,
    claimed: Sequence[Claimed],
    catalogue: Catalogue,
    wording: Wording,
    now: datetime,
) -> list[Draft | Unwritten]:
    """The drafts of a batch. One that cannot be written never stops the others."""

    def together(claims: Sequence[Claimed]) -> list[Draft | Unwritten]:
        with noted(session) as told:
            basis = _read_basis(session, claims, now)
        reading = Reading(basis, told, now, len(claims))
        approvals = load_approvals(session, claims)
        # One kind of work after the other: in turns for each message they take a sixth longer.
        found = [_found(claim, reading, catalogue, now) for claim in claims]
        written = [
            _written(claim, each, reading, wording)
            for claim, each in zip(claims, found, strict=True)
        ]
        return [_allowed(draft, approvals, now) for draft in written]

    return survivors(claimed, together, _unwritten)


def _found(
    claim: Claimed, reading: Reading, catalogue: Catalogue, now: datetime
) -> Material | Unwritten:
    snapshot = reading.basis.snapshots.get(claim.row["case_id"])
    if snapshot is None:
        return Unwritten(claim, "defect", {})
    try:
        _, journey = catalogue.journey(snapshot.journey)
        rules = catalogue.policy(claim.row["creditor_id"]).rules
        return material(claim, snapshot, reading.basis.parties, journey, rules, now)
    except Exception as problem:  # noqa: BLE001  # one poisoned message must not stop a batch
        return replace(_unwritten(claim, problem), reading=reading)


def _written(
    claim: Claimed, found: Material | Unwritten, reading: Reading, wording: Wording
) -> Draft | Unwritten:
    if isinstance(found, Unwritten):
        return found
    try:
        rendered = wording.render(
            claim.row["template"], claim.row["medium"], found.locale, found.context
        )
        snapshot = reading.basis.snapshots[claim.row["case_id"]]
        return Draft(claim, snapshot, found, rendered, reading=reading)
    except Exception as problem:  # noqa: BLE001  # one poisoned message must not stop a batch
        return replace(_unwritten(claim, problem), reading=reading)


def _allowed(draft: Draft | Unwritten, approvals: Approvals, now: datetime) -> Draft | Unwritten:
    """With what its provider approved of it, where the provider wants that."""
    if isinstance(draft, Unwritten) or not needs_approval(draft.claimed):
        return draft
    content = approvals.content(draft.claimed, draft.rendered)
    heard_at = approvals.heard_at(draft.claimed)
    is_open = heard_at is not None and now < heard_at + OPEN_FOR
    if content is None and not is_open:
        locale = {"locale": draft.rendered.locale}
        return Unwritten(draft.claimed, "template_not_approved", locale)
    return replace(draft, content=content, heard_at=heard_at)


def _unwritten(claim: Claimed, problem: Exception) -> Unwritten:
    match problem:
        case MissingVariable():
            return Unwritten(claim, "variable_missing", {"variable": problem.variable})
        case UnknownTemplate():
            params = {"template": claim.row["template"], "locale": "any language"}
            return Unwritten(claim, "template_missing", params)
        case WordingError():
            return Unwritten(claim, "defect", {})
        case _:
            log.error("message %s cannot be written: %s", claim.id, type(problem).__name__)
            return Unwritten(claim, "defect", {})
