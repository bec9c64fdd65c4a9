"""Says whose money an entry is. Pure: it sees what is owed and decides, and books nothing.

The first line that applies counts:

    one customer is named by reference     Certain, whatever the amount
    several are named                      Likely: a person decides between them
    a short number and its exact amount    Certain, unless the payer is like another customer
    the payer's account or name is known,  Likely
    and the amount is that of an invoice
    or of all that is open
    else                                   None: money that waits for a person
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.book.statements.references import bare, named_in_reference, named_in_text
from campaigns.money import Money

ALIKE = 0.8  # names below this are different names
MOST_CANDIDATES = 5
_OF_NAME, _OF_ACCOUNT, _BY_CHANCE, _OF_SEVERAL, _OTHER_CURRENCY = 80, 90, 70, 60, 60


@dataclass(frozen=True, slots=True)
class Debt:
    """An invoice that money may be meant for. `numbers` are what a payer may call it."""

    invoice_id: int
    customer_id: int
    numbers: tuple[str, ...]
    currency: str
    open_minor: int


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer, with the accounts from which it has paid before."""

    customer_id: int
    external_id: str
    name: str | None = None
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says of itself."""

    amount: Money
    references: tuple[str, ...] = ()
    text: str = ""
    payer: str | None = None
    payer_account: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whose it may be, and what it would settle first. `score` is 0 to 100."""

    customer_id: int
    invoice_ids: tuple[int, ...]
    score: int


@dataclass(frozen=True, slots=True)
class Certain:
    """To be booked at once."""

    customer_id: int
    invoice_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Likely:
    """A person decides. The best candidate comes first."""

    candidates: tuple[Candidate, ...]


Match = Certain | Likely | None


class Debts:
    """What is owed to one creditor, by everything that a payer may say."""

    def __init__(self, debts: Iterable[Debt], debtors: Iterable[Debtor]) -> None:
        self._by_customer: dict[int, list[Debt]] = defaultdict(list)
        self._by_number: dict[str, list[Debt]] = defaultdict(list)
        self._by_amount: dict[Money, set[int]] = defaultdict(set)
        self._by_account: dict[str, set[int]] = defaultdict(set)
        self._by_external_id: dict[str, set[int]] = defaultdict(set)
        self._debtors = {debtor.customer_id: debtor for debtor in debtors}
        for debt in sorted(debts, key=lambda debt: debt.invoice_id):
            self._by_customer[debt.customer_id].append(debt)
            for number in {bare(number) for number in debt.numbers} - {""}:
                self._by_number[number].append(debt)
            self._by_amount[Money(debt.open_minor, debt.currency)].add(debt.customer_id)
        for debtor in self._debtors.values():
            self._by_external_id[bare(debtor.external_id)].add(debtor.customer_id)
            for account in debtor.accounts:
                self._by_account[account].add(debtor.customer_id)
            for total in self._balances(debtor.customer_id):
                self._by_amount[total].add(debtor.customer_id)

    def knows(self, number: str) -> bool:
        return number in self._by_number or number in self._by_external_id

    def of_numbers(self, numbers: Iterable[str]) -> dict[int, list[Debt]]:
        """The customers that these numbers name, each with its invoices that they name."""
        found: dict[int, list[Debt]] = {}
        for number in sorted(numbers):
            for debt in self._by_number.get(number, ()):
                found.setdefault(debt.customer_id, []).append(debt)
            for customer_id in self._by_external_id.get(number, ()):
                found.setdefault(customer_id, [])
        return found

    def of_account(self, account: str | None) -> set[int]:
        return self._by_account.get(account, set()) if account else set()

    def of_amount(self, amount: Money) -> set[int]:
        """The customers of whom one invoice, or all that is open, is exactly this."""
        return self._by_amount.get(amount, set())

    def fitting(self, customer_id: int, amount: Money) -> list[tuple[int, ...]]:
        """The invoices that this amount settles exactly: each alone, else all together."""
        own = self._open(customer_id, amount.currency)
        alone: list[tuple[int, ...]] = [
            (debt.invoice_id,) for debt in own if debt.open_minor == amount.minor
        ]
        if alone or sum(debt.open_minor for debt in own) != amount.minor:
            return alone
        return [tuple(debt.invoice_id for debt in own)]

    def name_of(self, customer_id: int) -> str:
        debtor = self._debtors.get(customer_id)
        return (debtor.name if debtor else None) or ""

    def _open(self, customer_id: int, currency: str) -> list[Debt]:
        return [
            debt
            for debt in self._by_customer.get(customer_id, ())
            if debt.currency == currency and debt.open_minor > 0
        ]

    def _balances(self, customer_id: int) -> set[Money]:
        currencies = {debt.currency for debt in self._by_customer.get(customer_id, ())}
        totals = (
            Money(sum(debt.open_minor for debt in self._open(customer_id, currency)), currency)
            for currency in currencies
        )
        return {total for total in totals if total.minor}


