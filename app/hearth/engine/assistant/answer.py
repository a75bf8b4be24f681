"""One answer while it comes: received piece by piece, drawn at most once a frame, and ended or stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from hearth.core.errors import AssistantError
from hearth.core.text.growing_markdown import GrowingMarkdown
from hearth.core.vdom import Node
from hearth.core.view.assistant_text import FAILED, TOO_LONG
from hearth.core.view.message import Message
from hearth.ports.device import Device

KEEP_S = 1.0
"""What has come is kept at most so long after it came: a page that is killed loses no more than that."""

PACE = 3.0
"""A long answer takes its time to draw: at least so many times as long passes before the next drawing."""

log = logging.getLogger("hearth")


class Answer:
    """An answer in a chat. `on_grown` is called when it is to be drawn, `on_due` when it is to be kept, or has ended.

    `mutation` is the id under which it lies in the outbox, `message` what is known of it before its first word. It ends
    at `most_bytes` of UTF-8.
    """

    def __init__(
        self,
        device: Device,
        chat_id: str,
        mutation: str,
        message: Message,
        on_grown: Callable[[], None],
        on_due: Callable[[], None],
        most_bytes: int,
    ) -> None:
        self.chat_id, self.mutation, self.message = chat_id, mutation, message
        self._device = device
        self._on_grown, self._on_due = on_grown, on_due
        self._most_bytes = most_bytes
        self._text = GrowingMarkdown()
        self._size = 0
        self._blocks: tuple[Node, ...] | None = ()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due_at = 0.0
        self._drawing = False
        self._draw_from = 0.0
        self.ended = False
        self.kept = False
        """Whether part of it lies in the outbox."""
        self.problem, self.code = "", ""
        """Why it did not come to its end, as a sentence and as the server's code; empty when it did, or was stopped."""

    @property
    def text(self) -> str:
        """What has come."""
        return self._text.text

    @property
    def blocks(self) -> tuple[Node, ...]:
        """What has come, as blocks to be drawn."""
        if self._blocks is None:
            self._blocks = self._text.blocks()
        return self._blocks

    def start(self, pieces: AsyncGenerator[str, None]) -> None:
        """Begin to receive."""
        self._task = asyncio.get_running_loop().create_task(self._receive(pieces))

    def stop(self) -> None:
        """The person wants no more of it: it has come to its end."""
        if not self.ended:
            self.drop()
            self._on_due()

    def drop(self) -> None:
        """Receive and draw nothing more."""
        self.ended = True
        if self._task is not None:
            self._task.cancel()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def wake(self, after_s: float) -> None:
        """Have it kept after so many seconds at the latest."""
        if self.ended:
            return
        due_at = self._device.monotonic() + after_s
        if self._timer is not None:
            if self._due_at <= due_at:
                return
            self._timer.cancel()
        self._due_at = due_at
        self._timer = asyncio.get_running_loop().call_later(after_s, self._due)

    def _due(self) -> None:
        self._timer = None
        self._on_due()

    async def _receive(self, pieces: AsyncGenerator[str, None]) -> None:
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    self._take(piece)
        except AssistantError as error:
            self.problem, self.code = str(error), error.code
        except Exception as error:  # noqa: BLE001 - no text of it: it could hold what was written
            log.error("an answer failed: %s", type(error).__name__)  # noqa: TRY400
            self.problem = FAILED
        self.drop()
        self._on_due()

    def _take(self, piece: str) -> None:
        self._size += len(piece.encode("utf-8", "surrogatepass"))
        if self._size > self._most_bytes:
            raise AssistantError(TOO_LONG)
        if piece:
            self._text.add(piece)
            self._blocks = None
            self.wake(KEEP_S)
            self._draw_soon()

    def _draw_soon(self) -> None:
        """Have what has come drawn with the next frame, or later where drawing takes long."""
        if self._drawing:
            return
        self._drawing = True
        wait_s = self._draw_from - self._device.monotonic()
        if wait_s <= 0:
            self._device.after_paint(self._draw)
        else:
            asyncio.get_running_loop().call_later(wait_s, self._device.after_paint, self._draw)

    def _draw(self) -> None:
        self._drawing = False
        if self.ended:
            return  # It is drawn as the message that it has become.
        begun = self._device.monotonic()
        self._on_grown()
        now = self._device.monotonic()
        self._draw_from = now + PACE * (now - begun)
