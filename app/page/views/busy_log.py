"""What of the log is read aloud: the messages that arrive, not the ones that fill it when a chat is opened.

An answer that grows is read aloud when it is complete: the log is busy for as long as it grows.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hearth.core.view.open_chat import ChatState, OpenedChat

SETTLED_S = 0.3
"""A log stays busy for this long, in seconds, after it was filled: browsers tell assistive technology of a change some
frames after it is made, and ask then whether the log is busy."""


def has_arrived(before: OpenedChat | None, after: OpenedChat) -> bool:
    """Whether all that is new in the log has arrived just now: not a chat that opens, nor a page of older messages."""
    if before is None or before.id != after.id or before.jump != after.jump or before.has_newer:
        return False
    if before.state not in (ChatState.READY, ChatState.EMPTY):
        return False
    if not before.messages:
        return len(after.messages) <= 1
    if not after.messages or before.messages[0].id != after.messages[0].id:
        return False
    labels = {message.id: (message.when, message.day) for message in before.messages}
    # At midnight "Today" becomes "Yesterday" everywhere: every message is drawn anew, and none has arrived.
    return all(labels.get(each.id, own) == own for each in after.messages for own in [(each.when, each.day)])


class BusyLog:
    """Keeps `aria-busy` of the log: true until it is filled, and each time that it is filled anew."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._settling: asyncio.TimerHandle | None = None

    def draws(self, before: OpenedChat | None, after: OpenedChat | None) -> None:
        """Note what is about to be drawn."""
        if after is not None and after.is_answering:
            self._stop()
            self._log.setAttribute("aria-busy", "true")
            return
        if after is not None and has_arrived(before, after):
            if before is not None and before.is_answering:
                self._settled()
            return
        self._stop()
        self._log.setAttribute("aria-busy", "true")
        if after is None or after.state is not ChatState.LOADING:
            self._settling = asyncio.get_event_loop().call_later(SETTLED_S, self._settled)

    def _settled(self) -> None:
        self._settling = None
        self._log.setAttribute("aria-busy", "false")

    def _stop(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    def close(self) -> None:
        """Stop waiting."""
        self._stop()
