"""The settings of pace: how often, and how much at once. Part of `app.settings`."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class PaceSettings(BaseSettings):
    """Of the loops and the API; and who may watch them."""

    gate_freshness_seconds: float = Field(
        default=2.0,
        gt=0,
        le=30,
        description="A gate that is older than this is void and asked again.",
    )
    lease_seconds: int = Field(
        default=60,
        ge=5,
        description="How long a worker owns what it claimed; then another may take it.",
    )
    batch_size: int = Field(
        default=200, ge=1, le=5000, description="How many cases or messages are claimed at a time."
    )
    clock_skew_seconds: float = Field(
        default=2.0,
        gt=0,
        description="A worker that differs more from the database's clock does no work.",
    )
    enrol_every_seconds: float = Field(
        default=300, gt=0, description="How often audiences are read for new cases."
    )
    walk_every_seconds: float = Field(
        default=2, gt=0, description="How often due cases are walked."
    )
    deliver_every_seconds: float = Field(
        default=1, gt=0, description="How often waiting messages are prepared and sent."
    )
    intake_every_seconds: float = Field(
        default=1, gt=0, description="How often stored callbacks are interpreted."
    )
    api_calls_per_minute: int = Field(
        default=600,
        ge=1,
        description="How many calls a key of the API may make in a minute, to each process.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Who shows it as a bearer token reads `/metrics`. Without it nobody does in"
        " production, and elsewhere only this machine.",
    )
    tidy_every_seconds: float = Field(
        default=60,
        gt=0,
        description="How often promises, unclear attempts and old data are looked after.",
    )
