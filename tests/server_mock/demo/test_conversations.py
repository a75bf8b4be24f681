"""Demo conversations: any number of them, of any length, and nothing of the future."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.records.manifest import manifest_id, shard_ids
from server_mock.demo import accounts
from tests.server_mock.demo.made import DAY_MS, NOON_MS, Rows, made, opened


def test_only_the_times_move_with_the_day() -> None:
    def without_times(rows: Rows) -> list[dict[str, Any]]:
        timeless = ("changed_at", "created_at", "last_updated")
        account = rows["users"][0]["id"]
        # The manifest lists the times of the chats.
        own = {manifest_id(account), *shard_ids(manifest_id(account))}
        listed = (row for each in rows.values() for row in each if row["id"] not in own)
        return [{k: v for k, v in row.items() if k not in timeless} for row in listed]

    today, evening = made(chats=6), made(chats=6, now_ms=NOON_MS + DAY_MS // 3)
    assert today == evening
    tomorrow = made(chats=6, now_ms=NOON_MS + DAY_MS)
    assert without_times(tomorrow) == without_times(today)
    assert {b["last_updated"] - a["last_updated"] for a, b in zip(today["chats"], tomorrow["chats"], strict=True)} == {
        DAY_MS
    }


@pytest.mark.parametrize("now_ms", [NOON_MS - DAY_MS // 2, NOON_MS - DAY_MS // 2 + 60_000, NOON_MS])
def test_nothing_is_of_the_future(now_ms: int) -> None:
    rows = made(now_ms=now_ms)
    times = [
        row[name]
        for each in rows.values()
        for row in each
        for name in ("changed_at", "created_at", "last_updated")
        if name in row
    ]
    assert max(times) <= now_ms


@pytest.mark.parametrize("chats", [0, 1, 2, 10, 11, 100, 101, 300])
def test_any_number_of_chats(chats: int) -> None:
    rows = made(chats=chats, messages=2)
    assert len(rows["chats"]) == chats
    assert len({row["title"] for row in rows["chats"]}) == chats
    last_opened = rows["users"][0]["last_opened"]
    assert (last_opened in {row["id"] for row in rows["chats"]}) is (chats > 0)
    ordered = [row["last_updated"] for row in rows["chats"]]
    assert ordered == sorted(set(ordered), reverse=True)


@pytest.mark.parametrize("messages", [0, 1, 2, 40])
def test_any_number_of_messages(messages: int) -> None:
    rows = made(chats=12, messages=messages)
    counts = [sum(row["chat_id"] == chat["id"] for row in rows["messages"]) for chat in rows["chats"]]
    assert counts[5] == 0
    assert (max(counts) == accounts.LONG_CHAT) is (messages > 0)
    opened(rows)
