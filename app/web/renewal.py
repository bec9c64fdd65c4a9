"""`/p/{token}/renew`: asks for a new link in the place of one that has ended.

The answer is the same whatever the token, and so is its time: what is done is done after it. A new
link goes to the address on file alone, once a day.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from sqlmodel import col, select
from starlette.responses import RedirectResponse, Response

from app.api.limits import Limits
from app.intake.page_links import send_new_link
from app.store.rows import Link
from app.web.closed import NEW_LINK, asked_language
from app.web.networks import network_behind
from app.web.site import Site
from app.web.visits import UNSUBSCRIBE, token_hash

OF_A_NETWORK: Final = 30
OF_A_LINK: Final = 3
IN_S: Final = 60 * 60


def router(site: Site) -> APIRouter:
    """The form on the page of a link that has ended."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])
    networks, links = Limits(OF_A_NETWORK, window_s=IN_S), Limits(OF_A_LINK, window_s=IN_S)

    @routes.post("/p/{token}/renew")
    def renew(token: str, request: Request, after: BackgroundTasks) -> Response:
        now = site.clock.now().timestamp()
        has_room = networks.take(network_behind(request), now).granted
        if links.take(token_hash(token), now).granted and has_room:
            after.add_task(_send, site, token)
        return RedirectResponse(f"/thanks/{NEW_LINK}?lang={asked_language(request)}", 303)

    return routes


def _send(site: Site, token: str) -> None:
    now = site.clock.now()
    query = select(Link.id).where(
        Link.token_hash == token_hash(token), col(Link.purpose) != UNSUBSCRIBE
    )
    with site.database.write() as session:
        link_id = session.exec(query).first()
        if link_id is not None:
            send_new_link(session, link_id, now)
