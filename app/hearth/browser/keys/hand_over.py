"""What a tab that is signed in hands to a tab of the same browser that starts without a key.

That is the master key as the non-extractable `CryptoKey` that it is, and the entry that lies sealed under the share,
so that the new tab's own next load finds it. A locked tab hands over its note instead. Only pages of this origin, in
the same profile and the same kind of window, share the channel. Whoever asks is `first_key.js`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser import storage_names
from hearth.browser.ffi import Proxies, js_object

Offer = Callable[[], dict[str, Any] | None]


class HandOver:
    """Answers within the event of the question, with what the latest offer says by then."""

    def __init__(self) -> None:
        self._current: Offer | None = None
        self._channel: Any = None
        self._proxies = Proxies()

    def offer(self, what: Offer | None) -> None:
        """From now on, hand over what a function answers; without one, nothing."""
        self._current = what
        if what is not None and self._channel is None and hasattr(js, "BroadcastChannel"):
            self._channel = js.BroadcastChannel.new(storage_names.KEYS_CHANNEL)
            self._proxies.listen(self._channel, "message", self._heard)
            self._proxies.listen(js, "pagehide", self._leave)
            self._proxies.listen(js.document, "freeze", self._leave)

    def _heard(self, event: Any) -> None:
        question = getattr(event.data, "question", None)
        offered = self._current() if isinstance(question, str) and self._current is not None else None
        if offered is None:
            return
        try:
            self._channel.postMessage(js_object(answer=question, offered=offered))
        except JsException:
            # This browser does not clone keys: what is sealed opens with the share.
            offered.pop("key", None)
            self._channel.postMessage(js_object(answer=question, offered=offered))

    def _leave(self, _event: Any) -> None:
        self._current = None
        self._channel.close()
