"""The static server: negotiation, caching, policy, and that nothing outside the manifest can be reached."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import brotli
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from runtime.assets import Assets
from runtime.compression import Compressor
from server_mock.protocol.page_manifest import Manifest
from server_mock.protocol.static import SECURITY_HEADERS, SecurityHeaders, StaticFiles, accepted_encodings

SCRIPT = b"export const answer = 42;\n" * 100
PAGE = b"<!doctype html><title>Hearth</title>" + b"<p>Some text.</p>" * 50


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("not for the network")
    return tmp_path / "dist"


@pytest.fixture
def manifest(dist: Path, tmp_path: Path) -> Manifest:
    assets = Assets(Compressor(tmp_path / "cache"))
    assets.add("core.js", SCRIPT)
    assets.add("core.wasm", b"\0asm")
    assets.add_named("/index.html", PAGE)
    return assets.write(dist, build="b", app="a")


@pytest.fixture
def address(manifest: Manifest) -> Callable[[str], str]:
    return lambda suffix: next(entry["path"] for entry in manifest["files"] if entry["path"].endswith(suffix))


@pytest.fixture
async def client(dist: Path, manifest: Manifest) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(StaticFiles(dist, manifest))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.headers.pop("accept-encoding")
        yield client


async def raw(client: httpx.AsyncClient, url: str, encodings: str) -> tuple[httpx.Response, bytes]:
    async with client.stream("GET", url, headers={"accept-encoding": encodings}) as response:
        return response, b"".join([part async for part in response.aiter_raw()])


async def test_brotli_is_preferred_and_decodes_to_the_file(
    client: httpx.AsyncClient, address: Callable[[str], str]
) -> None:
    response, body = await raw(client, address(".js"), "gzip, deflate, br")
    assert response.headers["content-encoding"] == "br"
    assert response.headers["content-length"] == str(len(body))
    assert brotli.decompress(body) == SCRIPT


async def test_gzip_goes_to_who_knows_no_brotli(client: httpx.AsyncClient, address: Callable[[str], str]) -> None:
    response, body = await raw(client, address(".js"), "gzip")
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == SCRIPT


@pytest.mark.parametrize("encodings", ["", "identity", "br;q=0, gzip;q=0"])
async def test_plain_bytes_go_to_who_accepts_no_encoding(
    client: httpx.AsyncClient, address: Callable[[str], str], encodings: str
) -> None:
    response, body = await raw(client, address(".js"), encodings)
    assert "content-encoding" not in response.headers
    assert body == SCRIPT


async def test_content_addressed_files_are_kept_for_good(
    client: httpx.AsyncClient, address: Callable[[str], str]
) -> None:
    response = await client.get(address(".js"))
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["vary"] == "Accept-Encoding"


async def test_the_page_is_asked_for_again_and_answered_with_304(client: httpx.AsyncClient) -> None:
    first = await client.get("/")
    assert first.content == PAGE
    assert first.headers["cache-control"] == "no-cache"
    second = await client.get("/", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (await client.get("/", headers={"if-none-match": "*"})).status_code == 304
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]


async def test_each_encoding_has_its_own_validator(client: httpx.AsyncClient) -> None:
    plain, _ = await raw(client, "/", "")
    packed, _ = await raw(client, "/", "br")
    assert plain.headers["etag"] != packed.headers["etag"]


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (".js", "text/javascript; charset=utf-8"),
        (".wasm", "application/wasm"),
        (".html", "text/html; charset=utf-8"),
    ],
)
async def test_content_types(
    client: httpx.AsyncClient, address: Callable[[str], str], suffix: str, expected: str
) -> None:
    assert (await client.get(address(suffix))).headers["content-type"] == expected


async def test_head_tells_what_get_would(client: httpx.AsyncClient, address: Callable[[str], str]) -> None:
    got, told = await client.get(address(".js")), await client.head(address(".js"))
    assert told.content == b""
    assert told.headers == got.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/-/../../secret.txt",
        "//secret.txt",
        "/manifest.json",
        "/-/",
    ],
)
async def test_what_the_manifest_does_not_name_is_not_there(dist: Path, manifest: Manifest, path: str) -> None:
    assert (dist / "manifest.json").exists()
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await StaticFiles(dist, manifest)(scope, receive, send)
    assert sent[0]["status"] == 404
    headers = dict(sent[0]["headers"])  # type: ignore[call-overload]
    assert headers[b"content-type"] == b"text/plain; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/nothing-here"])
async def test_every_answer_carries_the_policy(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    for name, value in SECURITY_HEADERS.items():
        assert response.headers[name] == value


def test_the_policy_lets_no_other_origin_in() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in policy
    assert "http" not in policy
    assert "'unsafe-inline'" not in policy
    assert "*" not in policy


async def test_the_middleware_covers_other_applications() -> None:
    async def crashing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(SecurityHeaders(crashing))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/api/anything")
    assert response.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("br, gzip", {"br", "gzip"}),
        ("BR;q=0.5", {"br"}),
        ("*", {"br", "gzip"}),
        ("*;q=0, gzip", {"gzip"}),
        ("br;q=nonsense", set()),
        ("", set()),
    ],
)
def test_accepted_encodings(header: str, expected: set[str]) -> None:
    assert accepted_encodings(header) == expected
