"""The command line of the server, and the environment variables with what is secret in it."""

from __future__ import annotations

import argparse
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from server_mock.assistant.openai import endpoint
from server_mock.protocol.lease import LEASE_S, LEAST_S, MOST_S
from server_mock.protocol.metrics_api import LEAST_TOKEN_CHARS
from server_mock.protocol.quotas import Quotas
from server_mock.protocol.record_disk import MAX_PAYLOAD_BYTES
from server_mock.protocol.sign_up import SignUp

MAX_CHATS = 10_000
MAX_MESSAGES = 2_000
MAX_LATENCY_MS = 60_000
LEAST_PAYLOAD, MOST_PAYLOAD = 100_000, 1_000_000_000
MOST_QUOTA = 10**15
MAX_SEED = 2**63 - 1
_PREFIX = re.compile(r"([a-z][a-z0-9_]{0,30})?")
DEFAULT_MODEL = "default"
"""What a server with one model is asked for: most of those take any name."""


class BadOption(Exception):
    """An option, or the environment, does not make sense; the text says what would."""


class AssistantKind(StrEnum):
    """Who answers in chats."""

    SCRIPTED = "scripted"
    OPENAI = "openai"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Options:
    """What the server is asked to be."""

    host: str
    port: int
    chats: int
    messages: int
    latency_ms: int
    max_payload: int
    seed: int
    data: Path | None
    prefix: str
    quotas: Quotas
    metrics_token: str | None = field(repr=False)
    control: bool
    demo: bool
    proxies: tuple[str, ...]
    lease_s: int
    sign_up: SignUp
    assistant: AssistantKind
    assistant_url: str | None
    assistant_model: str
    assistant_key: str = field(repr=False)
    directus_url: str | None
    directus_token: str | None = field(repr=False)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadOption(f"{message}. See --help.")


