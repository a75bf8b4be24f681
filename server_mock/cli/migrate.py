"""`python -m server_mock migrate`: brings the collections in step with this version, which a start checks."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
import time
from collections.abc import Mapping

from server_mock.cli.data_source import CannotStart, named_disk, open_disk
from server_mock.cli.options import Options, add_data_options
from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.directus.migrating import CannotMigrate, is_newer, migrate, schema_number
from server_mock.directus.migrations import NEWEST

OLDER = "The data has schema {found}, and this version needs {needed}: run `{command}`, then start again."
NONE = (
    "The data has no schema of Hearth, or the token may not read it: run `{command}` with an administrator's token, "
    "then start again."
)
NEWER = "The data has schema {found}, and this version knows {needed} at most: use the version that made it."
ADMINISTRATOR = " Collections are changed with an administrator's token."


def run(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Migrate the data that the command line names. Raises `CannotStart`, and `BadOption` for the environment."""
    parser = argparse.ArgumentParser(prog="python -m server_mock migrate", allow_abbrev=False)
    add_data_options(parser)
    asyncio.run(_run(named_disk(parser.parse_args(arguments), environment)))


async def check_schema(client: DirectusClient, options: Options, least: int = NEWEST) -> None:
    """Raise `CannotStart` unless the data has this version's schema, or one from `least` on. Raises `DirectusError`."""
    found = await schema_number(client)
    sentence = NEWER if is_newer(found) else None
    if found < least:
        sentence = OLDER if found else NONE
    if sentence is not None:
        raise CannotStart(sentence.format(found=found, needed=NEWEST, command=command(options)))


def command(options: Options) -> str:
    """The command that migrates the data of these options."""
    words = ["python", "-m", "server_mock", "migrate"]
    words += ["--data", str(options.data)] if options.data is not None else []
    words += ["--collection-prefix", options.prefix] if options.prefix else []
    return shlex.join(words)


async def _run(options: Options) -> None:
    disk = open_disk(options)
    try:
        async with DirectusClient(disk.url, disk.token, transport=disk.transport, prefix=disk.prefix) as client:
            await client.learn_query_limit()
            found = await schema_number(client)
            if is_newer(found):
                raise CannotStart(NEWER.format(found=found, needed=NEWEST))
            async for each in migrate(client, round(time.time() * 1000)):
                sys.stdout.write(f"{each.number}: {each.title}\n")
            sys.stdout.write(f"The data has schema {NEWEST}.\n")
    except ValueError as error:
        raise CannotStart(f"{error} Check DIRECTUS_URL and DIRECTUS_TOKEN.") from None
    except CannotMigrate as error:
        raise CannotStart(str(error)) from None
    except DirectusError as error:
        raise CannotStart(f"{error}{ADMINISTRATOR if error.status == 403 else ''}") from None
    finally:
        if disk.standin is not None:
            disk.standin.close()
