"""How many chats and messages, in words."""

from __future__ import annotations


def chats_text(count: int) -> str:
    """So many chats."""
    return "1 chat" if count == 1 else f"{count:,} chats"


def messages_text(count: int) -> str:
    """So many messages."""
    return "1 message" if count == 1 else f"{count:,} messages"


def counted(chats: int, messages: int) -> str:
    """So many chats with so many messages."""
    return f"{chats_text(chats)} with {messages_text(messages)}"
