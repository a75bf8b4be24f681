"""Intents of writing never show what was written in their representation, and the groups are disjoint."""

from __future__ import annotations

from typing import get_args

from hearth.engine.intents.intent import Intent, SessionIntent
from hearth.engine.intents.search import Search, SearchIntent
from hearth.engine.intents.writing import (
    AssistantIntent,
    EditMessage,
    RenameChat,
    SendMessage,
    TypeDraft,
    WritingIntent,
)


def test_no_text_is_in_what_is_printed() -> None:
    for intent in (
        SendMessage("c", "a secret"),
        TypeDraft("c", "a secret"),
        EditMessage("c", "m", "a secret"),
        RenameChat("c", "a secret"),
        Search("a secret"),
    ):
        assert "secret" not in repr(intent)


def test_each_intent_belongs_to_one_group() -> None:
    writing, asking, search = (set(get_args(each)) for each in (WritingIntent, AssistantIntent, SearchIntent))
    assert not writing & asking
    assert not (writing | asking) & search
    assert writing | asking <= set(get_args(SessionIntent)) <= set(get_args(Intent))
    assert search <= set(get_args(Intent))
    assert not search & set(get_args(SessionIntent))
