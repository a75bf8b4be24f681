"""Runs once, while the network and the key derivation keep the person waiting, what the first chat will need.

A browser compiles a function of WebAssembly when it is first called, and the first messages would pay for all
of the Markdown parser, some 50 ms, and the search index for SQLite, some 30 ms, which can't be cut into pieces below
15 ms. While a password is derived, for 100 ms, this thread has nothing to do, and nothing on the screen moves.
"""

from __future__ import annotations

import asyncio

from hearth.core.records.contents import Chat
from hearth.core.text import markdown
from hearth.core.view.presenters import group_chats, message_from
from hearth.engine.search import shard as search_slice
from hearth.ports.device import Device

SAMPLES = (
    "One *plain* line with `code`, a [link](https://hearth.example/) and **weight**.",
    "## A heading\n\n- one\n- two\n  1. three\n\n> quoted ~~words~~",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```\n\n- [x] done\n\n---",
)
"""Markdown with every kind of block and mark that messages usually have."""


async def warm_up(device: Device) -> None:
    """Render the samples, group a chat and make an empty shard, giving way between the steps: nothing is held up."""
    now = device.now()
    clear = {"id": "rehearsal", "role": "user", "created_at": 0, "version": 1}
    for sample in SAMPLES:
        message_from({"clear": clear, "texts": {"content": sample}, "faults": {}}, now)
        await asyncio.sleep(0)
    group_chats([Chat("rehearsal", "Rehearsal", 0, 1)], now)
    markdown.forget()
    for _ in search_slice.warm_up():
        await asyncio.sleep(0)
