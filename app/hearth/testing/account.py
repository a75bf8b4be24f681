"""An account with a server in memory: real keys, real ciphertext, and devices that can be signed in to it.

account = FakeAccount()
account.add_chat("Groceries", "Milk", "Bread")
page = FakePage()
engine = Engine(account.device(), page)     # `SignIn(account.email, account.password)` signs in to it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hearth.core.protocol import codec, device_events, server_events
from hearth.core.protocol.server_events import RecordsEvent, ServerEvent
from hearth.core.records.envelope import Place, normalise_password
from hearth.core.records.schema import KEY_FIELD, WRAPPED_KEY, Collection, empty_record
from hearth.core.records.ways import master_place
from hearth.ports.network import Account
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from hearth.testing.device import FakeDevice
from hearth.testing.network import FakeSocket, Rows

CHATS, MESSAGES, ENTRIES = Collection
RECENT = 10


class FakeAccount:
    """One account, and the server that keeps it. What devices write comes to the account's other devices."""

    def __init__(self, email: str = "person@hearth.example", password: str = "correct horse") -> None:  # noqa: S107 - of tests
        self.email, self.password = email, password
        self.id = "account"
        self.rows: dict[Collection, dict[str, dict[str, Any]]] = {each: {} for each in Collection}
        """What the server keeps: records as they came, by collection and id."""
        self.last_opened: str | None = None
        self.stamp = 1
        self.sockets: list[AccountSocket] = []
        self._cipher = CryptographyCipher()
        self._salt = b"s" * 32
        self._credentials = self._cipher.derive_now(normalise_password(password), self._salt, 1)
        self._master, self._wrapped = self._cipher.create_key_now(self._credentials.wrapping, master_place(self.id))

    def device(self) -> AccountDevice:
        """One more device, of which nobody is signed in."""
        return AccountDevice(self)

    def set_up(self, device: FakeDevice) -> None:
        """Have a device find this account at the sign-in."""
        api = device.api
        api.email, api.salt, api.lookup_hash = self.email, self._salt, self._credentials.lookup_hash
        api.account = Account(self.id, self._wrapped)

    def add_chat(self, title: str, *messages: str) -> str:
        """Add a chat with messages of the person's own, as another device would; its id."""
        at, number = self._next(), len(self.rows[CHATS]) + 1
        chat = f"chat-{number}"
        place = Place(self.id, CHATS.value, chat, KEY_FIELD)
        key, wrapped = self._cipher.create_key_now(self._master, place)

        def sealed(collection: Collection, record: str, field: str, text: str) -> str:
            return self._cipher.seal_now(key, text, Place(self.id, collection.value, record, field))

        title = sealed(CHATS, chat, "title", title)
        row = empty_record(CHATS, id=chat, title=title, created_at=at, last_updated=at) | {WRAPPED_KEY: wrapped}
        rows = []
        for at_message, text in enumerate(messages, 1):
            record = f"{chat}-{at_message}"
            content = sealed(MESSAGES, record, "content", text)
            made = {"chat_id": chat, "role": "user", "created_at": at + at_message, "content": content}
            rows.append(empty_record(MESSAGES, id=record, **made))
        new = {CHATS: [row], MESSAGES: rows}
        self._store({name: [each | {"version": 1} for each in records] for name, records in new.items()}, at)
        self.last_opened = chat
        return chat

    def texts(self, collection: Collection = MESSAGES) -> list[str]:
        """What the server keeps, opened: the texts of a collection, oldest first, without drafts."""
        keyring = CryptographyKeyring(self._cipher, self.id, self._master)
        keyring.open_records_now(CHATS, list(self.rows[CHATS].values()))
        rows = [row for row in self.rows[collection].values() if row["deleted_at"] is None]
        rows = sorted((row for row in rows if row.get("role") != "draft"), key=lambda row: row.get("created_at", 0))
        opened = keyring.open_records_now(collection, rows)
        return [text for each in opened for text in each["texts"].values() if text]

    def _next(self) -> int:
        self.stamp += 1
        return self.stamp

    def _store(self, records: Mapping[Collection, Rows], changed_at: int) -> dict[Collection, Rows]:
        stored: dict[Collection, Rows] = {}
        for name, rows in records.items():
            gone = [{**row, "deleted_at": changed_at if row["deleted_at"] is not None else None} for row in rows]
            stored[name] = [{**row, "changed_at": changed_at} for row in gone]
            self.rows[name] |= {row["id"]: row for row in stored[name]}
        return stored

    def take(self, socket: AccountSocket, text: str) -> None:
        """A device sent a frame."""
        match codec.read_device_frame(text):
            case device_events.Hello(since=since) if since is not None:
                self._catch_up(socket, since)
            case device_events.Hello():
                self._warm(socket)
            case device_events.ChatOpened(chat_id=chat):
                self.last_opened = chat
            case device_events.Ping():
                socket.say(server_events.Pong())
            case device_events.Write(mutations=mutations, records=records):
                self._write(socket, mutations, records)

    def _write(self, socket: AccountSocket, mutations: Sequence[str], records: Mapping[Any, Any]) -> None:
        since, stamp = str(self.stamp), self._next()
        stored = self._store({Collection(name): [dict(row) for row in rows] for name, rows in records.items()}, stamp)
        socket.say(server_events.Written(mutations=mutations, since=since, stamp=str(stamp), changed_at=stamp))
        for other in self.sockets:
            if other is not socket and not other.closed:
                other.say(server_events.Changes(since=since, stamp=str(stamp)), stored)

    def _catch_up(self, socket: AccountSocket, since: str) -> None:
        if since == str(self.stamp):
            socket.say(server_events.UpToDate(stamp=since))
            return
        newer = {
            name: [row for row in rows.values() if row["changed_at"] > int(since)] for name, rows in self.rows.items()
        }
        socket.say(server_events.Changes(since=since, stamp=str(self.stamp)), newer)

    def _warm(self, socket: AccountSocket) -> None:
        """The warming, in the protocol's order."""
        chats = sorted(self.rows[CHATS].values(), key=lambda row: row["last_updated"], reverse=True)
        alive = [row for row in chats if row["deleted_at"] is None]
        first = [row for row in alive if row["id"] == self.last_opened]
        recent, rest = alive[:RECENT], alive[RECENT:]
        entries = list(self.rows[ENTRIES].values())
        socket.say(
            server_events.FirstChatReady(chat_id=self.last_opened if first else None), self._with_messages(first)
        )
        listed = self._with_messages(recent) | {CHATS: alive}
        socket.say(server_events.RecentChatsReady(total_chats=len(alive)), listed, recent)
        socket.say(server_events.SettingsAndMemoriesReady(), {ENTRIES: entries})
        if rest:
            remaining = {MESSAGES: self._with_messages(rest)[MESSAGES]}
            socket.say(server_events.RemainingChatsReady(), remaining, rest)
        socket.say(server_events.WarmingComplete(stamp=str(self.stamp), sent=socket.sent_rows, total_chats=len(alive)))

    def _with_messages(self, chats: Rows) -> dict[Collection, Rows]:
        ids = {row["id"] for row in chats}
        return {CHATS: chats, MESSAGES: [row for row in self.rows[MESSAGES].values() if row["chat_id"] in ids]}


