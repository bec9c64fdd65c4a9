"""Background work, as everybody sees it: what goes on, what came of it, and its files."""

from app.console.errands.pages import router

__all__ = ["router"]
