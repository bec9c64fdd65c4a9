"""Puts the page of a way together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import HTMLResponse

from app.web.account import Account
from app.web.brand import brand_of
from app.web.forms import Purpose
from app.web.pages import tongues
from app.web.ways.way import Fault, Filled, Moment, Way


@dataclass(frozen=True, slots=True)
class WayPage:
    """All that the template `pages/way.html`, and that of the way in it, shows."""

    path: str
    slug: str
    file: str
    title: str
    language: str
    account: Account
    nonces: Mapping[Purpose, str]
    facts: Any
    typed: Filled
    fault: Fault | None


def way_page(
    moment: Moment, way: Way, typed: Filled, *, fault: Fault | None = None
) -> HTMLResponse:
    """The page as it stands in this transaction, with the status of its fault if it has one."""
    found, path = moment.found, f"/p/{moment.found.token}"
    shown = way.show(moment, typed)
    fault = fault or shown.fault
    page = WayPage(
        path=path,
        slug=way.slug,
        file=way.file,
        title=moment.say(way.title),
        language=moment.language,
        account=moment.account,
        nonces=found.form_key(moment.site.settings.secret).nonces(moment.session),
        facts=shown.facts,
        typed=typed,
        fault=replace(fault, words=moment.say(fault.words)) if fault else None,
    )
    return moment.site.pages.answer(
        "pages/way.html",
        language=moment.language,
        locale=moment.locale,
        brand=brand_of(found.creditor),
        tongues=tongues(f"{path}/{way.slug}", moment.language),
        status=fault.status if fault else 200,
        page=page,
    )
