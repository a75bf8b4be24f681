"""The master key between page loads, behind the port `KeyStore`: what is kept, handed over, locked and forgotten.

An entry in session or local storage (`entries.py`), sealed (`web_sealing.py`) under a share that lies elsewhere
(`shares.py`). What a start needs of it before Python is there, `first_key.js` has read and opened.
"""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import suppress
from typing import Any

from hearth.browser.keys.entries import Entries, Entry
from hearth.browser.keys.ports import (
    Handing,
    KeyKernel,
    Offered,
    Sealing,
    Surroundings,
    address_place,
    key_place,
    to_base64,
)
from hearth.browser.keys.shares import Shares
from hearth.browser.native import StorageRefused
from hearth.core.errors import Damaged
from hearth.core.records import envelope
from hearth.ports.keys import Key, LockNote

LOOK_AGAIN_S = 0.3
"""A tab that is loading anew holds nothing for a moment: where something is stored, two looks are taken."""


class BrowserKeyStore:
    """`KeyStore`: its decisions, on what `browser_parts.py` makes of the browser."""

    def __init__(
        self,
        entries: Entries,
        shares: Shares,
        kernel: KeyKernel,
        sealing: Sealing,
        hand_over: Handing,
        surroundings: Surroundings,
    ) -> None:
        self._entries, self._shares, self._kernel, self._sealing = entries, shares, kernel, sealing
        self._hand_over, self._surroundings = hand_over, surroundings
        self._handed: Offered | None = None
        self._lost = False

    def prepare(self) -> None:
        """Begin what `admit` needs and does not depend on the password."""
        self._shares.prepare()

    async def admit(self, wrapping: Key, wrapped: str, account: str, email: str, stay: bool) -> Key:
        """Open the wrapped master key and keep it, the address sealed beside it. Raises `SealError`.

        Where the storage refuses, the key still comes, and lasts as long as the page.
        """
        parts = envelope.split_wrapped(wrapped, wrapping.id)
        raw = await self._sealing.open_master(wrapping.handle, parts, account)
        key = await self._sealing.import_master(raw)
        text = await self._sealed_entry(raw, parts.key_id, account, email)
        self._sealing.overwrite(raw)
        stored = self._entries.had_stored(account)
        self._entries.forget()
        self._entries.end_wipe()
        self.owe_sign_out(False)  # the cookie is the new session's
        with suppress(StorageRefused):  # full or forbidden: a reload will ask for the password again
            if text is not None:
                self._entries.put_key(account, text, stay)
            if stored:
                self._entries.note_stored(account)
            if stay:
                self._surroundings.persist()
        self._offer_key(account, to_base64(parts.key_id), key, text)
        return Key(parts.key_id, key)

    async def _sealed_entry(self, raw: Any, key_id: bytes, account: str, email: str) -> str | None:
        """What lies in the storage for a key, as text; None where no share can be kept."""
        share = await self._shares.take()
        if share is None:
            return None
        named = {"account": account, "keyId": to_base64(key_id), "half": share.id}
        sealed = await self._sealing.seal(share, key_place(account, named["keyId"], share.id), raw)
        address = await self._sealing.seal(share, address_place(account, share.id), email)
        return _json({**named, **sealed, "address": address})

    async def recall(self) -> tuple[str, Key] | None:
        """The account and the master key that are kept, if any; what does not open is removed, and `lost` says so."""
        self._lost = False
        given, self._handed = self._handed, None
        if given is not None and given.account != self._entries.wiping:
            return self._in_use(given.account, given.key_id, given.key, given.entry)
        for entry in self._entries.kept_keys():
            # A tab that was closed, put aside or copied before the sign-out may still have its key.
            if entry.account is None or entry.account != self._entries.wiping:
                try:
                    key = await self._kernel.open_entry(entry.text)
                except Damaged:
                    self._lost = True
                    await self._let_go(entry)
                else:
                    if entry.is_still_there() and entry.account is not None:
                        return self._in_use(entry.account, str(entry.fields["keyId"]), key, entry.text)
                    continue  # somebody signed out meanwhile
            entry.remove()
        return None

    async def _let_go(self, entry: Entry) -> None:
        """An entry does not open: its share is nothing that others should leave to this page."""
        if entry.share is not None:
            await self._kernel.release([entry.share])

    def _in_use(self, account: str, key_id: str, key: Any, entry: str | None) -> tuple[str, Key]:
        self._offer_key(account, key_id, key, entry)
        return account, Key(base64.b64decode(key_id), key)

    def _offer_key(self, account: str, key_id: str, key: Any, entry: str | None) -> None:
        """Another tab of this browser that starts without a key may have this one, and what is kept of it."""

        def offered() -> dict[str, Any]:
            stored = self._entries.had_stored(account)
            return {"account": account, "keyId": key_id, "key": key, "entry": entry, "stored": stored}

        self._hand_over.offer(offered)

    def _offer_note(self, account: str) -> None:
        def offered() -> dict[str, Any] | None:
            note, stored = self._entries.note_of(account), self._entries.had_stored(account)
            return None if note is None else {"account": account, "note": note, "stored": stored}

        self._hand_over.offer(offered)

    async def lock(self, account: str) -> None:
        """Put a note in the place of the account's key, then delete the share that the key was sealed under.

        Where no share for the address can be kept, the note is without it.
        """
        self._hand_over.offer(None)
        own = self._own_entries(account)
        email = await self._address_of(own[0]) if own else ""
        share = await self._shares.take() if email else None
        note: dict[str, Any] = {"account": account}
        if share is not None:
            sealed = await self._sealing.seal(share, address_place(account, share.id), email)
            note |= {"half": share.id, "address": sealed}
        going = self._own_entries(account)
        for entry in going:
            entry.remove()
        with suppress(StorageRefused):  # what is stored stays until this page is loaded again
            self._entries.put_note(account, _json(note), going[0].storage if going else None)
            self._offer_note(account)
        await self.tidy()

    def _own_entries(self, account: str) -> list[Entry]:
        """The keys of an account that this page has kept or opened: not what a sign-in in another tab keeps by now."""
        held = self._kernel.held()
        return [each for each in self._entries.kept_keys() if each.account == account and each.share in held]

    async def _address_of(self, entry: Entry) -> str:
        """The address of an entry or a note; empty when it has none, or it does not open any more."""
        if entry.share is None or entry.account is None:
            return ""
        share = await self._kernel.read(entry.share)
        try:
            place = address_place(entry.account, entry.share)
            return (
                "" if share is None else await self._sealing.open_text(share, place, entry.fields.get("address") or {})
            )
        except Damaged:
            return ""

    async def locked(self) -> LockNote | None:
        """What `lock` noted; what is no note is removed."""
        for note in self._entries.notes():
            if note.account is not None and self._entries.is_note_of(note, note.account):
                self._offer_note(note.account)
                return LockNote(note.account, await self._address_of(note), self._entries.is_for_all(note))
            note.remove()
        return None

    async def ask_tabs(self) -> bool:
        """Ask the other tabs for what they keep; whether there is one that uses what is stored."""
        is_alive, offered = await self._kernel.ask_tabs()
        if not is_alive and await self._surroundings.is_stored():
            await asyncio.sleep(LOOK_AGAIN_S)
            is_alive, offered = await self._kernel.ask_tabs()
        if offered is not None and offered.account != self._entries.wiping:
            if offered.key is not None:
                self._handed = offered
            with suppress(StorageRefused):  # this tab's next load asks again
                self._entries.take_over(offered.account, offered.entry, offered.note)
                if offered.stored:
                    self._entries.note_stored(offered.account)
        return is_alive

    @property
    def lost(self) -> bool:
        """Whether a part of what was kept was gone at the last `recall`."""
        return self._lost

    async def forget(self, account: str | None = None, in_use: bool = False) -> int:
        """Remove what is kept of an account, or of all; how many entries and shares could not be removed."""
        self._hand_over.offer(None)
        self._kernel.drop_early()
        left = self._entries.forget(account)
        return left + await self._shares.forget(self._entries.shares(), in_use)

    async def tidy(self) -> int:
        """Remove shares that nothing needs any longer; how many could not be removed."""
        self._kernel.drop_early()
        return await self._shares.forget(self._entries.shares(), in_use=False)

    def begin_wipe(self, account: str) -> None:
        """Write down that an account is being wiped from this device."""
        self._hand_over.offer(None)
        self._entries.begin_wipe(account)

    def end_wipe(self) -> None:
        """The wipe is finished: nothing is left."""
        self._entries.end_wipe()

    @property
    def wiping(self) -> bool:
        """Whether a wipe was begun and is not finished."""
        return self._entries.wiping is not None

    def owe_sign_out(self, owed: bool) -> None:
        """Write down whether the server still has to hear that its session is over."""
        self._surroundings.note_unended(owed)

    @property
    def owes_sign_out(self) -> bool:
        """Whether the server has not heard yet that its session is over."""
        return self._surroundings.is_unended()

    def stays(self, account: str) -> bool:
        """Whether the account's key is kept although every tab is closed: the person chose to stay signed in."""
        return self._entries.stays(account)

    def note_stored(self, account: str) -> None:
        """Note beside the key that this device has stored the account's chats."""
        self._entries.note_stored(account)

    def had_stored(self, account: str) -> bool:
        """Whether that was noted."""
        return self._entries.had_stored(account)


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
