"""What an export or an import needs of a session, in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hearth.core.view.account import Transfer
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.queue_items import OutboxDue, Post
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.settings.manifest_record import ManifestRecord
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.text_limit import TextLimit
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.storage import Keep, Store


@dataclass(frozen=True, slots=True)
class TransferTools:
    """A session's parts; `show` puts a `Transfer` on the page, or takes it off."""

    device: Device
    account: str
    store: Store
    keyring: Keyring
    repository: ChatRepository
    entries: EntryRepository
    outbox: Outbox
    view: OutboxView
    manifest: ManifestRecord
    clock: WritingClock
    limit: TextLimit
    keep: Keep
    want: Callable[[str], Awaitable[None]]
    """Has a chat fetched to this device as a whole."""
    changed: Callable[[], None]
    """Has the page and the other tabs follow the outbox."""
    post: Post
    show: Callable[[Transfer | None], None]
    outbox_event: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever the outbox holds something else."""

    def push(self) -> None:
        """Have what waits in the outbox sent."""
        self.post(OutboxDue())

    async def outbox_changed(self) -> None:
        """Wait until the outbox holds something else."""
        self.outbox_event.clear()
        await self.outbox_event.wait()
