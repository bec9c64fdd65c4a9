"""Imports: a file comes in, is looked at, mapped, tried, taken; what stayed out is mended."""

from fastapi import APIRouter

from app.console.imports import checking, mending, uploading
from app.console.office import Office

LARGEST_UPLOAD = uploading.LARGEST


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/book/imports")
    for part in (uploading, checking, mending):
        part.add_routes(routes, office)
    return routes
