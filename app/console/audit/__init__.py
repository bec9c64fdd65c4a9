"""The room "Audit": who did what, when, about what; and whether the trail is whole."""

from app.console.audit.routes import router

__all__ = ["router"]
