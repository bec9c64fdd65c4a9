"""Files as people bring them in, and what the page of one shows."""

import re
from io import BytesIO

from openpyxl import Workbook
from sqlalchemy import func, select

from app.store.given import table_of
from tests.app.book.feeds import HEADER
from tests.app.console.team import Seat, Team

UPLOAD = "/console/book/imports"
FEED = f"{HEADER}\nC1,Dana,I1,100.50,2026-09-01\nC2,<b>Omar</b>,I2,wrong,2026-09-01\n"


def upload(
    seat: Seat, content: str | bytes = FEED, *, name: str = "open-items.csv", **more: str
) -> str:
    """The page that the uploaded file leads to."""
    told = content.encode() if isinstance(content, str) else content
    files = {"files": (name, BytesIO(told))}
    return seat.presses(UPLOAD, {"feed": "book", **more}, files=files).headers["location"]


def counted(team: Team, model: type) -> int:
    with team.database.read() as session:
        query = select(func.count()).select_from(table_of(model))
        return int(session.connection().execute(query).scalar_one())


def columns(page: str) -> dict[str, str]:
    """Which field each column is, as the form shows it."""
    found = {}
    for name, rest in re.findall(r'<select name="(column-\d+)"(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', rest)
        found[name] = chosen[1] if chosen else ""
    return found


def facts(page: str) -> dict[str, str]:
    found = re.findall(r'name="((?:creditor|file)\.\w+)" type="text" value="([^"]*)"', page)
    return dict(found)


def workbook() -> bytes:
    """Two sheets that say something; the rows stand on the second, below a title."""
    made = Workbook()
    made.worksheets[0]["A1"] = "Read me"
    sheet = made.create_sheet("Open items")
    for line in ["Open items in September", *FEED.split()]:
        sheet.append(line.split(","))
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def fault_of(page: str) -> str:
    return page.partition('role="alert">')[2].partition("</div>")[0]