class AccountSocket(FakeSocket):
    """A connection to the server of a `FakeAccount`."""

    def __init__(self, account: FakeAccount) -> None:
        super().__init__()
        self._account = account
        self._seq = 0
        self.sent_rows: dict[Collection, int] = {}
        """How many records have come over it."""

    def send(self, text: str) -> None:
        """Send a frame, which the server answers at once."""
        super().send(text)
        if not self.closed:
            self._account.take(self, text)

    def say(
        self, event: ServerEvent, records: dict[Collection, Rows] | None = None, complete: Rows | None = None
    ) -> None:
        """The server sends an event; it holds all of the chats `complete`, or of those that come in it."""
        self._seq += 1
        rows = {name: each for name, each in (records or {}).items() if each}
        if isinstance(event, RecordsEvent):
            whole = rows.get(CHATS, ()) if complete is None else complete
            counts = {name: len(each) for name, each in rows.items()}
            for name, count in counts.items():
                self.sent_rows[name] = self.sent_rows.get(name, 0) + count
            event = replace(event, counts=counts, complete={row["id"]: row["changed_at"] for row in whole})
        self.deliver(replace(event, seq=self._seq), rows)


class AccountDevice(FakeDevice):
    """A device in memory whose server is that of a `FakeAccount`."""

    def __init__(self, account: FakeAccount) -> None:
        super().__init__()
        self._account = account
        account.set_up(self)

    async def connect(self, account: str) -> AccountSocket:
        """A connection. Raises `SocketClosed` where the test refuses it."""
        if self.refuse_connections:
            raise self.refuse_connections
        socket = AccountSocket(self._account)
        self.sockets.append(socket)
        self._account.sockets.append(socket)
        return socket
