"""Counts in words: in the number that fits, and with thousands told apart."""

from __future__ import annotations

from hearth.engine.transfer.count_text import chats_text, counted, messages_text


def test_counts_in_words() -> None:
    assert [chats_text(n) for n in (0, 1, 2, 12_345)] == ["0 chats", "1 chat", "2 chats", "12,345 chats"]
    assert [messages_text(n) for n in (0, 1, 1_000)] == ["0 messages", "1 message", "1,000 messages"]
    assert counted(1, 2) == "1 chat with 2 messages"
