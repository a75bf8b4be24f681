"""The files of an export: what they say of chats, messages and entries, and under which names."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.export import documents, moments
from hearth.core.export.chat_entry import as_line, chat_entry, message_entry
from hearth.core.export.chat_markdown import chat_heading, message_section
from hearth.core.export.documents import Contents
from hearth.core.export.file_names import MAX_CHARS, safe_file_name, safe_name
from hearth.core.export.unsent import UnsentChanges
from hearth.core.outbox.mutation import Act, Mutation

SUMMER = timezone(timedelta(hours=2))
AT = 1_750_000_000_123


def opened(faults: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    texts = {name: values.pop(name, None) for name in ("title", "content", "files", "embeds", "interrupted", "pinned")}
    clear = {"id": "a", "version": 1, "created_at": AT, "last_updated": AT, "role": "user", **values}
    return {"clear": clear, "texts": texts, "faults": faults or {}}


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_a_moment_is_exact(ms: int) -> None:
    assert moments.parse(moments.exact(ms)) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2024-01-02T03:04:05.678901+02:00", 1_704_157_445_678),
        ("2024-01-02T01:04:05.678Z", 1_704_157_445_678),
        ("2024-01-02T01:04:05", 1_704_157_445_000),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (17, None),
    ],
)
def test_moments_of_every_zone_are_read(text: object, ms: int | None) -> None:
    found = moments.parse(text)
    assert found == ms or (ms is None and (found or -1) < 0)


def test_a_chat_says_what_it_holds() -> None:
    entry = chat_entry(opened(title="Plan", pinned="1"))
    assert entry["created_at"] == "2025-06-15T15:06:40.123Z"
    assert (entry["title"], entry["pinned"], entry["draft"]) == ("Plan", True, "")
    assert "unreadable" not in entry


def test_a_message_says_what_applies_to_it_and_no_more() -> None:
    assert set(message_entry(opened(content="Hi"))) == {"id", "role", "created_at", "text"}
    files = json.dumps([{"name": "a.txt", "type": "text/plain", "size": 2, "text": "Hi"}])
    whole = message_entry(opened(content="Hi", files=files, embeds="[]", interrupted="1", version=3))
    assert whole["files"][0]["text"] == "Hi"
    assert (whole["embeds"], whole["edited"], whole["interrupted"]) == ([], True, True)


def test_what_does_not_open_is_named_with_the_reason() -> None:
    entry = message_entry(opened({"content": "damaged"}))
    assert entry["unreadable"] == {"content": "damaged"}
    assert "cannot be read: it was changed" in message_section(entry, UTC)


def test_markdown_has_the_persons_own_time_and_the_text_as_it_was_written() -> None:
    message = message_entry(opened(content="**bold** <b>\r\n```\ncode\n```"))
    text = message_section(message, SUMMER)
    assert "## You, 2025-06-15 17:06 +0200" in text
    assert "**bold** <b>\n```\ncode\n```" in text
    heading = chat_heading(chat_entry(opened(title="")), SUMMER)
    assert heading.startswith("# Untitled chat\n")


def test_markdown_names_files_and_links() -> None:
    files = json.dumps([{"name": "notes.txt"}, {"name": ""}])
    embeds = json.dumps([{"url": "https://hearth.example/", "title": "Hearth"}])
    message = message_entry(opened(content="See", role="assistant", files=files, embeds=embeds))
    text = message_section(message, UTC, ["files/0001 Plan/1 notes.txt", ""])
    assert "## Assistant" in text
    assert "Attached: notes.txt (`files/0001 Plan/1 notes.txt`)\n" in text
    assert "Attached: Unnamed file\n" in text
    assert "Link: Hearth — https://hearth.example/" in text


@given(st.text(max_size=200))
def test_names_are_taken_by_every_system(text: str) -> None:
    for name in (safe_name(text, "other"), safe_file_name(text, "other")):
        assert 0 < len(name) <= MAX_CHARS + 9
        assert not set(name) & set('<>:"/\\|?*\0\n')
        assert name == name.strip(" ")
        assert not name.endswith(".")
        assert name.split(".")[0].lower() not in {"con", "nul", "aux"}


@pytest.mark.parametrize(
    ("text", "name"),
    [("../../etc/passwd", "etc passwd"), ("CON", "other"), ("a" * 90, "a" * 60), ("…", "…"), ("", "other")],
)
def test_names(text: str, name: str) -> None:
    assert safe_name(text, "other") == name


def test_the_ending_of_a_file_stays() -> None:
    assert safe_file_name(f"{'long ' * 40}.pdf", "file").endswith(".pdf")


def test_entries_are_listed_by_app_and_the_manifest_is_left_out() -> None:
    def entry(entry_id: str, app: str, text: str, **more: Any) -> dict[str, Any]:
        clear = {"id": entry_id, "app_id": app, "deleted_at": None}
        return {"clear": clear, "texts": {"sealed": text}, "faults": {}, **more}

    text, count = documents.settings_and_memories(
        [
            entry("mail", "mail", '{"name": "Mail"}'),
            entry("e", "mail", '{"kind": "memory", "name": "Tea", "value": "Green"}'),
            entry("m", "m", '{"name":"Hearth","manifest":{"format":2}}'),
            entry("s", "m", '{"name":"Hearth","shard":{}}'),
            entry("p", "m", '{"kind": "setting", "name": "Preferences", "value": {"theme": "dark"}}'),
            entry("x", "mail", "[]", faults={"sealed": "damaged"}),
        ]
    )
    apps = json.loads(text)["apps"]
    assert count == 3
    assert [app["id"] for app in apps] == ["mail", "m"]
    assert apps[0]["entries"][0] == {"id": "e", "kind": "memory", "name": "Tea", "value": "Green"}
    assert apps[0]["entries"][1] == {"id": "x", "unreadable": {"sealed": "damaged"}}
    assert [each["name"] for each in apps[1]["entries"]] == ["Preferences"]


def test_the_page_to_read_first_says_what_is_missing() -> None:
    contents = Contents(chats=2, messages=3, missing=["1 chat is not here."])
    assert "- 1 chat is not here." in documents.readme(contents, "today")
    assert json.loads(documents.index(contents, "now"))["missing"] == ["1 chat is not here."]


def mutation(act: Act, text: str = "", message: str = "", **more: Any) -> Mutation:
    record = {"id": message, "content": "sealed", "role": "user", "created_at": AT, "version": 1} if message else {}
    return Mutation(id=f"{act} {text}", at=AT, act=act, chat_id="a", text=text, message=record, **more)


def test_what_is_not_sent_lies_over_what_is_stored() -> None:
    unsent = UnsentChanges(
        [
            mutation(Act.EDIT, "New words", "m1"),
            mutation(Act.DELETE_MESSAGE, "", "m2"),
            mutation(Act.SEND, "More", "m4"),
            mutation(Act.RENAME, "Other title"),
            mutation(Act.PIN, "1"),
        ]
    )
    stored = [opened(id=name, content=name) for name in ("m1", "m2", "m3")]
    assert [each["texts"]["content"] for each in unsent.messages(stored)] == ["New words", "m3"]
    (added,) = unsent.added()
    assert (added["texts"]["content"], "content" in added["clear"]) == ("More", False)
    chat = unsent.chat(opened(title="Title"), "")
    assert chat is not None
    assert (chat["texts"]["title"], chat["texts"]["pinned"]) == ("Other title", "1")


def test_a_chat_that_is_only_begun_is_there_once_something_is_written_in_it() -> None:
    begun = UnsentChanges([mutation(Act.SEND, "First", "m", creates=True)]).chat(None, "First")
    assert begun is not None
    assert chat_entry(begun)["title"] == "First"
    assert UnsentChanges([mutation(Act.DRAFT, "typed", creates=True)]).chat(None, "") is None
    assert UnsentChanges([mutation(Act.DELETE_CHAT)]).is_deleted


def test_lines_of_json_keep_their_letters() -> None:
    assert as_line({"text": "Grüße\n🙂"}) == '{"text": "Grüße\\n🙂"}'
