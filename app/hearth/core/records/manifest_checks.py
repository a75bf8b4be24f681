"""Holds what is on a device against the account's manifest, and says how it differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from hearth.core.records.manifest import Fingerprint, Listed, Manifest

WARM_CHATS = 100
"""How many chats a warming brings."""


class Fault(StrEnum):
    """How what the server sent differs from what the account's devices wrote."""

    NONE = ""
    MISSING = "missing"
    """Messages are missing."""
    EXTRA = "extra"
    """There are messages that the device which wrote last did not know of, or had deleted."""
    ALTERED = "altered"
    """A record is not the one that was written last."""
    OLDER = "older"
    """The chat is an older state of itself."""
    UNCONFIRMED = "unconfirmed"
    """The chat is newer than the manifest, or is not in it: written halfway, deleted, or the manifest is kept back."""
    WITHHELD = "withheld"
    """The whole chat is missing."""


class AccountFault(StrEnum):
    """What is wrong with the manifest itself."""

    NONE = ""
    ROLLED_BACK = "rolled-back"
    """The server offers an older one than this device has seen."""
    REMOVED = "removed"
    """There is none any longer."""
    FORKED = "forked"
    """Somebody wrote it who had been shown another history."""
    MIXED = "mixed"
    """Its shards are not those that were written last: one is missing, or is older."""


class Finding(NamedTuple):
    """What is wrong with one chat; `messages` says with how many of them, where that is known."""

    fault: Fault
    messages: int = 0


FINE = Finding(Fault.NONE)


class Checked(NamedTuple):
    """What was found when a chat was checked at a version; kept on the device."""

    version: int
    fault: str
    messages: int = 0


def judge(manifest: Manifest, chat_id: str, version: int, last_updated: int, held: Fingerprint) -> Finding:
    """Compare a chat on the device with the manifest; `held` covers the chat's record and its messages."""
    listed = manifest.chats.get(chat_id)
    if listed is None:
        return Finding(Fault.UNCONFIRMED) if manifest.would_list(chat_id, last_updated) else FINE
    if version < listed.version:
        return Finding(Fault.OLDER, max(0, listed.held.records - held.records))
    if version > listed.version:
        return Finding(Fault.UNCONFIRMED)
    if held.records < listed.held.records:
        return Finding(Fault.MISSING, listed.held.records - held.records)
    if held.records > listed.held.records:
        return Finding(Fault.EXTRA, held.records - listed.held.records)
    return FINE if held.digest == listed.held.digest else Finding(Fault.ALTERED)


def absent(
    manifest: Manifest, here: Mapping[str, Any], expects: Callable[[int, str], bool] = lambda _updated, _id: False
) -> dict[str, Listed]:
    """The chats that a warmed device should have and has not.

    Of an account with more chats than a warming brings it is expected to have the last updated ones, as many
    as a warming brings or as it has at all, but for the one that it may have only because it was opened last; and each
    that `expects` says of its time and id has to be in a list that goes further down.
    """
    chats = manifest.chats
    order = sorted(chats, key=lambda each: (-chats[each].last_updated, each))
    least = len(order)
    if len(order) > WARM_CHATS:
        least = min(WARM_CHATS, sum(each in chats for each in here) - 1)
    expected = [each for at, each in enumerate(order) if at < least or expects(chats[each].last_updated, each)]
    return {each: chats[each] for each in expected if each not in here}


def went_back(older: Manifest, newer: Manifest) -> list[str]:
    """The chats that a newer manifest knows in an older state: its writer was shown another history."""
    return [
        chat_id
        for chat_id, each in older.chats.items()
        if chat_id in newer.chats and newer.chats[chat_id].version < each.version
    ]