def match(said: Said, debts: Debts) -> Match:
    """Whose money it is, as far as the entry tells. See the table above."""
    numbers: set[str] = set()
    for reference in said.references:
        numbers |= named_in_reference(reference, debts.knows)
    telling, by_chance = named_in_text(said.text, debts.knows)
    owners = debts.of_numbers(numbers | telling)
    if len(owners) == 1:
        ((customer_id, named),) = owners.items()
        return _of_one(said.amount, customer_id, named, debts)
    if owners:
        found = [
            Candidate(customer_id, _ids(named, said.amount.currency), _OF_SEVERAL)
            for customer_id, named in owners.items()
        ]
        return _ranked(found)
    return _by_amount(said, by_chance, debts)


def at_most_likely(found: Match) -> Likely | None:
    """For when nothing more is booked: what is certain only now waits for a person too."""
    if isinstance(found, Certain):
        return Likely((Candidate(found.customer_id, found.invoice_ids, 100),))
    return found


def _of_one(amount: Money, customer_id: int, named: Sequence[Debt], debts: Debts) -> Match:
    """Money in a currency in which the named invoices are not is never booked by itself."""
    if named and all(debt.currency != amount.currency for debt in named):
        return Likely((Candidate(customer_id, (), _OTHER_CURRENCY),))
    if named:
        return Certain(customer_id, _ids(named, amount.currency))
    fitting = debts.fitting(customer_id, amount)
    return Certain(customer_id, fitting[0] if len(fitting) == 1 else ())


def _ids(named: Iterable[Debt], currency: str) -> tuple[int, ...]:
    ids = (debt.invoice_id for debt in named if debt.currency == currency and debt.open_minor > 0)
    return tuple(dict.fromkeys(ids))


def _guessed(said: Said, debts: Debts) -> list[Candidate]:
    """By who paid, where the amount agrees."""
    known = debts.of_account(said.payer_account)
    found = []
    for customer_id in sorted(debts.of_amount(said.amount) | known):
        score = _OF_ACCOUNT
        if customer_id not in known:
            alike = likeness(said.payer or "", debts.name_of(customer_id))
            if alike < ALIKE:
                continue
            score = round(alike * _OF_NAME)
        for invoice_ids in debts.fitting(customer_id, said.amount):
            found.append(Candidate(customer_id, invoice_ids, score))
    return found


def _by_amount(said: Said, by_chance: set[str], debts: Debts) -> Match:
    """A short number with the very amount of its invoice is no chance, unless another paid."""
    guessed = _guessed(said, debts)
    exact = [
        debt
        for named in debts.of_numbers(by_chance).values()
        for debt in named
        if Money(debt.open_minor, debt.currency) == said.amount
    ]
    if len(exact) == 1 and {one.customer_id for one in guessed} <= {exact[0].customer_id}:
        return Certain(exact[0].customer_id, (exact[0].invoice_id,))
    return _ranked([*guessed, *_by_number(said, by_chance, debts)])


def _by_number(said: Said, numbers: Iterable[str], debts: Debts) -> list[Candidate]:
    """By a short number that may stand there by chance, where the amount agrees."""
    return [
        Candidate(customer_id, invoice_ids, _BY_CHANCE)
        for customer_id in debts.of_numbers(numbers)
        for invoice_ids in debts.fitting(customer_id, said.amount)
    ]


def _ranked(found: Iterable[Candidate]) -> Likely | None:
    """The best first, each settlement once."""
    best: dict[tuple[int, tuple[int, ...]], Candidate] = {}
    for candidate in sorted(found, key=lambda one: (-one.score, one.customer_id, one.invoice_ids)):
        best.setdefault((candidate.customer_id, candidate.invoice_ids), candidate)
    return Likely(tuple(best.values())[:MOST_CANDIDATES]) if best else None


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, whatever the order of their words."""
    first, second = (" ".join(sorted(_words(name))) for name in (one, other))
    if not first or not second:
        return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _words(name: str) -> list[str]:
    kept = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    return kept.split()
