"""What an export or an import needs of a session, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearth.core.view.model import Transfer
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.queue_items import Post
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store


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
    post: Post
    show: Callable[[Transfer | None], None]
