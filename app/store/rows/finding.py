"""By which words customers are found, and how far those of older books are filled in."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

FOLDED = String().with_variant(String(collation="C"), "postgresql")
"""Sorted by code point on both stores, so that a prefix is a range of the index."""


class CustomerWord(SQLModel, table=True):
    """One folded word of a customer's name, number or contacts: see `app.book.finding`. Whoever
    writes a name writes its words; erasure deletes them."""

    __tablename__ = "customer_word"
    __table_args__ = (
        Index("ix_customer_word_customer", "customer_id", "word"),
        {"sqlite_with_rowid": False},
    )
    word: str = Field(primary_key=True, sa_type=FOLDED)
    customer_id: int = Field(primary_key=True, foreign_key="customer.id")


class WordMark(SQLModel, table=True):
    """The one row that says up to which customer the words of an older book are filled in."""

    __tablename__ = "word_mark"
    id: int = Field(primary_key=True)
    customer_id: int = 0
    up_to: int = 0
