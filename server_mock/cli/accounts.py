"""`python -m server_mock accounts`: what an operator does about accounts, on the embedded file or on Directus."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from server_mock.cli.data_source import CannotStart, named_disk, open_disk
from server_mock.cli.migrate import check_schema
from server_mock.cli.new_account import add_account
from server_mock.cli.options import Options, add_data_options
from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.directus.migrations import NEWEST
from server_mock.directus.schema import Row
from server_mock.protocol.account_deletion import close_account, remove_account
from server_mock.protocol.account_disabling import disable_account, enable_account
from server_mock.protocol.accounts import hash_email
from server_mock.protocol.invites import COLLECTION, invite_row, new_code

NO_ACCOUNT = "There is no account of this address, and no account of this id."
BEING_DELETED = "This account is being deleted."
NO_WAYS = "Nothing is left that opens this account."
NOT_TEXT = "Give the password on the standard input, as one line of text in UTF-8."
MAX_LINE_BYTES = 10_000


def run(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Do what the command line says. Raises `CannotStart`, and `BadOption` for the environment."""
    parser = argparse.ArgumentParser(prog="python -m server_mock accounts", allow_abbrev=False)
    add_data_options(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="every account: its id, when it was made, how many ways in it has")
    commands.add_parser("invite", help="make a code for one new account, for --sign-up invite")
    add = commands.add_parser("add", help="make an account; its password is read from the standard input")
    add.add_argument("--email", required=True, help="its e-mail address")
    for name, does in (
        ("disable", "have nobody sign in to an account, and end its sessions; its records stay"),
        ("enable", "have its password and its recovery key open a disabled account again"),
        ("remove", "delete an account with all of its records"),
    ):
        commands.add_parser(name, help=does).add_argument("account", help="its e-mail address, or its id")
    found = parser.parse_args(arguments)
    options = named_disk(found, environment)
    password = _password() if found.command == "add" else ""
    asyncio.run(_run(options, found, password))


def _password() -> str:
    """The first line of the standard input, without its end."""
    try:
        return sys.stdin.buffer.readline(MAX_LINE_BYTES).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise CannotStart(NOT_TEXT) from None


async def _run(options: Options, found: argparse.Namespace, password: str) -> None:
    disk = open_disk(options)
    try:
        async with DirectusClient(disk.url, disk.token, transport=disk.transport, prefix=disk.prefix) as client:
            # Of two accounts that keep a migration from being done, one can be removed before it.
            await check_schema(client, options, 1 if found.command in ("list", "remove") else NEWEST)
            await client.learn_query_limit()
            match found.command:
                case "list":
                    await _list(client)
                case "invite":
                    await _invite(client)
                case "add":
                    await _add(client, found.email, password)
                case "disable":
                    await _disable(client, found.account)
                case "enable":
                    await _enable(client, found.account)
                case _:
                    await _remove(client, found.account)
    except ValueError as error:
        raise CannotStart(f"{error} Check DIRECTUS_URL and DIRECTUS_TOKEN.") from None
    except DirectusError as error:
        raise CannotStart(str(error)) from None
    finally:
        if disk.standin is not None:
            disk.standin.close()


async def _list(client: DirectusClient) -> None:
    fields = ("id", "created_at", "lookup_hashes", "deleting")
    for row in await client.search("users", sort=("created_at",), fields=fields):
        made = datetime.fromtimestamp(row["created_at"] / 1000, UTC)
        ways = f"ways in: {len(row['lookup_hashes'])}" if row["lookup_hashes"] else "disabled"
        ways = "is being deleted" if row["deleting"] else ways
        sys.stdout.write(f"{row['id']}  {made:%Y-%m-%d}  {ways}\n")


async def _invite(client: DirectusClient) -> None:
    code = new_code()
    await client.create(COLLECTION, [invite_row(code, round(time.time() * 1000))])
    sys.stdout.write(f"{code}\n")


async def _add(client: DirectusClient, email: str, password: str) -> None:
    made = await add_account(client, email, password)
    sys.stdout.write(f"Added {made.id}.\nRecovery key, shown this once: {made.recovery_key}\n")


async def _disable(client: DirectusClient, account: str) -> None:
    row = await _find(client, account)
    if row["deleting"] is not None:
        raise CannotStart(BEING_DELETED)
    await disable_account(client, row, round(time.time() * 1000))
    sys.stdout.write(f"Disabled {row['id']}. A server that runs ends its sessions within a minute.\n")


async def _enable(client: DirectusClient, account: str) -> None:
    row = await _find(client, account)
    if row["deleting"] is not None:
        raise CannotStart(BEING_DELETED)
    if not await enable_account(client, row):
        raise CannotStart(NO_WAYS)
    sys.stdout.write(f"Enabled {row['id']}. A server that runs knows it within a minute.\n")


async def _remove(client: DirectusClient, account: str) -> None:
    row = await _find(client, account)
    await close_account(client, row, round(time.time() * 1000))
    await remove_account(client, row["id"])
    sys.stdout.write(f"Deleted {row['id']}. A server that runs ends its sessions within two minutes.\n")


async def _find(client: DirectusClient, account: str) -> Row:
    rows = await client.search("users", filter={"hashed_email": {"_eq": hash_email(account)}}, limit=1)
    row = rows[0] if rows else await client.read("users", account.strip())
    if row is None:
        raise CannotStart(NO_ACCOUNT)
    return row
