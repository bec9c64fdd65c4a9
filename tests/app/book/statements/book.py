"""A creditor's small book, told by statements of its bank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.book.statements.importing import import_statements
from app.book.statements.report import StatementReport
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import BankEntry
from tests.app.book.make import NOW, a_creditor, a_customer, an_invoice
from tests.app.book.statements.files import camt, details, entry

ONE_STORE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class Book:
    """Ada owes two invoices, Ben one; the creditor's book is told by files."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        with database.write() as session:
            self.creditor = a_creditor(session, external_id="north", zone="Europe/Vilnius")
            self.ada = a_customer(session, self.creditor, external_id="CUST-77", name="Ada Love")
            self.ben = a_customer(session, self.creditor, external_id="CUST-78", name="Ben Gurion")
            self.first = an_invoice(
                session, self.ada, 10000, currency="EUR", external_id="INV-1001"
            )
            self.second = an_invoice(
                session, self.ada, 5000, currency="EUR", external_id="INV-1002", due=5
            )
            self.bens = an_invoice(session, self.ben, 7000, currency="EUR", external_id="INV-2001")

    def take(self, text: str, **options: Any) -> StatementReport:
        path = self.folder / "bank.xml"
        path.write_text(text, "utf-8")
        return import_statements(
            self.database, path, options.pop("creditor", "north"), now=NOW, **options
        )

    def ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        with self.database.read() as session:
            return question(session, *arguments)

    def count(self, model: Any) -> int:
        with self.database.read() as session:
            return int(
                session.connection()
                .execute(select(func.count()).select_from(table_of(model)))
                .scalar_one()
            )

    def states(self) -> Counter[str]:
        with self.database.read() as session:
            rows = session.connection().execute(select(table_of(BankEntry).c.state)).scalars()
            return Counter(rows)


DAY = camt(
    entry("100.00", details(text="INV-1001", payer="Ada Love", iban="LT601"), bank_id="B1"),
    entry("30.00", details(text="part of INV-1002"), bank_id="B2"),
    entry("70.00", details(payer="GURION BEN"), bank_id="B3"),
    entry("11.11", details(text="a gift"), bank_id="B4"),
    entry("9.00", mark="DBIT", bank_id="B5"),
    closing="1202.11",
)
