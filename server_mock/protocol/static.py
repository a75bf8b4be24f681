"""Serves `dist/`: the page and what it loads, compressed beforehand, under a strict policy.

A file is found in the build's manifest, never by its path on the disk: nothing outside it can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server_mock.protocol.page_manifest import SUFFIXES, FileEntry, Manifest

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
INDEX = "/index.html"

# PyScript's core calls `Function` once, hence 'unsafe-eval'; Trusted Types narrow it to that one script.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default",
    ]
)
UNUSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
OWN_FEATURES = ("publickey-credentials-create", "publickey-credentials-get")
"""What this origin alone may use: passkeys."""
_PERMISSIONS = [f"{feature}=()" for feature in UNUSED_FEATURES] + [f"{feature}=(self)" for feature in OWN_FEATURES]
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(sorted(_PERMISSIONS)),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
HSTS = ("Strict-Transport-Security", "max-age=31536000")
"""Over https only (RFC 6797, 7.2): from then on a browser asks this host for nothing without encryption."""


class SecurityHeaders:
    """ASGI middleware that puts the security headers on every answer of the server, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; WebSockets pass through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault(*HSTS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


@dataclass(frozen=True, slots=True)
class _File:
    """One file in all its forms: content by encoding, with an empty name for the plain one."""

    entry: FileEntry
    forms: dict[str, bytes]


class StaticFiles:
    """The ASGI application for everything that is not the API: `dist` as its manifest lists it.

    All of it is read at once (some 50 MB), so that a build that replaces `dist` meanwhile never makes a running
    server answer with files of two versions.
    """

    def __init__(self, dist: Path, manifest: Manifest) -> None:
        self._files = {entry["path"]: _File(entry, dict(_forms(dist, entry))) for entry in manifest["files"]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = self.answer(Request(scope, receive))
        await response(scope, receive, send)

    def answer(self, request: Request) -> Response:
        """Return the file that `request` asks for, a 304, or an error in plain text."""
        path = request.scope["path"]
        file = self._files.get(INDEX if path == "/" else path)
        if file is None:
            response: Response = PlainTextResponse("There is nothing here.\n", 404)
        elif request.method not in {"GET", "HEAD"}:
            response = PlainTextResponse("Only GET and HEAD are answered here.\n", 405, {"Allow": "GET, HEAD"})
        else:
            response = _found(file, request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def _forms(dist: Path, entry: FileEntry) -> Iterable[tuple[str, bytes]]:
    plain = dist / entry["path"].removeprefix("/")
    yield "", plain.read_bytes()
    for encoding in entry["encodings"]:
        yield encoding, plain.with_name(plain.name + SUFFIXES[encoding]).read_bytes()


def _found(file: _File, request: Request) -> Response:
    accepted = accepted_encodings(request.headers.get("accept-encoding", ""))
    encoding = min(
        (name for name in file.forms if not name or name in accepted), key=lambda name: len(file.forms[name])
    )
    content = file.forms[encoding]
    # A strong validator names bytes, and each encoding has bytes of its own.
    tag = f'"{file.entry["sha256"][:32]}{SUFFIXES.get(encoding, "")}"'
    headers = {
        "Cache-Control": IMMUTABLE if file.entry["immutable"] else REVALIDATED,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if not {tag, "*"}.isdisjoint(entity_tags(request.headers.get("if-none-match", ""))):
        return Response(status_code=304, headers=headers)
    headers["Content-Type"] = file.entry["type"]
    if encoding:
        headers["Content-Encoding"] = encoding
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(len(content))})
    return Response(content, headers=headers)


def accepted_encodings(header: str) -> frozenset[str]:
    """Return the content encodings that an `Accept-Encoding` header allows (RFC 9110, 12.5.3)."""
    weights = dict(_weighted(part) for part in header.split(",") if part.strip())
    for_the_rest = weights.get("*", 0.0)
    return frozenset(name for name in SUFFIXES if weights.get(name, for_the_rest) > 0)


def _weighted(part: str) -> tuple[str, float]:
    name, _, parameter = part.partition(";")
    key, _, value = parameter.strip().partition("=")
    try:
        weight = float(value) if key == "q" else 1.0
    except ValueError:
        weight = 0.0
    return name.strip().lower(), weight


def entity_tags(header: str) -> Iterable[str]:
    """Return the entity tags of an `If-None-Match` header, compared weakly as RFC 9110, 13.1.2 asks."""
    return [tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()]
