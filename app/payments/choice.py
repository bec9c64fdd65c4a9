"""Which gateway takes a creditor's payments: its own choice, else the house's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import select, update
from sqlmodel import Session

from app.payments.gateway import Gateway, GatewayRefused, Payee
from app.store.given import table_of
from app.store.rows import Creditor, Customer
from campaigns.worded import worded

GATEWAYS: Final = ("sandbox", "stripe", "external")

_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)


@dataclass(frozen=True, slots=True)
class Gateways:
    """The gateways of this process by their names, and the one of whoever chose none."""

    by_name: Mapping[str, Gateway]
    default: str

    @classmethod
    def of(cls, default: Gateway, others: Iterable[Gateway] = ()) -> Gateways:
        each = {gateway.name: gateway for gateway in (*others, default)}
        return cls(MappingProxyType(each), default.name)

    def chosen(self, name: str | None) -> Gateway:
        """The gateway of this name, or the house's. Raises `GatewayRefused` if it is not set up."""
        wanted = name or self.default
        if wanted not in self.by_name:
            raise GatewayRefused(
                worded(
                    "the gateway %(name)s is chosen and is not set up: give its keys, or choose"
                    " another one (%(others)s)",
                    name=wanted,
                    others=", ".join(sorted(self.by_name)),
                )
            )
        return self.by_name[wanted]


@dataclass(frozen=True, slots=True)
class Serving:
    """Who takes the payments of one customer, and for whom."""

    gateway: Gateway
    payee: Payee


def serving(session: Session, gateways: Gateways, customer_id: int) -> Serving:
    """Who takes this customer's payments. Raises `GatewayRefused` when nobody can."""
    query = (
        select(_CREDITOR.c.external_id, _CREDITOR.c.gateway, _CREDITOR.c.pay_address)
        .join(_CUSTOMER, _CUSTOMER.c.creditor_id == _CREDITOR.c.id)
        .where(_CUSTOMER.c.id == customer_id)
    )
    row = session.connection().execute(query).one()
    return Serving(gateways.chosen(row.gateway), Payee(row.external_id, row.pay_address))


def choose_gateway(
    session: Session, creditor: str, name: str | None, *, pay_address: str | None
) -> bool:
    """Has the creditor of this external id paid there from now on; None is the house's choice.
    Sessions that are open elsewhere end where they are. Answers whether there is such a creditor.
    """
    done = session.connection().execute(
        update(_CREDITOR)
        .where(_CREDITOR.c.external_id == creditor)
        .values(gateway=name, pay_address=pay_address)
    )
    return done.rowcount > 0


def choices(session: Session) -> dict[str, tuple[str | None, str | None]]:
    """What each creditor chose, by its external id: a gateway and a pay address."""
    query = select(_CREDITOR.c.external_id, _CREDITOR.c.gateway, _CREDITOR.c.pay_address)
    return {row[0]: (row[1], row[2]) for row in session.connection().execute(query)}
