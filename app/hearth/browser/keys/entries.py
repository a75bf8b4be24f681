"""What lies in session and local storage about the key: entries, notes in their place, and the marks of a wipe.

Without "Stay signed in" it lies in session storage, which goes with the tab; else in local storage, which all tabs
share.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hearth.browser import storage_names
from hearth.browser.native import StorageRefused, WebStorage


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it lies there."""

    storage: WebStorage
    name: str
    text: str

    @property
    def fields(self) -> dict[str, Any]:
        """What it says; nothing, if it is not one of ours."""
        return fields_of(self.text)

    @property
    def account(self) -> str | None:
        """Whose it is."""
        account = self.fields.get("account")
        return account if isinstance(account, str) else None

    @property
    def share(self) -> str | None:
        """The id of the share that it is sealed under."""
        share = self.fields.get("half")
        return share if isinstance(share, str) else None

    def is_still_there(self) -> bool:
        """Whether nobody has changed or removed it since."""
        return self.storage.get(self.name) == self.text

    def remove(self) -> None:
        """Remove it."""
        self.storage.remove(self.name)


def fields_of(text: str) -> dict[str, Any]:
    """A JSON object, or an empty one for what is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def shared_key(account: str) -> str:
    """The name of an account's key in local storage."""
    return f"{storage_names.KEY}:{account}"


def lock_name(account: str) -> str:
    """The name of the note in the place of an account's key."""
    return f"{storage_names.LOCKED}:{account}"


def stored_name(account: str) -> str:
    """The name of the note that an account's chats are stored."""
    return f"{storage_names.STORED}:{account}"


class Entries:
    """The entries of this page's two storages; a storage that is forbidden is None."""

    def __init__(self, session: WebStorage | None, local: WebStorage | None) -> None:
        self._session, self._local = session, local
        self._storages = [each for each in (session, local) if each is not None]

    def kept_keys(self) -> list[Entry]:
        """The kept keys."""
        return self._named(storage_names.KEY, shared_key(""))

    def notes(self) -> list[Entry]:
        """The notes in the place of keys."""
        return self._named(lock_name(""))

    def shares(self) -> set[str]:
        """The ids of the shares that something here is sealed under."""
        return {each.share for each in (*self.kept_keys(), *self.notes()) if each.share is not None}

    def is_note_of(self, entry: Entry, account: str) -> bool:
        """Whether a note lies under the name of its account."""
        return entry.name == lock_name(account)

    def is_for_all(self, entry: Entry) -> bool:
        """Whether all tabs find it."""
        return entry.storage is self._local

    def put_key(self, account: str, text: str, stay: bool) -> None:
        """Keep a sealed key. Raises `StorageRefused`."""
        if stay:
            _put(self._local, shared_key(account), text)
        else:
            _put(self._session, storage_names.KEY, text)

    def take_over(self, account: str, key: str | None, note: str | None) -> None:
        """Keep in this tab what another one has handed over. Raises `StorageRefused`."""
        if self._session is not None:
            self._session.remove(lock_name(account))
        if key:
            _put(self._session, storage_names.KEY, key)
        elif note:
            _put(self._session, lock_name(account), note)

    def put_note(self, account: str, text: str, beside: WebStorage | None) -> None:
        """Put a note in the place of a key; not where another tab has done it, or has kept a key for all tabs.

        Raises `StorageRefused`.
        """
        taken = (lock_name(account), shared_key(account))
        if all(storage.get(name) is None for storage in self._storages for name in taken):
            _put(beside or self._session, lock_name(account), text)

    def note_of(self, account: str) -> str | None:
        """The note in the place of an account's key."""
        found = [storage.get(lock_name(account)) for storage in self._storages]
        return next((text for text in found if text), None)

    def forget(self, account: str | None = None) -> int:
        """Remove everything but the mark of a wipe; with an account, what is another one's stays. How many stayed."""
        left = 0
        for storage in self._storages:
            for name in storage.names():
                if not name.startswith(storage_names.ENTRIES) or name == storage_names.WIPING:
                    continue
                if account is not None and _is_of_another(account, name):
                    continue
                storage.remove(name)
                left += storage.get(name) is not None
        return left

    def note_stored(self, account: str) -> None:
        """Note beside the key, or what has taken its place, that the account's chats are stored."""
        storage = self._with_key(account)
        if storage is not None:
            with suppress(StorageRefused):  # no room for one letter: a removal will not be explained
                storage.put(stored_name(account), "1")

    def had_stored(self, account: str) -> bool:
        """Whether that was noted."""
        storage = self._with_key(account)
        return storage is not None and bool(storage.get(stored_name(account)))

    def stays(self, account: str) -> bool:
        """Whether a key of the account is kept although every tab is closed."""
        return self._local is not None and self._local.get(shared_key(account)) is not None

    @property
    def wiping(self) -> str | None:
        """The account whose wipe was begun and is not finished."""
        return None if self._local is None else self._local.get(storage_names.WIPING)

    def begin_wipe(self, account: str) -> None:
        """Write down, before anything is deleted, whose data goes: if this page dies, the next start goes on."""
        if self._local is not None:
            with suppress(StorageRefused):  # then the missing key has to say it alone
                self._local.put(storage_names.WIPING, account)

    def end_wipe(self) -> None:
        """Nothing is left of whom the wipe was for."""
        if self._local is not None:
            self._local.remove(storage_names.WIPING)

    def _named(self, *beginnings: str) -> list[Entry]:
        """The entries of this name, or whose names begin so where the account is part of them."""
        return [
            Entry(storage, name, storage.get(name) or "")
            for storage in self._storages
            for name in storage.names()
            if any(name.startswith(each) if each.endswith(":") else name == each for each in beginnings)
        ]

    def _with_key(self, account: str) -> WebStorage | None:
        names = (storage_names.KEY, shared_key(account), lock_name(account))
        return next((each for each in self._storages if any(each.get(name) is not None for name in names)), None)


def _put(storage: WebStorage | None, name: str, text: str) -> None:
    if storage is None:
        raise StorageRefused("This storage is forbidden.")
    storage.put(name, text)


def _is_of_another(account: str, name: str) -> bool:
    return any(name.startswith(of("")) and name != of(account) for of in (shared_key, stored_name, lock_name))
