"""The contents of ChatGPT's messages as Markdown: text, code, tools, what was looked up, images and recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hearth.core.chat_import.citations import with_citations
from hearth.core.chat_import.model import fenced, link, mapping, objects, plain

IMAGE, RECORDING = "*[An image that was not imported]*", "*[A recording that was not imported]*"

Content = Mapping[str, Any]


class Found(NamedTuple):
    """The text of a content; `media` are its images and recordings; `known` is false for a form that is not known."""

    text: str
    media: int = 0
    known: bool = True


def content_of(message: Content, content: Content, metadata: Content) -> Found:
    """What a message says."""
    kind = plain(content.get("content_type"))
    found = _READERS.get(kind, _other)(content)
    author = mapping(message.get("author"))
    if author.get("role") == "tool" and found.text.strip():
        text = found.text if kind in _FRAMED else fenced(found.text) if _is_raw(found.text) else found.text
        return found._replace(text=f"**Tool: {_name(author)}**\n\n{text}")
    recipient = plain(message.get("recipient"))
    if kind == "code" or (recipient not in ("", "all") and found.text.strip()):
        text = found.text if kind in _FRAMED else fenced(found.text)
        return found._replace(text=f"**To {recipient}**\n\n{text}" if recipient not in ("", "all") else text)
    return found._replace(text=with_citations(found.text, metadata))


def files_of(metadata: Content) -> list[dict[str, Any]]:
    """The files that were attached to a message, by their names; their contents are not in the file of chats."""
    return [
        {
            "name": plain(each.get("name")) or "Unnamed file",
            "type": plain(each.get("mime_type") or each.get("mimeType")),
            "size": each["size"] if isinstance(each.get("size"), int) and each["size"] >= 0 else 0,
            "text": "",
        }
        for each in objects(metadata.get("attachments"))
    ]


def _name(author: Content) -> str:
    return plain(author.get("name")) or "tool"


def _is_raw(text: str) -> bool:
    """Whether the text of a tool is for programs rather than for people."""
    return text.lstrip()[:1] in ("{", "[")


def _parts(content: Content) -> Found:
    """Text, with the places of images and recordings; what was said in a recording is text, too."""
    parts = content.get("parts")
    texts, media = [], 0
    for part in parts if isinstance(parts, list) else [content.get("text")]:
        if isinstance(part, str):
            texts.append(plain(part))
            continue
        kind, said = plain(mapping(part).get("content_type")), plain(mapping(part).get("text"))
        if kind.endswith("asset_pointer"):
            media += 1
            texts.append(RECORDING if "audio" in kind or "video" in kind else IMAGE)
        elif said:
            texts.append(said)
    return Found("\n\n".join(text for text in texts if text.strip()), media)


def _code(content: Content) -> Found:
    language = plain(content.get("language"))
    text = plain(content.get("text")) or _parts(content).text
    return Found(fenced(text, "" if language == "unknown" else language) if text.strip() else "")


def _output(content: Content) -> Found:
    text = plain(content.get("text")) or _parts(content).text
    return Found(fenced(text) if text.strip() else "")


def _quote(content: Content) -> Found:
    text, title = plain(content.get("text")), plain(content.get("title"))
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    source = link(title or plain(content.get("domain")), plain(content.get("url")))
    return Found("\n\n".join(part for part in (source, quoted) if part))


def _looked_up(content: Content) -> Found:
    text = plain(content.get("result")) or plain(content.get("summary"))
    return Found(fenced(text) if text.strip() else "")


def _error(content: Content) -> Found:
    words = (plain(content.get(part)) for part in ("name", "text"))
    text = ": ".join(word for word in words if word)
    return Found(f"*Error: {text}*" if text else "")


def _other(content: Content) -> Found:
    """A form that is not known: text is text in every form."""
    if not content:
        return Found("")
    found = _parts(content)
    if found.text:
        return found
    text = plain(content.get("content"))
    return Found(text, known=bool(text))


_FRAMED = ("code", "execution_output", "tether_quote", "tether_browsing_display", "system_error")
"""Forms whose text is Markdown of this module's own."""

_READERS: Mapping[str, Callable[[Content], Found]] = {
    "text": _parts,
    "multimodal_text": _parts,
    "code": _code,
    "execution_output": _output,
    "tether_quote": _quote,
    "tether_browsing_display": _looked_up,
    "system_error": _error,
}
