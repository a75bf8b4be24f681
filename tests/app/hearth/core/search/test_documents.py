"""Opened records as documents: every text that can be found, and nothing that must not be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearth.core.records.contents import AppEntries, Chat, Entry
from hearth.core.search.documents import MAX_TEXT, UNREADABLE, entry_docs, message_docs, title_doc
from hearth.core.search.query import Kind


def message(faults: dict[str, str] | None = None, role: str = "user", **texts: str) -> dict[str, Any]:
    clear = {"id": "m", "chat_id": "c", "role": role, "created_at": 5, "version": 2}
    return {"clear": clear, "texts": texts, "faults": faults or {}}


def test_a_message_with_its_previews_and_files() -> None:
    files = json.dumps([{"name": "a.txt", "text": "inside"}, {"name": "b.txt"}])
    embeds = json.dumps([{"title": "T", "description": "D", "url": "https://u.example"}])
    whole, first, second = message_docs(message(content="Hello", files=files, embeds=embeds))
    assert (whole.kind, whole.body, whole.has_file, whole.version) == (
        Kind.MESSAGE,
        "Hello\nT\nD\nhttps://u.example",
        True,
        2,
    )
    assert (first.kind, first.title, first.body, first.part, first.ref) == (Kind.FILE, "a.txt", "inside", 1, "m")
    assert (second.title, second.body, second.part) == ("b.txt", "", 2)


def test_a_draft_is_noted_without_its_text() -> None:
    (doc,) = message_docs(message(role="draft", content="secret plan"))
    assert doc.body == ""


def test_what_does_not_open_is_older_than_any_copy() -> None:
    (doc,) = message_docs(message({"content": "damaged"}))
    assert (doc.version, doc.body) == (UNREADABLE, "")


@pytest.mark.parametrize("files", ["nonsense", "[" * 100_000, '{"name": "a"}', "[1, null]", '[{"name": 3}]'])
def test_files_that_are_none_cost_nothing_but_themselves(files: str) -> None:
    docs = message_docs(message(content="Hello", files=files))
    assert docs[0].body == "Hello"
    assert [each.title for each in docs[1:]] in ([], [""])


def test_the_beginning_of_a_long_text_is_indexed_and_half_a_character_is_none() -> None:
    embeds = json.dumps([{"title": "\ud83d"}])
    (doc,) = message_docs(message(content="a" * (MAX_TEXT + 1)))
    assert len(doc.body) == MAX_TEXT
    assert message_docs(message(embeds=embeds))[0].body == "\ufffd"


def test_a_title_with_its_draft() -> None:
    assert (
        title_doc(Chat("c", "Travels", 9, 3, draft="to be")).title,
        title_doc(Chat("c", "T", 9, 3, "to be")).body,
    ) == ("Travels", "to be")
    assert title_doc(Chat("c", "Unreadable chat", 9, 3, unreadable=True)).title == ""


def test_hidden_apps_and_entries_and_those_with_a_fault_are_left_out() -> None:
    entries = (
        Entry("e1", "setting", "Signature", "Yours"),
        Entry("e2", "memory", "City", "Köln"),
        Entry("e3", "memory", "X", "", "damaged"),
    )
    app = AppEntries("mail", "Mäil", entries)
    assert [doc.ref for doc in entry_docs([app], frozenset())] == ["e1", "e2"]
    assert [doc.ref for doc in entry_docs([app], frozenset({"e1"}))] == ["e2"]
    assert entry_docs([app], frozenset({"mail"})) == []
    (doc,) = entry_docs([app], frozenset({"e1"}))
    assert (doc.title, doc.body, doc.app) == ("City", "Köln\nMäil", "mail")
