"""Whatever comes over a socket or over HTTP gets a clear error or a clean close: no traceback, nobody else's data.

The inputs are Hypothesis' own: text, bytes, JSON of every shape, and valid frames and requests that were mutated.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.core import passkeys
from hearth.core.passkeys import base64url
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import (
    Ack,
    ChatOpened,
    DeviceEvent,
    Hello,
    ListOlder,
    Ping,
    ReadChats,
    Refetch,
    Want,
    Write,
)
from hearth.core.protocol.server_events import MAX_MESSAGE_CHARS, Pong, ServerError, ServerEvent
from hearth.core.records.schema import Collection
from hearth.testing.authenticator import SoftwareAuthenticator
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.directus_standin import app as standin_app
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.api import COOKIE
from tests.contracts import records
from tests.peers import LoopTime
from tests.server_mock.accounts import make_account
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import EMAIL, HOST, ORIGIN, TOKEN, Closed, Device, DeviceSocket, World, read
from tests.virtual import VirtualLoop, in_place

COLLECTIONS = tuple(Collection)
ANY_ID = "00000000-0000-4000-8000-000000000000"
SHORT, LONG = 250, 50_000


class Target:
    """A server with a victim's data, and the connection of somebody else who sends it anything."""

    def __init__(self, transport: type[DeviceSocket] = DeviceSocket) -> None:
        self.transport = transport
        self.loop = VirtualLoop()
        asyncio.set_event_loop(self.loop)
        self.patch = mock.patch.object(standin_app, "run_in_threadpool", in_place)
        self.patch.start()
        self.log = logging.Handler(logging.ERROR)
        self.errors: list[str] = []
        self.log.emit = lambda record: self.errors.append(f"{record.name} {record.getMessage()}")  # type: ignore[method-assign]
        logging.getLogger().addHandler(self.log)
        self.loop.set_exception_handler(lambda _loop, context: self.errors.append(str(context)))
        self.standin = StandIn(TOKEN)
        self.inputs: Counter[str] = Counter()
        self.run(self.begin())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def begin(self) -> None:
        self.world = World(self.standin, LoopTime(), sleep=asyncio.sleep, transport=self.transport)
        self.world.start()
        await self.world.seed(chats=3)
        await self.world.seed(chats=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
        self.victim = await self.world.sign_in()
        await self.victim.connect()
        await self.victim.synchronised()
        await self.victim.disconnect()
        tables = [self.victim.records(collection) for collection in COLLECTIONS]
        self.ids = [next(iter(table)) for table in tables]
        texts = [
            value for table in tables for row in table.values() for value in row.values() if isinstance(value, str)
        ]
        self.secrets = [text for text in texts if len(text) > 64] + [self.victim.account]
        self.attacker: Device = await self.world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
        await self.attacker.connect()
        await self.attacker.synchronised()

    def close(self) -> None:
        self.run(self.world.stop())
        logging.getLogger().removeHandler(self.log)
        self.patch.stop()
        self.standin.close()
        self.loop.close()
        asyncio.set_event_loop(None)

    def innocent(self, text: str) -> None:
        """What came back is nobody else's, and nothing broke."""
        assert self.errors == []
        assert "Traceback" not in text
        assert [secret for secret in self.secrets if secret in text] == []

    async def frame(self, content: str | bytes, said_hello: bool) -> None:
        """Send a frame, then a ping: a pong, or an error and a close, has to come."""
        self.inputs["frames"] += 1
        device = self.attacker
        if not said_hello or not device.socket.is_open:
            await device.disconnect()
            await (device.connect_silently() if not said_hello else device.connect())
        before = len(device.socket.texts)
        if isinstance(content, bytes):
            device.socket.send_bytes(content)
        else:
            device.socket.send_text(content)
        device.socket.send(Ping())
        event: ServerEvent | None = None
        code = 0
        try:
            while not isinstance(event, Pong):
                event = read(await device.socket.text())[0]
        except Closed as closed:
            code = closed.code
            device.socket.is_open = False
        if not device.socket.is_open:
            assert code in (1000, 1007, 1008, 1009, 1012, 1013, 4401)
            assert isinstance(event, ServerError)
            assert event.message.endswith(".")
            assert len(event.message) <= MAX_MESSAGE_CHARS
        for text in device.socket.texts[before:]:
            self.innocent(text)
        if not said_hello:
            device.socket.is_open = False

    async def request(self, method: str, path: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
        """One HTTP request, as raw as ASGI can carry it; the status of the answer."""
        self.inputs["requests"] += 1
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path.partition(b"?")[0].decode("latin-1"),
            "raw_path": path.partition(b"?")[0],
            "root_path": "",
            "query_string": path.partition(b"?")[2],
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": (HOST, 80),
            "state": {},
        }
        parts = [body[:7], body[7:]]
        answer: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": parts.pop(0) if parts else b"", "more_body": bool(parts)}

        async def send(message: Any) -> None:
            answer.append(message)

        await self.world.app(scope, receive, send)
        status, text = answer[0]["status"], b"".join(each.get("body", b"") for each in answer).decode()
        assert status < 500, (status, text)
        self.innocent(text)
        if path.startswith((b"/api", b"/control")) and status >= 400 and text.startswith("{"):
            error = json.loads(text)["error"]
            assert error["message"].endswith(".")
            assert set(error) == {"code", "message"}
        return int(status)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(COLLECTIONS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
deep = st.builds(
    lambda opening, times: opening * times, st.sampled_from(["[", '{"a":', "[[{}],"]), st.integers(1, 30_000)
)
huge = st.builds(
    lambda text, size: text * size, st.sampled_from(["x", "\u2028", '{"v":1}']), st.integers(30_000, 90_000)
)


def valid_events(ids: list[str], secret: str) -> list[DeviceEvent]:
    """A valid frame of every event, some of which name what is somebody else's."""
    chat, message, entry = ids
    return [
        Hello(device_id="device", since=secret, have={chat: 1}, have_settings={entry: 1}),
        ChatOpened(chat_id=chat),
        Want(chat_id=chat),
        *(Refetch(collection=each, record_id=name) for each, name in zip(COLLECTIONS, ids, strict=True)),
        Refetch(collection=COLLECTIONS[1], record_id=chat),
        ChatOpened(chat_id=ANY_ID),
        Want(chat_id=message),
        ListOlder(),
        ListOlder(listed_to=2**53 - 1, listed=(chat, ANY_ID, "no-uuid")),
        ReadChats(ids=(chat, ANY_ID, "no-uuid")),
        ReadChats(listed_to=0, listed=(chat, "no-uuid")),
        Ack(stamp=secret),
        Write(mutations=(chat,), records=written(chat, message, entry)),
        Write(mutations=(chat,), records=written(chat, message, entry), follows=3),
        Write(mutations=(chat, entry), records={Collection.CHATS: [records.tombstone(chat)]}),
        Ping(),
    ]


def written(chat: str, message: str, entry: str) -> dict[Collection, list[dict[str, Any]]]:
    """Records of every collection, in the first version and a later one."""
    said = [records.message(chat, 1, id=message), records.message(chat, 2, 2, id=ANY_ID, role="draft", created_at=0)]
    return {
        Collection.CHATS: [records.chat(chat)],
        Collection.MESSAGES: said if message != ANY_ID else said[:1],
        Collection.SETTINGS_AND_MEMORIES: [records.entry(entry, 2)],
    }


FRAMES = [json.loads(codec.write_device_frame(each)) for each in valid_events([ANY_ID, ANY_ID, ANY_ID], "1-1")]
FIELDS = sorted({name for frame in FRAMES for name in frame} | {"written", "manifest_id", "__proto__"})


VALUES = (None, 0, 1, 2, 2**53 - 1, ANY_ID, records.SEALED, "user")
WRITTEN = {name.value: rows for name, rows in written(ANY_ID, ANY_ID, ANY_ID).items()}


@st.composite
def changed(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    """A record with perhaps a field exchanged, dropped or added: by what fits the registry, or by anything."""
    record = dict(row)
    for name in draw(st.lists(st.sampled_from([*row, "pinned", "hashed_user_id", "answered", "later"]), max_size=2)):
        if draw(st.integers(0, 4)) == 0:
            record.pop(name, None)
        else:
            record[name] = draw(
                st.sampled_from([None, 0, 1, 2, 2**53 - 1, ANY_ID, records.SEALED, "user"]) | json_values
            )
    return record


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid frame with fields exchanged, dropped or added, and perhaps its text cut or changed."""
    frame = dict(draw(st.sampled_from(FRAMES)))
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        if draw(st.booleans()):
            frame.pop(name, None)
        else:
            frame[name] = draw(json_values)
    if isinstance(frame.get("records"), dict):
        frame["records"] = {name: [draw(changed(row)) for row in rows] for name, rows in WRITTEN.items()}
    text = json.dumps(frame)
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text(max_size=3)) + text[at + draw(st.integers(0, 3)) :]
    return text


frames = st.one_of(
    mutated(),
    mutated(),
    st.text(),
    st.binary(),
    json_values.map(json.dumps),
    deep,
    huge,
    st.binary().map(lambda b: b * 9),
)
paths = st.one_of(
    st.sampled_from(
        [
            b"/api/challenge",
            b"/api/sign-in",
            b"/api/sign-out",
            b"/api/session",
            b"/api/demo",
            b"/ws",
            b"/",
            b"/healthz",
            b"/metrics",
        ]
    ),
    st.sampled_from(
        [b"/metrics", b"/api/poll/open", b"/api/poll/send", b"/api/poll", b"/api/poll/close", b"/api/assistant"]
    ),
    st.sampled_from([b"/api/devices", b"/api/devices/name", b"/api/devices/end", b"/api/devices/wiped"]),
    st.sampled_from([b"/api/sign-up", b"/api/ways", b"/api/ways/proof", b"/api/ways/remove", b"/api/account/delete"]),
    st.sampled_from([b"/api/passkeys/challenge", b"/api/passkeys/verify", b"/api/ways/name", b"/api/account/address"]),
    st.builds(lambda rest: b"/api/session?account=" + rest, st.binary(max_size=20)),
    st.builds(lambda rest: b"/" + rest, st.binary(max_size=30)),
)
header_names = st.sampled_from([b"content-type", b"cookie", b"origin", b"host", b"content-length", b"accept-encoding"])
header_values = st.one_of(
    st.sampled_from([b"application/json", ORIGIN.encode(), HOST.encode(), b"null", b"-1", COOKIE.encode() + b"="]),
    st.binary(max_size=30),
    st.binary(max_size=20).map(lambda raw: COOKIE.encode() + b"=" + raw),
)
bodies = st.one_of(
    json_values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(["email", "lookup_hash", "stay", "account", "device", "others"]), json_values).map(
        lambda v: json.dumps(v).encode()
    ),
    st.fixed_dictionaries({"email": st.text(max_size=400), "lookup_hash": st.text(max_size=140)}).map(
        lambda value: json.dumps(value).encode()
    ),
    st.binary(),
    deep.map(str.encode),
    huge.map(str.encode),
)


def requests() -> Any:
    kind = st.sampled_from([[], [(b"content-type", b"application/json")]])
    headers = st.builds(
        lambda first, rest: first + rest, kind, st.lists(st.tuples(header_names, header_values), max_size=4)
    )
    return st.tuples(st.sampled_from(["GET", "POST", "POST", "PUT", "HEAD", "\u00a7"]), paths, headers, bodies)


CONTROL = ("changes", "faults", "reset", "accounts", "clock", "frames", "directus-log", "", "nothing")
CHANGES = ("add_message", "add_chat", "rename_chat", "delete_chat", "set_setting", "delete_setting", "set_last_opened")
CHANGED = ("chat_id", "text", "title", "messages", "app", "name", "value", "email", "device_id")
FAULTS = ("directus_status", "directus_latency_ms", "drop_socket_after", "stall_after", "times", "raw_frame")


TOLD: dict[str, dict[str, Any]] = {
    "add_message": {"text": "a text", "role": "assistant"},
    "add_chat": {"title": "a title", "messages": ["one", "two"]},
    "rename_chat": {"title": "a title"},
    "set_draft": {"text": "a draft"},
    "delete_chat": {"chat_id": ANY_ID},
    "set_setting": {"app": "An app", "name": "a name", "value": "a value", "kind": "memory"},
    "delete_setting": {"app": "An app", "name": "a name"},
    "set_last_opened": {"chat_id": None},
}
"""A change of every kind that is made as it stands, but for the chat, which is not there to be deleted."""


@st.composite
def nearly_valid_changes(draw: st.DrawFn) -> dict[str, Any]:
    """Valid changes for either account, with perhaps a field exchanged, dropped or added."""
    names = draw(st.lists(st.sampled_from(sorted(TOLD)), min_size=1, max_size=3, unique=True))
    body: dict[str, Any] = {name: dict(TOLD[name]) for name in names}
    for field in draw(st.lists(st.sampled_from(CHANGED), max_size=1)):
        fields = body[draw(st.sampled_from(names))]
        if draw(st.booleans()):
            fields.pop(field, None)
        else:
            fields[field] = draw(json_values)
    return body | {"email": draw(st.sampled_from([EMAIL, GUEST_EMAIL]))}


def control_requests() -> Any:
    """Requests of the control routes: changes and faults of any shape, and anything else."""
    fields = st.dictionaries(st.sampled_from(CHANGED), json_values, max_size=4)
    body = st.one_of(
        st.dictionaries(st.sampled_from((*CHANGES, *CHANGED)), st.one_of(fields, json_values), max_size=3),
        st.dictionaries(st.sampled_from(FAULTS), json_values, max_size=3),
        json_values,
    )
    encoded = st.one_of(body.map(lambda value: json.dumps(value).encode()), st.binary(), deep.map(str.encode))
    path = st.sampled_from(CONTROL).map(lambda name: f"/control/{name}".encode())
    headers = st.just([(b"content-type", b"application/json"), (b"host", HOST.encode())])
    change = nearly_valid_changes().map(lambda value: json.dumps(value).encode())
    return st.one_of(
        st.tuples(st.just("POST"), st.just(b"/control/changes"), headers, change),
        st.tuples(st.sampled_from(["GET", "POST", "POST", "POST", "DELETE"]), path, headers, encoded),
    )


def fuzz_control(target: Target, examples: int) -> None:
    # Accounts and passwords are what these routes tell.
    target.secrets = []

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(request=control_requests())
    def one(request: tuple[str, bytes, list[tuple[bytes, bytes]], bytes]) -> None:
        target.run(target.request(*request))
        target.world.faults.clear()

    one()


def fuzz_frames(target: Target, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(content=frames, said_hello=st.sampled_from([True, True, True, False]))
    def one(content: str | bytes, said_hello: bool) -> None:
        target.run(target.frame(content, said_hello))

    one()


def fuzz_polled(target: Target, examples: int) -> None:
    """Requests of somebody signed in, with the id of a connection of theirs, of the victim's, or any."""
    own, theirs = (
        target.run(PolledSocket(target.world.app, each.headers(), f"account={each.account}").open())
        for each in (target.attacker, target.victim)
    )
    ids = st.one_of(st.sampled_from([own.id, own.id, theirs.id]), json_values)
    numbers = st.one_of(st.integers(-1, 9), st.just(10**400), json_values)
    heads = st.fixed_dictionaries(
        {"connection": ids}, optional={"after": numbers, "first": numbers, "account": json_values}
    )
    content = st.builds(
        lambda head, lines: b"\n".join([json.dumps(head).encode(), *lines]), heads, st.lists(st.binary(), max_size=12)
    )
    cookie = f"{COOKIE}={target.attacker.token}".encode()
    headers = [(b"origin", ORIGIN.encode()), (b"host", HOST.encode()), (b"cookie", cookie)]
    kinds = st.sampled_from([b"application/json", b"application/x-ndjson"])

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(path=st.sampled_from([b"/api/poll", b"/api/poll/send", b"/api/poll/open"]), kind=kinds, body=content)
    def one(path: bytes, kind: bytes, body: bytes) -> None:
        target.run(target.request("POST", path, [*headers, (b"content-type", kind)], body))

    one()
    for each in (own, theirs):
        target.run(each.close())


def fuzz_devices(target: Target, examples: int) -> None:
    """Requests of somebody signed in, about devices of theirs, of the victim's, or any."""
    target.run(target.world.sign_in(GUEST_EMAIL, GUEST_PASSWORD))
    sessions = target.world.services.sessions
    own, theirs = (sessions.of_user(each.account) for each in (target.attacker, target.victim))
    others = [each.device for each in own if sessions.find(target.attacker.token) != each]
    devices = st.sampled_from([*others, *(each.device for each in theirs)]) | json_values
    accounts = st.sampled_from([target.attacker.account] * 3 + [target.victim.account]) | json_values
    body = st.fixed_dictionaries(
        {"account": accounts},
        optional={
            "device": devices,
            "name": st.just(records.SEALED) | json_values,
            "others": st.booleans() | json_values,
        },
    )
    cookie = f"{COOKIE}={target.attacker.token}".encode()
    headers = [(b"origin", ORIGIN.encode()), (b"host", HOST.encode()), (b"cookie", cookie)]
    paths = st.sampled_from([b"/api/devices/name", b"/api/devices/end", b"/api/devices/wiped"])

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(path=paths, content=body.map(lambda value: json.dumps(value).encode()))
    def one(path: bytes, content: bytes) -> None:
        target.run(target.request("POST", path, [*headers, (b"content-type", b"application/json")], content))
        assert sessions.of_user(target.victim.account) == theirs
        assert sessions.find(target.attacker.token) is not None

    one()


def fuzz_requests(target: Target, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(request=requests())
    def one(request: tuple[str, bytes, list[tuple[bytes, bytes]], bytes]) -> None:
        target.run(target.request(*request))

    one()


def signed(target: Target) -> dict[str, Any]:
    """What the passkey of an account that there is signs, for a challenge that nobody gave out."""
    authenticator = SoftwareAuthenticator()
    made, _credential = authenticator.create(ORIGIN, passkeys.creation("AAAA", target.victim.account, "laptop", ()))
    return authenticator.sign(ORIGIN, made, passkeys.request("AAAA"))


def fuzz_accounts(target: Target, examples: int) -> None:
    """Accounts and ways in, with fields exchanged, dropped or added: refused in a sentence, or made."""
    made = target.run(make_account()).request
    valid = {**made, "email": "new@hearth.example", "way": made["ways"][0], "proof": "0" * 64, "lookup_hash": "0" * 64}
    account = st.one_of(st.sampled_from([target.attacker.account, target.victim.account, made["account"]]), json_values)
    way = st.dictionaries(st.sampled_from([*made["ways"][0], "more"]), json_values, max_size=3).map(
        lambda changes: {**made["ways"][0], **changes}
    )
    credential = signed(target)
    response = st.dictionaries(
        st.sampled_from([*credential["response"], "attestationObject"]),
        st.one_of(json_values, st.binary(max_size=80).map(base64url)),
        max_size=3,
    ).map(lambda changes: {**credential, "response": {**credential["response"], **changes}})
    some = st.fixed_dictionaries(
        {},
        optional={
            "account": account,
            "credential": st.one_of(response, json_values),
            "ticket": st.one_of(st.binary(max_size=80).map(base64url), json_values),
            "email": st.one_of(st.text(max_size=30), st.just(GUEST_EMAIL), json_values),
            "way": st.one_of(way, json_values),
            "ways": st.one_of(st.lists(way, max_size=3), json_values),
            "manifest": json_values,
            "proof": json_values,
            "invite": json_values,
        },
    )
    cookie = f"{COOKIE}={target.attacker.token}".encode()
    headers = [(b"origin", ORIGIN.encode()), (b"host", HOST.encode()), (b"cookie", cookie)]

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(
        path=st.sampled_from(
            [
                b"/api/sign-up",
                b"/api/ways",
                b"/api/ways/proof",
                b"/api/ways/remove",
                b"/api/ways/name",
                b"/api/account/address",
                b"/api/account/delete",
                b"/api/challenge",
                b"/api/passkeys/verify",
                b"/api/sign-in",
            ]
        ),
        changes=some,
    )
    def one(path: bytes, changes: dict[str, Any]) -> None:
        body = json.dumps({**valid, **changes}).encode()
        target.world.services.limits.clear()
        target.world.services.sign_ups.clear_all()
        status = target.run(target.request("POST", path, [*headers, (b"content-type", b"application/json")], body))
        assert path in (b"/api/sign-up", b"/api/challenge") or status not in (200, 204), "nobody proved anything"

    one()


def test_accounts_and_ways_in(target: Target) -> None:
    fuzz_accounts(target, SHORT)


def test_frames(target: Target) -> None:
    fuzz_frames(target, SHORT)


def test_frames_of_a_polled_connection() -> None:
    target = Target(PolledSocket)
    try:
        fuzz_frames(target, SHORT)
    finally:
        target.close()


def test_requests_of_a_polled_connection(target: Target) -> None:
    fuzz_polled(target, SHORT)


def test_requests_about_devices(target: Target) -> None:
    fuzz_devices(target, SHORT)


def test_requests(target: Target) -> None:
    fuzz_requests(target, SHORT)


def test_control_requests() -> None:
    target = Target()
    try:
        fuzz_control(target, SHORT)
    finally:
        target.close()


def test_a_query_that_is_no_text(target: Target) -> None:
    target.run(target.request("GET", b"/api/session?account=\x80", [], b""))


HALF = "\ud800"
HALVES: list[object] = [HALF, {"a": HALF}, {HALF: 1}, [[{"a": [HALF]}]], "a\udc00@hearth.example"]


def test_half_a_character_in_any_field_of_any_route(target: Target) -> None:
    headers = [(b"content-type", b"application/json")]
    names = [
        "api/challenge",
        "api/sign-in",
        "api/sign-out",
        "api/devices/wiped",
        "control/changes",
        "control/faults",
        "control/reset",
        "control/accounts",
        "control/clock",
    ]
    posts = [f"/{name}".encode() for name in names]
    named = ["email", "lookup_hash", "stay", "account", "add_message", "add_chat", "drop_message", "device_id", HALF]
    for path in posts:
        for half in HALVES:
            valid = {"email": EMAIL, "lookup_hash": "0" * 64}
            for body in ({**valid, name: half} for name in named):
                raw = json.dumps(body).encode()
                assert target.run(target.request("POST", path, headers, raw)) == 400
                # The same, as bytes that no UTF-8 has.
                raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
                assert target.run(target.request("POST", path, headers, raw)) == 400
    for query in (b"%ED%A0%80", b"\xed\xa0\x80", b"%00"):
        for path in (b"/api/session?account=", b"/ws?account=", b"/"):
            target.run(target.request("GET", path + query, [], b""))


def test_half_a_character_in_any_field_of_any_frame(target: Target) -> None:
    target.run(target.attacker.disconnect())  # what an earlier test has left unread
    target.attacker.socket.is_open = False
    for frame in FRAMES:
        for half in HALVES:
            for name in (*frame, "other", HALF):
                target.run(target.frame(json.dumps({**frame, name: half}), said_hello=True))
                assert not target.attacker.socket.is_open


def test_every_valid_frame_that_names_somebody_elses_records(target: Target) -> None:
    stamp = target.victim.cursor or ""
    for event in valid_events(target.ids, stamp):
        for said_hello in (True, False):
            target.run(target.frame(codec.write_device_frame(event), said_hello))


@pytest.mark.soak
def test_a_hundred_thousand_inputs(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    target.inputs.clear()
    fuzz_frames(target, LONG)
    fuzz_requests(target, LONG)
    fuzz_polled(target, LONG // 5)
    fuzz_devices(target, LONG // 5)
    fuzz_control(target, LONG // 5)
    with capsys.disabled():
        print(f"\n{target.inputs['frames']} frames, {target.inputs['requests']} requests")  # noqa: T201
    assert sum(target.inputs.values()) >= 2 * LONG
