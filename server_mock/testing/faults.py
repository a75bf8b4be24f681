"""Faults that tests ask for: what goes wrong on the way to Directus and on the way to a device.

| fault                | value                        | what happens                                                |
| -------------------- | ---------------------------- | ----------------------------------------------------------- |
| drop_socket_after    | event name                   | the socket closes when that event's last frame has gone out |
| stall_after          | event name                   | nothing but pongs follows until the fault is cleared        |
| refuse_websocket     | true                         | no WebSocket opens, as behind a proxy that knows none       |
| silence_websocket    | true                         | WebSockets open, and nothing gets through them              |
| duplicate_events     | true                         | every frame goes out twice, with the same `seq`             |
| reorder_events       | true                         | neighbouring frames change places                           |
| corrupt_message      | message id                   | one bit of its ciphertext is flipped whenever it goes out   |
| once                 | true                         | with corrupt_message: only the first time                   |
| frame_bytes          | number                       | after `hello` comes a frame of that many bytes              |
| raw_frame            | text                         | after `hello` comes this frame                              |
| directus_status      | HTTP status                  | that is what Directus answers                               |
| directus_latency_ms  | number                       | every request to Directus takes so much longer              |
| sign_in_status       | HTTP status                  | that is what the challenge and the sign-in answer           |
| drop_message         | message id                   | the disk has no such message                                |
| drop_chat            | chat id                      | the disk has neither that chat nor its messages             |
| replay_message       | message id                   | it is as it was before the server's first writing of it     |
| swap_messages        | two message ids              | each has the other's ciphertext                             |
| rollback_chat        | chat id                      | chat and messages are as they were when the server started  |
| rollback_account     | true                         | so is everything                                            |
| withhold_write       | true                         | a write is answered as written and never reaches the disk   |
| drop_manifest        | true                         | there is no manifest                                        |
| assistant            | "busy"                       | a question is refused as one of too many, with 429          |
|                      | "silent"                     | nothing comes of an answer until the fault is cleared       |
|                      | "cut"                        | an answer breaks off in the middle of its third word        |
|                      | "odd"                        | it comes byte by byte, among lines that nobody knows        |
| times                | number                       | how often: once for sockets and raw frames, else for ever   |
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import httpx

from hearth.core.protocol.codec import PROTOCOL_VERSION
from hearth.core.protocol.server_events import EventName
from hearth.core.records.schema import SPECS, Collection
from server_mock.protocol.fault_hooks import FaultHooks, FrameOrder
from server_mock.protocol.packing import Rendered
from server_mock.testing.assistant_faults import AssistantFault, faulty_answer
from server_mock.testing.tampering import HONEST, Archive, Lies, retold

_MAX_FRAME_BYTES = 64 * 1024 * 1024
_ONCE = frozenset({"drop_socket_after", "frame_bytes", "raw_frame"})


class BadFault(ValueError):
    """A fault that there is none of, or a value that does not fit; the text is fit to be shown."""


@dataclass(slots=True)
class Faults(FaultHooks):
    """The faults that are set; `apply` replaces them all."""

    drop_socket_after: EventName | None = None
    stall_after: EventName | None = None
    refuse_websocket: bool = False
    silence_websocket: bool = False
    duplicate_events: bool = False
    reorder_events: bool = False
    corrupt_message: str | None = None
    once: bool = False
    frame_bytes: int | None = None
    raw_frame: str | None = None
    directus_status: int | None = None
    directus_latency_ms: float = 0.0
    sign_in_status: int | None = None
    withhold_write: bool = False
    assistant: AssistantFault | None = None
    lies: Lies = HONEST
    _times: dict[str, int] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _archive: Archive = field(default_factory=Archive)

    def apply(self, wanted: Mapping[str, Any]) -> None:
        """Set these faults and no other. Raises `BadFault`, and then nothing has changed."""
        times = wanted.get("times")
        if times is not None:
            times = _number("times", times, 1, 1_000_000)
        values = {name: _value(name, value) for name, value in wanted.items() if name != "times"}
        told = {name: values.pop(name) for name in _LIES & values.keys()}
        self.clear()
        self.lies = Lies(**told)
        for name, value in values.items():
            setattr(self, name, value)
            if times is not None or name in _ONCE:
                self._times[name] = int(times or 1)
        if self.once:
            self._times["corrupt_message"] = 1

    def clear(self) -> None:
        """Take every fault back; what stalls goes on."""
        fresh = Faults()
        for each in fields(self):
            if not each.name.startswith("_"):
                setattr(self, each.name, getattr(fresh, each.name))
        self._times.clear()
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def archive(self) -> Archive:
        """What a disk that lies has kept of earlier days."""
        return self._archive

    def spend(self, name: str) -> None:
        """Note that a fault has happened; the last of its times takes it back."""
        left = self._times.get(name)
        if left is None:
            return
        if left > 1:
            self._times[name] = left - 1
        else:
            del self._times[name]
            setattr(self, name, getattr(Faults(), name))

    async def stall(self, event: EventName) -> None:
        """Return at once, or when the fault that stalls after `event` has been taken back."""
        while self.stall_after is event:
            await self._changed.wait()

    def take_sign_in_status(self) -> int | None:
        """The HTTP status that this challenge or sign-in answers instead, if any."""
        status = self.sign_in_status
        if status is not None:
            self.spend("sign_in_status")
        return status

    def refuses_websocket(self) -> bool:
        """Whether no WebSocket opens."""
        refuses = self.refuse_websocket
        if refuses:
            self.spend("refuse_websocket")
        return refuses

    def silences_websocket(self) -> bool:
        """Whether nothing gets through a WebSocket that opens now."""
        silences = self.silence_websocket
        if silences:
            self.spend("silence_websocket")
        return silences

    def replaced(self, collection: Collection, row_id: str, before: dict[str, Any] | None) -> None:
        """Keep what was there before a device's write, for a disk that lies."""
        self._archive.keep(collection, row_id, before)

    def withholds_write(self) -> bool:
        """Whether this write is only said to be written."""
        withheld = self.withhold_write
        if withheld:
            self.spend("withhold_write")
        return withheld

    def refuses_question(self) -> bool:
        """Whether this question to the assistant is refused as one of too many."""
        refuses = self.assistant is AssistantFault.BUSY
        if refuses:
            self.spend("assistant")
        return refuses

    def answer(self, lines: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The lines of an answer, or what a fault makes of them."""
        kind = self.assistant
        if kind is None:
            return lines
        self.spend("assistant")
        return faulty_answer(kind, lines, self._changed.wait)

    def record_filter(self) -> Callable[[Rendered], str] | None:
        """`alter`, while a message is to be corrupted."""
        return self.alter if self.corrupt_message else None

    def frame_order(self) -> FrameOrder:
        """The last step of a new connection's frames, with these faults."""
        return FaultyFrameOrder(self)

    def drops_after(self, event: EventName) -> bool:
        """Whether the socket closes now, after the last frame of `event`."""
        if self.drop_socket_after is not event:
            return False
        self.spend("drop_socket_after")
        return True

    def extra_frame(self, seq: int) -> tuple[str, bool] | None:
        """The frame that comes after `hello`, and whether it counts as frame `seq`; None for none."""
        if self.raw_frame is not None:
            text = self.raw_frame
            self.spend("raw_frame")
            return text, False
        if self.frame_bytes is not None:
            head = json.dumps({"v": PROTOCOL_VERSION, "event": "pong", "seq": seq, "padding": ""})[:-2]
            text = head + "x" * max(0, self.frame_bytes - len(head) - 2) + '"}'
            self.spend("frame_bytes")
            return text, True
        return None

    def alter(self, record: Rendered) -> str:
        """A record's text as it goes out: with a flipped bit if it is the one to be corrupted."""
        if record.collection is not Collection.MESSAGES or record.id != self.corrupt_message:
            return record.text
        self.spend("corrupt_message")
        row = json.loads(record.text)
        for name in SPECS[record.collection].sealed:
            if row.get(name) is not None:
                raw = bytearray(base64.b64decode(row[name]))
                raw[-1] ^= 1
                row[name] = base64.b64encode(raw).decode()
                break
        return json.dumps(row, separators=(",", ":"))


class FaultyFrameOrder(FrameOrder):
    """The frames of one connection on their last step: doubled, swapped, or simply passed on."""

    __slots__ = ("_faults", "_held")

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._held: str | None = None

    def pass_on(self, text: str) -> list[str]:
        """What goes out now that this frame is due."""
        out = [text]
        if self._faults.duplicate_events:
            self._faults.spend("duplicate_events")
            out = [text, text]
        if self._held is not None:
            out.append(self._held)
            self._held = None
        elif self._faults.reorder_events:
            self._faults.spend("reorder_events")
            self._held = out.pop()
        return out

    def flush(self) -> list[str]:
        """What was held for a neighbour that does not come."""
        held, self._held = self._held, None
        return [] if held is None else [held]


class FaultyTransport(httpx.AsyncBaseTransport):
    """The way to Directus, on which the faults happen; every request takes `latency_ms` longer."""

    def __init__(self, inner: httpx.AsyncBaseTransport, faults: Faults, latency_ms: float = 0.0) -> None:
        self._inner = inner
        self._faults = faults
        self._latency_ms = latency_ms

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, late or not at all."""
        latency_ms = self._latency_ms + self._faults.directus_latency_ms
        if latency_ms:
            await asyncio.sleep(latency_ms / 1000)
        status = self._faults.directus_status
        if status is None:
            response = await self._inner.handle_async_request(request)
            told = self._faults.lies.told and request.method in ("GET", "SEARCH") and response.is_success
            return await self._retold(request, response) if told else response
        self._faults.spend("directus_status")
        code = _CODES.get(status, "INTERNAL_SERVER_ERROR")
        return _refusal(status, code, request)

    async def _retold(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        faults, body = self._faults, await response.aread()
        shown = retold(faults.lies, faults.archive, request.url.path, body)
        if shown is None:
            return _refusal(403, _CODES[403], request)
        return httpx.Response(200, content=shown, headers={"Content-Type": "application/json"}, request=request)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def _refusal(status: int, code: str, request: httpx.Request) -> httpx.Response:
    error = {"message": "A fault that was asked for.", "extensions": {"code": code}}
    return httpx.Response(status, json={"errors": [error]}, request=request)


_LIES = frozenset(each.name for each in fields(Lies))

_CODES = {
    400: "INVALID_QUERY",
    401: "INVALID_CREDENTIALS",
    403: "FORBIDDEN",
    404: "ROUTE_NOT_FOUND",
    429: "REQUESTS_EXCEEDED",
    503: "SERVICE_UNAVAILABLE",
}


def _value(name: str, value: Any) -> Any:
    match name:
        case "drop_socket_after" | "stall_after" | "assistant":
            return _named(name, value)
        case (
            "duplicate_events"
            | "reorder_events"
            | "once"
            | "rollback_account"
            | "withhold_write"
            | "drop_manifest"
            | "refuse_websocket"
            | "silence_websocket"
        ):
            if not isinstance(value, bool):
                raise BadFault(f'"{name}" must be true or false.')
            return value
        case "swap_messages":
            if not isinstance(value, list) or [type(each) for each in value] != [str, str]:
                raise BadFault(f'"{name}" must be an array of two texts.')
            return tuple(value)
        case "corrupt_message" | "raw_frame" | "drop_message" | "drop_chat" | "replay_message" | "rollback_chat":
            if not isinstance(value, str):
                raise BadFault(f'"{name}" must be text.')
            return value
        case "frame_bytes":
            return _number(name, value, 1, _MAX_FRAME_BYTES)
        case "directus_status" | "sign_in_status":
            return _number(name, value, 400, 599)
        case "directus_latency_ms":
            return float(_number(name, value, 0, 600_000))
        case _:
            raise BadFault(f'There is no fault "{name:.40}".')


def _named(name: str, value: Any) -> EventName | AssistantFault:
    if name == "assistant":
        if value not in tuple(AssistantFault):
            raise BadFault(f'"{name}" must be one of {", ".join(AssistantFault)}.')
        return AssistantFault(value)
    if value not in tuple(EventName):
        raise BadFault(f'"{name}" must be the name of an event of the server.')
    return EventName(value)


def _number(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadFault(f'"{name}" must be an integer from {least} to {most}.')
    return value
