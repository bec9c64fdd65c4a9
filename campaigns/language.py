"""The journey language: reads and checks a file, and tells everything that is wrong at once.

Takes text, never a path, and looks nothing up: the templates and the custom attributes that
exist are arguments. `docs/journeys.md` is the language for those who write it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from campaigns.fact_table import FactType
from campaigns.findings import Finding, JourneyError, Place, Report
from campaigns.fingerprint import fingerprint
from campaigns.journey import Journey
from campaigns.language_flow import check_order, check_paths
from campaigns.language_reactions import read_reactions
from campaigns.language_source import Kind, Scalar, Table, describe, read_tree
from campaigns.language_steps import Draft, read_step
from campaigns.language_values import Context, Fields
from campaigns.vocabulary import AnchorKind, SubjectKind
from campaigns.worded import worded

__all__ = ["Finding", "JourneyError", "check_journey", "read_journey"]

MOST_STEPS = 200
KEYS = ("journey", "title", "subject", "anchor", "steps", "on")
NO_CUSTOM: Mapping[str, FactType] = MappingProxyType({})


def read_journey(
    text: str,
    file: str,
    *,
    custom: Mapping[str, FactType] = NO_CUSTOM,
    templates: Collection[str] | None = None,
) -> Journey:
    """The journey in `text`; `file` is only named in findings.

    `custom` are the attributes that conditions may use, `templates` the names that exist (None
    takes any). Raises `JourneyError` with all findings.
    """
    journey, findings = check_journey(text, file, custom=custom, templates=templates)
    if journey is None:
        raise JourneyError(findings)
    return journey


def check_journey(
    text: str,
    file: str,
    *,
    custom: Mapping[str, FactType] = NO_CUSTOM,
    templates: Collection[str] | None = None,
) -> tuple[Journey | None, tuple[Finding, ...]]:
    """The journey and no finding, or no journey and all findings in the order of the file."""
    report = Report(file)
    root = read_tree(text, report)
    journey = None
    if isinstance(root, Table):
        journey = _journey(Fields(root, Context(report, custom, templates), worded("a journey")))
    elif root is None or (isinstance(root, Scalar) and root.kind is Kind.EMPTY):
        if not report.findings:
            report.add(
                Place(1, 1),
                worded("the file is empty"),
                worded("Begin with `journey:` and a name."),
            )
    else:
        remedy = worded("Begin with `journey:` and a name.")
        report.add(
            root.place, worded("the file is %(what)s, not a journey", what=describe(root)), remedy
        )
    return (None, report.findings) if report.findings else (journey, ())


def _journey(fields: Fields) -> Journey | None:
    fields.allow(KEYS)
    name, title = fields.slug("journey"), fields.text("title")
    subject = fields.word("subject", SubjectKind, needed=True)
    anchor = _anchor(fields, subject)
    drafts = _drafts(fields, subject)
    reactions = read_reactions(fields)
    if name is None or title is None or subject is None:
        return None
    steps = tuple(draft.step for draft in drafts)
    digest = fingerprint(name, title, subject, steps, reactions.values(), anchor)
    return Journey(name, title, subject, steps, reactions, digest, anchor)


def _anchor(fields: Fields, subject: SubjectKind | None) -> AnchorKind:
    anchor = fields.word("anchor", AnchorKind) or AnchorKind.DUE_DATE
    if anchor is AnchorKind.ANNIVERSARY and subject not in (SubjectKind.CUSTOMER, None):
        problem = worded("a %(subject)s has no anniversary", subject=subject)
        remedy = worded("Make the subject `customer`, or delete `anchor`.")
        fields.say(fields.place_of("anchor"), problem, remedy)
    return anchor


def _drafts(fields: Fields, subject: SubjectKind | None) -> list[Draft]:
    items = fields.items("steps", needed=True) or ()
    if len(items) > MOST_STEPS:
        problem = worded("the journey has %(count)s steps", count=len(items))
        fields.say(
            fields.place_of("steps"),
            problem,
            worded("Keep it within %(most)s.", most=MOST_STEPS),
        )
        return []
    read = [read_step(item, fields.context) for item in items]
    drafts = [draft for draft in read if draft is not None]
    check_order(drafts, subject, fields.context.report)
    if len(drafts) == len(items):
        check_paths(drafts, fields.context.report)
    return drafts
