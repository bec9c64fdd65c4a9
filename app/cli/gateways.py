"""Builds the gateways whose keys the settings hold, and says where browsers go to pay."""

from __future__ import annotations

from contextlib import ExitStack, closing
from urllib.parse import urlsplit

from app.payments.choice import Gateways, choices
from app.payments.external_gateway import ExternalGateway
from app.payments.gateway import Gateway
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.engines import Database


def sandbox_of(settings: Settings) -> SandboxGateway:
    """The sandbox, over the file that the settings name."""
    return SandboxGateway(
        settings.gateway_ledger,
        secret=settings.gateway_secret.get_secret_value(),
        base_url=f"{settings.base_url}/sandbox",
    )


def gateways_of(
    settings: Settings, stack: ExitStack, sandbox: SandboxGateway | None = None
) -> Gateways:
    """The gateways whose keys are given, until `stack` ends. The sandbox is one of them only where
    nothing is in earnest: it would take real people's word for money."""
    made: dict[str, Gateway] = {}
    if sandbox is not None and settings.plays_money:
        made[sandbox.name] = sandbox
    if key := settings.stripe_key.get_secret_value():
        from app.payments.stripe_gateway import StripeGateway

        secret = settings.stripe_webhook_secret.get_secret_value()
        stripe = StripeGateway(key, secret=secret, address=settings.stripe_address)
        made[stripe.name] = stack.enter_context(closing(stripe))
    if secret := settings.external_secret.get_secret_value():
        external = ExternalGateway(secret=secret)
        made[external.name] = external
    return Gateways(made, settings.gateway)


def gateway_origins(settings: Settings, database: Database, gateways: Gateways) -> list[str]:
    """Where browsers may follow the form to pay: Stripe's pages, and creditors' own. Read when
    the pages start to be served, so a new pay address needs a restart."""
    with database.read() as session:
        addresses = [address for _, address in choices(session).values() if address]
    own = {f"{to.scheme}://{to.netloc}" for to in map(urlsplit, addresses)}
    stripe = [settings.stripe_pay_origin] if "stripe" in gateways.by_name else []
    return [*stripe, *sorted(own)]
