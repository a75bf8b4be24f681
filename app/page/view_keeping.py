"""When the page's view is kept for its next start: a moment after it changed or was scrolled, or when it is hidden."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import js

from app.page.kept_view import Extent, can_be_kept, view_of
from app.page.views.elements import by_id
from hearth.browser.ffi import Proxies
from hearth.core.view.screen import Screen

Keep = Callable[[Screen, str, bytes], None]
"""Has a view of a screen kept for the starts of a build of the page."""
QUIET_S = 0.15
"""How long nothing has to change, in seconds, for the page to be idle."""
MOST_S = 1.0
"""After this time, in seconds, a view is kept although something changes again and again."""


class ViewKeeping:
    """Makes a view of what is on screen, and has it kept; it knows the last screen until `clear`."""

    def __init__(self, proxies: Proxies, keep: Keep) -> None:
        self._post = keep
        self._shell = by_id("shell")
        self._screen: Screen | None = None
        self._seen: tuple[int, int, str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._since = 0.0
        self._due = False
        js.hearth.view.watch(proxies.make(self._soon))
        proxies.listen(js.document, "visibilitychange", lambda _event: self._keep_what_is_due())

    def drew(self, screen: Screen) -> None:
        """A screen was drawn."""
        before, self._screen = self._screen, screen
        if before is None or (before.groups, before.chat, before.restored) != (
            screen.groups,
            screen.chat,
            screen.restored,
        ):
            self._soon()

    def clear(self) -> None:
        """Forget what was drawn: nothing is kept of it any more."""
        self._screen = self._seen = None
        self._due = False
        self._stop()

    def _soon(self) -> None:
        self._due = True
        loop = asyncio.get_event_loop()
        now = loop.time()
        if self._timer is None:
            self._since = now
        else:
            self._timer.cancel()
        wait = max(0.0, min(QUIET_S, self._since + MOST_S - now))
        self._timer = loop.call_later(wait, self._idle)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _idle(self) -> None:
        self._timer = None
        if not js.document.hidden:  # of several tabs, the one that is looked at counts
            self._keep()

    def _keep_what_is_due(self) -> None:
        """The page is hidden, for a reload perhaps, which waits: how much is in view is asked only if it may differ."""
        if self._due:
            self._keep()

    def _keep(self) -> None:
        self._stop()
        self._due = False
        screen = self._screen
        if screen is None or not screen.restored:
            return
        build = str(js.hearth.view.build())
        if not screen.groups:
            self._post(screen, build, b"")
        elif can_be_kept(screen):
            extent, pane = str(js.hearth.view.extent()), str(self._shell.dataset.pane)
            seen = (id(screen.groups), id(screen.chat), extent + pane)
            if seen != self._seen:
                self._seen = seen
                self._post(screen, build, view_of(screen, Extent.read(extent), pane).encode())
