"""What the checks against the manifest have found: kept with the device's sync state, and said in the status line."""

from __future__ import annotations

from collections.abc import Mapping

from hearth.core.records.contents import Chat
from hearth.core.records.integrity_table import ManifestSignal, after
from hearth.core.records.manifest import Listed
from hearth.core.records.manifest_checks import AccountFault, Checked, Fault
from hearth.core.view import integrity_text
from hearth.ports.storage import Batch, SyncState

ACCOUNT = ""
"""The name under which the account's own standing is kept: the highest version of the manifest, and its fault."""

ENTRIES = "entries"
"""The name under which settings and memories are kept; chats' ids are UUIDs."""


class Findings:
    """What is known of each chat, of settings and memories, and of the account as a whole."""

    def __init__(self) -> None:
        self.seen = 0
        """The highest version of the manifest that this device has seen."""
        self.account = AccountFault.NONE
        self._checked: dict[str, Checked] = {}
        self._unsaved: set[str] = set()

    def restore(self, state: SyncState) -> set[str]:
        """Take over what earlier sessions found; what of it is here in full."""
        self._checked = {name: each for name, each in state.checked.items() if name != ACCOUNT}
        if account := state.checked.get(ACCOUNT):
            self.seen = max(self.seen, account.version)
            self.account = AccountFault(account.fault)
        return {name for name, each in self._checked.items() if each.fault != Fault.WITHHELD}

    def known(self, name: str) -> Checked | None:
        """What was found when it was checked last; None when it never was."""
        return self._checked.get(name)

    def wrong(self, name: str) -> Checked | None:
        """What is wrong with it, or None."""
        known = self._checked.get(name)
        return known if known and known.fault else None

    def withheld(self, listed: Mapping[str, Listed], here: Mapping[str, Chat]) -> tuple[Chat, ...]:
        """The chats that should be here and are not, for the list."""
        return tuple(
            Chat(name, integrity_text.WITHHELD_TITLE, listed[name].last_updated if name in listed else 0, 0)
            for name, each in self._checked.items()
            if each.fault == Fault.WITHHELD and name not in here
        )

    @property
    def summary(self) -> str:
        """What the status line says of it."""
        chats = sum(bool(each.fault) for name, each in self._checked.items() if name != ENTRIES)
        return integrity_text.summary(chats, self.wrong(ENTRIES) is not None, self.account)

    @property
    def faults(self) -> tuple[object, ...]:
        """Everything that is wrong, to see whether it has changed."""
        return ({name: each for name, each in self._checked.items() if each.fault}, self.account)

    def set(self, name: str, checked: Checked) -> None:
        """Note what was found."""
        if self._checked.get(name) != checked:
            self._checked[name] = checked
            self._unsaved.add(name)

    def note(self, signal: ManifestSignal) -> None:
        """Note something about the manifest itself."""
        fault = after(self.account, signal)
        if fault is not self.account:
            self.account = fault
            self._unsaved.add(ACCOUNT)

    def note_seen(self, version: int) -> None:
        """The server sent a manifest of this version."""
        if version > self.seen:
            self.seen = version
            self._unsaved.add(ACCOUNT)

    def take_unsaved(self) -> Batch | None:
        """What is to be kept, or None; it counts as kept from now on."""
        if not self._unsaved:
            return None
        kept = {name: self._checked[name] for name in self._unsaved if name != ACCOUNT}
        kept[ACCOUNT] = Checked(self.seen, self.account)
        self._unsaved.clear()
        return Batch(checked=kept)
