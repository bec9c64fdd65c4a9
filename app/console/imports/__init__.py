"""Imports: a file comes in, is looked at, mapped, tried and taken."""

from fastapi import APIRouter

from app.console.imports import checking, uploading
from app.console.office import Office

LARGEST_UPLOAD = uploading.LARGEST


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/book/imports")
    for part in (uploading, checking):
        part.add_routes(routes, office)
    return routes
