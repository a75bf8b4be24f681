"""The account's devices: listed while the settings are open, named, and signed out from here.

The list is the server's, over HTTP, so that it costs no frame and no record. It is asked for again while it is shown:
soon where a device that was signed out still has to report that it has deleted what it stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from hearth.core.account.devices import AccountDevice
from hearth.core.errors import SealError, SignInError
from hearth.core.view.account import DevicesView
from hearth.core.view.devices_text import device_items
from hearth.engine.chats.controller import Show
from hearth.ports.device import Device
from hearth.ports.keys import Keyring

AGAIN_S = 30.0
WAITING_S = 2.0
"""How long after an answer the list is asked for again; the other while a device has not reported its wipe."""

COLLECTION, FIELD = "sessions", "name"
"""Where a device's name is sealed for."""


class DeviceList:
    """The list in one tab. `pause` waits for so many seconds."""

    def __init__(
        self,
        device: Device,
        account: str,
        keyring: Keyring,
        show: Show,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._device = device
        self._account = account
        self._keyring = keyring
        self._show = show
        self._pause = pause
        self._watching: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unnamed = False
        """Whether this device is to be named as soon as it is in step with the server."""
        self._may_name = False
        """Whether the list, where it has no name for this device, may give it one: once each time that it is opened."""
        self._devices: list[AccountDevice] = []
        self._server_ms = 0
        self._names: dict[str, tuple[str, str]] = {}
        """The opened names by device, each with the sealed one that it came from."""
        self._ending: frozenset[str] = frozenset()

    def watch(self, shown: bool) -> None:
        """Begin to show the list, or end; what is shown already stays."""
        if not shown:
            self._stop_watching()
            self._devices = []
            self._show(devices=DevicesView())
        elif self._watching is None:
            self._may_name = True
            self._begin_watching()

    def name_soon(self) -> None:
        """The person has just signed in here: this device is named once it is in step with the server."""
        self._unnamed = True

    def synced(self) -> None:
        """Name the device, if that is due: it is in step with the server."""
        if self._unnamed:
            self._unnamed = False
            self._start(self._name())

    def end(self, device: str | None) -> None:
        """Sign out another device, or all others."""
        others = {each.id for each in self._devices if not each.current and each.ended_at is None}
        ending = others if device is None else others & {device}
        if ending - self._ending:
            self._start(self._end(device, frozenset(ending)))

    def stop(self) -> None:
        """Ask for nothing more."""
        self._stop_watching()
        for task in self._tasks:
            task.cancel()

    def _begin_watching(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            problem = ""
            try:
                self._devices, self._server_ms = await self._device.api.devices(self._account)
                await self._open_names()
            except SignInError as error:
                problem = str(error)
            self._draw(problem)
            waits = any(each.ended_at is not None and each.wiped_at is None for each in self._devices)
            await self._pause(WAITING_S if waits else AGAIN_S)

    async def _open_names(self) -> None:
        for each in self._devices:
            if each.name is None:
                if each.current and self._may_name:
                    self._may_name = False
                    self._start(self._name())
            elif self._names.get(each.id, ("", ""))[1] != each.name:
                try:
                    name = await self._keyring.open_text(COLLECTION, each.id, FIELD, each.name)
                except SealError:
                    name = ""
                self._names[each.id] = (name, each.name)

    async def _name(self) -> None:
        """Have this device listed by its name, unless it is; nothing is told where that fails."""
        try:
            devices, _now = await self._device.api.devices(self._account)
            own = next((each for each in devices if each.current), None)
            if own is not None and not await self._is_named(own):
                sealed = await self._keyring.seal_text(COLLECTION, own.id, FIELD, self._device.name())
                await self._device.api.name_device(self._account, own.id, sealed)
        except (SignInError, SealError):
            return  # It is tried again whenever the list is shown.
        self._look_again()

    async def _is_named(self, own: AccountDevice) -> bool:
        if own.name is None:
            return False
        try:
            return await self._keyring.open_text(COLLECTION, own.id, FIELD, own.name) == self._device.name()
        except SealError:
            return False

    async def _end(self, device: str | None, ending: frozenset[str]) -> None:
        self._ending |= ending
        self._draw()
        try:
            await self._device.api.end_device(self._account, device)
        except SignInError as error:
            self._ending -= ending
            self._draw(str(error))
            return
        self._ending -= ending
        self._look_again()

    def _look_again(self) -> None:
        if self._watching is not None:
            self._stop_watching()
            self._begin_watching()

    def _draw(self, problem: str = "") -> None:
        if self._watching is None:
            return
        names = {device: name for device, (name, _sealed) in self._names.items()}
        now = self._device.now()
        items = device_items(self._devices, names, self._ending, self._server_ms, now)
        self._show(devices=DevicesView(items, problem))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self._watching = None
