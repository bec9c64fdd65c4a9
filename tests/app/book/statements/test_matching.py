"""Whose money it is: exact by reference, likely by payer and amount, else nobody's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from app.book.statements.matching import (
    MOST_CANDIDATES,
    Candidate,
    Certain,
    Debt,
    Debtor,
    Debts,
    Likely,
    Said,
    likeness,
    match,
)
from campaigns.money import Money

ADA, BEN = 1, 2
DEBTS = Debts(
    [
        Debt(11, ADA, ("INV-1001", "9001"), "EUR", 10000),
        Debt(12, ADA, ("INV-1002",), "EUR", 5000),
        Debt(13, ADA, ("INV-0999",), "EUR", 0),
        Debt(21, BEN, ("INV-2001",), "EUR", 7000),
        Debt(22, BEN, ("INV-2002",), "ILS", 7000),
    ],
    [
        Debtor(ADA, "CUST-77", "Ada Lovelace", frozenset({"LT601"})),
        Debtor(BEN, "CUST-78", "Ben Gurion Trading Ltd"),
    ],
)


def said(minor: int, text: str = "", currency: str = "EUR", **values: object) -> Said:
    return Said(Money(minor, currency), text=text, **values)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    "text",
    [
        "INV-1001",
        "Payment of inv 1001, thank you",
        "INV-10 01",  # broken by the bank's own line
        "חשבונית INV1001 תודה",
    ],
)
def test_a_named_invoice_is_certain(text: str) -> None:
    assert match(said(10000, text), DEBTS) == Certain(ADA, (11,))


def test_a_number_that_the_next_word_may_complete_is_for_a_person() -> None:
    debts = Debts(
        [Debt(1, ADA, ("INV-10",), "EUR", 100), Debt(2, BEN, ("INV-101",), "EUR", 100)],
        [Debtor(ADA, "CUST-77"), Debtor(BEN, "CUST-78")],
    )

    assert match(said(100, "INV-10, 1 bottle"), debts) == Likely(
        (Candidate(ADA, (1,), 60), Candidate(BEN, (2,), 60))
    )
    assert match(said(100, "no:INV-10/a"), debts) == Certain(ADA, (1,))


def test_a_number_inside_another_is_not_it() -> None:
    assert match(said(10000, "INV-10015"), DEBTS) is None


def test_several_invoices_of_one_customer_are_certain_in_the_order_of_their_numbers() -> None:
    assert match(said(15000, "INV-1002 + INV-1001"), DEBTS) == Certain(ADA, (11, 12))


def test_another_amount_is_still_the_named_customers() -> None:
    assert match(said(123, "INV-1001"), DEBTS) == Certain(ADA, (11,))
    assert match(said(99999, "INV-1001"), DEBTS) == Certain(ADA, (11,))


def test_a_settled_invoice_names_its_customer_and_is_not_settled_again() -> None:
    assert match(said(10000, "INV-0999"), DEBTS) == Certain(ADA, ())


def test_a_customer_number_with_the_amount_of_one_invoice_settles_that_one() -> None:
    assert match(said(5000, "CUST-77"), DEBTS) == Certain(ADA, (12,))
    assert match(said(6000, "CUST-77"), DEBTS) == Certain(ADA, ())


def test_a_creditor_reference_counts_only_with_right_check_digits() -> None:
    digits = mod_97_10.calc_check_digits("INV1001RF")
    reference = f"RF{digits}INV1001"
    grouped = " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))

    assert match(said(1, references=(reference,)), DEBTS) == Certain(ADA, (11,))
    assert match(said(1, f"ref {grouped}"), DEBTS) == Certain(ADA, (11,))
    assert match(said(1, references=("RF00INV1001",)), DEBTS) is None


def test_a_short_number_counts_in_a_structured_reference_and_with_its_exact_amount() -> None:
    assert match(said(1, references=("9001",)), DEBTS) == Certain(ADA, (11,))
    assert match(said(10000, "9001"), DEBTS) == Certain(ADA, (11,))
    assert match(said(5000, "9001"), DEBTS) == Likely((Candidate(ADA, (12,), 70),))
    assert match(said(1, "in the year 9001"), DEBTS) is None


def test_a_short_number_of_one_and_the_name_of_another_are_for_a_person() -> None:
    debts = Debts(
        [Debt(1, ADA, ("9001",), "EUR", 100), Debt(2, BEN, ("9002",), "EUR", 100)],
        [Debtor(ADA, "CUST-77", "Ada Lovelace"), Debtor(BEN, "CUST-78", "Ben Gurion")],
    )

    assert match(said(100, "9001", payer="Ben Gurion"), debts) == Likely(
        (Candidate(BEN, (2,), 80), Candidate(ADA, (1,), 70))
    )


def test_numbers_of_two_customers_are_for_a_person() -> None:
    assert match(said(17000, "INV-1001 INV-2001"), DEBTS) == Likely(
        (Candidate(ADA, (11,), 60), Candidate(BEN, (21,), 60))
    )


def test_another_currency_than_the_named_invoice_is_for_a_person() -> None:
    assert match(said(7000, "INV-2002"), DEBTS) == Likely((Candidate(BEN, (), 60),))


def test_a_known_account_with_the_amount_of_an_invoice_or_of_all_is_likely() -> None:
    assert match(said(5000, payer_account="LT601"), DEBTS) == Likely((Candidate(ADA, (12,), 90),))
    assert match(said(15000, payer_account="LT601"), DEBTS) == Likely(
        (Candidate(ADA, (11, 12), 90),)
    )
    assert match(said(5001, payer_account="LT601"), DEBTS) is None


def test_a_like_name_with_the_amount_is_likely() -> None:
    found = match(said(7000, payer="GURION, BEN TRADING LTD."), DEBTS)

    assert found == Likely((Candidate(BEN, (21,), 80),))
    assert match(said(7000, payer="Somebody Else"), DEBTS) is None


NAMES = st.text(st.characters(categories=["Lu", "Nd"], max_codepoint=127), min_size=5, max_size=8)
OWED = st.lists(
    st.tuples(st.integers(1, 4), NAMES, st.integers(0, 300)), unique_by=lambda each: each[1]
)


def debts_of(owed: list[tuple[int, str, int]]) -> list[Debt]:
    return [
        Debt(number, customer, (name,), "EUR", minor)
        for number, (customer, name, minor) in enumerate(owed, start=1)
    ]


PEOPLE = [Debtor(number, f"customer-{number}", f"Name {number}") for number in range(1, 5)]


@settings(max_examples=50)
@given(OWED, st.text(max_size=40), st.integers(1, 400), st.randoms(use_true_random=False))
def test_the_order_of_the_book_decides_nothing(
    owed: list[tuple[int, str, int]], text: str, minor: int, chance: object
) -> None:
    words = [name for _, name, _ in owed[:2]]
    debts = debts_of(owed)
    mixed = sorted(debts, key=lambda debt: chance.random())  # type: ignore[attr-defined]  # Hypothesis's own

    asked = said(minor, " ".join([text, *words]), payer="Name 1")

    assert match(asked, Debts(debts, PEOPLE)) == match(asked, Debts(mixed, PEOPLE[::-1]))


@settings(max_examples=50)
@given(OWED, st.text(max_size=60), st.integers(1, 400))
def test_certain_is_only_what_one_customer_was_named_for(
    owed: list[tuple[int, str, int]], text: str, minor: int
) -> None:
    debts = debts_of(owed)
    found = match(said(minor, text), Debts(debts, PEOPLE))

    if isinstance(found, Certain):
        own = {debt.invoice_id for debt in debts if debt.customer_id == found.customer_id}
        assert set(found.invoice_ids) <= own
        named = [debt for debt in debts if debt.numbers[0] in text.upper().replace(" ", "")]
        assert named or f"CUSTOMER{found.customer_id}" in "".join(
            letter for letter in text.upper() if letter.isalnum()
        )
    if isinstance(found, Likely):
        assert 1 <= len(found.candidates) <= MOST_CANDIDATES
        scores = [candidate.score for candidate in found.candidates]
        assert scores == sorted(scores, reverse=True)


@settings(max_examples=50)
@given(OWED.filter(bool), st.integers(1, 400))
def test_every_invoice_is_found_by_its_number(owed: list[tuple[int, str, int]], minor: int) -> None:
    debts = debts_of(owed)
    named = [debt for debt in debts if any(letter.isdigit() for letter in debt.numbers[0])]
    for debt in named[:1]:
        found = match(said(minor, references=(debt.numbers[0],)), Debts([debt], PEOPLE))

        assert found == Certain(debt.customer_id, (debt.invoice_id,) if debt.open_minor else ())


def test_likeness_is_between_nothing_and_one() -> None:
    assert likeness("", "Ada") == 0.0
    assert likeness("Lovelace Ada", "ADA LOVELACE") == 1.0
