"""What is wrong with a row travels as text, and is read back as its code and values."""

from __future__ import annotations

import re

import pytest

from app.book.wrongs import AS_TOLD, CLAUSES, SENTENCES, Wrong, read_wrongs, wrong

_BLANK = re.compile(r"%\((\w+)\)s")
VALUES = {
    "field": "invoice.amount", "forms": "%d.%m.%Y or %Y-%m-%d", "sign": ",", "currency": "EUR",
    "most": "2000", "what": "invoice", "words": "f, m", "where": "line 3 of other; book.csv",
    "cells": "3", "header": "4", "encoding": "utf-8", "name": "Infinity", "count": "2",
    "why": "line contains NUL",
}  # fmt: skip


def made(code: str) -> tuple[str, dict[str, str]]:
    text = CLAUSES.get(code) or SENTENCES.get(code) or AS_TOLD[code]
    values = {name: VALUES[name] for name in _BLANK.findall(text)}
    return wrong(code, **values), values


@pytest.mark.parametrize("code", CLAUSES)
def test_a_clause_is_read_back_with_its_column(code: str) -> None:
    text, values = made(code)
    text = f"due date is of {text}"

    assert list(read_wrongs(text)) == [Wrong(text, code, "due date is of", values)]


@pytest.mark.parametrize("code", [*SENTENCES, *AS_TOLD])
def test_a_sentence_is_read_back(code: str) -> None:
    text, values = made(code)

    assert list(read_wrongs(text)) == [Wrong(text, code, None, values)]


@pytest.mark.parametrize("code", ["einvoice_attached", "invoice_twice"])
def test_a_sentence_is_read_back_with_the_invoice_that_it_is_of(code: str) -> None:
    text, values = made(code)
    text = f"2026-05: no. 7.XML: {text}"

    assert list(read_wrongs(text)) == [Wrong(text, code, "2026-05: no. 7.XML", values)]


def test_several_that_are_told_together_are_read_one_by_one() -> None:
    first, second = f"amount {wrong('not_paid_in')}", wrong("invoice_unknown")
    last = f"phone {wrong('no_phone')}"

    told = list(read_wrongs("; ".join((first, second, "of a version to come", last))))

    assert [each.code for each in told] == ["not_paid_in", "invoice_unknown", None, "no_phone"]
    assert told[2].text == "of a version to come"
