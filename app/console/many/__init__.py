"""One act on many: what it would do is said first, then an errand does it."""

from app.console.many.pages import router

__all__ = ["router"]
