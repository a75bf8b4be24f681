"""Listens to the contexts of a test from their beginning: what goes over the wire and onto the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Watch:
    """The contexts and pages of a test, of either of Playwright's APIs, and what has been heard of them.

    It has no slots: Playwright keeps something of its own at whatever has a method that it calls.
    """

    contexts: list[Any] = field(default_factory=list)
    pages: list[Any] = field(default_factory=list)
    heard: list[tuple[str, str]] = field(default_factory=list)
    """Where, and what: console, frames, and requests with their bodies."""
    listens: bool = False
    """Whether anybody wants to know what is heard; otherwise only the pages are known."""

    def add(self, context: Any) -> None:
        """Watch a context that has opened no page yet, or only blank ones."""
        self.contexts.append(context)
        context.on("page", self._add_page)
        for page in context.pages:
            self._add_page(page)
        if self.listens:
            context.on("console", lambda message: self._hear("the console", message.text))
            context.on("weberror", lambda error: self._hear("the console", str(error.error)))
            context.on("request", self._add_request)

    def _add_page(self, page: Any) -> None:
        self.pages.append(page)
        if self.listens:
            page.on("websocket", self._add_websocket)

    def _add_websocket(self, socket: Any) -> None:
        socket.on("framesent", lambda frame: self._hear("a frame that was sent", _text(frame)))
        socket.on("framereceived", lambda frame: self._hear("a frame that was received", _text(frame)))

    def _add_request(self, request: Any) -> None:
        self._hear("an address", request.url)
        body = request.post_data_buffer
        if body:
            self._hear(f"the body of a request to {request.url}", _text(body))

    def _hear(self, where: str, what: str) -> None:
        self.heard.append((where, what))


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("latin1")
