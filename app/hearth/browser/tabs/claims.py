"""Which tab of an account leads: the one that holds the account's lock. It is decided without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from hearth.browser import storage_names
from hearth.browser.native import Locks

TURN_S = 5.0
"""How long a sign-in waits for one in another tab: one that hangs does not keep the others out."""


class Claim:
    """A place in the line for an account, from `ask` to `release`.

    `on_owned` is called when this page owns it later than at once, `on_lost` when another page has taken it because
    this one hung; it stands in line again then.
    """

    def __init__(self, locks: Locks, account: str, on_owned: Callable[[], None], on_lost: Callable[[], None]) -> None:
        self._locks = locks
        self._name = storage_names.LEADER_LOCK + account
        self._on_owned, self._on_lost = on_owned, on_lost
        self._given_up = False
        self._waits = False
        self._releases: list[Callable[[], None]] = []

    async def ask(self) -> bool:
        """Whether this page owns the account from now on; else it waits in the line."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def given(there: bool) -> bool:
            if not answer.done():
                answer.set_result(there)
            if not there:
                self._wait_in_line()
            return there

        def refused() -> None:  # locks are forbidden here: the page is on its own
            if not answer.done():
                answer.set_result(True)

        self._request(given, refused, if_available=True)
        return await answer

    def take(self) -> None:
        """Take the account from the page that owns it."""
        if not self._given_up:
            self._request(lambda _there: self._owned(), lambda: None, steal=True)

    def release(self) -> None:
        """Give up the lock, or the place in the line for it."""
        self._given_up = True
        for release in self._releases:
            release()
        self._releases.clear()

    def _wait_in_line(self) -> None:
        if self._waits or self._given_up:
            return
        self._waits = True

        def no_longer() -> None:
            self._waits = False

        def given(_there: bool) -> bool:
            no_longer()
            return self._owned()

        self._request(given, no_longer)

    def _owned(self) -> bool:
        if not self._given_up:
            self._on_owned()
        return True

    def _lost(self) -> None:
        if not self._given_up:
            self._on_lost()
            self._wait_in_line()

    def _request(
        self,
        given: Callable[[bool], bool],
        refused: Callable[[], None],
        *,
        if_available: bool = False,
        steal: bool = False,
    ) -> None:
        """Hold the lock from the moment it is given, unless the claim was given up meanwhile."""
        held = False

        def hold(there: bool) -> bool:
            nonlocal held
            held = given(there) and not self._given_up
            return held

        def ended() -> None:
            if held:
                self._lost()
            else:
                refused()

        self._releases.append(self._locks.request(self._name, hold, ended, if_available=if_available, steal=steal))


@asynccontextmanager
async def turn(locks: Locks | None, timeout_s: float = TURN_S) -> AsyncIterator[None]:
    """The turn to sign in: one tab after the other, as long as none of them hangs."""
    if locks is None:
        yield
        return
    begun = asyncio.Event()

    def given(_there: bool) -> bool:
        begun.set()
        return True

    release = locks.request(storage_names.SIGN_IN_LOCK, given, begun.set)
    try:
        async with asyncio.timeout(timeout_s):
            await begun.wait()
    except TimeoutError:
        release()
    try:
        yield
    finally:
        release()
