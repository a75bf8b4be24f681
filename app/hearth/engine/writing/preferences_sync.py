"""Hearth's own settings in this page: what holds, and what the person wishes, which waits in the outbox.

A wish is a mutation like any other: it holds on this device at once, and leaves the outbox when the server has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from hearth.core.errors import SealError
from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.settings import preferences
from hearth.core.settings.preferences import Preferences, Wishes
from hearth.engine.new_id import new_id
from hearth.engine.settings.preferences_record import ActivePreferences, PreferencesRecord
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.outbox import Outbox
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store

WISHES = "wishes"
"""The name under which wishes were kept before they were mutations."""


class PreferencesSync:
    """The preferences of one session; `on_changed` gets those that hold from now on."""

    def __init__(
        self,
        active: ActivePreferences,
        record: PreferencesRecord,
        outbox: Outbox,
        clock: WritingClock,
        on_changed: Callable[[Preferences], None],
    ) -> None:
        self._active = active
        self._record = record
        self._outbox = outbox
        self._clock = clock
        self._on_changed = on_changed
        self._stored = preferences.defaults()
        self._begun = False
        self._wished: tuple[Mutation, ...] = ()
        """The mutations that what holds now was made with: most changes of the outbox are about other things."""

    async def begin(self) -> None:
        """Take over what is stored, and what is wished."""
        self._begun = True
        await self.reread()

    async def take_kept(self, sealed: Any | None, store: Store, keyring: Keyring) -> None:
        """Make a mutation of wishes that were kept, sealed, by an earlier version; None: there are none."""
        if sealed is None:
            return
        with suppress(SealError):
            await self.wish(preferences.read_wishes(await keyring.open_kept(WISHES, sealed)))
        await store.kept_values.forget([WISHES])

    async def reread(self) -> None:
        """Take over what is stored now."""
        self._stored = await self._record.read()
        self._take()

    def outbox_changed(self) -> None:
        """What is wished may be something else now: a wish leaves the outbox right after it was stored."""
        if self._begun and self._mine() != self._wished:
            self._stored = self._record.known() or self._stored
            self._take()

    def _take(self) -> None:
        self._wished = self._mine()
        now = preferences.fulfilled_in_order(self._stored, wishes_of(self._wished))
        if now != self._active.now:
            self._active.now = now
            self._on_changed(now)

    async def wish(self, wishes: Wishes) -> None:
        """The person chose: it holds once it is in the outbox. Raises `StorageError`.

        What waits is replaced, so that one write brings all that was chosen since the last one.
        """
        under_way = [each for each in self._mine() if self._is_under_way(each)]
        waiting = [each for each in self._mine() if not self._is_under_way(each)]
        base = preferences.fulfilled_in_order(self._stored, wishes_of(under_way))
        left = preferences.open_wishes(base, {**_merged(waiting), **wishes})
        put = [self._mutation(left)] if left else []
        if put or waiting:
            await self._outbox.change(put, waiting)

    def _mutation(self, wishes: Wishes) -> Mutation:
        at, text = self._clock.next_ms(), json.dumps(wishes)
        return Mutation(id=new_id(), at=at, act=Act.SETTING, chat_id=self._record.id, text=text)

    def _mine(self) -> tuple[Mutation, ...]:
        return self._outbox.of(self._record.id)

    def _is_under_way(self, mutation: Mutation) -> bool:
        return self._outbox.parcel is not None and mutation.id in self._outbox.parcel.mutations


def wishes_of(mutations: Iterable[Mutation]) -> list[Wishes]:
    """What mutations wish, in their order."""
    return [preferences.read_wishes(each.text.encode()) for each in mutations]


def _merged(mutations: Iterable[Mutation]) -> Wishes:
    return {name: wish for each in wishes_of(mutations) for name, wish in each.items()}
