"""Where tests may break the server: every hook that the protocol calls, and by default nothing that goes wrong.

`server_mock.testing.faults` overrides what a test asks for; the protocol itself knows no fault.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from hearth.core.protocol.server_events import EventName
from hearth.core.records.schema import Collection
from server_mock.directus.schema import Row
from server_mock.protocol.packing import Rendered


class FrameOrder:
    """The frames of one connection on their last step: each goes out once, in its order."""

    __slots__ = ()

    def pass_on(self, text: str) -> list[str]:
        """What goes out now that this frame is due."""
        return [text]

    def flush(self) -> list[str]:
        """What was held back and goes out now."""
        return []


class FaultHooks:
    """No fault at all: the server as it is."""

    __slots__ = ()

    def take_sign_in_status(self) -> int | None:
        """The HTTP status that the next challenge or sign-in answers instead, if any."""
        return None

    def refuses_websocket(self) -> bool:
        """Whether the handshake of a WebSocket is refused, as by a proxy that knows none."""
        return False

    def silences_websocket(self) -> bool:
        """Whether a WebSocket opens, and nothing gets through it."""
        return False

    def record_filter(self) -> Callable[[Rendered], str] | None:
        """What makes each record's text anew as it goes out; None leaves them as they are."""
        return None

    def frame_order(self) -> FrameOrder:
        """The last step of a new connection's frames."""
        return FrameOrder()

    def extra_frame(self, seq: int) -> tuple[str, bool] | None:
        """The frame that comes after `hello`, and whether it counts as frame `seq`; None for none."""
        return None

    def drops_after(self, event: EventName) -> bool:
        """Whether the socket closes now, after the last frame of `event`."""
        return False

    def replaced(self, collection: Collection, row_id: str, before: Row | None) -> None:
        """A device's write has put a row in the place of another, or of none."""

    def withholds_write(self) -> bool:
        """Whether this write is answered as if it was written, and is not."""
        return False

    def refuses_question(self) -> bool:
        """Whether this question to the assistant is refused as one of too many."""
        return False

    def answer(self, lines: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The lines of an answer of the assistant on their way to the device."""
        return lines

    async def stall(self, event: EventName) -> None:
        """Return when the next frame after `event` may go out."""
