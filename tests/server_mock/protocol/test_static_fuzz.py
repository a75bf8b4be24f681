"""Whatever is asked of the static server, it answers with a file of the manifest as it is, or with a sentence."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.assets import Assets
from runtime.compression import Compressor
from server_mock.protocol.page_manifest import Manifest
from server_mock.protocol.static import SECURITY_HEADERS, StaticFiles

FILES = {"core.js": b"export const answer = 42;\n" * 100, "core.wasm": b"\0asm"}
SECRET = b"not for the network"
SHORT, LONG = 500, 50_000

WAYS_OUT = (
    "..",
    "%2e%2e",
    "..%2f",
    "%252e%252e",
    "..\\",
    "\0",
    "%00",
    "//",
    "/./",
    "~",
    "secret.txt",
    "manifest.json",
    "C:",
)
ENCODINGS = ("br", "gzip", "identity;q=0", "*;q=0", "br;q=nonsense", "gzip;q=1.1", ",,,;;", "br" * 999)
RANGES = ("bytes=0-", "bytes=-1", "bytes=9-2", "bytes=" + "0-1," * 999, "lines=1", "bytes=99999999999999999999-")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, StaticFiles]:
    """A server beside whose files there are others."""
    folder = tmp_path_factory.mktemp("static")
    assets = Assets(Compressor(folder / "cache"))
    for name, content in FILES.items():
        assets.add(name, content)
    assets.add_named("/index.html", b"<!doctype html>")
    manifest = assets.write(folder / "dist", build="b", app="a")
    for place in (folder, folder / "dist"):
        (place / "secret.txt").write_bytes(SECRET)
    return manifest, StaticFiles(folder / "dist", manifest)


def requests(manifest: Manifest) -> st.SearchStrategy[Any]:
    """A method, a path and headers, each of them known, near to known, or anything."""
    paths = [entry["path"] for entry in manifest["files"]]
    tags = [f'"{entry["sha256"][:32]}{suffix}"' for entry in manifest["files"] for suffix in ("", ".br", ".gz")]
    known = st.sampled_from(["/", *paths])
    path = st.one_of(
        known,
        st.text(max_size=30).map(lambda rest: "/" + rest),
        st.lists(st.sampled_from([*WAYS_OUT, *paths]), max_size=6).map("/".join).map(lambda rest: "/" + rest),
        st.builds(lambda at, way: at + way, known, st.sampled_from(WAYS_OUT)),
        st.just("/" + "a" * 100_000),
    )
    headers = st.fixed_dictionaries(
        {},
        optional={
            "accept-encoding": st.one_of(st.sampled_from(ENCODINGS), st.text(max_size=20)),
            "if-none-match": st.one_of(
                st.sampled_from(tags), st.sampled_from(["*", '"', 'W/"x"', '"' * 999, ","]), st.text(max_size=40)
            ),
            "if-modified-since": st.sampled_from(["never", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 99]),
            "range": st.one_of(st.sampled_from(RANGES), st.text(max_size=20)),
        },
    )
    return st.tuples(st.sampled_from(["GET", "GET", "HEAD", "POST", "TRACE", "get", "\xa7"]), path, headers)


async def ask(
    server: StaticFiles, method: str, path: str, headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """One request, as raw as ASGI can carry it."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(errors="replace"),
        "query_string": b"",
        "headers": [(name.encode(), value.encode(errors="replace")) for name, value in headers.items()],
    }
    await server(scope, receive, send)
    told = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], told, b"".join(each.get("body", b"") for each in said)


def fuzz(served: tuple[Manifest, StaticFiles], examples: int) -> Counter[int]:
    manifest, server = served
    contents = [*FILES.values(), b"<!doctype html>"]
    statuses: Counter[int] = Counter()

    @settings(max_examples=examples, deadline=None)
    @given(request=requests(manifest))
    def one(request: tuple[str, str, dict[str, str]]) -> None:
        status, headers, body = asyncio.run(ask(server, *request))
        statuses[status] += 1
        assert {name.lower(): value for name, value in SECURITY_HEADERS.items()}.items() <= headers.items()
        assert SECRET not in body
        if status == 200:
            unpack: Callable[[bytes], bytes] = brotli.decompress if headers.get("content-encoding") == "br" else bytes
            if request[0] == "GET" and headers.get("content-encoding") != "gzip":
                assert unpack(body) in contents
        elif status == 304:
            assert body == b""
        else:
            assert status in (404, 405)
            assert body.decode().endswith(".\n")

    one()
    return statuses


def test_any_request(served: tuple[Manifest, StaticFiles]) -> None:
    # Few random requests hold the address of a file together with its tag: 304 may not be among them.
    assert {200, 404, 405} <= fuzz(served, SHORT).keys() <= {200, 304, 404, 405}


@pytest.mark.soak
def test_fifty_thousand_requests(served: tuple[Manifest, StaticFiles]) -> None:
    assert sum(fuzz(served, LONG).values()) >= LONG
