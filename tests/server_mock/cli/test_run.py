"""The command: its options, what cannot work said in one sentence, and a real process from start to stop."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from hearth.core.records.envelope import normalise_password
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.__main__ import main
from server_mock.assistant.openai import OpenAiAssistant
from server_mock.assistant.scripted import ScriptedAssistant
from server_mock.cli.data_source import CannotStart, open_disk, write_private
from server_mock.cli.options import AssistantKind, BadOption, Options, parse
from server_mock.cli.run import make_assistant
from server_mock.demo import accounts
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.api import COOKIE
from server_mock.protocol.lease import HELD
from server_mock.protocol.quotas import Quotas
from server_mock.protocol.sign_up import SignUp

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Leave the handlers of the tests' own process as they were."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"server_mock: [^\n]+\.\n", err)
    return err


def test_the_defaults() -> None:
    assert parse([], {}) == Options(
        host="127.0.0.1",
        port=8000,
        chats=120,
        messages=40,
        latency_ms=0,
        max_payload=1_000_000,
        seed=1,
        data=None,
        prefix="",
        quotas=Quotas(),
        metrics_token=None,
        control=False,
        demo=True,
        proxies=(),
        lease_s=15,
        sign_up=SignUp.OPEN,
        assistant=AssistantKind.SCRIPTED,
        assistant_url=None,
        assistant_model="default",
        assistant_key="",
        directus_url=None,
        directus_token=None,
    )


def test_the_assistant_is_named_or_follows_from_its_address() -> None:
    url = "https://models.example/v1"
    found = parse(["--assistant-url", url, "--assistant-model", "large"], {"ASSISTANT_API_KEY": " secret-key\n"})
    assert (found.assistant, found.assistant_url, found.assistant_model) == (AssistantKind.OPENAI, url, "large")
    assert found.assistant_key == "secret-key"
    assert "secret-key" not in repr(found)
    assistant = make_assistant(found)
    assert isinstance(assistant, OpenAiAssistant)
    assert assistant.host == "models.example"
    assert "secret-key" not in repr(assistant)
    assert make_assistant(parse(["--assistant", "none"], {})) is None
    assert isinstance(make_assistant(parse(["--assistant", "scripted"], {})), ScriptedAssistant)
    with pytest.raises(CannotStart) as stopped:
        make_assistant(parse(["--assistant-url", url], {"ASSISTANT_API_KEY": "two words"}))
    assert "ASSISTANT_API_KEY" in str(stopped.value)
    assert "two words" not in str(stopped.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "x"),
        ("--port", "-1"),
        ("--port", "65536"),
        ("--port", "8_0"),
        ("--port", "٣"),
        ("--chats", "-1"),
        ("--chats", "1e3"),
        ("--chats", "10001"),
        ("--messages", "9" * 100),
        ("--latency-ms", "60001"),
        ("--max-payload", "1000"),
        ("--seed", ""),
        ("--seed", "1.5"),
        ("--frobnicate",),
        ("--cont",),
        ("extra",),
        ("--port",),
        ("--no-demo", "--control"),
        ("--proxy-headers", "*"),
        ("--lease-s", "0"),
        ("--lease-s", "601"),
        ("--proxy-headers", ""),
        ("--quota-records", "0"),
        ("--quota-bytes", "-1"),
        ("--quota-writes", "many"),
        ("--collection-prefix", "hearth_"),
        ("--collection-prefix", "Hearth_"),
        ("--collection-prefix", "directus_"),
        ("--proxy-headers", "proxy.example"),
        ("--proxy-headers", "127.0.0.1,"),
        ("--proxy-headers", "10.0.0.1/8"),
        ("--assistant", "somebody"),
        ("--assistant", "openai"),
        ("--assistant-model", "large"),
        ("--assistant", "none", "--assistant-url", "https://models.example"),
        ("--assistant-url", "ftp://models.example"),
        ("--assistant-url", "https://name:password@models.example"),
        ("--assistant-url", "https://models.example/v1?key=1"),
        ("--assistant-url", "https://models.example:99999"),
    ],
)
def test_bad_options(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert "--help" in refused(capsys, *arguments)


def test_every_option_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(["--help"], {})
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    for option in (
        "host",
        "port",
        "chats",
        "messages",
        "latency-ms",
        "max-payload",
        "seed",
        "data",
        "collection-prefix",
        "metrics",
        "quota-records",
        "quota-bytes",
        "quota-writes",
        "control",
        "demo",
        "no-demo",
        "proxy-headers",
        "lease-s",
        "assistant",
    ):
        assert re.search(rf"--{option}[^\n]*\n?\s+\S+", text)


def test_half_of_what_a_real_directus_needs() -> None:
    with pytest.raises(BadOption, match="DIRECTUS_TOKEN is not"):
        parse([], {"DIRECTUS_URL": "http://directus.example"})
    both = {"DIRECTUS_URL": "http://directus.example", "DIRECTUS_TOKEN": "token"}
    with pytest.raises(BadOption, match="--data"):
        parse(["--data", "file"], both)
    assert parse([], both).directus_token == "token"
    assert parse([], {"DIRECTUS_TOKEN": "token"}).directus_url is None


@pytest.mark.parametrize(
    ("arguments", "with_directus", "demo"),
    [
        ([], False, True),
        (["--no-demo"], False, False),
        ([], True, False),
        (["--demo"], True, True),
        (["--control"], True, True),
    ],
)
def test_who_has_a_demo_account(arguments: list[str], with_directus: bool, demo: bool) -> None:
    directus = {"DIRECTUS_URL": "http://directus.example", "DIRECTUS_TOKEN": "token"}
    assert parse(arguments, directus if with_directus else {}).demo is demo


@pytest.mark.parametrize("token", ["", "too short", "x" * 15, "x" * 20 + " y", "é" * 20])
def test_metrics_need_a_token_that_nobody_guesses(token: str) -> None:
    with pytest.raises(BadOption, match="METRICS_TOKEN"):
        parse(["--metrics"], {"METRICS_TOKEN": token})
    found = parse(["--metrics"], {"METRICS_TOKEN": "a-token-of-the-tests\n"})
    assert found.metrics_token == "a-token-of-the-tests"
    assert "a-token-of-the-tests" not in repr(found)
    assert parse([], {"METRICS_TOKEN": "a-token-of-the-tests"}).metrics_token is None


def test_quotas() -> None:
    found = parse(["--quota-records", "5", "--quota-bytes", "6", "--quota-writes", "7"], {}).quotas
    assert found == Quotas(records=5, size_bytes=6, writes_an_hour=7)


def test_proxies_are_addresses_and_networks() -> None:
    found = parse(["--proxy-headers", "127.0.0.1, 10.0.0.0/8,2001:DB8::/32"], {}).proxies
    assert found == ("127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32")


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "already in use" in refused(capsys, "--port", str(port))


def test_a_host_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, "--host", "no such host", "--port", "0")
    refused(capsys, "--host", "x" * 300, "--port", "0")


def test_data_files_that_cannot_be_used(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_text("certainly not a database " * 100)
    for path in (junk, tmp_path, tmp_path / "missing" / "file"):
        assert str(path) in refused(capsys, "--port", "0", "--data", str(path))
    assert junk.read_text().startswith("certainly")
    blocked = tmp_path / "data"
    (tmp_path / "data.secret").mkdir()
    assert "data.secret" in refused(capsys, "--port", "0", "--data", str(blocked))


@pytest.mark.parametrize(
    ("url", "token"),
    [("http://127.0.0.1:9", "token"), ("nonsense", "token"), ("http://127.0.0.1:9", "to ken")],
)
def test_a_directus_that_does_not_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str, token: str
) -> None:
    monkeypatch.setenv("DIRECTUS_URL", url)
    monkeypatch.setenv("DIRECTUS_TOKEN", token)
    said = refused(capsys, "--port", "0")
    assert "DIRECTUS_URL" in said
    assert token not in said.replace("DIRECTUS_TOKEN", "").replace("Directus token", "")


def test_the_secret_goes_with_the_data(tmp_path: Path) -> None:
    def secret(environment: dict[str, str], *arguments: str) -> bytes:
        disk = open_disk(parse(list(arguments), environment))
        if disk.standin is not None:
            disk.standin.close()
        assert disk.secret not in repr(disk).encode()
        return disk.secret

    file, other = str(tmp_path / "a"), str(tmp_path / "b")
    assert secret({}) != secret({})
    assert secret({}, "--data", file) == secret({}, "--data", file) != secret({}, "--data", other)
    directus = {"DIRECTUS_URL": "http://directus.example", "DIRECTUS_TOKEN": "token"}
    assert secret(directus) == secret(directus) != secret({**directus, "DIRECTUS_TOKEN": "another"})
    assert (tmp_path / "a.secret").stat().st_mode & 0o077 == 0


@contextmanager
def running(*arguments: str, **more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server process, ready, and its address. It announces its demo account where it has one."""
    demo = parse(list(arguments), more).demo
    command = [sys.executable, "-m", "server_mock", "--port", "0", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIRECTUS_")} | more
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            address = re.fullmatch(r"Hearth is at (http://127\.0\.0\.1:\d+)\n", first)
            assert address is not None, process.stderr and process.stderr.read()
            if demo:
                told = f"Demo account: {accounts.EMAIL}, password: {accounts.PASSWORD}\n"
                assert process.stdout.readline() == told
            yield address[1], process
        finally:
            process.kill()


def sign_in(http: httpx.Client) -> dict[str, Any]:
    """What a sign-in with the announced password answers."""
    challenge = http.post("/api/challenge", json={"email": accounts.EMAIL}).json()
    credentials = CryptographyCipher().derive_now(
        normalise_password(accounts.PASSWORD), base64.b64decode(challenge["salt"]), challenge["iterations"]
    )
    body = {"email": accounts.EMAIL, "lookup_hash": credentials.lookup_hash, "stay": True}
    response = http.post("/api/sign-in", json=body)
    assert response.status_code == 200
    return dict(response.json())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_starts_serves_and_stops(number: signal.Signals) -> None:
    with running("--chats", "2", "--messages", "2") as (url, process), httpx.Client(base_url=url) as http:
        assert http.get("/api/demo").json() == {"email": accounts.EMAIL, "password": accounts.PASSWORD}
        assert sign_in(http)["account"]
        assert http.get("/control/accounts").status_code in (404, 405)
        process.send_signal(number)
        assert process.wait(timeout=5) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def shows_no_demo_account(*arguments: str, **environment: str) -> None:
    with running(*arguments, **environment) as (url, process):
        assert httpx.get(f"{url}/api/demo").status_code == 204
        process.terminate()
        out, err = process.communicate(timeout=5)
        assert (process.returncode, out) == (0, "")
        assert accounts.PASSWORD not in err


def test_without_a_demo_account_there_is_none_on_the_disk_and_its_password_is_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "hearth.db"
    shows_no_demo_account("--no-demo", "--data", str(file))
    with closing(StandIn("token", data_file=file)) as standin:
        assert standin.count("users") == 0


def test_a_directus_of_its_own_gets_no_demo_account_unless_it_is_asked_for(directus_process: dict[str, str]) -> None:
    shows_no_demo_account(**directus_process)


def test_a_second_server_on_one_directus_is_refused(directus_process: dict[str, str]) -> None:
    with running("--lease-s", "1", **directus_process) as (url, process):
        command = [sys.executable, "-m", "server_mock", "--port", "0"]
        environment = {**os.environ, **directus_process}
        other = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (other.returncode, other.stdout) == (2, "")
        assert other.stderr.splitlines()[-1] == f"server_mock: {HELD}"
        assert httpx.get(f"{url}/api/demo").status_code == 204
        process.terminate()
        assert process.wait(timeout=5) == 0
    with running(**directus_process) as (url, process):
        process.terminate()
        _out, err = process.communicate(timeout=5)
        assert "Waiting" not in err, "the one before has given its lease back"


def test_data_and_sessions_survive_a_restart(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path / "hearth.db"), "--chats", "2", "--messages", "2", "--control")
    with running(*arguments) as (url, process), httpx.Client(base_url=url) as http:
        account = sign_in(http)
        cookie = {"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"}
        assert http.post("/control/changes", json={"add_chat": {"title": "kept"}}).status_code == 200
        process.terminate()
        assert process.wait(timeout=5) == 0
    with running(*arguments, "--seed", "99") as (url, process), httpx.Client(base_url=url) as http:
        # Another seed makes no other account: what is there is kept.
        assert sign_in(http) == account
        assert http.get("/api/session", headers=cookie).status_code == 204
        chats = http.get("/control/accounts").json()[0]["chats"]
        assert chats[0]["title"] == "kept"
        assert len(chats) == 3
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert cookie["Cookie"].partition("=")[2].encode() not in everything
    assert b"kept" not in everything


def test_sessions_that_an_older_server_kept_in_a_file_go_on(tmp_path: Path) -> None:
    old = tmp_path / "hearth.db.sessions"
    arguments = ("--data", str(tmp_path / "hearth.db"), "--chats", "2", "--messages", "2")
    token = "the token of a cookie"
    entry = {
        "key": sha256(token.encode()).hexdigest(),
        "user_id": "u",
        "hashed_email": "h",
        "expires_at": time.time() + 99,
    }
    for content, status in ((json.dumps([entry]), 204), ("{", 204), (json.dumps([{**entry, "key": "no hash"}]), 204)):
        old.write_text(content)
        with running(*arguments) as (url, _process):
            assert httpx.get(f"{url}/api/session", headers={"Cookie": f"{COOKIE}={token}"}).status_code == status
        assert not old.exists()


def test_a_private_file_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("before")
    write_private(path, b"after")
    assert path.read_bytes() == b"after"
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
