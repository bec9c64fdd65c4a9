"""The room "Users and roles": who may come in, and what each may do."""

from app.console.users.routes import router

__all__ = ["router"]
