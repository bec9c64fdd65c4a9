"""Small feeds and mappings, written to files, for tests of the import."""

from pathlib import Path

from app.book.importing import BATCH_ROWS, import_file
from app.book.report import ImportReport
from app.store.engines import Database
from tests.app.book.make import NOW

CREDITOR = """\
creditor:
  external_id: north
  name: Northwind
  country: IL
  zone: Asia/Jerusalem
  locale: he
  currency: ILS"""
MAPPING = f"""\
schema: duly-mapping/1
{CREDITOR}
customer:
  external_id: cust
  name: name
invoice:
  external_id: inv
  amount: amount
  due_on: due
"""
CONTACTS = """\
contacts:
  - phone: phone
  - email: email
consents:
  - { medium: sms, given: ok, at: { column: asked }, source: contract, method: ticked }
"""
SETTLEMENT = "settlement: { paid_on: paid, amount: settled }\n"
HEADER = "cust,name,inv,amount,due"


def write(folder: Path, *rows: str, header: str = HEADER, name: str = "feed.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]), "utf-8")
    return path


def run(
    database: Database,
    path: Path,
    mapping: str = MAPPING,
    *,
    dry_run: bool = False,
    batch_rows: int = BATCH_ROWS,
) -> ImportReport:
    file = path.with_name("mapping.yaml")
    file.write_text(mapping, "utf-8")
    return import_file(database, path, file, dry_run=dry_run, now=NOW, batch_rows=batch_rows)
