"""Frames and bodies that are not what they should be are refused with a reason, and the server goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearth.core.protocol.server_events import ErrorCode, ServerError, WarmingComplete
from hearth_testing.conformance.client import Browser, Person, Server
from hearth_testing.conformance.sealed import chat, message, new_id

HELLO: dict[str, Any] = {"v": 1, "event": "hello", "device_id": "device"}
HALF = "\ud800"


def frame(**fields: Any) -> str:
    return json.dumps({"v": 1, **fields})


def write(**fields: Any) -> str:
    return frame(**{"event": "write", "mutations": [new_id()], "records": {"chats": [chat()]}, **fields})


BAD_FRAMES: dict[str, str | bytes] = {
    "no JSON": "this is no JSON",
    "not an object": "[]",
    "nothing": "",
    "bytes": b"\x00\xff",
    "no event": frame(),
    "an event of the server's": frame(event="pong"),
    "an event that there is not": frame(event="surprise"),
    "an event that is no text": frame(event=7),
    "a second hello": json.dumps(HELLO),
    "a field that is missing": frame(event="want"),
    "a field of another kind": frame(event="want", chat_id=7),
    "an empty id": frame(event="want", chat_id=""),
    "an endless id": frame(event="want", chat_id="x" * 1000),
    "half a character": frame(event="want", chat_id=HALF),
    "no such collection": frame(event="refetch", collection="users", record_id=new_id()),
    "too many ids": frame(event="read_chats", ids=[new_id() for _ in range(101)]),
    "a write of nothing": write(records={}),
    "a write without a name": write(mutations=[]),
    "a write with too many names": write(mutations=[new_id() for _ in range(101)]),
    "a write of a collection that there is not": write(records={"users": [{"id": new_id()}]}),
    "a record without an id": write(records={"chats": [{**chat(), "id": None}]}),
    "a record in the clear": write(records={"chats": [chat(title="in the clear")]}),
    "a field in the clear": write(records={"chats": [chat(colour="blue")]}),
    "a negative version": write(records={"chats": [chat(version=-1)]}),
    "a version that is no number": write(records={"chats": [chat(version="1")]}),
    "a role that there is not": write(records={"messages": [message(new_id(), role="owner")]}),
    "a record twice": write(records={"chats": [chat(id="a"), chat(id="a")]}),
    "too many records": write(records={"chats": [chat() for _ in range(301)]}),
    "too long": frame(event="want", chat_id="x" * (1024 * 1024)),
}


@pytest.mark.parametrize("what", BAD_FRAMES)
def test_a_bad_frame_is_refused_and_ends_the_connection(resident: Person, what: str) -> None:
    device = resident.warmed()
    device.send_text(BAD_FRAMES[what])
    device.close_code()
    last = device.events[-1]
    assert isinstance(last, ServerError)
    assert (last.code, bool(last.message)) == (ErrorCode.BAD_FRAME, True)
    assert device.browser.session() == (204, ""), "the session goes on"
    again = resident.warmed("again")
    assert again.quiet() == []


@pytest.mark.parametrize("version", [2, 0, None, "1"])
def test_another_version_is_told_from_a_bad_frame(resident: Person, version: object) -> None:
    device = resident.device()
    device.send_text(json.dumps({**HELLO, "v": version}))
    device.close_code()
    last = device.events[-1]
    assert isinstance(last, ServerError)
    assert last.code is ErrorCode.VERSION


@pytest.mark.parametrize("first", [frame(event="ping"), frame(event="want", chat_id=new_id()), write()])
def test_hello_comes_first(resident: Person, first: str) -> None:
    device = resident.device()
    device.send_text(first)
    device.close_code()
    assert [type(event) for event in device.events] == [ServerError]


def test_what_a_hello_does_not_know_is_no_matter(resident: Person) -> None:
    device = resident.device()
    device.send_text(json.dumps({**HELLO, "have": {new_id(): 5}, "have_settings": {new_id(): 5}}))
    device.take_until(WarmingComplete)


BAD_BODIES = {
    "no JSON": b"this is no JSON",
    "not an object": b"[]",
    "nothing": b"",
    "no text": b"\xff\xfe",
    "half a character": b'{"email": "\\ud800@hearth.example", "lookup_hash": "0"}',
    "half a character elsewhere": b'{"email": "a@hearth.example", "lookup_hash": "0", "other": ["\\udc00"]}',
    "a field of another kind": b'{"email": 7, "lookup_hash": 7}',
    "an empty field": b'{"email": "", "lookup_hash": ""}',
    "deeply nested": b"[" * 5000,
}


@pytest.mark.parametrize("path", ["/api/challenge", "/api/sign-in", "/api/sign-up"])
@pytest.mark.parametrize("what", BAD_BODIES)
def test_a_bad_body_is_refused_with_a_sentence(server: Server, path: str, what: str) -> None:
    browser = Browser(server)
    answer = browser.http.post(path, content=BAD_BODIES[what], headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"]
    assert error["message"].strip().endswith(".")


def test_a_long_body_is_refused(server: Server) -> None:
    answer = Browser(server).post("/api/challenge", {"email": "x" * 20_000})
    assert answer.status_code in {400, 413}
    assert answer.json()["error"]["message"]
