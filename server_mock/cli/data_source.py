"""The way to the data that the options name, and the secrets that lie beside it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from server_mock.cli.options import Options
from server_mock.directus_standin.app import DataFileError, StandIn
from server_mock.protocol.sessions import write_private

STANDIN_URL = "http://directus.internal"
SECRET_BYTES = 32


class CannotStart(Exception):
    """The server cannot start; the text is one sentence that says why."""


@dataclass(slots=True)
class Disk:
    """The way to the data; `secret` lasts as long as the data, `sessions_file` is None where nothing lasts."""

    transport: httpx.AsyncBaseTransport
    url: str
    token: str = field(repr=False)
    secret: bytes = field(repr=False)
    sessions_file: Path | None
    standin: StandIn | None


def open_disk(options: Options) -> Disk:
    """Open the data file, or memory, or the way to a real Directus. Raises `CannotStart`."""
    if options.directus_url and options.directus_token:
        # The token is a secret that outlives this process, and goes with the data.
        secret = hmac.new(options.directus_token.encode(), b"hearth server secret", hashlib.sha256).digest()
        transport = httpx.AsyncHTTPTransport(trust_env=False)
        return Disk(transport, options.directus_url, options.directus_token, secret, None, None)
    token = secrets.token_urlsafe()
    try:
        standin = StandIn(token, data_file=options.data)
    except DataFileError as error:
        raise CannotStart(str(error)) from None
    secret, sessions_file = secrets.token_bytes(SECRET_BYTES), None
    if options.data is not None:
        secret = _kept_secret(options.data.with_name(f"{options.data.name}.secret"))
        sessions_file = options.data.with_name(f"{options.data.name}.sessions")
    return Disk(httpx.ASGITransport(app=standin), STANDIN_URL, token, secret, sessions_file, standin)


def _kept_secret(path: Path) -> bytes:
    try:
        if path.exists():
            kept = path.read_bytes()
            if len(kept) == SECRET_BYTES:
                return kept
        fresh = secrets.token_bytes(SECRET_BYTES)
        write_private(path, fresh)
    except OSError as error:
        raise CannotStart(f"The file {path} cannot be used: {error.strerror}.") from None
    return fresh
