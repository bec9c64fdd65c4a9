"""The settings of payments: who takes them. Part of `app.settings`, which reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from app.fitness import DEVELOPMENT_GATEWAY_SECRET
from app.setting_kinds import Origin, Secret, SecretIfAny


class PaymentSettings(BaseSettings):
    """The sandbox takes what no other gateway is chosen for."""

    gateway: Literal["sandbox", "stripe", "external"] = Field(
        default="sandbox",
        description="Who takes the payments of a creditor that chose nobody else (`duly creditor"
        " gateway`). The sandbox moves no money.",
    )
    gateway_ledger: Path = Field(
        default=Path("gateway.sqlite3"),
        description="The file where the sandbox gateway keeps its sessions.",
    )
    gateway_secret: Secret = Field(
        default=SecretStr(DEVELOPMENT_GATEWAY_SECRET),
        description="Signs the gateway's callbacks. At least 32 bytes.",
    )
    stripe_key: SecretStr = Field(
        default=SecretStr(""),
        description="The secret or restricted key of Stripe; its prefix tells test mode from live.",
    )
    stripe_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs Stripe's events: `whsec_…`, of the endpoint `/webhooks/stripe`.",
    )
    stripe_address: Origin = Field(
        default="https://api.stripe.com",
        description="Where Stripe's API is; another address only for a server that plays Stripe.",
    )
    stripe_pay_origin: Origin = Field(
        default="https://checkout.stripe.com",
        description="Where Stripe's payment pages are: yours, if the account has a domain of its"
        " own.",
    )
    external_secret: SecretIfAny = Field(
        default=SecretStr(""),
        description="Makes the secret of each creditor whose own pay page takes the money (gateway"
        " `external`). At least 32 bytes.",
    )

    def takes_real_money(self, gateway: str) -> bool:
        """Whether what is paid through a gateway is money; Stripe's test mode plays it."""
        if gateway == "stripe":
            return "_live_" in self.stripe_key.get_secret_value()
        return gateway != "sandbox"
