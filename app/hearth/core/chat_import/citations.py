"""Citations in ChatGPT's answers: markers that mean nothing elsewhere become links to what they cite, or are marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hearth.core.chat_import.model import link, mapping, objects, plain

UNKNOWN = "[citation]"

_MARKER = re.compile("\ue200[^\ue200\ue201]*\ue201?|[\ue000-\uf8ff]+")
"""What is left of a marker: private characters around words for a program."""
_OLD_MARKER = re.compile("【(\\d+)(?::\\d+)?†([^】]*)】")
"""Up to 2024: the number of a source and a word."""


def with_citations(text: str, metadata: Mapping[str, Any]) -> str:
    """The text of an answer with its citations as links; `metadata` is its message's."""
    for reference in objects(metadata.get("content_references")):
        marker = plain(reference.get("matched_text"))
        if marker.strip():
            text = text.replace(marker, _cited(reference))
    old = iter(objects(metadata.get("citations")))
    text = _OLD_MARKER.sub(lambda match: _of_old(match, next(old, {})), text)
    return _MARKER.sub(lambda match: f" {UNKNOWN}" if "cite" in match[0] else "", text)


def _cited(reference: Mapping[str, Any]) -> str:
    """What stands in the place of a marker: links to its sources, the words that the service gives, or a mark."""
    found = [_source(each) for each in objects(reference.get("items")) or [reference]]
    links = [each for each in found if each]
    if links:
        return f" ({', '.join(dict.fromkeys(links))})"
    alt = plain(reference.get("alt"))
    if alt:
        return alt
    return f" {UNKNOWN}" if "cite" in plain(reference.get("matched_text")) else ""


def _source(item: Mapping[str, Any]) -> str:
    url = plain(item.get("url"))
    return link(plain(item.get("title")), url) if url else ""


def _of_old(match: re.Match[str], citation: Mapping[str, Any]) -> str:
    source = _source(mapping(citation.get("metadata")))
    return f" ({source})" if source else f" [{match[2].strip() or match[1]}]"