def parse(arguments: list[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line. Raises `BadOption`; `--help` prints and exits."""
    parser = _Parser(
        prog="python -m server_mock",
        description="Serves Hearth and its API.",
        epilog="DIRECTUS_URL and DIRECTUS_TOKEN in the environment point it at a real Directus; ASSISTANT_API_KEY is "
        "the key that --assistant-url asks for, METRICS_TOKEN what /metrics asks for.",
        allow_abbrev=False,
    )
    _add_network(parser)
    _add_data(parser)
    _add_quotas(parser)
    _add_demo(parser)
    _add_assistant(parser)
    found = parser.parse_args(arguments)
    _check_assistant(found)
    url, token = environment.get("DIRECTUS_URL") or None, environment.get("DIRECTUS_TOKEN") or None
    if url and not token:
        raise BadOption("DIRECTUS_URL is set, but DIRECTUS_TOKEN is not: set the token of a Directus user.")
    if url and found.data:
        raise BadOption("--data is for the embedded data: unset DIRECTUS_URL, or leave it out.")
    if found.prefix and not url:
        raise BadOption("--collection-prefix is for a Directus: set DIRECTUS_URL, or leave it out. See --help.")
    found.sign_up = SignUp(found.sign_up or (SignUp.CLOSED if url else SignUp.OPEN))
    if found.control and found.demo is False:
        raise BadOption("--control is about the demo account: leave out --no-demo. See --help.")
    found.metrics_token = _metrics_token(environment) if found.metrics else None
    del found.metrics
    found.quotas = Quotas(found.quota_records, found.quota_bytes, found.quota_writes)
    del found.quota_records, found.quota_bytes, found.quota_writes
    found.demo = (not url or found.control) if found.demo is None else found.demo
    key = environment.get("ASSISTANT_API_KEY", "").strip()
    return Options(**vars(found), assistant_key=key, directus_url=url, directus_token=token)


def _add_network(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_number(0, 65535), default=8000, help="port; 0 picks a free one (default: %(default)s)")
    add(
        "--proxy-headers",
        dest="proxies",
        type=_networks,
        default=(),
        metavar="ADDRESSES",
        help="the TLS proxies in front, as addresses or networks with commas between them: what they say in "
        "X-Forwarded-For and X-Forwarded-Proto counts (default: nobody's)",
    )
    add(
        "--metrics",
        action="store_true",
        help="answer /metrics, for Prometheus, to who shows METRICS_TOKEN as its bearer token (default: no)",
    )
    add(
        "--sign-up",
        choices=tuple(SignUp),
        help="who may make an account: anybody, who has an invite code, or nobody "
        "(default: open, or closed with DIRECTUS_URL)",
    )


def _metrics_token(environment: Mapping[str, str]) -> str:
    token = environment.get("METRICS_TOKEN", "").strip()
    if len(token) < LEAST_TOKEN_CHARS or not token.isascii() or not token.isprintable() or " " in token:
        raise BadOption(
            f"--metrics needs METRICS_TOKEN, at least {LEAST_TOKEN_CHARS} characters without spaces. See --help."
        )
    return token


def _add_data(parser: argparse.ArgumentParser) -> None:
    add_data_options(parser)
    add = parser.add_argument
    add(
        "--latency-ms",
        type=_number(0, MAX_LATENCY_MS),
        default=0,
        help="milliseconds that every request to Directus takes longer (default: %(default)s)",
    )
    add(
        "--max-payload",
        type=_number(LEAST_PAYLOAD, MOST_PAYLOAD),
        default=MAX_PAYLOAD_BYTES,
        metavar="BYTES",
        help="longest request that Directus takes, its MAX_PAYLOAD_SIZE (default: %(default)s)",
    )
    add(
        "--lease-s",
        type=_number(LEAST_S, MOST_S),
        default=LEASE_S,
        metavar="SECONDS",
        help="after how long another server may follow one that was killed, with DIRECTUS_URL (default: %(default)s)",
    )


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name the data, of the server and of each command."""
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="the embedded data's file (default: DIRECTUS_URL, or memory)"
    )
    parser.add_argument(
        "--collection-prefix",
        dest="prefix",
        type=_prefix,
        default="",
        metavar="PREFIX",
        help="what the names of Hearth's collections begin with at Directus, such as hearth_ (default: nothing)",
    )


def _add_quotas(parser: argparse.ArgumentParser) -> None:
    for name, what in (
        ("records", "chats and messages that an account may have"),
        ("bytes", "bytes that its chats and messages may take"),
        ("writes", "writes that an account may make in an hour; a draft is one, too"),
    ):
        parser.add_argument(
            f"--quota-{name}", type=_number(1, MOST_QUOTA), metavar="NUMBER", help=f"{what} (default: any number)"
        )


def _add_demo(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--demo",
        action=argparse.BooleanOptionalAction,
        help="have a demo account, whose password everybody knows (default: yes, or no with DIRECTUS_URL)",
    )
    add(
        "--chats",
        type=_number(0, MAX_CHATS),
        default=120,
        help="chats of the demo account (default: %(default)s)",
    )
    add(
        "--messages",
        type=_number(0, MAX_MESSAGES),
        default=40,
        help="messages of a chat, about (default: %(default)s)",
    )
    add(
        "--seed",
        type=_number(0, MAX_SEED),
        default=1,
        help="number that the demo data is made from (default: %(default)s)",
    )
    add("--control", action="store_true", help="answer /control, for tests; never beside real data")


def _add_assistant(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--assistant",
        type=_kind,
        metavar="{scripted,openai,none}",
        help="who answers in chats: a script, a server that speaks OpenAI's chat completions, or nobody "
        "(default: scripted, or openai with --assistant-url)",
    )
    parser.add_argument(
        "--assistant-url",
        type=_address,
        metavar="URL",
        help="where it is asked, such as https://api.example.com/v1",
    )
    parser.add_argument(
        "--assistant-model", metavar="NAME", help=f"the model that is asked for (default: {DEFAULT_MODEL})"
    )


def _check_assistant(found: argparse.Namespace) -> None:
    """Settle who answers. Raises `BadOption`."""
    named = found.assistant_url is not None or found.assistant_model is not None
    if found.assistant is None:
        found.assistant = AssistantKind.OPENAI if named else AssistantKind.SCRIPTED
    if found.assistant is AssistantKind.OPENAI and not found.assistant_url:
        raise BadOption("--assistant openai needs --assistant-url. See --help.")
    if found.assistant is not AssistantKind.OPENAI and named:
        raise BadOption("--assistant-url and --assistant-model are for --assistant openai. See --help.")
    found.assistant_model = found.assistant_model or DEFAULT_MODEL


def _kind(text: str) -> AssistantKind:
    try:
        return AssistantKind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be scripted, openai or none, not {text!r:.40}") from None


def _address(text: str) -> str:
    try:
        endpoint(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text) or text.startswith("directus_"):
        raise argparse.ArgumentTypeError(f"must be small letters, digits and _, such as hearth_, not {text!r:.40}")
    return text


def _networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(each.strip())) for each in text.split(","))
    except ValueError:
        sentence = f"must be addresses or networks, such as 127.0.0.1,10.0.0.0/8, not {text!r:.60}"
        raise argparse.ArgumentTypeError(sentence) from None


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}, not {text!r:.40}")
        return int(text)

    return read
