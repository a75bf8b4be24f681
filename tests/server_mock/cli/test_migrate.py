"""The command that migrates, and what a server says on the data of another version: a real process, on both disks."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from server_mock.__main__ import main
from server_mock.directus.migrations import NEWEST
from server_mock.directus.schema import COLLECTIONS
from server_mock.directus_standin.app import StandIn
from tests.server_mock.cli.conftest import administrator
from tests.server_mock.cli.test_run import ROOT, refused, running

DONE = f"The data has schema {NEWEST}.\n"


@pytest.fixture
def no_directus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIRECTUS_URL", raising=False)


def data_file(tmp_path: Path, newest: int) -> Path:
    """A data file on which the migrations up to a number are done."""
    path = tmp_path / "hearth.db"
    StandIn("token", data_file=path).close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM items_migrations WHERE number > ?", (newest,))
        if newest > NEWEST:
            database.execute("INSERT INTO items_migrations VALUES ('newer', ?, 1)", (newest,))
    return path


@pytest.mark.usefixtures("no_directus")
@pytest.mark.parametrize("found", [0, NEWEST - 1])
def test_a_server_says_what_to_run_on_older_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], found: int
) -> None:
    path = data_file(tmp_path, found)
    told = f"run `python -m server_mock migrate --data {path}`"
    assert told in refused(capsys, "--port", "0", "--data", str(path))
    assert told in refused(capsys, "accounts", "--data", str(path), "invite")
    assert main(["migrate", "--data", str(path)]) == 0
    assert capsys.readouterr().out.endswith(DONE)
    assert main(["migrate", "--data", str(path)]) == 0
    assert capsys.readouterr().out == DONE
    with running("--data", str(path), "--no-demo"):
        pass


@pytest.mark.usefixtures("no_directus")
def test_accounts_that_keep_a_migration_from_being_done_can_be_removed_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = data_file(tmp_path, 1)
    assert main(["accounts", "--data", str(path), "list"]) == 0
    assert "no account of this address" in refused(capsys, "accounts", "--data", str(path), "remove", "nobody")


@pytest.mark.usefixtures("no_directus")
def test_neither_server_nor_command_touches_newer_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data_file(tmp_path, NEWEST + 1)
    for arguments in (["--port", "0"], ["migrate"], ["accounts"]):
        more = ["list"] if arguments == ["accounts"] else []
        assert f"schema {NEWEST + 1}" in refused(capsys, *arguments, "--data", str(path), *more)


@pytest.mark.usefixtures("no_directus")
def test_data_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--data" in refused(capsys, "migrate")


def test_a_directus_is_set_up_under_a_prefix_and_then_served(directus_process: dict[str, str]) -> None:
    prefix = ("--collection-prefix", f"hearth_test_{os.getpid()}_")
    directus = administrator(directus_process)
    environment = {**os.environ, **directus}

    def run(*arguments: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "server_mock", *arguments, *prefix]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout, done.stderr

    try:
        code, _out, err = run("--port", "0")
        assert code == 2
        assert f"run `python -m server_mock migrate {' '.join(prefix)}`" in err
        assert "administrator" in err
        code, out, _err = run("migrate")
        assert (code, out.splitlines()[-1]) == (0, DONE.strip())
        assert run("migrate") == (0, DONE, "")
        with running(*prefix, "--demo", "--chats", "1", "--messages", "1", **directus):
            pass
    finally:
        # A Directus without a licence has room for some 25 collections.
        with httpx.Client(
            base_url=directus["DIRECTUS_URL"], headers={"Authorization": f"Bearer {directus['DIRECTUS_TOKEN']}"}
        ) as http:
            for name in COLLECTIONS:
                http.delete(f"/collections/{prefix[1]}{name}")


def test_the_servers_token_cannot_migrate_and_need_not(directus_process: dict[str, str]) -> None:
    if "DIRECTUS_TOKEN" in os.environ:
        pytest.skip("a real Directus has the token that the environment names")
    command = [sys.executable, "-m", "server_mock", "migrate"]
    environment = {**os.environ, **directus_process}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *more], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    assert (run().returncode, run().stdout) == (0, DONE), "there is nothing to do"
    refused = run("--collection-prefix", "other_")
    assert refused.returncode == 2
    assert "administrator's token" in refused.stderr
