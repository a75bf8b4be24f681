"""The merge rule: which copy of a record stays, and what a chat's tombstone does to its messages.

Every store asks this module and nothing else, so that all of them end in the same state whatever the order in which
copies arrive:

* The higher version wins. Of two copies of one version the first stays, unless the batch *replaces*: a record that was
  fetched again takes the place of a damaged one of its own version, never of a higher one.
* Of several copies in one batch only the newest counts; of copies of one version the first.
* A chat's tombstone removes its messages, and a message of a deleted chat is not stored, in the same batch or later.
* A tombstone is a record like any other: it stays, so that an older copy that arrives late does not come back.

Deletion is final by the protocol (docs/protocol.md, Records): a server that gave a deleted chat a higher version again
would bring it back without the messages that are gone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple


class Head(NamedTuple):
    """What the rule looks at in a record; a `deleted` one is a tombstone."""

    version: int
    deleted: bool = False


class ChatMerge(NamedTuple):
    """What becomes of a chat when a batch brings a copy of it, messages of it, or both."""

    put: bool
    """The incoming copy of the chat is stored."""
    drop_messages: bool
    """The messages that are stored are removed, before any is put."""
    deleted: bool
    """The chat is deleted now: no message of it is stored."""


def head_of(record: Mapping[str, Any]) -> Head:
    """The head of a record that is a mapping."""
    return Head(record["version"], record["deleted_at"] is not None)


def wins(stored: int | None, incoming: int, *, replace: bool = False) -> bool:
    """Whether a copy of the version `incoming` is stored where a record of the version `stored`, or none, is."""
    if stored is None or incoming > stored:
        return True
    return replace and incoming == stored


def merge_chat(stored: Head | None, incoming: Head | None, *, replace: bool = False) -> ChatMerge:
    """Decide about a chat; `incoming` is None when the batch holds only messages of it."""
    if incoming is None or not wins(stored.version if stored else None, incoming.version, replace=replace):
        return ChatMerge(put=False, drop_messages=False, deleted=stored is not None and stored.deleted)
    return ChatMerge(put=True, drop_messages=incoming.deleted, deleted=incoming.deleted)


def newest(copies: Iterable[tuple[Hashable, int]]) -> list[int]:
    """The positions of the copies that count, in ascending order; a copy is its record's key and its version."""
    best: dict[Hashable, tuple[int, int]] = {}
    for position, (key, version) in enumerate(copies):
        if key not in best or wins(best[key][1], version):
            best[key] = (position, version)
    return sorted(position for position, _version in best.values())
