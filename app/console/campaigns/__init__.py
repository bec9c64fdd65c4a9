"""Campaigns: who is written to, about what, by which journey; and how many that would be now."""

from app.console.campaigns.pages import router

__all__ = ["router"]
