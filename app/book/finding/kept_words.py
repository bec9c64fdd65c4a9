"""Keeps the words by which customers are found. Whoever writes a name or a contact calls it.

Who was erased has no words: what is left of them is found by their number alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, select, update
from sqlmodel import Session

from app.book.finding.folding import words_of
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import GIVEN, change_given, rows_given, table_of
from app.store.rows import Contact, Customer, CustomerWord, WordMark

AT_ONCE: Final = 2000

_CUSTOMER, _CONTACT = table_of(Customer), table_of(Contact)
_WORD, _MARK = table_of(CustomerWord), table_of(WordMark)


def keep_words(
    session: Session, customer_ids: Collection[int], *, new: Collection[int] = ()
) -> None:
    """Brings the words of these customers up to date. Of `new` ones no words are kept yet."""
    known: dict[int, set[str]] = defaultdict(set)
    for row in rows_given(session, _KEPT, sorted(set(customer_ids) - set(new))):
        known[row.customer_id].add(row.word)
    wanted = _wanted(session, {*customer_ids, *new})
    gone = sorted(id_ for id_ in known if known[id_] - wanted.get(id_, frozenset()))
    change_given(session, _FORGET, gone)
    for id_ in gone:
        known[id_].clear()
    insert_rows(
        session,
        CustomerWord,
        [
            {"word": word, "customer_id": id_}
            for word, id_ in sorted(
                (word, id_) for id_, words in wanted.items() for word in words - known[id_]
            )
        ],
    )


def _wanted(session: Session, customer_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    ids = sorted(customer_ids)
    texts: dict[int, list[str | None]] = {
        row.id: [row.external_id, row.name, row.given_name, row.family_name]
        for row in rows_given(session, _LIVING, ids)
    }
    for row in rows_given(session, _HUMANS, ids):
        if row.customer_id in texts:
            texts[row.customer_id].append(row.name)
    return {id_: words_of(told) for id_, told in texts.items()}


def fill_words(database: Database) -> int:
    """Fills in customers of a book that is older than the words, batch after batch; a restart goes
    on where it was. Answers how many customers."""
    filled = 0
    while _is_behind(database):
        database.ensure_going()
        with database.write() as session:
            filled += _fill(session)
    return filled


def _is_behind(database: Database) -> bool:
    with database.read() as session:
        return session.connection().execute(_BEHIND).first() is not None


def _fill(session: Session) -> int:
    mark: Any = session.connection().execute(_BEHIND.with_for_update(key_share=True)).first()
    if mark is None:
        return 0
    following = {"after": mark.customer_id, "up_to": mark.up_to}
    ids = list(session.connection().execute(_FOLLOWING, following).scalars())
    keep_words(session, ids)
    reached = ids[-1] if len(ids) == AT_ONCE else mark.up_to
    session.connection().execute(
        update(_MARK).where(_MARK.c.id == mark.id).values(customer_id=reached)
    )
    return len(ids)


_KEPT: Final = select(_WORD.c.customer_id, _WORD.c.word).where(_WORD.c.customer_id.in_(GIVEN))
_FORGET: Final = delete(_WORD).where(_WORD.c.customer_id.in_(GIVEN))
_LIVING: Final = select(
    _CUSTOMER.c.id,
    _CUSTOMER.c.external_id,
    _CUSTOMER.c.name,
    _CUSTOMER.c.given_name,
    _CUSTOMER.c.family_name,
).where(_CUSTOMER.c.id.in_(GIVEN), _CUSTOMER.c.erased_at.is_(None))
_HUMANS: Final = select(_CONTACT.c.customer_id, _CONTACT.c.name).where(
    _CONTACT.c.customer_id.in_(GIVEN)
)
_BEHIND: Final[Select[Any]] = select(_MARK).where(_MARK.c.customer_id < _MARK.c.up_to)
_FOLLOWING: Final = (
    select(_CUSTOMER.c.id)
    .where(_CUSTOMER.c.id > bindparam("after"), _CUSTOMER.c.id <= bindparam("up_to"))
    .order_by(_CUSTOMER.c.id)
    .limit(AT_ONCE)
)
