"""The web of the drill: our own pages and callbacks in a process that is there to be killed."""

from __future__ import annotations

from collections.abc import Mapping
from socket import socket

import uvicorn

from app.clock import SystemClock
from app.lab.drill_field import BASE_URL, SECRET
from app.lab.drill_lines import callers, gateway
from app.lab.drill_places import Say
from app.payments.choice import Gateways
from app.settings import Settings
from app.store.engines import Database
from app.web.app import create_app, server_config


def serve(orders: Mapping[str, str], say: Say, listening: socket) -> None:
    """Takes calls in on a socket that outlives it: whoever calls meanwhile waits for the next."""
    settings = settings_for(orders["database"])
    app = create_app(
        settings,
        Database(orders["database"]),
        SystemClock(),
        Gateways.of(gateway(orders)),
        sources=callers(orders),
    )
    say("ready")
    uvicorn.Server(server_config(app, settings)).run(sockets=[listening])


def settings_for(url: str) -> Settings:
    """Of a web of the lab over this database."""
    return Settings.model_validate(
        {
            "environment": "test",
            "database_url": url,
            "secret_key": SECRET.decode(),
            "gateway_secret": SECRET.decode(),
            "base_url": BASE_URL,
            "log_level": "warning",
        }
    )
