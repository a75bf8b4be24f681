"""The way to the data that the options name, and the secrets that lie beside it."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from server_mock.cli.options import Options, parse
from server_mock.directus_standin.app import DataFileError, StandIn
from server_mock.directus_standin.dialect import MAX_BODY

STANDIN_URL = "http://directus.internal"
SECRET_BYTES = 32


class CannotStart(Exception):
    """The server cannot start; the text is one sentence that says why."""


@dataclass(slots=True)
class Disk:
    """The way to the data; `secret` lasts as long as the data, and at a Directus until one is kept there.

    `old_sessions` is where a server before this one kept the sessions of an embedded data file.
    """

    transport: httpx.AsyncBaseTransport
    url: str
    token: str = field(repr=False)
    secret: bytes = field(repr=False)
    prefix: str
    old_sessions: Path | None
    standin: StandIn | None


def named_disk(found: argparse.Namespace, environment: Mapping[str, str]) -> Options:
    """The options of a command that works on data that lasts. Raises `CannotStart` without any, and `BadOption`."""
    named = ["--data", str(found.data)] if found.data else []
    named += ["--collection-prefix", found.prefix] if found.prefix else []
    options = parse(named, environment)
    if options.data is None and not options.directus_url:
        raise CannotStart("Name the embedded data's file with --data, or set DIRECTUS_URL and DIRECTUS_TOKEN.")
    return options


def open_disk(options: Options) -> Disk:
    """Open the data file, or memory, or the way to a real Directus. Raises `CannotStart`."""
    if options.directus_url and options.directus_token:
        # What a server before this one used for good: no device is warmed again when it is kept.
        secret = hmac.new(options.directus_token.encode(), b"hearth server secret", hashlib.sha256).digest()
        transport = httpx.AsyncHTTPTransport(trust_env=False)
        return Disk(transport, options.directus_url, options.directus_token, secret, options.prefix, None, None)
    token = secrets.token_urlsafe()
    try:
        standin = StandIn(token, data_file=options.data, max_body=max(options.max_payload, MAX_BODY))
    except DataFileError as error:
        raise CannotStart(str(error)) from None
    secret, old_sessions = secrets.token_bytes(SECRET_BYTES), None
    if options.data is not None:
        secret = _kept_secret(options.data.with_name(f"{options.data.name}.secret"))
        old_sessions = options.data.with_name(f"{options.data.name}.sessions")
    return Disk(httpx.ASGITransport(app=standin), STANDIN_URL, token, secret, "", old_sessions, standin)


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


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
