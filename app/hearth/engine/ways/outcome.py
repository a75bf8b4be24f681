"""Changes a way in and finds out what became of it: the answer may be lost, the change not."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from hearth.core.errors import SignInError, Unreachable
from hearth.engine.ways.requests import AccountRequests

PAUSES_S = (0.5, 2.0, 6.0)
"""How long to wait before each look at what the server has, once it has not answered."""


NOT_CHANGED = "Your password was not changed: the old one is valid. "


class OutcomeUnknown(SignInError):
    """The server did not answer the change, nor what came of it."""


UNKNOWN = "The server did not answer, so this device cannot tell whether the change was made."


async def put_way(
    requests: AccountRequests, account: str, lookup_hash: str, way: dict[str, Any], *, end_sessions: bool = True
) -> None:
    """Put a way in the place of the one of its kind. Returns once the server has it.

    Raises `OutcomeUnknown` when that cannot be told, and `SignInError` when it has not.
    """
    try:
        await requests.put(account, lookup_hash, way, end_sessions=end_sessions)
    except Unreachable as error:
        if not await _is_there(requests, account, way["id"]):
            raise SignInError(str(error)) from None
        # The same request again: what it was to end, it ends.
        await _again(requests, account, lookup_hash, way, end_sessions)


async def remove_way(requests: AccountRequests, account: str, lookup_hash: str, way_id: str) -> None:
    """Remove a passkey. Returns once it is gone; raises as `put_way` does."""
    try:
        await requests.remove(account, lookup_hash, way_id)
    except Unreachable as error:
        if await _is_there(requests, account, way_id):
            raise SignInError(str(error)) from None


async def _is_there(requests: AccountRequests, account: str, way_id: str) -> bool:
    for pause in PAUSES_S:
        await asyncio.sleep(pause)
        try:
            return way_id in [each.id for each in await requests.ways(account)]
        except Unreachable:
            continue
    raise OutcomeUnknown(UNKNOWN)


async def _again(
    requests: AccountRequests, account: str, lookup_hash: str, way: dict[str, Any], end_sessions: bool
) -> None:
    with suppress(Unreachable):  # It is there; the sessions that it ends are noted at the server.
        await requests.put(account, lookup_hash, way, end_sessions=end_sessions)
