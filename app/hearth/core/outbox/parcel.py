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

MAX_TOGETHER_RECORDS = 200
"""Beyond so many records nothing more is added: a write holds 300, and the manifest's shards are among them."""

Row = Mapping[str, Any]

Spent = Mapping[str, int]
"""The last version of a record, by its id, under which something was sealed and refused: none is used twice."""


def version_after(record_id: str, stored: int, spent: Spent) -> int:
    """The next version of a record of which `stored` is here."""
    return max(stored, spent.get(record_id, 0)) + 1


def choose(waiting: Iterable[Mutation], now: int, blocked: frozenset[str] = frozenset()) -> list[Mutation]:
    """The mutations to be sent next, in their order, which holds within each chat.

    One that may not go yet, or that is about a message which another one of them writes already, holds up its own
    chat and no other. `blocked` are chats that wait for something else.
    """
    chosen: list[Mutation] = []
    messages: set[str] = set()
    held_up = set(blocked)
    chars = records = 0
    for each in waiting:
        if each.problem or each.act is Act.ANSWER or each.chat_id in held_up:
            continue
        if each.not_before > now or each.message_id in messages:
            held_up.add(each.chat_id)
            continue
        size, rows = sealed_chars(each), len(each.rows) + 2  # with its chat and that one's shard
        full = len(chosen) == MAX_TOGETHER or records + rows > MAX_TOGETHER_RECORDS
        if chosen and (full or chars + size > MAX_TOGETHER_CHARS):
            break
        chosen.append(each)
        chars += size
        records += rows
        if each.message_id is not None:
            messages.add(each.message_id)
        if each.act is Act.DELETE_CHAT:
            held_up.add(each.chat_id)
    return chosen


def sealed_chars(mutation: Mutation) -> int:
    """How many characters of sealed values a mutation writes."""
    values = [*mutation.chat.values(), *(value for row in mutation.rows for value in row.values())]
    return sum(len(each) for each in values if isinstance(each, str))


def message_rows(chosen: Iterable[Mutation]) -> list[dict[str, Any]]:
    """The records of messages that mutations write. A chat's deletion takes its messages along by itself."""
    return [dict(row) for each in chosen for row in each.rows]


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
        last_updated = row["last_updated"]
        row |= each.chat
        if each.act is Act.IMPORT:
            row["last_updated"] = max(last_updated, row["last_updated"])
        if each.act is Act.SEND:
            row["last_updated"] = max(row["last_updated"], each.at)
    return {**row, "version": version}


def _before_first(creating: Mutation) -> dict[str, Any]:
    """What the first version of a chat's record is made from."""
    times = {name: creating.chat.get(name, creating.at) for name in ("created_at", "last_updated")}
    return empty_record(Collection.CHATS, id=creating.chat_id, **times)
