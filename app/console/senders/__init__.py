"""Senders and providers: their health, what they may send, a test, and what the doctor finds."""

from app.console.senders.pages import router

__all__ = ["router"]
