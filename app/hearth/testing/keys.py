"""The key store in memory: what it keeps outlives a reload."""

from __future__ import annotations

from collections.abc import Callable

from hearth.core.records.envelope import Place
from hearth.ports.keys import Cipher, Key, LockNote


class FakeKeyStore:
    """`hearth.ports.keys.Vault` in memory; `kept` and `halves`, which lie apart, outlive a reload.

    `half` is the id of the half that `kept` needs, if it needs one. `on_step` hears of each thing that is written
    or removed, before and after, and may raise.
    """

    def __init__(self, cipher: Cipher, tabs: list[FakeKeyStore] | None = None) -> None:
        self._cipher = cipher
        self._tabs = [] if tabs is None else tabs
        """The key stores of the tabs of one browser, this one included."""
        self._tabs.append(self)
        self.frozen = False
        """Whether this tab lives and answers nothing."""
        self.closed = False
        self.kept: tuple[str, Key] | None = None
        self.half: int | None = None
        self.halves: set[int] = set()
        self.used_elsewhere: set[int] = set()
        self.stuck: set[int] = set()
        """Halves that cannot be removed."""
        self.note: LockNote | None = None
        """Lies in the place of `kept` after a lock."""
        self.being_wiped: str | None = None
        self.email, self.stay = "", False
        self.owes_sign_out = False
        self.stored = False
        self.lost = False
        self.on_step: Callable[[str], None] = lambda step: None
        self._prepared = 0

    def _change(self, name: str, change: Callable[[], None]) -> None:
        self.on_step(f"before {name}")
        change()
        self.on_step(f"after {name}")

    def prepare(self) -> None:
        """A new half."""
        self._prepared += 1
        self._change("half written", lambda: self.halves.add(self._prepared))

    async def admit(self, wrapping: Key, wrapped: str, account: str, email: str, stay: bool) -> Key:
        """Open the wrapped master key and keep it."""
        key = await self._cipher.unwrap_key(wrapping, wrapped, Place(account, "users", account, "master_key"))

        def keep() -> None:
            before = self.kept[0] if self.kept else self.note.account if self.note else None
            self.stored = self.stored and before == account
            self.kept, self.half, self.note = (account, key), self._prepared, None
            self.email, self.stay = email, stay

        self._change("key kept", keep)
        self.being_wiped = None
        return key

    async def recall(self) -> tuple[str, Key] | None:
        """What is kept, unless it is being wiped or without its half."""
        self.lost = False
        if self.kept and self.kept[0] == self.being_wiped:
            self.kept = None
        if self.kept and self.half is not None and self.half not in self.halves:
            self.kept, self.lost = None, True
        return self.kept

    async def lock(self, account: str) -> None:
        """Put the note in the place of the key."""
        if self.kept is None or self.kept[0] != account:
            return
        self.prepare()
        note = LockNote(account, self.email, self.stay)

        def lock() -> None:
            self.kept, self.half, self.note = None, self._prepared, note

        self._change("key locked", lock)
        self._forget_halves(self.used_elsewhere)

    async def locked(self) -> LockNote | None:
        """The note."""
        return self.note

    async def ask_tabs(self) -> bool:
        """Take over what another tab keeps, if one answers; whether there is one."""
        alive = [each for each in self._tabs if each is not self and not each.closed and (each.kept or each.note)]
        for tab in alive:
            if not tab.frozen:
                self.kept, self.note, self.half, self.stored = tab.kept, tab.note, tab.half, tab.stored
                self.email, self.stay = tab.email, tab.stay
                break
        return bool(alive)

    async def forget(self, account: str | None = None, in_use: bool = False) -> int:
        """Forget it."""
        if self.note and account in (None, self.note.account):
            self._change("note removed", self._remove_note)
        if self.kept and account in (None, self.kept[0]):
            self._change("key removed", self._remove)
        return self._forget_halves(set() if in_use else self.used_elsewhere)

    def _remove(self) -> None:
        self.kept = None
        self.stored = False

    def _remove_note(self) -> None:
        self.note = None
        self.stored = False

    async def tidy(self) -> int:
        """Forget the halves that nothing needs."""
        return self._forget_halves(self.used_elsewhere)

    def _forget_halves(self, spared: set[int]) -> int:
        going = self.halves - spared - ({self.half} if self.kept or self.note else set())
        for half in going - self.stuck:
            self._change("half removed", lambda half=half: self.halves.discard(half))  # type: ignore[misc]
        return len(going & self.stuck)

    def stays(self, account: str) -> bool:
        """As was chosen."""
        return self.stay and self.kept is not None and self.kept[0] == account

    def note_stored(self, account: str) -> None:
        """Note it."""
        self.stored = self.kept is not None

    def had_stored(self, account: str) -> bool:
        """Whether it was noted."""
        return self.stored

    def begin_wipe(self, account: str) -> None:
        """Remember."""
        self.being_wiped = account

    def end_wipe(self) -> None:
        """Remember."""
        self.being_wiped = None

    @property
    def wiping(self) -> bool:
        """Whether a wipe was begun."""
        return self.being_wiped is not None

    def owe_sign_out(self, owed: bool) -> None:
        """Remember."""
        self.owes_sign_out = owed
