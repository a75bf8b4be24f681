"""ChatGPT's files, old and new: the branch that was on screen, every form of content, citations, what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.core.chat_import.chatgpt import is_chat, read_chat
from hearth.core.chat_import.model import ImportedChat, LeftOut
from tests.app.hearth.core.chat_import.files import BEGAN, chain, node, said


def texts(chat: ImportedChat) -> list[tuple[str, str]]:
    return [(each.role, each.text) for each in chat.messages]


def branched(**more: Any) -> dict[str, Any]:
    """A question that was edited, and an answer that was made anew: the last of each was on screen."""
    nodes = {
        "root": node("root", None, None, "q1", "q2"),
        "q1": node("q1", "root", said("q1", "user", "First try", at=BEGAN + 1), "a1"),
        "a1": node("a1", "q1", said("a1", "assistant", "First answer", at=BEGAN + 2)),
        "q2": node("q2", "root", said("q2", "user", "Second try", at=BEGAN + 3), "a2", "a3"),
        "a2": node("a2", "q2", said("a2", "assistant", "Older answer", at=BEGAN + 4)),
        "a3": node("a3", "q2", said("a3", "assistant", "Newer answer", at=BEGAN + 5)),
    }
    return {"title": "T", "create_time": BEGAN, "mapping": nodes, "current_node": "a3", "id": "c", **more}


SECOND = [("user", "Second try"), ("assistant", "Newer answer")]


def test_a_chat_keeps_its_id_its_title_and_the_moments_of_every_zone() -> None:
    chat = read_chat(chain(said("m1", "user", "Hello", at=BEGAN + 1.234), said("m2", "assistant", "Hi", at=BEGAN + 2)))
    assert (chat.id, chat.title) == ("conv-1", "Garden")
    assert (chat.created_at, chat.last_updated) == (BEGAN * 1000 + 250, BEGAN * 1000 + 100_500)
    assert [(each.id, each.at) for each in chat.messages] == [
        ("m1", BEGAN * 1000 + 1_234),
        ("m2", BEGAN * 1000 + 2_000),
    ]
    assert texts(chat) == [("user", "Hello"), ("assistant", "Hi")]


def test_of_the_branches_the_one_that_was_on_screen_is_read_and_the_others_are_counted() -> None:
    chat = read_chat(branched())
    assert texts(chat) == SECOND
    assert chat.left_out[LeftOut.OTHER_VERSION] == 3
    assert texts(read_chat(branched(current_node="a1"))) == [("user", "First try"), ("assistant", "First answer")]


@pytest.mark.parametrize("current", [None, "", "gone", 7])
def test_without_the_end_of_the_branch_the_newest_one_is_read(current: Any) -> None:
    assert texts(read_chat(branched(current_node=current))) == SECOND


def test_a_file_without_links_to_children_is_read_by_its_parents() -> None:
    value = branched()
    for each in value["mapping"].values():
        del each["children"]
    assert texts(read_chat(value)) == SECOND


def test_a_file_without_links_to_parents_is_read_by_its_children() -> None:
    value = branched()
    for each in value["mapping"].values():
        del each["parent"]
    assert texts(read_chat(value)) == SECOND


def test_a_file_without_any_links_is_read_in_the_order_of_time() -> None:
    value = chain(said("m1", "user", "One", at=BEGAN + 1), said("m2", "assistant", "Two", at=BEGAN + 2))
    value["mapping"] = {
        name: {"message": each["message"]} for name, each in reversed(value["mapping"].items()) if each["message"]
    }
    assert texts(read_chat(value)) == [("user", "One"), ("assistant", "Two")]


def test_links_that_lead_in_a_circle_or_nowhere_end_there() -> None:
    value = branched()
    value["mapping"]["q2"]["parent"] = "a3"
    assert texts(read_chat(value)) == SECOND
    value["mapping"]["q2"]["parent"] = "nowhere"
    assert texts(read_chat(value)) == SECOND


def test_what_the_service_hides_is_left_out_and_counted() -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    context = {"content_type": "user_editable_context", "user_profile": "I like tea", "parts": ["I like tea"]}
    chat = read_chat(
        chain(
            said("s", "system", "", metadata=hidden),
            said("h", "assistant", "A draft", metadata=hidden),
            said("w", "assistant", "Weighs nothing", weight=0.0),
            said("c", "user", content=context),
            said("q", "user", "Shown"),
        )
    )
    assert texts(chat) == [("user", "Shown")]
    assert chat.left_out[LeftOut.HIDDEN] == 3


def test_reasoning_is_left_out_and_counted() -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "s", "content": "Hmm"}]}
    recap = {"content_type": "reasoning_recap", "content": "Thought for 5 seconds"}
    chat = read_chat(chain(said("t", "assistant", content=thoughts), said("r", "assistant", content=recap)))
    assert (chat.messages, chat.left_out[LeftOut.REASONING]) == ([], 2)


@pytest.mark.parametrize(
    ("role", "content", "more", "text"),
    [
        ("user", {"content_type": "text", "parts": ["One", "", "Two"]}, {}, "One\n\nTwo"),
        (
            "assistant",
            {"content_type": "code", "language": "python", "text": "print(1)"},
            {"recipient": "python"},
            "**To python**\n\n```python\nprint(1)\n```",
        ),
        ("assistant", {"content_type": "code", "language": "unknown", "text": "a```b"}, {}, "````\na```b\n````"),
        (
            "assistant",
            {"content_type": "text", "parts": ['{"q": 1}']},
            {"recipient": "web.run"},
            '**To web.run**\n\n```\n{"q": 1}\n```',
        ),
        (
            "tool",
            {"content_type": "execution_output", "text": "1\n"},
            {"author": "python"},
            "**Tool: python**\n\n```\n1\n```",
        ),
        (
            "tool",
            {"content_type": "text", "parts": ['{"found": 3}']},
            {"author": "search"},
            '**Tool: search**\n\n```\n{"found": 3}\n```',
        ),
        (
            "tool",
            {"content_type": "tether_quote", "url": "https://a.example/x", "title": "A page", "text": "One\nTwo"},
            {},
            "**Tool: tool**\n\n[A page](https://a.example/x)\n\n> One\n> Two",
        ),
        (
            "tool",
            {"content_type": "tether_browsing_display", "result": "L0: words", "summary": None},
            {"author": "browser"},
            "**Tool: browser**\n\n```\nL0: words\n```",
        ),
        (
            "tool",
            {"content_type": "system_error", "name": "Timeout", "text": "It took too long"},
            {"author": "python"},
            "**Tool: python**\n\n*Error: Timeout: It took too long*",
        ),
        ("assistant", {"content_type": "some_new_form", "parts": ["Still text"]}, {}, "Still text"),
    ],
)
def test_contents(role: str, content: dict[str, Any], more: dict[str, Any], text: str) -> None:
    (message,) = read_chat(chain(said("m", role, content=content, **more))).messages
    assert message.text == text
    assert message.role == ("user" if role == "user" else "assistant")


def test_the_places_of_images_and_recordings_are_marked_and_what_was_spoken_is_text() -> None:
    parts = [
        {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x", "size_bytes": 9},
        "What is this?",
        {"content_type": "audio_transcription", "text": "It sings"},
        {"content_type": "real_time_user_audio_video_asset_pointer", "frames_asset_pointers": []},
        None,
        17,
    ]
    attachments = [{"id": "f", "name": "bird.png", "mime_type": "image/png", "size": 12}, "no file"]
    content = {"content_type": "multimodal_text", "parts": parts}
    chat = read_chat(chain(said("m", "user", content=content, metadata={"attachments": attachments})))
    (message,) = chat.messages
    assert message.text == (
        "*[An image that was not imported]*\n\nWhat is this?\n\nIt sings\n\n*[A recording that was not imported]*"
    )
    assert message.files == [{"name": "bird.png", "type": "image/png", "size": 12, "text": ""}]
    assert chat.left_out[LeftOut.MEDIA] == 2


def cited(text: str, **metadata: Any) -> str:
    (message,) = read_chat(chain(said("m", "assistant", text, metadata=metadata))).messages
    return message.text


def test_citations_become_links() -> None:
    marker = "\ue200cite\ue202turn0search1\ue201"
    items = [
        {"title": "Tides", "url": "https://a.example/tides"},
        {"title": "Moon [2]", "url": "https://b.example/moon"},
        {"title": "Tides", "url": "https://a.example/tides"},
    ]
    reference = {"matched_text": marker, "type": "grouped_webpages", "items": items}
    assert cited(f"The sea rises.{marker}", content_references=[reference]) == (
        "The sea rises. ([Tides](https://a.example/tides), [Moon 2](https://b.example/moon))"
    )


def test_citations_that_lead_nowhere_are_marked_and_never_stay_as_they_were() -> None:
    marker = "\ue200cite\ue202turn0search1\ue201"
    assert cited(f"So it is.{marker}") == "So it is. [citation]"
    assert cited(f"So it is.{marker}", content_references=[{"matched_text": marker}]) == "So it is. [citation]"
    harmful = {"matched_text": marker, "items": [{"title": "Press", "url": "javascript:alert(1)"}]}
    assert cited(f"So.{marker}", content_references=[harmful]) == "So. (Press)"
    named = {"matched_text": "\ue200entity\ue202[1]\ue201", "alt": "Lisbon"}
    assert cited("To \ue200entity\ue202[1]\ue201.", content_references=[named]) == "To Lisbon."


def test_citations_of_older_files_become_links_too() -> None:
    citation = {"start_ix": 3, "end_ix": 13, "metadata": {"title": "Docs", "url": "https://a.example/docs"}}
    assert cited("Yes【4†source】.", citations=[citation]) == "Yes ([Docs](https://a.example/docs))."
    assert cited("Yes【4:0†notes.pdf】.") == "Yes [notes.pdf]."


def test_an_answer_that_was_still_coming_is_marked_as_cut_off() -> None:
    chat = read_chat(chain(said("m", "assistant", "Half an", status="in_progress"), said("n", "user", "Go on")))
    assert [each.interrupted for each in chat.messages] == [True, False]


def test_a_chat_without_an_id_still_has_one_that_stays_the_same() -> None:
    value = chain(said("m", "user", "x"))
    del value["conversation_id"]
    assert read_chat(value).id == read_chat(dict(value)).id != ""


def test_half_a_character_is_replaced() -> None:
    (message,) = read_chat(chain(said("m", "user", "a\ud83d"))).messages
    assert message.text == "a\ufffd"


def test_moments_as_texts_are_read() -> None:
    value = chain(said("m", "user", "x"), create_time="2023-12-06T02:41:14.616844+00:00")
    assert read_chat(value).created_at == 1_701_830_474_616


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
PLACES = ("id", "author", "create_time", "content", "status", "weight", "recipient", "metadata")


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(PLACES), anything, st.sampled_from(["parent", "children", "message", "id"]), anything)
def test_whatever_a_file_holds_it_is_read_or_left_out(place: str, value: Any, link: str, other: Any) -> None:
    made = chain(said("m1", "user", "Hello"), said("m2", "assistant", "Hi", id="m2"))
    made["mapping"]["n1"]["message"][place] = value
    made["mapping"]["n2"][link] = other
    assert is_chat(made)
    for each in read_chat(made).messages:
        assert isinstance(each.text, str)
        assert each.role in ("user", "assistant", "system")


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=4), anything, max_size=4), anything)
def test_whatever_a_tree_is_made_of_it_is_read(nodes: dict[str, Any], current: Any) -> None:
    read_chat({"mapping": nodes, "current_node": current, "title": current, "create_time": current, "id": current})
