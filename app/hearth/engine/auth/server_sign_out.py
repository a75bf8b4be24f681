"""Tells the server that its session is over, or that the wipe of a revoked one is finished; again, where it failed.

That the person signs out is said beside the wipe, never before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from hearth.core.errors import SignInError
from hearth.ports.device import Device

PATIENCE_S = 3.0
"""How long the sign-in page waits for the server's answer after the wipe."""

NOT_TOLD = (
    "You are signed out on this device, and nothing is left on it. "
    "The server could not be told; Hearth tells it when it is opened here again."
)


class ServerSignOut:
    """At most one request to end the session at a time; that one is owed is written down until it was answered."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._request: asyncio.Task[None] | None = None

    def owe(self) -> None:
        """Write down that the server has to be told: before the wipe is written down, which only ever goes on."""
        self._device.key_store.owe_sign_out(True)

    def call_off(self) -> None:
        """Somebody is signed in: a page died after it wrote that down, before it began the wipe."""
        if self._device.key_store.owes_sign_out:
            self._device.key_store.owe_sign_out(False)

    def say(self) -> None:
        """Ask the server to end the session, which is owed."""
        self._begin(self._ask())

    def say_again(self, wiped: bool) -> None:
        """Ask, if an earlier page could not; `wiped` says that by now nothing of any account is stored here."""
        if self._device.key_store.owes_sign_out:
            self._begin(self._report_and_ask() if wiped else self._ask())

    def report(self, account: str) -> None:
        """Tell the server that what this device stored of a revoked session's account is deleted."""
        self._device.key_store.owe_sign_out(True)
        self._begin(self._report(account))

    async def settled(self, patience_s: float = PATIENCE_S) -> bool:
        """Whether the server has been told, or nothing was owed."""
        if self._request is not None:
            await asyncio.wait({self._request}, timeout=patience_s)
        return not self._device.key_store.owes_sign_out

    async def yield_control(self) -> None:
        """Before somebody signs in: no answer to an earlier request may take the new session's cookie away."""
        if self._request is not None:
            await asyncio.wait({self._request})

    def _begin(self, request: Coroutine[Any, Any, None]) -> None:
        if self._request is None or self._request.done():
            self._request = asyncio.get_running_loop().create_task(request)
        else:
            request.close()

    async def _report_and_ask(self) -> None:
        with suppress(SignInError):
            await self._device.api.report_wiped(None)
        await self._ask()

    async def _report(self, account: str) -> None:
        try:
            await self._device.api.report_wiped(account)
        except SignInError:
            return
        self._device.key_store.owe_sign_out(False)

    async def _ask(self) -> None:
        try:
            await self._device.api.sign_out()
        except SignInError:
            return
        self._device.key_store.owe_sign_out(False)
