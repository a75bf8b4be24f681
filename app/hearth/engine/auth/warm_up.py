"""Runs once, while a person fills in the sign-in form, what the first chat will need.

A browser compiles a function of WebAssembly when it is first called, and the first messages would pay for all
of the Markdown parser, some 50 ms, and the search index for SQLite, some 30 ms, which can't be cut into pieces below
15 ms. Nobody waits while the form is filled in; while a password is derived, each piece would hold up what comes next.
"""

from __future__ import annotations

import asyncio

from hearth.core.records.contents import Chat
from hearth.core.text import markdown
from hearth.core.view.presenters import group_chats, message_from
from hearth.engine.eager_task import EagerTask
from hearth.engine.search import shard as search_slice
from hearth.ports.device import Device

IDLE_S = 0.3
"""How long after the form is shown the rehearsal begins: the form is on screen by then."""

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


class Rehearsal:
    """The one `warm_up` of a page: soon after the form is shown, or at the latest when somebody signs in."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._task: EagerTask[None] | None = None

    def begin_soon(self) -> None:
        """Begin when the form has been on screen for a moment."""
        if self._task is None:
            asyncio.get_running_loop().call_later(IDLE_S, self.begin)

    def begin(self) -> None:
        """Begin, unless it has begun."""
        if self._task is None:
            self._task = EagerTask(warm_up(self._device))
