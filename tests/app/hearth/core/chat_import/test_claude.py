"""Claude's files: messages of blocks, branches, tools, files with their texts, and what is left out."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.core.chat_import.claude import is_chat, read_chat
from hearth.core.chat_import.model import LeftOut
from tests.app.hearth.core.chat_import.files import claude, turn
from tests.app.hearth.core.chat_import.test_chatgpt import anything, texts

ROOT = "00000000-0000-4000-8000-000000000000"


def test_a_chat_keeps_its_id_its_name_and_the_moments_of_every_zone() -> None:
    chat = read_chat(claude(turn("m1", "human", "How long?"), turn("m2", "assistant", "An hour.")))
    assert (chat.id, chat.title) == ("claude-1", "Bread")
    assert (chat.created_at, chat.last_updated) == (1_709_283_600_500, 1_709_289_000_000)
    assert texts(chat) == [("user", "How long?"), ("assistant", "An hour.")]
    assert chat.messages[0].at == 1_709_287_201_000


def test_an_older_file_has_texts_alone() -> None:
    old = turn("m", "human", text="Only text")
    del old["content"]
    assert texts(read_chat(claude(old))) == [("user", "Only text")]


def test_blocks_are_put_together_and_reasoning_is_left_out() -> None:
    blocks = [
        {"type": "thinking", "thinking": "Hmm"},
        "First.",
        {"type": "tool_use", "name": "web_search", "input": {"query": "rye"}},
        {"type": "tool_result", "name": "web_search", "content": [{"type": "text", "text": "Found it"}]},
        {"type": "token_budget"},
        "Then.",
        {"type": "hologram"},
    ]
    chat = read_chat(claude(turn("m", "assistant", *blocks)))
    assert chat.messages[0].text == (
        'First.\n\n**To web_search**\n\n```json\n{\n "query": "rye"\n}\n```\n\n'
        "**Tool: web_search**\n\n```\nFound it\n```\n\nThen."
    )
    assert (chat.left_out[LeftOut.REASONING], chat.left_out[LeftOut.UNKNOWN]) == (1, 1)


def test_citations_become_links() -> None:
    citation = {"title": "Rye", "url": "https://a.example/rye", "start_index": 0, "end_index": 3}
    block = {"type": "text", "text": "Rye is sour.", "citations": [citation, citation]}
    (message,) = read_chat(claude(turn("m", "assistant", block))).messages
    assert message.text == "Rye is sour. ([Rye](https://a.example/rye))"


def test_attached_files_come_with_their_texts_and_each_once() -> None:
    attachment = {"file_name": "paste.txt", "file_type": "txt", "file_size": 5, "extracted_content": "Flour"}
    files = [{"file_name": "photo.png", "file_uuid": "x"}, {"file_name": "paste.txt"}]
    (message,) = read_chat(claude(turn("m", "human", attachments=[attachment], files=files))).messages
    assert message.text == ""
    assert [(each["name"], each["text"]) for each in message.files] == [("paste.txt", "Flour"), ("photo.png", "")]


def branched() -> list[dict[str, Any]]:
    return [
        turn("q1", "human", "First", parent_message_uuid=ROOT),
        turn("a1", "assistant", "Answer", parent_message_uuid="q1"),
        turn("q2", "human", "Second", parent_message_uuid="a1"),
        turn("q3", "human", "Second, edited", parent_message_uuid="a1"),
        turn("a3", "assistant", "Last", parent_message_uuid="q3"),
    ]


def test_of_branches_the_one_that_was_on_screen_is_read() -> None:
    chat = read_chat(claude(*branched()))
    assert [text for _, text in texts(chat)] == ["First", "Answer", "Second, edited", "Last"]
    assert chat.left_out[LeftOut.OTHER_VERSION] == 1
    chosen = read_chat(claude(*branched(), current_leaf_message_uuid="q2"))
    assert [text for _, text in texts(chosen)] == ["First", "Answer", "Second"]


def test_a_star_is_a_pin() -> None:
    assert read_chat(claude(is_starred=True)).pinned


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["uuid", "content", "sender", "attachments", "files", "parent_message_uuid"]), anything, anything
)
def test_whatever_a_file_holds_it_is_read_or_left_out(place: str, value: Any, block: Any) -> None:
    made = claude(turn("m1", "human", "Hello", block), {**turn("m2", "assistant", "Hi"), place: value}, name=value)
    assert is_chat(made)
    assert all(isinstance(each.text, str) for each in read_chat(made).messages)
