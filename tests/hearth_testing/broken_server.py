"""The server, broken on purpose in one way: each is something that the conformance suite has to notice."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import Response

from hearth.core.protocol import device_events
from hearth.core.protocol.server_events import RecentChatsReady, SettingsAndMemoriesReady
from hearth_testing.server import Hearth
from server_mock import __main__ as server
from server_mock.directus.client import DirectusClient
from server_mock.protocol import api, app, delta, http_util, record_writer, write_rules
from server_mock.protocol.accounts import Accounts
from server_mock.protocol.answered_mutations import AnsweredMutations
from server_mock.protocol.channel import Channel
from server_mock.protocol.device_connection import Connection
from server_mock.protocol.devices import Devices
from server_mock.protocol.rate_limit import SignInLimits
from server_mock.protocol.warming_stream import WarmingStream

FAULTS: dict[str, tuple[str, Callable[[], None]]] = {}
"""What is broken, the module of the suite that notices it, and what breaks it."""


def fault(module: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def register(breaks: Callable[[], None]) -> Callable[[], None]:
        FAULTS[breaks.__name__.replace("_", " ")] = (module, breaks)
        return breaks

    return register


def put(owner: Any, name: str, value: Any) -> None:
    assert hasattr(owner, name), f"{owner} has no {name}"
    setattr(owner, name, value)


@fault("test_warming")
def settings_overtake_the_recent_chats() -> None:
    whole = WarmingStream.frames

    async def frames(self: WarmingStream) -> AsyncIterator[Any]:
        held = []
        async for frame in whole(self):
            if isinstance(frame[0], RecentChatsReady):
                held.append(frame)
                continue
            yield frame
            if isinstance(frame[0], SettingsAndMemoriesReady) and frame[0].batch == frame[0].of:
                for each in held:
                    yield each

    put(WarmingStream, "frames", frames)


@fault("test_warming")
def a_message_is_lost() -> None:
    whole = DirectusClient.search

    async def search(self: DirectusClient, collection: str, **query: Any) -> Any:
        rows = await whole(self, collection, **query)
        return rows[:-1] if collection == "messages" else rows

    put(DirectusClient, "search", search)


@fault("test_warming")
def what_is_there_is_sent_again() -> None:
    put(WarmingStream, "_has", lambda _self, _chat: False)


@fault("test_requests")
def frames_are_not_counted() -> None:
    whole = Channel.send

    async def send(self: Channel, event: Any, load: Any = None) -> None:
        self._seq = 0
        await whole(self, event, load)

    put(Channel, "send", send)


@fault("test_resuming")
def every_device_is_warmed_anew() -> None:
    async def standing(*_arguments: object) -> None:
        return None

    put(delta, "standing", standing)


@fault("test_writing")
def a_repeated_write_is_new() -> None:
    put(AnsweredMutations, "stamps_of", lambda _self, _mutations: None)
    put(record_writer, "_done_before", lambda _owner, _steps: None)


@fault("test_writing")
def any_version_follows() -> None:
    put(write_rules, "_row_problem", lambda *_arguments: None)


@fault("test_pushing")
def nothing_is_pushed() -> None:
    async def send_change(self: Connection, change: Any) -> None:
        if written := self._writes.answer_in_place_of(change, self._position):
            await self._channel.send(written)
        self._position = change.stamp

    put(Connection, "_send_change", send_change)


@fault("test_pushing")
def who_writes_is_pushed_to_as_well() -> None:
    whole = Connection._send_change

    async def send_change(self: Connection, change: Any) -> None:
        before = self._position
        await whole(self, change)
        self._position = before
        await self._send_changes(delta.Delta(change.stamp, change.units))

    put(Connection, "_send_change", send_change)


@fault("test_authorisation")
def records_belong_to_everybody() -> None:
    for module in (delta, write_rules):
        put(module, "owned_by", lambda _row, _owner: True)


@fault("test_authorisation")
def any_site_may_ask() -> None:
    for module in (app, http_util):
        put(module, "same_origin", lambda _connection: True)


@fault("test_authorisation")
def any_session_opens_any_account() -> None:
    whole = api.session_of
    for module in (api, app):
        put(module, "session_of", lambda connection, services, of=None: whole(connection, services))


@fault("test_signing_in")
def a_sign_out_ends_nothing() -> None:
    async def leave(_self: Devices, _own: object) -> None:
        """Nothing."""

    put(Devices, "leave", leave)


@fault("test_devices")
def devices_sign_nobody_else_out() -> None:
    async def end(_self: Devices, _sessions: object) -> None:
        """Nothing."""

    put(Devices, "end", end)


@fault("test_signing_in")
def unknown_addresses_show() -> None:
    put(Accounts, "_made_up_salt", lambda *_arguments: base64.b64encode(os.urandom(32)).decode())


@fault("test_signing_in")
def nobody_is_slowed_down() -> None:
    put(SignInLimits, "wait_s", lambda *_arguments: 0)


@fault("test_signing_in")
def scripts_read_the_cookie() -> None:
    whole = Response.set_cookie
    put(Response, "set_cookie", lambda self, *names, **options: whole(self, *names, **{**options, "httponly": False}))


@fault("test_malformed")
def records_in_the_clear_are_taken() -> None:
    put(device_events, "check_record", lambda _collection, _record: None)
    put(write_rules, "has_sealed_form", lambda _value: True)


def main(options: list[str]) -> int:
    """Be the server that is broken in the way that `--broken` names."""
    at = options.index("--broken")
    FAULTS[options[at + 1]][1]()
    return server.main([*options[:at], *options[at + 2 :]])


@dataclass(slots=True)
class BrokenHearth(Hearth):
    """A server that is broken."""

    MODULE: ClassVar[str] = __name__
