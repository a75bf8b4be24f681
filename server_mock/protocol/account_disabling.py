"""Disables an account and enables it again, as an operator asks: meanwhile nobody signs in, and its records stay.

`lookup_hashes` decides which of the ways open an account. A disabled one lists none, and `ways` beside it keeps what
each of them is. Its sessions count as expired, not as revoked: devices lock themselves and delete nothing.
"""

from __future__ import annotations

from typing import Any

from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.ways import ways_of


def is_disabled(row: Row) -> bool:
    """Whether nobody can sign in, although the account is not being deleted."""
    return not row["lookup_hashes"] and row["deleting"] is None


async def disable_account(client: DirectusClient, row: Row, now_ms: int) -> None:
    """Have nobody sign in, and the sessions end. Raises `DirectusError`.

    A server that runs ends those that it has in memory when it looks at the accounts the next time.
    """
    if not is_disabled(row):
        await client.update("users", row["id"], {"lookup_hashes": [], "ways": _kept(row)})
    still_open = {"user_id": {"_eq": row["id"]}, "expires_at": {"_gt": now_ms}}
    await client.update_many("sessions", filter=still_open, values={"expires_at": now_ms})


async def enable_account(client: DirectusClient, row: Row) -> bool:
    """Have the same ways open the account again; whether there are any. Raises `DirectusError`."""
    if row["lookup_hashes"]:
        return True
    hashes = list(_stored(row))
    if hashes:
        await client.update("users", row["id"], {"lookup_hashes": hashes})
    return bool(hashes)


def _kept(row: Row) -> list[dict[str, Any]]:
    """Every way that opens the account now, as it is stored; that of a row from before there were several, too."""
    ways = {way.hash: way.stored() for way in ways_of(row)} | _stored(row)
    return [ways[each] for each in row["lookup_hashes"] if each in ways]


def _stored(row: Row) -> dict[str, dict[str, Any]]:
    """What `ways` says, by hash, also of kinds that this version does not know."""
    return {each["hash"]: each for each in row["ways"] or () if isinstance(each, dict) and "hash" in each}
