"""What is sent together: the records that one or several mutations write, each the next version of a confirmed one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.schema import Collection, emptied, empty_record

MAX_TOGETHER = 50
"""So many mutations are sent together at most, where many wait."""

MAX_TOGETHER_CHARS = 200_000
"""Beyond so many sealed characters nothing more is added to what is sent together."""

Row = Mapping[str, Any]


def choose(waiting: Iterable[Mutation], now: int, blocked: frozenset[str] = frozenset()) -> list[Mutation]:
    """The mutations to be sent next, in their order, which holds within each chat.

    One that may not go yet, or that is about a message which another one of them writes already, holds up its own
    chat and no other. `blocked` are chats that wait for something else.
    """
    chosen: list[Mutation] = []
    messages: set[str] = set()
    held_up = set(blocked)
    chars = 0
    for each in waiting:
        if each.problem or each.act is Act.ANSWER or each.chat_id in held_up:
            continue
        if each.not_before > now or each.message_id in messages:
            held_up.add(each.chat_id)
            continue
        size = sealed_chars(each)
        if chosen and (len(chosen) == MAX_TOGETHER or chars + size > MAX_TOGETHER_CHARS):
            break
        chosen.append(each)
        chars += size
        if each.message_id is not None:
            messages.add(each.message_id)
        if each.act is Act.DELETE_CHAT:
            held_up.add(each.chat_id)
    return chosen


def sealed_chars(mutation: Mutation) -> int:
    """How many characters of sealed values a mutation writes."""
    values = [*mutation.message.values(), *mutation.chat.values()]
    return sum(len(each) for each in values if isinstance(each, str))


def message_rows(chosen: Iterable[Mutation]) -> list[dict[str, Any]]:
    """The records of messages that mutations write. A chat's deletion takes its messages along by itself."""
    return [dict(each.message) for each in chosen if each.message]


def chat_row(base: Row | None, chosen: Sequence[Mutation]) -> dict[str, Any] | None:
    """The next version of a chat's record with what mutations of it change; None where none of them does.

    `base` is the record that is confirmed, or None for a chat that comes to be.
    """
    if not any(each.touches_chat for each in chosen):
        return None
    row = dict(base) if base is not None else _before_first(chosen[0])
    version = row["version"] + 1
    for each in chosen:
        if each.act is Act.DELETE_CHAT:
            return {**row, **emptied(Collection.CHATS), "version": version, "deleted_at": each.at}
        row |= each.chat
        if each.act is Act.SEND:
            row["last_updated"] = max(row["last_updated"], each.at)
    return {**row, "version": version}


def _before_first(creating: Mutation) -> dict[str, Any]:
    """What the first version of a chat's record is made from."""
    at = creating.at
    return empty_record(Collection.CHATS, id=creating.chat_id, created_at=at, last_updated=at)
