"""Web Locks from Python. A browser lets a lock go when its page is closed, crashes or is taken out of memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException, create_once_callable, create_proxy, jsnull

from hearth.browser.ffi import js_object
from hearth.browser.native import Ended, Given


class BrowserLocks:
    """`Locks` of this page."""

    def request(
        self, name: str, given: Given, ended: Ended, *, if_available: bool = False, steal: bool = False
    ) -> Callable[[], None]:
        """Stand in line for a lock; see the protocol."""
        waiting = js.AbortController.new()
        resolvers: list[Any] = []
        released = js.Promise.new(create_once_callable(lambda resolve, _reject: resolvers.append(resolve)))

        def decide(lock: Any, *_: Any) -> Any:
            return released if given(lock is not None and lock is not jsnull) else None

        proxy = create_proxy(decide)
        # A request that cannot wait must not have a signal.
        how = {"ifAvailable": True} if if_available else {"steal": True} if steal else {"signal": waiting.signal}

        def done(_result: Any) -> None:
            proxy.destroy()

        def failed(_error: Any) -> None:
            proxy.destroy()
            ended()

        def release() -> None:
            resolvers[0]()
            waiting.abort()

        js.navigator.locks.request(name, js_object(**how), proxy).then(done, failed)
        return release

    async def requests(self, name: str) -> int:
        """How many hold a lock and stand in line for it; none where that cannot be told."""
        try:
            found = await js.navigator.locks.query()
        except JsException:
            return 0
        return sum(str(each.name) == name for each in [*found.held, *found.pending])


def browser_locks() -> BrowserLocks | None:
    """The locks of this page; None where the browser has none."""
    return BrowserLocks() if getattr(js.navigator, "locks", None) else None
