"""What was imported last: it outlives a reload, sealed, and what does not open is as if nothing were kept."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import StorageError
from hearth.engine.transfer.import_log import ImportLog


class Kept:
    """A place for one JSON value."""

    def __init__(self, value: Any = None) -> None:
        self.value = value
        self.full = False

    async def read(self) -> Any:
        return self.value

    async def write(self, value: Any) -> None:
        if self.full:
            raise StorageError("full")
        self.value = value


def log(kept: Kept) -> ImportLog:
    return ImportLog(kept)  # type: ignore[arg-type]


async def test_it_outlives_a_reload() -> None:
    kept = Kept()
    before = log(kept)
    assert before.is_empty
    before.chats["a"] = 3
    before.messages.append(("b", 5, "m"))
    await before.keep()
    after = log(kept)
    await after.load()
    assert (after.chats, after.messages, after.is_empty) == ({"a": 3}, [("b", 5, "m")], False)


async def test_what_was_not_imported_after_all_is_forgotten() -> None:
    made = log(Kept())
    made.chats, made.messages = {"a": 1, "b": 1}, [("a", 1, "m"), ("c", 1, "n")]
    made.forget({"a"})
    assert (made.chats, made.messages) == ({"b": 1}, [("c", 1, "n")])
    made.clear()
    assert made.is_empty


@pytest.mark.parametrize("bad", [None, [], "text", {"chats": 3}, {"chats": {"a": "x"}, "messages": []}])
async def test_what_is_no_log_is_none(bad: Any) -> None:
    made = log(Kept(bad))
    await made.load()
    assert made.is_empty


async def test_a_full_disk_stops_nobody() -> None:
    kept = Kept()
    kept.full = True
    made = log(kept)
    made.chats["a"] = 1
    await made.keep()
    assert kept.value is None
    assert not made.is_empty
