"""The operator's commands about accounts, on a data file: what they say, and what is on the disk afterwards."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from pathlib import Path

import httpx
import pytest

from hearth.core.records import recovery_key
from hearth.core.records.envelope import normalise_password
from hearth.core.records.ways import WayKind
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.__main__ import main
from server_mock.demo.accounts import Plan
from server_mock.demo.seeding import ensure_account
from server_mock.directus.client import DirectusClient
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.app import make_app
from server_mock.protocol.invites import Invites
from server_mock.protocol.services import Services
from server_mock.protocol.sessions import Sessions

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


def give(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """What the command finds on its standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


async def signs_in(data: Path, email: str, *proofs: tuple[WayKind, bytes]) -> list[int]:
    """What a server on the file answers to who shows a password or a recovery key."""
    standin, statuses = StandIn(TOKEN, data_file=data), []
    transport = httpx.ASGITransport(app=standin)
    client = DirectusClient("http://directus", TOKEN, transport=transport)
    services = Services(client, Sessions(time.time), b"a secret of the tests")
    app = httpx.ASGITransport(app=make_app(services))
    async with httpx.AsyncClient(transport=app, base_url="http://hearth.test") as http:
        for kind, secret in proofs:
            cost = (await http.post("/api/challenge", json={"email": email, "kind": kind})).json()
            salt = base64.b64decode(cost["salt"])
            credentials = CryptographyCipher().derive_now(secret, salt, cost["iterations"])
            body = {"email": email, "lookup_hash": credentials.lookup_hash}
            statuses.append((await http.post("/api/sign-in", json=body)).status_code)
    await services.close()
    standin.close()
    return statuses


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

    def test_an_account_is_added_that_its_password_and_its_recovery_key_open(
        self, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give(monkeypatch, "wärme in der Küche\r\nnot this line\n".encode())
        assert run("--data", str(data), "add", "--email", " New@hearth.example") == 0
        first, second = capsys.readouterr().out.splitlines()
        shown = recovery_key.read(second.rpartition(": ")[2])
        assert shown is not None
        asked = asyncio.run(
            signs_in(
                data,
                "new@hearth.example",
                (WayKind.PASSWORD, normalise_password("wärme in der Küche")),
                (WayKind.RECOVERY, recovery_key.secret_of(shown)),
                (WayKind.PASSWORD, normalise_password("another password")),
            )
        )
        assert asked == [200, 200, 401]
        run("--data", str(data), "list")
        (line,) = [each for each in capsys.readouterr().out.splitlines() if "ways in: 2" in each]
        assert line.split()[0] == first.split()[1].rstrip(".")
        assert b"rme in der K" not in data.read_bytes()

    @pytest.mark.parametrize(
        ("email", "given", "said"),
        [
            ("nonsense", b"a long password\n", "e-mail address"),
            ("new@hearth.example", b"short\n", "10 characters"),
            ("new@hearth.example", b"", "10 characters"),
            ("new@hearth.example", b"x" * 20_000, "1024 characters"),
            ("new@hearth.example", b"\xff\xfe a long password\n", "UTF-8"),
            ("new@hearth.example", b"new@hearth.example\n", "no password"),
            (EMAIL, b"a long password\n", "an account of this address already"),
        ],
    )
    def test_what_makes_no_account_is_said(
        self,
        data: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        email: str,
        given: bytes,
        said: str,
    ) -> None:
        give(monkeypatch, given)
        assert run("--data", str(data), "add", "--email", email) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert said in err
        run("--data", str(data), "list")
        assert len(ids(capsys.readouterr().out)) == 2

    def test_a_disabled_account_is_shut_until_it_is_enabled(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        right = (WayKind.PASSWORD, normalise_password("a password"))
        for command, status in (("disable", 401), ("disable", 401), ("enable", 200)):
            assert run("--data", str(data), command, EMAIL) == 0
            assert asyncio.run(signs_in(data, EMAIL, right)) == [status]
            assert asyncio.run(signs_in(data, "other@hearth.example", right)) == [200]
            capsys.readouterr()
            run("--data", str(data), "list")
            assert capsys.readouterr().out.count("disabled") == (status == 401)
        standin = StandIn(TOKEN, data_file=data)
        assert (standin.count("users"), standin.count("chats")) == (2, 4)
        standin.close()

    @pytest.mark.parametrize("command", ["disable", "enable", "remove"])
    def test_an_account_that_nobody_has_is_neither_disabled_nor_enabled(
        self, data: Path, capsys: pytest.CaptureFixture[str], command: str
    ) -> None:
        assert run("--data", str(data), command, "nobody@hearth.example") == 2
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
        now_ms = round(time.time() * 1000)
        assert not await Invites(client).take("another", account["id"], now_ms)
        assert await Invites(client).take(code, account["id"], now_ms)
        assert not await Invites(client).take(code, "00000000-0000-4000-8000-000000000001", now_ms)
    standin.close()
