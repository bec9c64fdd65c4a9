"""Replies: taken in once, understood, and acted on before the provider is answered."""

from app.intake.replies.said import ESCALATE_AFTER, ReplyTaken
from app.intake.replies.taking import receive_reply
from app.intake.replies.written import Written

__all__ = ["ESCALATE_AFTER", "ReplyTaken", "Written", "receive_reply"]
