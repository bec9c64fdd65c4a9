"""The templates' half of the design room: what is said in which language and medium, edited beside
the message as it will be seen. Drafts, approvals and publishing are `app.drafting`.
"""

from fastapi import APIRouter

from app.console.office import Office
from app.console.words.deciding import add_deciding
from app.console.words.pages import add_pages
from app.console.words.show import Show
from app.console.words.writing import add_writing


def router(office: Office) -> APIRouter:
    """The routes of the room."""
    routes = APIRouter()
    show = Show(office)
    add_pages(routes, office, show)
    add_writing(routes, office, show)
    add_deciding(routes, office, show)
    return routes
