"""Reads chats from the server without storing them, over a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hearth.core.errors import HearthError, ProtocolError
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import MAX_LISTED_AT_ONCE, MAX_READ_CHATS, DeviceEvent, Hello, ReadChats
from hearth.core.protocol.reorder_buffer import ReorderBuffer
from hearth.core.protocol.server_events import ChatsRead, ServerError
from hearth.core.records.schema import DRAFT, Collection
from hearth.core.sync.older_chats import ChatPlace
from hearth.ports.device import Device
from hearth.ports.keys import Keyring, OpenedRecord
from hearth.ports.network import Socket, SocketClosed
from hearth.ports.records import Frame
from hearth.ports.storage import Store

CONNECT_S = 25.0
ANSWER_S = 60.0
"""How long a frame may take: the server reads a hundred chats before it sends the first."""

OPENED_TOGETHER = 200
"""So many messages are opened at once: few enough that the page answers meanwhile."""


class NotReached(HearthError):
    """The server could not be asked; the text is a sentence for the person."""


NO_SERVER = "The server cannot be reached at the moment."
NOT_SYNCED = "This device has not fetched its chats yet."


class ReadChat:
    """A chat as the server has it, opened: its record, and its messages, oldest first."""

    def __init__(self, record: OpenedRecord) -> None:
        self.record = record
        self.messages: list[OpenedRecord] = []

    @property
    def id(self) -> str:
        """The chat's id."""
        return str(self.record["clear"]["id"])

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted."""
        return self.record["clear"]["deleted_at"] is not None


@dataclass(frozen=True, slots=True)
class KnownChat:
    """A chat that the account has or had; `messages` maps the ids of its messages to whether they were deleted."""

    is_deleted: bool
    messages: dict[str, bool] = field(default_factory=dict)


class RemoteChats:
    """One connection for reading; `close` ends it. Whatever does not answer raises `NotReached`."""

    def __init__(self, device: Device, account: str, store: Store, keyring: Keyring) -> None:
        self._device = device
        self._account = account
        self._store = store
        self._keyring = keyring
        self._socket: Socket | None = None
        self._buffer: ReorderBuffer[Frame] = ReorderBuffer()
        self._ready: list[Frame] = []

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def named(self, ids: Iterable[str]) -> AsyncIterator[list[ReadChat]]:
        """The chats with these ids that the account has or had, a hundred at a time."""
        wanted = list(ids)
        for first in range(0, len(wanted), MAX_READ_CHATS):
            chats, _ = await self._read(ReadChats(ids=tuple(wanted[first : first + MAX_READ_CHATS])))
            yield chats

    async def known(self, ids: Iterable[str]) -> dict[str, KnownChat]:
        """What the account has, or had, under these ids; of what is not there nothing is said."""
        wanted, found = list(ids), dict[str, KnownChat]()
        for first in range(0, len(wanted), MAX_READ_CHATS):
            async for frame in self._answer(ReadChats(ids=tuple(wanted[first : first + MAX_READ_CHATS]))):
                for row in self._rows(frame, Collection.CHATS):
                    found[row["id"]] = KnownChat(row["deleted_at"] is not None)
                for row in self._rows(frame, Collection.MESSAGES):
                    if row["chat_id"] in found:
                        found[row["chat_id"]].messages[row["id"]] = row["deleted_at"] is not None
        return found

    def _rows(self, frame: Frame, collection: Collection) -> list[dict[str, Any]]:
        records = frame.records.get(collection)
        return self._keyring.rows(records) if records is not None else []

    async def beyond(self, to: ChatPlace, listed: Sequence[str]) -> AsyncIterator[list[ReadChat]]:
        """The chats that come after a place of the list, a hundred at a time.

        `listed` are the chats of the very moment of that place that come before it, that one included.
        """
        same = [*listed]
        while True:
            asked = same[-MAX_LISTED_AT_ONCE:]
            chats, answer = await self._read(ReadChats(listed_to=to.last_updated, listed=tuple(asked)))
            yield chats
            if not answer.older_count or answer.listed_to is None or answer.listed_id is None:
                return
            if answer.listed_to != to.last_updated:
                same = []
            to = ChatPlace(answer.listed_to, answer.listed_id)
            same += [each.id for each in chats if each.record["clear"]["last_updated"] == to.last_updated]

    async def _read(self, asked: ReadChats) -> tuple[list[ReadChat], ChatsRead]:
        """Ask, and open the whole answer."""
        chats: dict[str, ReadChat] = {}
        last = ChatsRead()
        async for frame in self._answer(asked):
            await self._open(frame, chats)
            last = frame.event if isinstance(frame.event, ChatsRead) else last
        return list(chats.values()), last

    async def _answer(self, asked: ReadChats) -> AsyncIterator[Frame]:
        """Ask, and pass the frames of the answer on."""
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._connect()
            self._send(asked)
            while True:
                async with asyncio.timeout(ANSWER_S):
                    frame = await self._next()
                if isinstance(frame.event, ChatsRead):
                    yield frame
                    if frame.event.batch == frame.event.of:
                        return
        except (SocketClosed, ProtocolError, OverflowError, TimeoutError):
            self.close()
            raise NotReached(NO_SERVER) from None

    async def _connect(self) -> None:
        if self._socket is not None:
            return
        cursor = (await self._store.sync_state()).cursor
        if cursor is None:
            raise NotReached(NOT_SYNCED)
        self._buffer, self._ready = ReorderBuffer(), []
        self._socket = await self._device.connect(self._account)
        self._send(Hello(device_id=self._device.device_id(), since=cursor))

    def _send(self, event: DeviceEvent) -> None:
        if self._socket is not None:
            self._socket.send(codec.write_device_frame(event))

    async def _next(self) -> Frame:
        while not self._ready:
            if self._socket is None:
                raise SocketClosed
            frame = await self._socket.receive()
            self._ready = self._buffer.take(frame.event.seq, frame)
        frame = self._ready.pop(0)
        if isinstance(frame.event, ServerError):
            raise SocketClosed
        return frame

    async def _open(self, frame: Frame, chats: dict[str, ReadChat]) -> None:
        """Open what a frame brought; a chat's messages may come with several."""
        records = frame.records.get(Collection.CHATS)
        for each in await self._keyring.open_records(Collection.CHATS, records) if records is not None else ():
            chats[each["clear"]["id"]] = ReadChat(each)
        records = frame.records.get(Collection.MESSAGES)
        for first in range(0, len(records) if records is not None else 0, OPENED_TOGETHER):
            part: Any = records[first : first + OPENED_TOGETHER] if records is not None else ()
            for opened in await self._keyring.open_records(Collection.MESSAGES, part):
                if opened["clear"]["chat_id"] in chats:
                    chats[opened["clear"]["chat_id"]].messages.append(opened)
            await asyncio.sleep(0)


def without_drafts(messages: Iterable[OpenedRecord]) -> list[OpenedRecord]:
    """Messages that were sent."""
    return [each for each in messages if each["clear"]["role"] != DRAFT]
