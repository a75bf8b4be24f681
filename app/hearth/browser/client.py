"""Starts the engine in a page of one's own: screens come out, intents go in.

from hearth.browser.client import start_engine
from hearth.engine.intents import SignIn

engine = await start_engine(lambda screen: print(screen.phase, screen.status.sentence))
engine.post(SignIn("demo@hearth.example", "a password"))
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import js

from hearth.browser.device import BrowserDevice
from hearth.browser.ffi import Proxies
from hearth.browser.kernels import load_kernels
from hearth.core.view.screen import Screen
from hearth.engine.engine import Engine
from hearth.engine.plain_page import PlainPage
from hearth.engine.queue_items import TabMessage

_held: list[Any] = []
"""What lives as long as the page: the engine's task, and the listeners."""


async def start_engine(draw: Callable[[Screen], None]) -> Engine:
    """Start the engine of this page; `draw` is called with a frozen screen whenever something on it changed.

    The server is the one that the page came from. What the person does is posted to the engine that is returned.
    """
    await load_kernels()
    device = BrowserDevice(lambda text: engine.post(TabMessage(text)))
    engine = Engine(device, PlainPage(draw))
    _held.append(asyncio.get_running_loop().create_task(engine.run()))
    _held.append(_put_away_with_the_page(engine, draw))
    return engine


def _put_away_with_the_page(engine: Engine, draw: Callable[[Screen], None]) -> Proxies:
    """Leave no plaintext in a page that the browser keeps for "Back"; one that is shown again is loaded anew."""

    def hidden(event: Any) -> None:
        if event.persisted:
            engine.put_away()
            draw(Screen())

    def shown(event: Any) -> None:
        if event.persisted:
            js.location.reload()

    listeners = Proxies()
    listeners.listen(js, "pagehide", hidden)
    listeners.listen(js, "pageshow", shown)
    return listeners
