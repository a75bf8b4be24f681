"""Files recognised by what is in them, what is said of them, and the times and ids that chats get."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.chat_import import hearth_export
from hearth.core.chat_import.hearth_export import NewerFormat
from hearth.core.chat_import.ids import hmac_sha256, imported_chat_id, imported_message_id
from hearth.core.chat_import.model import ImportedChat, ImportedMessage, LeftOut, Source, in_order, link, span
from hearth.core.chat_import.reading import Tally, chats_of
from hearth.core.export.chat_entry import chat_entry, message_entry
from tests.app.hearth.core.chat_import.files import chain, claude, said, turn
from tests.app.hearth.core.export.test_chat_entry import opened
from tests.app.hearth.core.export.test_moments import AT

NOW = 1_800_000_000_000


def exported(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**chat_entry(opened(title="Plan", pinned="1")), "messages": list(messages), **more}


def test_every_kind_is_recognised_by_what_is_in_it() -> None:
    every: list[object] = [
        chain(said("m", "user", "x")),
        claude(turn("m", "human", "x")),
        exported(),
        {"a": 1},
        "x",
        [],
    ]
    found = [chat for value in every for chat in chats_of(value)]
    assert [chat and chat.source for chat in found] == [Source.CHATGPT, Source.CLAUDE, Source.HEARTH, None, None, None]


def test_a_list_under_a_name_is_read_as_well() -> None:
    value = {"account": {}, "conversations": [claude(), chain(), 3]}
    assert [chat and chat.source for chat in chats_of(value)] == [Source.CLAUDE, Source.CHATGPT, None]


def test_an_export_of_hearth_is_read_exactly_as_it_was_written() -> None:
    files = [{"name": "a.txt", "type": "text/plain", "size": 2, "text": "Hi"}]
    embeds = [{"url": "https://hearth.example/", "title": "Hearth", "description": ""}]
    message = message_entry(
        opened(
            id="m", role="assistant", content="Hi", files=json.dumps(files), embeds=json.dumps(embeds), interrupted="1"
        )
    )
    chat = hearth_export.read_chat(json.loads(json.dumps(exported(message, draft="typed"))))
    assert (chat.title, chat.pinned, chat.draft, chat.created_at, chat.last_updated) == ("Plan", True, "typed", AT, AT)
    (read,) = chat.messages
    assert (read.id, read.role, read.at, read.text, read.interrupted) == ("m", "assistant", AT, "Hi", True)
    assert (read.files, read.embeds) == (files, embeds)


def test_what_was_unreadable_when_it_was_exported_is_left_out() -> None:
    chat = hearth_export.read_chat(exported(message_entry(opened({"content": "damaged"}))))
    assert (chat.messages, chat.left_out[LeftOut.UNREADABLE]) == ([], 1)


@pytest.mark.parametrize("version", [2, None, "1"])
def test_an_export_of_a_newer_version_is_refused(version: object) -> None:
    with pytest.raises(NewerFormat):
        list(chats_of(exported(version=version)))


def test_a_tally_says_what_was_found_and_what_is_left_out() -> None:
    tally = Tally()
    thoughts = {"content_type": "thoughts"}
    tally.add(hearth_export.read_chat(exported()))
    for chat in chats_of(chain(said("m", "user", "x"), said("t", "assistant", content=thoughts))):
        assert chat
        tally.add(chat)
    assert (tally.chats, tally.messages, tally.names) == (1, 1, "Hearth and ChatGPT")
    assert tally.left_out_words() == ["1 passage of reasoning", "1 chat without messages"]


def chat_of(*times: int | None, created: int | None = None, updated: int | None = None) -> ImportedChat:
    messages = [ImportedMessage(str(number), "user", at, "x") for number, at in enumerate(times)]
    return ImportedChat(Source.CLAUDE, "c", "", created, updated, messages)


@pytest.mark.parametrize(
    ("times", "given"),
    [
        ([5, 9], [5, 9]),
        ([5, 5, 5], [5, 6, 7]),
        ([9, 5], [9, 10]),
        ([None, 5, None], [4, 5, 6]),
        ([None, None], [100, 101]),
        ([0], [1]),
    ],
)
def test_each_message_is_later_than_the_one_before_it(times: list[int | None], given: list[int]) -> None:
    assert [each.at for each in in_order(chat_of(*times, created=100), NOW)] == given


@given(
    st.lists(st.none() | st.integers(-5, 50), max_size=8),
    st.none() | st.integers(0, 50),
    st.none() | st.integers(0, 50),
)
def test_times_are_always_a_span(times: list[int | None], created: int | None, updated: int | None) -> None:
    chat = chat_of(*times, created=created, updated=updated)
    timed = in_order(chat, NOW)
    begun, last = span(chat, timed, NOW)
    moments = [each.at for each in timed]
    assert moments == sorted(set(moments))
    assert all(0 < begun <= at <= last for at in moments)


@given(st.binary(max_size=150), st.binary(max_size=200))
def test_the_code_is_that_of_the_standard_library(key: bytes, text: bytes) -> None:
    assert hmac_sha256(key, text) == hmac.new(key, text, hashlib.sha256).digest()


def test_ids_are_the_accounts_own() -> None:
    mine, theirs = b"m" * 32, b"t" * 32
    one = imported_chat_id(mine, Source.CHATGPT, "conv", 0)
    assert one == imported_chat_id(mine, Source.CHATGPT, "conv", 0)
    others = {
        imported_chat_id(theirs, Source.CHATGPT, "conv", 0),
        imported_chat_id(mine, Source.CLAUDE, "conv", 0),
        imported_chat_id(mine, Source.CHATGPT, "conv2", 0),
        imported_chat_id(mine, Source.CHATGPT, "conv", 1),
        imported_message_id(mine, "conv", "conv", 0),
    }
    assert len(others | {one}) == 6
    assert all(len(each) == 36 and each[14] == "4" for each in others)


@pytest.mark.parametrize(
    ("title", "url", "written"),
    [
        ("A [b]\nc", "https://a.example/", "[A b c](https://a.example/)"),
        ("", "http://a.example/x", "[http://a.example/x](http://a.example/x)"),
        ("Press", "javascript:alert(1)", "Press"),
        ("Odd", "https://a.example/)x", "Odd"),
    ],
)
def test_links_lead_only_where_they_may(title: str, url: str, written: str) -> None:
    assert link(title, url) == written
