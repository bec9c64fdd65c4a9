"""Creditors: what messages say of them, how their pages look, and what they leave to customers."""

from fastapi import APIRouter

from app.console.creditors import looking, money, pages, reaching, saying
from app.console.office import Office

LARGEST_LOGO = looking.LARGEST_LOGO


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/creditors")
    for part in (pages, saying, looking, money, reaching):
        part.add_routes(routes, office)
    return routes
