"""The contents of ChatGPT's messages as Markdown: every form that is known, and any that is not."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.chat_import.chatgpt_content import IMAGE, RECORDING, Found, content_of, files_of

IMAGE_PART = {"content_type": "image_asset_pointer"}


def found(content: dict[str, Any], author: str = "assistant", **message: Any) -> Found:
    return content_of({"author": {"role": author, "name": "browser"}, **message}, content, {})


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"content_type": "text", "parts": ["a", "", "b"]}, "a\n\nb"),
        ({"content_type": "code", "language": "python", "text": "x = 1"}, "```python\nx = 1\n```"),
        ({"content_type": "code", "language": "unknown", "text": "x"}, "```\nx\n```"),
        ({"content_type": "execution_output", "text": "42"}, "```\n42\n```"),
        (
            {"content_type": "tether_quote", "title": "T", "url": "https://t.example", "text": "a\nb"},
            "[T](https://t.example)\n\n> a\n> b",
        ),
        ({"content_type": "tether_browsing_display", "result": "r"}, "```\nr\n```"),
        ({"content_type": "system_error", "name": "E", "text": "t"}, "*Error: E: t*"),
        ({"content_type": "of the future", "parts": ["said"]}, "said"),
        ({"content_type": "of the future", "content": "said"}, "said"),
    ],
)
def test_forms(content: dict[str, Any], text: str) -> None:
    assert found(content) == Found(text)


def test_a_form_that_says_nothing_is_not_known() -> None:
    assert found({"content_type": "of the future", "secret": 1}) == Found("", known=False)


def test_images_and_recordings_leave_their_places() -> None:
    content = {
        "content_type": "multimodal_text",
        "parts": [IMAGE_PART, "see", {"content_type": "audio_asset_pointer"}, {"content_type": "x", "text": "spoken"}],
    }
    assert found(content) == Found(f"{IMAGE}\n\nsee\n\n{RECORDING}\n\nspoken", media=2)


def test_what_a_tool_says_is_named_and_framed_where_it_is_for_programs() -> None:
    assert found({"content_type": "text", "parts": ["found"]}, "tool").text == "**Tool: browser**\n\nfound"
    assert (
        found({"content_type": "text", "parts": ['{"a": 1}']}, "tool").text == '**Tool: browser**\n\n```\n{"a": 1}\n```'
    )


def test_what_is_said_to_a_tool_names_it() -> None:
    content = {"content_type": "text", "parts": ["search(x)"]}
    assert found(content, recipient="browser").text == "**To browser**\n\n```\nsearch(x)\n```"
    assert found(content, recipient="all").text == "search(x)"


def test_files_are_named() -> None:
    attachments = [{"name": "a.pdf", "mime_type": "application/pdf", "size": 3}, {"mimeType": "text/x", "size": -1}]
    assert files_of({"attachments": attachments}) == [
        {"name": "a.pdf", "type": "application/pdf", "size": 3, "text": ""},
        {"name": "Unnamed file", "type": "text/x", "size": 0, "text": ""},
    ]
