"""The forms about the account: what is behind them is loaded when the first of them is opened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from hearth.core.errors import NotLoaded
from hearth.core.view.model import AccountFace, AccountView
from hearth.engine.auth.sign_in import Between
from hearth.engine.intents import AccountIntent, CloseAccountForm, OpenAccountForm, SignIn
from hearth.ports.device import Device
from hearth.ports.keys import Credentials

if TYPE_CHECKING:
    from typing import Protocol

    from hearth.engine.ways.changes import WaysController
    from hearth.engine.ways.entrance import Entrance

    class Enter(Protocol):
        """Signs in with credentials that are there already, and begins the session. Raises `HearthError`."""

        async def __call__(self, intent: SignIn, credentials: Credentials, between: Between | None = None) -> None:
            """See above."""


log = logging.getLogger("hearth")

BEFORE_SIGN_IN = (AccountFace.CREATE, AccountFace.RECOVER)


class AccountForms:
    """Takes the intents of the forms, of somebody who is signed in and of somebody who is not."""

    def __init__(
        self, device: Device, enter: Enter, show: Callable[[AccountView], None], trouble: Callable[[str], None]
    ) -> None:
        self._device, self._enter, self._show, self._trouble = device, enter, show, trouble
        self._entrance: Entrance | None = None
        self._ways: WaysController | None = None
        self._work: asyncio.Task[None] | None = None

    async def do(self, intent: AccountIntent, account: str | None) -> None:
        """Do what a form asks for. `account` is who is signed in: their forms hold up nothing else."""
        try:
            if account is None:
                await self._do_before(intent)
            else:
                await self._do_within(intent, account)
        except NotLoaded as error:
            self._show(AccountView())
            self._trouble(str(error))

    async def _do_before(self, intent: AccountIntent) -> None:
        if self._entrance is None:
            loaded = await self._device.load("hearth.engine.ways.entrance")
            self._entrance = loaded.Entrance(self._device, self._enter, self._show)
        match intent:
            case OpenAccountForm(face, email) if face in BEFORE_SIGN_IN:
                await self._entrance.open(face, email)
            case CloseAccountForm():
                self._entrance.close()
            case _:
                await self._entrance.do(intent)

    async def _do_within(self, intent: AccountIntent, account: str) -> None:
        if self._ways is None:
            loaded = await self._device.load("hearth.engine.ways.changes")
            self._ways = loaded.WaysController(self._device, account, self._show)
        if self._work is not None and not self._work.done():
            return  # what is under way says how it went first
        self._work = asyncio.get_running_loop().create_task(self._guarded(self._ways, intent))

    async def _guarded(self, ways: WaysController, intent: AccountIntent) -> None:
        try:
            await ways.do(intent)
        except Exception as error:  # noqa: BLE001 - a task that nobody waits for
            log.error("unexpected %s", type(error).__name__)  # noqa: TRY400 - a traceback could hold a secret

    def end(self) -> None:
        """The session ends: nothing of its forms goes on."""
        if self._work is not None:
            self._work.cancel()
        self._ways = self._work = None
