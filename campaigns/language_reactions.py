"""Reads what a journey says when a signal arrives: one answer, or several of which one is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from campaigns.journey import Reaction
from campaigns.language_source import Items, Table, describe
from campaigns.language_steps import SPEECH, read_policy
from campaigns.language_values import Fields
from campaigns.vocabulary import Category, Signal
from campaigns.worded import worded

REACTION_KEYS = ("send", *SPEECH, "when")
REACTION_VALID = timedelta(days=2)


def read_reactions(fields: Fields) -> Mapping[Signal, Reaction]:
    """The block `on`: what is said when a signal arrives."""
    block = fields.table("on", worded("the block `on`"))
    if block is None:
        return MappingProxyType({})
    block.allow(tuple(Signal))
    found = {}
    for signal in Signal:
        ways = _ways(block, signal) if signal in block else []
        if ways:
            found[signal] = _chained([_reaction(signal, way) for way in ways], block, signal)
    return MappingProxyType(found)


def _ways(block: Fields, signal: Signal) -> list[Fields]:
    """One answer, or a list of which the first whose condition holds is said."""
    if not isinstance(block.node(signal), Items):
        said = block.table(signal, worded("a reaction"))
        return [said] if said is not None else []
    ways = []
    for item in block.items(signal) or ():
        if isinstance(item, Table):
            ways.append(Fields(item, block.context, worded("a reaction")))
        else:
            remedy = worded("Write it as {when: open_invoices == 0, send: some_template}.")
            block.say(item.place, worded("this answer is %(what)s", what=describe(item)), remedy)
    return ways


def _chained(ways: Sequence[Reaction], block: Fields, signal: Signal) -> Reaction:
    chain = ways[-1]
    for way in reversed(ways[:-1]):
        if way.when is None:
            remedy = worded("Put it last, or give it a `when`.")
            block.say(
                block.place_of(signal), worded("an answer without `when` hides the later"), remedy
            )
        chain = replace(way, otherwise=chain)
    return chain


def _reaction(signal: Signal, fields: Fields) -> Reaction:
    fields.allow(REACTION_KEYS)
    return Reaction(
        signal,
        fields.template("send") or "",
        fields.word("category", Category) or Category.REMINDER,
        read_policy(fields),
        fields.duration("valid_for") or REACTION_VALID,
        fields.condition("when"),
        approval=fields.text("approval", needed=False),
    )
