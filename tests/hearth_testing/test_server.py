"""A server in a process of its own: what it prints, and that it starts again where it was."""

from __future__ import annotations

import urllib.request

import pytest

from hearth_testing.server import Hearth


def test_what_it_prints_is_there_while_it_runs_and_afterwards() -> None:
    server = Hearth(["--chats", "1"]).start()
    assert server.url in server.printed()
    assert server.email in server.printed()
    server.stop()
    assert server.printed() == server.log
    assert not server.running


def test_it_starts_again_on_its_port() -> None:
    server = Hearth(["--chats", "1"]).start()
    url, port = server.url, server.port
    server.kill()
    server.start(port)
    assert server.url == url
    assert urllib.request.urlopen(f"{url}/healthz", timeout=20).status == 200  # noqa: S310 - it is ours
    server.kill()


def test_one_that_cannot_start_says_why() -> None:
    with pytest.raises(RuntimeError, match="--chats"):
        Hearth(["--chats", "many"]).start()
