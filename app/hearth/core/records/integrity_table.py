"""What follows from a check against the manifest, as two tables: about the account as a whole, and about one chat."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from hearth.core.records.manifest_checks import AccountFault


class ManifestSignal(StrEnum):
    """What a device can notice about the manifest itself."""

    OLDER = "older"
    """It is older than one that this device has seen, and nothing on the way explains that."""
    NOT_OLDER = "not-older"
    """The server answered with one that is not older."""
    OFFERED = "offered"
    """The server sent one that fits what this device has seen."""
    CONTRADICTED = "contradicted"
    """Two of one version differ, or a newer one knows a chat in an older state."""
    GONE = "gone"
    """None is stored, though this device has seen one."""
    SHARDS_DIFFER = "shards-differ"
    """Its shards are not those that it names."""
    SHARDS_FIT = "shards-fit"


_EVERY: Final = tuple(AccountFault)

ACCOUNT_TABLE: Final[Mapping[ManifestSignal, Mapping[AccountFault, AccountFault]]] = {
    ManifestSignal.OLDER: dict.fromkeys(_EVERY, AccountFault.ROLLED_BACK),
    ManifestSignal.NOT_OLDER: {AccountFault.ROLLED_BACK: AccountFault.NONE},
    ManifestSignal.OFFERED: {AccountFault.REMOVED: AccountFault.NONE},
    ManifestSignal.CONTRADICTED: dict.fromkeys(_EVERY, AccountFault.FORKED),
    ManifestSignal.GONE: dict.fromkeys(_EVERY, AccountFault.REMOVED),
    # Where the whole account is another than this device has seen, so are its shards: that is told already.
    ManifestSignal.SHARDS_DIFFER: {AccountFault.NONE: AccountFault.MIXED},
    ManifestSignal.SHARDS_FIT: {AccountFault.MIXED: AccountFault.NONE},
}
"""The account's next fault by signal and fault; what a row does not name stays as it is."""


def after(fault: AccountFault, signal: ManifestSignal) -> AccountFault:
    """What is wrong with the account once a signal has come."""
    return ACCOUNT_TABLE[signal].get(fault, fault)


class Decision(StrEnum):
    """What is done about the result of a check."""

    KEEP = "keep"
    """Keep it: it is what the server has."""
    ASK = "ask"
    """Ask the server for the records once more before anything is said."""
    WAIT = "wait"
    """Nothing: a part of a chat that is known to be one is no finding; whoever opens it gets the rest."""


DECISIONS: Final[Mapping[tuple[bool, bool, bool], Decision]] = {
    # fine, answered, whole
    (True, False, False): Decision.KEEP,
    (True, False, True): Decision.KEEP,
    (True, True, False): Decision.KEEP,
    (True, True, True): Decision.KEEP,
    (False, True, False): Decision.KEEP,
    (False, True, True): Decision.KEEP,
    (False, False, True): Decision.ASK,
    (False, False, False): Decision.WAIT,
}
"""By three facts: the records are as the manifest lists them; they were asked for once more, and came; all are here."""


def decide(*, fine: bool, answered: bool, whole: bool) -> Decision:
    """What to do about a check's result."""
    return DECISIONS[fine, answered, whole]
