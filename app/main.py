"""The composition root: the browser's adapters, the page and the session, put together and started."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import Any

import js

from app.page.page import Page
from hearth.browser.device import BrowserDevice
from hearth.core.view.screen import Screen
from hearth.engine.engine import Engine
from hearth.engine.intents.account import SignIn
from hearth.engine.intents.intent import Intent
from hearth.engine.queue_items import KeepView, TabMessage

GC_THRESHOLD = 50_000
"""Objects made, net, before the garbage collector looks for cycles: what the snapshot holds is frozen, and with
CPython's default of 2,000 a collection of some 17 ms would fall into every sign-in."""

log = logging.getLogger("hearth")

_running: set[asyncio.Task[None]] = set()
"""Holds the one task that lives as long as the page: a task nobody holds may be collected while it waits."""


def start() -> None:
    """Start the client in this page. What the person pressed before Python was there, in or out, is done now."""
    js.performance.mark("hearth:python-ready")
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])

    def take(intent: Intent) -> None:
        if isinstance(intent, SignIn):
            js.performance.mark("hearth:sign-in")
        engine.post(intent)

    def put_away() -> None:
        engine.put_away()

    def keep(screen: Screen, build: str, content: bytes) -> None:
        engine.post(KeepView(screen, build, content))

    page = Page(take, put_away, keep)
    device = BrowserDevice(lambda text: engine.post(TabMessage(text)))
    early = js.hearth.boot.take()
    leaving = getattr(early, "leaving", None) if early else None
    engine = Engine(device, page, leaving)
    opening = getattr(early, "opening", None) if early else None
    if opening is not None:
        page.open_account_form(str(opening))
    elif early and leaving is None:
        engine.post(SignIn(str(early.email), str(early.password), bool(early.stay)))
    loop = asyncio.get_event_loop()
    loop.set_exception_handler(_task_failed)
    _running.add(loop.create_task(engine.run()))
    js.hearth.boot.started()


def _task_failed(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say of a task that failed what broke, without the traceback that the loop would print: it could hold secrets."""
    log.error("a task failed: %s", type(context.get("exception")).__name__)
