"""The forms about the account: what is behind them is loaded when the first of them is opened."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from hearth.core.errors import HearthError, NotLoaded
from hearth.core.records.envelope import MIN_ITERATIONS, PBKDF2_ITERATIONS
from hearth.core.view.account import BEFORE_SIGN_IN, AccountView
from hearth.engine.auth.sign_in import Between
from hearth.engine.intents.account import AccountIntent, CloseAccountForm, OpenAccountForm, SignIn
from hearth.ports.device import Device
from hearth.ports.keys import Credentials, Keyring

if TYPE_CHECKING:
    from typing import Protocol

    from hearth.engine.intents.intent import Intent
    from hearth.engine.ways.before_sign_in import FormsBeforeSignIn
    from hearth.engine.ways.changes import WaysController

    class Host(Protocol):
        """What the engine does for the forms."""

        @property
        def noted_ways(self) -> frozenset[str]:
            """The ways into the account that its devices noted; none, if they noted nothing."""

        async def note_ways(self, ways: frozenset[str]) -> None:
            """Note them, for the account's other devices."""

        @property
        def keyring(self) -> Keyring | None:
            """The keys of who is signed in."""

        def post(self, item: Intent) -> None:
            """Put an intent into the queue, behind what is being done."""

        async def enter_with(self, intent: SignIn, credentials: Credentials, between: Between | None = None) -> None:
            """Sign in with credentials that are there already, and begin the session. Raises `HearthError`."""

        def show_account(self, view: AccountView) -> None:
            """Draw a form."""

        def trouble(self, sentence: str) -> None:
            """Say what went wrong where there is no form."""


log = logging.getLogger("hearth")


class AccountForms:
    """Takes the intents of the forms, of somebody who is signed in and of somebody who is not."""

    def __init__(self, device: Device, host: Host) -> None:
        self._device, self._host = device, host
        self._before: FormsBeforeSignIn | None = None
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
            self._host.show_account(AccountView(problem=str(error)))  # no form comes
            self._host.trouble(str(error))

    async def _do_before(self, intent: AccountIntent) -> None:
        if self._before is None:
            loaded = await self._device.load("hearth.engine.ways.before_sign_in")
            self._before = loaded.FormsBeforeSignIn(self._device, self._host)
        match intent:
            case OpenAccountForm(face, email) if face in BEFORE_SIGN_IN:
                await self._before.open(face, email)
            case CloseAccountForm():
                self._before.close()
            case _:
                await self._before.do(intent)

    async def _do_within(self, intent: AccountIntent, account: str) -> None:
        if self._ways is None:
            loaded = await self._device.load("hearth.engine.ways.changes")
            self._ways = loaded.WaysController(self._device, account, self._host)
        if isinstance(intent, OpenAccountForm) and intent.face in BEFORE_SIGN_IN:
            return  # pressed before another tab's key was found
        if self._work is not None and not self._work.done():
            if not (isinstance(intent, CloseAccountForm) and self._ways.asks):
                return  # what is under way says how it went first
            self._work.cancel()
        self._work = asyncio.get_running_loop().create_task(self._guarded(self._ways, intent))

    def raise_cost(self, account: str, intent: SignIn, credentials: Credentials) -> None:
        """After a sign-in with a password: have it protected by today's cost, if it is protected by less."""
        if MIN_ITERATIONS <= credentials.iterations < PBKDF2_ITERATIONS and self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._raise_cost(account, intent, credentials))

    async def _raise_cost(self, account: str, intent: SignIn, credentials: Credentials) -> None:
        with suppress(HearthError):  # the next sign-in tries again
            loaded = await self._device.load("hearth.engine.ways.cost")
            noted = await loaded.raise_cost(self._device, account, intent.password, credentials)
            await self._host.note_ways(noted)

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
