"""The inbox: what customers wrote and a person has to read, and all that can be done with it."""

from app.console.inbox.routes import router

__all__ = ["router"]
