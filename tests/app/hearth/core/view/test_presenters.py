"""What the page shows of chats, messages and settings, hostile ones included."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records.contents import Chat
from hearth.core.vdom import text_of
from hearth.core.view.message import Embed, File
from hearth.core.view.presenters import (
    FAULTS,
    UNREADABLE_TITLE,
    UNTITLED,
    chat_from,
    dated,
    group_chats,
    group_entries,
    message_from,
    older_chats_view,
)

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 3, 14, 15, 30, tzinfo=ZONE)


def ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def opened_chat(faults: dict[str, str] | None = None, **texts: str | None) -> dict[str, Any]:
    clear = {"id": "c", "last_updated": 5, "version": 2}
    return {"clear": clear, "texts": {"title": None, "draft": None, **texts}, "faults": faults or {}}


def opened_message(faults: dict[str, str] | None = None, **texts: str | None) -> dict[str, Any]:
    clear = {"id": "m", "role": "user", "created_at": ms(NOW), "version": 1}
    return {"clear": clear, "texts": {"content": None, "files": None, "embeds": None, **texts}, "faults": faults or {}}


def opened_entry(app: str, entry: str, body: object, faults: dict[str, str] | None = None) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    texts = {} if faults else {"sealed": text}
    return {"clear": {"id": entry, "app_id": app}, "texts": texts, "faults": faults or {}}


def test_a_message_is_dated_anew_when_another_day_or_zone_has_begun() -> None:
    message = message_from(opened_message(content="hi"), NOW)
    assert (message.when, message.day) == ("15:30", "Today")
    assert dated(message, NOW + timedelta(hours=8)) is message
    later = dated(message, (NOW + timedelta(hours=9)).astimezone(UTC))
    assert (later.when, later.day) == ("13:30", "Today")
    later = dated(message, NOW + timedelta(hours=9))
    assert (later.when, later.day, later.body) == ("15:30", "Yesterday", message.body)


@pytest.mark.parametrize(
    ("here", "listed", "total", "told", "listing", "says", "can_list"),
    [
        (100, 100, 300, True, False, "100 of 300 chats are on this device", True),
        (100, 200, 300, True, False, "100 of 300 chats are on this device", True),
        (101, 300, 300, True, True, "101 of 300 chats are on this device", False),
        (300, 300, 300, True, False, "", False),
        (0, 0, 0, True, False, "", False),
        (12, 12, 12, False, False, "", False),
        (90, 100, 100, False, False, "90 chats are on this device", True),
    ],
)
def test_the_end_of_the_list(
    here: int, listed: int, total: int, told: bool, listing: bool, says: str, can_list: bool
) -> None:
    view = older_chats_view(here, listed, total, told, listing)
    assert (view.sentence, view.can_list) == (says, can_list)
    assert view.about.startswith(f"{listed} are in the list.") == (listed > here)
    assert view.listing == (listing and can_list)


class TestChats:
    def test_title_and_draft(self) -> None:
        assert chat_from(opened_chat(title=" A\ttitle\n", draft="one\ntwo")) == Chat("c", "A title", 5, 2, "one\ntwo")

    @pytest.mark.parametrize("title", [None, "", "  \n", "\u202e", "\x00", "\u200b", "\ufeff"])
    def test_a_title_that_shows_nothing(self, title: str | None) -> None:
        assert chat_from(opened_chat(title=title)).title == UNTITLED

    def test_an_unreadable_title_keeps_its_draft(self) -> None:
        chat = chat_from(opened_chat({"title": "damaged"}, draft="hello"))
        assert (chat.title, chat.unreadable, chat.draft) == (UNREADABLE_TITLE, True, "hello")

    def test_an_unreadable_draft_is_left_out(self) -> None:
        chat = chat_from({**opened_chat({"draft": "no-key"}, title="A"), "texts": {"title": "A"}})
        assert (chat.title, chat.unreadable, chat.draft) == ("A", False, "")

    def test_grouped_by_span_newest_first(self) -> None:
        ages = [0, 1, 2, 6, 7, 29, 30, 72, 75, 400]
        chats = [Chat(f"c{age}", "t", ms(NOW - timedelta(days=age)), 1) for age in reversed(ages)]
        assert [(group.label, [item.id for item in group.items]) for group in group_chats(chats, NOW)] == [
            ("Today", ["c0"]),
            ("Yesterday", ["c1"]),
            ("Previous 7 days", ["c2", "c6"]),
            ("Previous 30 days", ["c7", "c29"]),
            ("February", ["c30"]),
            ("January", ["c72"]),
            ("December 2025", ["c75"]),
            ("February 2025", ["c400"]),
        ]

    def test_ties_keep_a_fixed_order(self) -> None:
        chats = [Chat(name, "t", 5, 1) for name in "bac"]
        (group,) = group_chats(chats, NOW)
        assert [item.id for item in group.items] == ["a", "b", "c"]

    def test_the_zone_decides_which_day_it_is(self) -> None:
        late = datetime(2026, 3, 13, 23, 30, tzinfo=UTC)  # half past one on the 14th, two hours east
        assert group_chats([Chat("c", "t", ms(late), 1)], NOW)[0].label == "Today"
        assert group_chats([Chat("c", "t", ms(late), 1)], NOW.astimezone(UTC))[0].label == "Yesterday"

    def test_no_chats_no_groups(self) -> None:
        assert group_chats([], NOW) == ()

    @given(st.lists(st.tuples(st.integers(0, 2**53 - 1), st.text(max_size=3)), max_size=20, unique_by=lambda x: x[1]))
    def test_every_chat_is_in_one_group_and_no_label_comes_twice(self, chats: list[tuple[int, str]]) -> None:
        groups = group_chats([Chat(name, "t", when, 1) for when, name in chats], NOW)
        assert sorted(item.id for group in groups for item in group.items) == sorted(name for _, name in chats)
        if all(when < ms(NOW) for when, _ in chats):
            assert len({group.label for group in groups}) == len(groups)


class TestMessages:
    def test_a_message(self) -> None:
        files = json.dumps([{"name": "a.pdf", "type": "application/pdf", "size": 1_234_567, "text": "long"}])
        embeds = json.dumps([{"url": "https://a.example", "title": "A", "description": "B"}])
        message = message_from(opened_message(content="*hi*", files=files, embeds=embeds), NOW)
        assert (message.role, message.when, message.day, message.fault) == ("user", "15:30", "Today", "")
        assert text_of(*message.body) == "hi"
        assert message.files == (File("a.pdf", "application/pdf", "1.2 MB"),)
        assert message.embeds == (Embed("https://a.example", "A", "B"),)

    @pytest.mark.parametrize("reason", [*FAULTS, "something new"])
    def test_a_message_that_does_not_open_says_why(self, reason: str) -> None:
        message = message_from(opened_message({"content": reason}), NOW)
        assert message.body == ()
        assert message.fault == f"This message cannot be read: {FAULTS.get(reason, FAULTS['damaged'])}"

    def test_one_damaged_field_leaves_the_others(self) -> None:
        message = message_from(opened_message({"files": "damaged"}, content="hello"), NOW)
        assert text_of(*message.body) == "hello"
        assert message.fault

    @pytest.mark.parametrize("bad", ["{", "{}", "5", '"x"', '[{"name": "a"}, 5]', "[" * 100_000, "[[]]"])
    def test_files_and_previews_in_an_odd_form(self, bad: str) -> None:
        for opened in (opened_message(content="hello", files=bad), opened_message(content="hello", embeds=bad)):
            message = message_from(opened, NOW)
            assert text_of(*message.body) == "hello"
            assert message.fault == f"A part of this message cannot be read: {FAULTS['format']}"

    @pytest.mark.parametrize(
        "url",
        ["javascript:alert(1)", "data:text/html,x", "//a", "mailto:a@b", "https://a b", "http://" + "a" * 5_000, 5],
    )
    def test_a_preview_never_leads_astray(self, url: object) -> None:
        embeds = json.dumps([{"url": url, "title": "t"}])
        assert message_from(opened_message(embeds=embeds), NOW).embeds == (Embed("", "t", ""),)

    def test_files_without_a_name_or_size(self) -> None:
        files = json.dumps([{}, {"name": None, "type": None, "size": "big"}, {"name": 5, "size": -1}])
        unnamed = File("Unnamed file", "", "")
        assert message_from(opened_message(files=files), NOW).files == (unnamed, unnamed, File("5", "", ""))


NAMES = {
    "England \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 3:1": None,
    "Newer \U0001faea than the tables": None,
    "\U0001f468\u200d\U0001f469\u200d\U0001f466 and \u2764\ufe0f": None,
    "photo\u202egnp.exe": "photognp.exe",
    "a\u2066b\u2069\x00\x9b[31mc": "ab[31mc",
    "one\u2028two\x0bthree": "one two three",
    "\u200bedge\ufeff": "edge",
}


@pytest.mark.parametrize(("written", "shown"), NAMES.items())
def test_titles_file_names_and_app_names_keep_the_same_characters(written: str, shown: str | None) -> None:
    files = json.dumps([{"name": written}])
    (app,) = group_entries([opened_entry("a", "a", {"name": written}), opened_entry("a", "1", {"name": written})])
    names = [
        chat_from(opened_chat(title=written)).title,
        group_chats([chat_from(opened_chat(title="a", draft=written))], NOW)[0].items[0].draft,
        message_from(opened_message(files=files), NOW).files[0].name,
        app.name,
        app.entries[0].name,
    ]
    assert names == [shown or written] * 5


class TestSettings:
    def test_every_line_of_a_value_is_a_line(self) -> None:
        ((entry,),) = (app.entries for app in group_entries([opened_entry("a", "1", {"value": "a\u2028b\x85c\r\nd"})]))
        assert entry.value == "a\nb\nc\nd"

    def test_grouped_by_app_settings_first(self) -> None:
        apps = group_entries(
            [
                opened_entry("b", "1", {"kind": "memory", "name": "A", "value": "m"}),
                opened_entry("b", "2", {"kind": "setting", "name": "Z", "value": True}),
                opened_entry("b", "b", {"name": "Beta"}),
                opened_entry("a", "3", {"kind": "setting", "name": "x", "value": None}),
                opened_entry("a", "a", {"name": "alpha"}),
            ]
        )
        assert [(app.name, [(entry.kind, entry.name, entry.value) for entry in app.entries]) for app in apps] == [
            ("alpha", [("setting", "x", "not set")]),
            ("Beta", [("setting", "Z", "on"), ("memory", "A", "m")]),
        ]

    def test_an_app_whose_name_is_missing_or_odd(self) -> None:
        assert [app.name for app in group_entries([opened_entry("a", "1", {})])] == ["Unknown app"]
        assert [app.name for app in group_entries([opened_entry("a", "a", {"name": 0})])] == ["Unnamed app"]

    @pytest.mark.parametrize("body", ["", "5", "[]", "{", '"x"', "null"])
    def test_an_entry_in_an_odd_form_says_so(self, body: str) -> None:
        ((entry,),) = (app.entries for app in group_entries([opened_entry("a", "1", body)]))
        assert entry.fault == f"This entry cannot be read: {FAULTS['format']}"

    def test_an_entry_that_does_not_open_says_why(self) -> None:
        ((entry,),) = (app.entries for app in group_entries([opened_entry("a", "1", {}, {"sealed": "wrong-key"})]))
        assert entry.fault == f"This entry cannot be read: {FAULTS['wrong-key']}"
