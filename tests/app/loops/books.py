"""A small book by hand: who owes what, and what became known when."""

from pathlib import Path

from app.book.importing import import_file
from app.engine.outfit import outfit
from app.loops.assembly import publish_shipped
from app.store.engines import Database
from tests.factories import NOON

# Dana pays nothing, Noam pays a day late, Omar has no address, Lina disputes. Dana's second invoice
# is told on the tenth of March.
FEED = """\
account,name,mail,invoice,amount,issued,due,paid,disputed,disputed_on
dana,Dana Miller,dana@example.com,INV-1,120.00,2026-02-01,2026-03-03,,no,
noam,Noam Adler,noam@example.com,INV-2,80.00,2026-02-01,2026-03-03,2026-03-04,no,
omar,Omar Haddad,,INV-3,60.00,2026-02-01,2026-03-03,,no,
lina,Lina Stone,lina@example.com,INV-4,70.00,2026-02-01,2026-03-03,,yes,2026-03-02
dana,Dana Miller,dana@example.com,INV-5,30.00,2026-03-10,2026-03-24,,no,
"""
MAPPING = """\
schema: duly-mapping/1
creditor:
  external_id: alder
  name: Alder Homes
  country: LT
  zone: Europe/Vilnius
  locale: en
  currency: EUR
file:
  dates: ["%Y-%m-%d"]
customer:
  external_id: account
  name: name
  locale: { value: en }
  country: { value: LT }
  zone: { value: Europe/Vilnius }
contacts:
  - email: mail
invoice:
  external_id: invoice
  amount: amount
  issued_on: issued
  due_on: due
  known_on: issued
settlement:
  paid_on: paid
dispute:
  disputed: disputed
  opened_on: disputed_on
"""


def write_book(
    folder: Path, *, feed: str = FEED, mapping: str = MAPPING, name: str = "book"
) -> tuple[Path, Path]:
    """The feed and its mapping as files."""
    files = (folder / f"{name}.csv", folder / f"{name}.yaml")
    for path, text in zip(files, (feed, mapping), strict=True):
        path.write_text(text, "utf-8")
    return files


def fill(database: Database, folder: Path, *, feed: str = FEED, mapping: str = MAPPING) -> None:
    """Imports the book into a migrated database, and has the shipped campaigns speak of it."""
    publish_shipped(database, NOON)
    files = write_book(folder, feed=feed, mapping=mapping)
    report = import_file(database, *files, dry_run=False, now=NOON)
    assert report.rejected == 0, report.rejects
    with database.write() as session:
        outfit(session)
