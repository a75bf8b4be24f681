"""The operator's commands about accounts, on a data file: what they say, and what is on the disk afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from server_mock.__main__ import main
from server_mock.demo.accounts import Plan
from server_mock.demo.seeding import ensure_account
from server_mock.directus.client import DirectusClient
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.invites import Invites

EMAIL, TOKEN = "person@hearth.example", "a-token-of-the-tests"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data file with two accounts."""
    monkeypatch.delenv("DIRECTUS_URL", raising=False)
    file = tmp_path / "hearth.db"
    with asyncio.Runner() as runner:
        runner.run(fill(file))
    return file


async def fill(file: Path) -> None:
    standin = StandIn(TOKEN, data_file=file)
    async with DirectusClient("http://directus", TOKEN, app=standin) as client:
        for email in (EMAIL, "other@hearth.example"):
            await ensure_account(client, standin, Plan(email, "a password", 7, 2, 3, 1_800_000_000_000, iterations=1))
    standin.close()


def run(*arguments: str) -> int:
    return main(["accounts", *arguments])


def ids(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()]


class TestAccounts:
    """Each command runs an event loop of its own, so these are no coroutines."""

    def test_accounts_are_listed_without_their_addresses(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--data", str(data), "list") == 0
        said = capsys.readouterr().out
        assert len(ids(said)) == 2
        assert "ways in: 1" in said
        assert EMAIL not in said

    @pytest.mark.parametrize("by", ["address", "id"])
    def test_an_account_is_removed_with_all_its_records(
        self, data: Path, capsys: pytest.CaptureFixture[str], by: str
    ) -> None:
        run("--data", str(data), "list")
        before = ids(capsys.readouterr().out)
        assert run("--data", str(data), "remove", EMAIL.upper() if by == "address" else before[0]) == 0
        gone = capsys.readouterr().out.split()[1].rstrip(".")
        run("--data", str(data), "list")
        assert ids(capsys.readouterr().out) == [each for each in before if each != gone]
        standin = StandIn(TOKEN, data_file=data)
        assert (standin.count("users"), standin.count("chats")) == (1, 2)
        standin.close()

    def test_an_account_that_is_not_there_is_said(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--data", str(data), "remove", "nobody@hearth.example") == 2
        assert "no account" in capsys.readouterr().err

    def test_without_data_it_says_what_to_name(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("DIRECTUS_URL", raising=False)
        assert run("list") == 2
        assert "--data" in capsys.readouterr().err


async def test_an_invite_is_valid_once(data: Path, capsys: pytest.CaptureFixture[str]) -> None:

    assert await asyncio.to_thread(run, "--data", str(data), "invite") == 0
    code = capsys.readouterr().out.strip()
    standin = StandIn(TOKEN, data_file=data)
    transport = httpx.ASGITransport(app=standin)
    async with DirectusClient("http://directus", TOKEN, transport=transport) as client:
        (account, *_rest) = await client.search("users", fields=("id",))
        assert not await Invites(client).take("another", account["id"])
        assert await Invites(client).take(code, account["id"])
        assert not await Invites(client).take(code, "00000000-0000-4000-8000-000000000001")
    standin.close()
