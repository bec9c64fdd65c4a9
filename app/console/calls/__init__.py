"""The call desk: whom to call now, what to say, and what came of it."""

from app.console.calls.routes import router

__all__ = ["router"]
