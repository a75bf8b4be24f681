"""Entries of the tab's history: what is opened follows what was there, and the way back to the list is known."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from app.page.history_entry import Entry, Layer

LIST = Entry()


def test_an_entry_is_read_as_it_was_written() -> None:
    entry = LIST.opened(Layer.CHAT, chat="c", listed=False).opened(Layer.SEARCH, search=True, listed=True)
    assert Entry.read(asdict(entry)) == entry


@pytest.mark.parametrize(
    ("state", "entry"),
    [
        (None, Entry()),
        ({}, Entry()),
        ({"chat": "c"}, Entry(chat="c", listed=False)),
        ({"chat": None}, Entry()),
        ({"layer": "something of another version", "depth": 3}, Entry(depth=3)),
    ],
)
def test_what_others_wrote_is_an_entry_too(state: dict[str, Any] | None, entry: Entry) -> None:
    assert Entry.read(state) == entry


def test_the_way_back_to_the_list_is_as_long_as_what_was_opened() -> None:
    assert LIST.steps_to_list == 0
    first = LIST.opened(Layer.CHAT, chat="1", listed=False)
    assert first.steps_to_list == 1
    second = first.opened(Layer.CHAT, chat="2")
    assert second.steps_to_list == 2
    results = second.opened(Layer.SEARCH, search=True, listed=True)
    found = results.opened(Layer.CHAT, chat="3", listed=False)
    assert found.steps_to_list == 1
    assert found.search


def test_a_chat_with_which_a_tab_began_has_no_list_behind_it() -> None:
    chat = Entry(chat="c", listed=False)
    assert chat.steps_to_list == 0
    assert chat.opened(Layer.CHAT, chat="d").steps_to_list == 0


def test_an_address_stands_for_what_is_opened_at_it() -> None:
    chat = LIST.opened(Layer.CHAT, chat="1", listed=False)
    addressed = chat.opened(Layer.ADDRESS)
    assert (addressed.chat, addressed.depth) == ("1", 2)
    opened = addressed.opened(Layer.CHAT, chat="2", listed=False)
    assert (opened.layer, opened.chat, opened.depth, opened.list_depth) == (Layer.CHAT, "2", 2, 0)
    assert addressed.opened(Layer.ADDRESS).depth == 3


@pytest.mark.parametrize(
    ("entry", "layer", "listed"),
    [
        (LIST.opened(Layer.SETTINGS, settings=True), Layer.START, True),
        (LIST.opened(Layer.SEARCH, search=True), Layer.START, True),
        (LIST.opened(Layer.CHAT, chat="c", listed=False), Layer.CHAT, False),
        (Entry(chat="c").opened(Layer.SEARCH, search=True, listed=True), Layer.CHAT, False),
    ],
)
def test_a_reload_closes_search_and_settings(entry: Entry, layer: Layer, listed: bool) -> None:
    reloaded = entry.reloaded()
    assert (reloaded.layer, reloaded.listed) == (layer, listed)
    assert not reloaded.search
    assert not reloaded.settings
    assert reloaded.depth == entry.depth
