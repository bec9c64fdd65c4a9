"""Who of ours may come in, and what they did: users, their sessions and links, the acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field, SQLModel

from app.store.columns import json_column, key, ref


class StaffUser(SQLModel, table=True):
    """Somebody of ours. `sign_in` is their e-mail, folded; `name` is what colleagues read.

    `password` is a hash, None until it is first set. `totp` is encrypted, see `app.staff.totp`;
    `totp_step` is the last step whose code was taken. `recovery` holds hashes of the codes that
    are left. `failed` counts wrong sign-ins since the last good one.
    """

    __tablename__ = "staff_user"
    id: int | None = key()
    sign_in: str = Field(unique=True)
    name: str
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    language: str = "en"
    zone: str = "UTC"
    password: str | None = None
    totp: str | None = None
    totp_step: int = Field(default=0, sa_type=BigInteger)
    recovery: list[str] = Field(default_factory=list, sa_type=JSON)
    failed: int = 0
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_by: str | None = None


class StaffSession(SQLModel, table=True):
    """One browser that somebody is signed in with. `digest` is the hash of its cookie's token,
    `device` what the browser calls itself."""

    __tablename__ = "staff_session"
    id: int | None = key()
    user_id: int = ref("staff_user")
    digest: str = Field(unique=True)
    device: str = ""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class SignInLink(SQLModel, table=True):
    """A link that sets a password, once. `user_id` None: it makes the first admin."""

    __tablename__ = "sign_in_link"
    id: int | None = key()
    user_id: int | None = ref("staff_user", null=True)
    digest: str = Field(unique=True)
    purpose: str  # first_admin | invited | forgotten
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None = None


class SignInTry(SQLModel, table=True):
    """How often signing in was tried under a name, or from an address, and failed.

    `key` is a keyed hash: neither is kept. `until` is when the next try is looked at.
    """

    __tablename__ = "sign_in_try"
    id: int | None = key()
    key: str = Field(unique=True)
    failures: int = 0
    until: datetime
    at: datetime = Field(index=True)


class ActLine(SQLModel, table=True):
    """One act of one of ours: the house's audit trail. Lines are only added.

    `detail` holds ids and codes, never personal data. `digest` is over the digest before and all
    that stands here. `user_id` None: by command, or by nobody who was signed in.
    """

    __tablename__ = "act_line"
    __table_args__ = (
        Index("ix_act_line_user", "user_id", "number"),
        Index("ix_act_line_by", "by", "number"),
        Index("ix_act_line_act", "act", "number"),
        Index("ix_act_line_about", "about_kind", "about_id", "number"),
        Index("ix_act_line_kind", "about_kind", "number"),
    )
    id: int | None = key()
    number: int = Field(unique=True, sa_type=BigInteger)
    at: datetime = Field(index=True)
    user_id: int | None = ref("staff_user", null=True, index=False)
    by: str
    act: str
    about_kind: str | None = None
    about_id: int | None = Field(default=None, sa_type=BigInteger)
    detail: dict[str, Any] = json_column()
    digest: str


class ActHead(SQLModel, table=True):
    """Where the acts end. There is one, `house` 1; whoever adds a line locks it."""

    __tablename__ = "act_head"
    id: int | None = key()
    house: int = Field(default=1, unique=True)
    number: int = Field(default=0, sa_type=BigInteger)
    digest: str = ""
