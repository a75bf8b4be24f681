"""kill -9 of the server, in the middle of a warming and later: sessions are on the disk, and nobody is signed out.

With DIRECTUS_URL and DIRECTUS_TOKEN set, a real Directus is that disk, too.
"""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Hello
from server_mock.__main__ import main
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.api import COOKIE
from server_mock.protocol.http_util import LINES
from server_mock.protocol.lease import LOST
from tests.server_mock.cli.conftest import ROTATED_TOKEN
from tests.server_mock.cli.test_run import running, sign_in

SMALL = ("--demo", "--chats", "20", "--messages", "2")


def killed_after_sign_in(environment: dict[str, str], *arguments: str) -> list[int]:
    """Kill the server the moment it has answered two sign-ins, and another one later: what three cookies get then."""
    cookies = []
    for sign_ins in (2, 1):
        with running(*arguments, **environment) as (url, process):
            for _ in range(sign_ins):
                with httpx.Client(base_url=url) as http:
                    sign_in(http)
                    cookies.append({"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"})
            if sign_ins == 1:
                assert httpx.post(f"{url}/api/sign-out", json={}, headers=cookies[0]).status_code == 204
            process.kill()
            process.wait()
    with running(*arguments, **environment) as (url, _process):
        return [httpx.get(f"{url}/api/session", headers=cookie).status_code for cookie in cookies]


def test_kill_9_signs_nobody_out_of_the_embedded_server(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path / "hearth.db"), *SMALL)
    assert killed_after_sign_in({}, *arguments) == [401, 204, 204]


def test_kill_9_signs_nobody_out_with_a_directus_of_its_own(directus_process: dict[str, str]) -> None:
    assert killed_after_sign_in(directus_process, *SMALL, "--lease-s", "1") == [401, 204, 204]


def visit(url: str, session: str, account: str, until: str, since: str | None = None) -> list[dict[str, Any]]:
    """What the server sends a device of a session, as far as the first event of a name."""
    with httpx.Client(base_url=url, headers={"Origin": url, "Cookie": f"{COOKIE}={session}"}) as http:
        opened = http.post("/api/poll/open", json={"account": account})
        assert opened.status_code == 200, opened.text
        connection = opened.json()["connection"]
        hello = codec.write_device_frame(Hello(device_id="device", since=since))
        head = json.dumps({"connection": connection, "first": 1})
        http.post("/api/poll/send", content=f"{head}\n{hello}\n", headers={"Content-Type": LINES})
        came: list[dict[str, Any]] = []
        while not {until, "warming_complete"} & {frame["event"] for frame in came}:
            answer = http.post("/api/poll", json={"connection": connection, "after": len(came)}, timeout=30)
            first, *frames = answer.text.split("\n")
            assert json.loads(first)["closed"] is None, came
            came += map(json.loads, frames)
        return came


def killed_while_it_warms(environment: dict[str, str], *arguments: str) -> None:
    """A session that goes through a warming, another one and a return: after each, the server is killed."""
    arguments = (*arguments, "--latency-ms", "300")
    with running(*arguments, **environment) as (url, process):
        with httpx.Client(base_url=url) as http:
            account, session = sign_in(http)["account"], http.cookies[COOKIE]
        begun = visit(url, session, account, until="first_chat_ready")
        process.kill()
        process.wait()
    assert "warming_complete" not in {frame["event"] for frame in begun}
    with running(*arguments, **environment) as (url, process):
        *_, last = visit(url, session, account, until="warming_complete")
        process.kill()
        process.wait()
    with running(*arguments, **environment) as (url, _process):
        visit(url, session, account, until="up_to_date", since=last["stamp"])


def test_a_warming_goes_on_after_a_kill_of_the_embedded_server(tmp_path: Path) -> None:
    killed_while_it_warms({}, "--data", str(tmp_path / "hearth.db"), *SMALL)


def test_a_warming_goes_on_after_a_kill_with_a_directus_of_its_own(directus_process: dict[str, str]) -> None:
    killed_while_it_warms(directus_process, *SMALL, "--lease-s", "1")


def test_a_server_that_slept_gives_way_to_the_one_that_followed(directus_process: dict[str, str]) -> None:
    with running("--lease-s", "1", **directus_process) as (_url, first):
        first.send_signal(signal.SIGSTOP)
        with running("--lease-s", "1", **directus_process) as (url, _second):
            first.send_signal(signal.SIGCONT)
            _out, err = first.communicate(timeout=30)
            assert first.returncode == 2
            assert err.splitlines()[-1] == f"server_mock: {LOST}"
            assert httpx.get(f"{url}/healthz").status_code == 200


def test_another_token_for_the_same_directus_warms_nobody_again(directus_process: dict[str, str]) -> None:
    if "DIRECTUS_URL" in os.environ:
        pytest.skip("a real Directus has the token that the environment names")
    rotated = {**directus_process, "DIRECTUS_TOKEN": ROTATED_TOKEN}
    with running("--lease-s", "1", *SMALL, **directus_process) as (url, process):
        with httpx.Client(base_url=url) as http:
            account, session = sign_in(http)["account"], http.cookies[COOKIE]
        *_, last = visit(url, session, account, until="warming_complete")
        process.terminate()
        process.wait()
    with running("--lease-s", "1", *SMALL, **rotated) as (url, _process):
        assert [each["event"] for each in visit(url, session, account, "up_to_date", last["stamp"])] == ["up_to_date"]


def test_a_data_file_from_before_there_was_a_collection_of_sessions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIRECTUS_URL", raising=False)
    arguments = ("--data", str(tmp_path / "hearth.db"), "--chats", "2", "--messages", "2")
    with closing(StandIn("token", data_file=tmp_path / "hearth.db")) as standin:
        for name in ("sessions", "migrations"):
            standin.drop(name)
    assert main(["migrate", "--data", str(tmp_path / "hearth.db")]) == 0
    assert killed_after_sign_in({}, *arguments) == [401, 204, 204]
