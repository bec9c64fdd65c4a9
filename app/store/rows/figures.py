"""Figures that are kept, so that no page has to count: by day, and as things stand."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, ref


class DailyFigure(SQLModel, table=True):
    """How often something happened on a day of the creditor's calendar, and what money it was.

    `about` is the reason, the kind, the method or the sender, as the figure has it. What a figure
    does not tell apart is empty, and `hour` (of the recipient's clock) is then -1.
    """

    __tablename__ = "daily_figure"
    __table_args__ = (
        UniqueConstraint(
            "creditor_id", "day", "figure", "currency", "medium", "language", "hour", "about",
            name="uq_daily_figure_one",
        ),
        Index("ix_daily_figure_day", "day", "figure"),
    )  # fmt: skip
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    day: date
    figure: str
    currency: str = ""
    medium: str = ""
    language: str = ""
    hour: int = -1
    about: str = ""
    number: int = Field(default=0, sa_type=BigInteger)
    amount_minor: int = Field(default=0, sa_type=BigInteger)


class FigureDay(SQLModel, table=True):
    """A day of a creditor whose figures are kept. It is counted anew at `due_at`; a day of which
    nothing can change any more has none."""

    __tablename__ = "figure_day"
    __table_args__ = (
        UniqueConstraint("creditor_id", "day"),
        live_index("ix_figure_day_due", "due_at", where="due_at IS NOT NULL"),
    )
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    day: date
    counted_at: datetime | None = None
    due_at: datetime | None = None


class StandingFigure(SQLModel, table=True):
    """How many of something there are now. `family` is what is counted together, at one instant.

    `cohort` is a month (2026-05) or an hour (2026-05-01T09), and `age` a number of months, days or
    instalments, as the figure has it.
    """

    __tablename__ = "standing_figure"
    __table_args__ = (
        UniqueConstraint(
            "family", "creditor_id", "figure", "currency", "medium", "about", "cohort", "age",
            name="uq_standing_figure_one",
        ),
    )  # fmt: skip
    id: int | None = key()
    family: str
    creditor_id: int  # 0: of none
    figure: str
    currency: str = ""
    medium: str = ""
    about: str = ""
    cohort: str = ""
    age: int = 0
    number: int = Field(default=0, sa_type=BigInteger)
    amount_minor: int = Field(default=0, sa_type=BigInteger)


class FigureMark(SQLModel, table=True):
    """When a family of standing figures was counted, and when it is due again."""

    __tablename__ = "figure_mark"
    id: int | None = key()
    family: str = Field(unique=True)
    counted_at: datetime | None = None
    due_at: datetime
