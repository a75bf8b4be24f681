"""The master key between page loads, behind the port `Vault`, through the kernel `vault.js`."""

from __future__ import annotations

import js
from pyodide.ffi import JsException

from hearth.browser.ffi import js_object
from hearth.core.errors import Damaged
from hearth.core.records import envelope
from hearth.core.records.envelope import Place
from hearth.core.records.schema import MASTER_KEY_COLLECTION
from hearth.ports.keys import Key, LockNote


class BrowserKeyStore:
    """Session storage, or local storage with "Stay signed in", and a half in a file of its own (`half.js`)."""

    def prepare(self) -> None:
        """Begin what `admit` needs and does not depend on the password."""
        js.hearth.prepareHalf()

    async def admit(self, wrapping: Key, wrapped: str, account: str, email: str, stay: bool) -> Key:
        """Open the wrapped master key and keep it, the address sealed beside it. Raises `SealError`."""
        parts = envelope.split_wrapped(wrapped, wrapping.id)
        place = Place(account, MASTER_KEY_COLLECTION, account, "master_key")
        raw = js_object(
            nonce=parts.nonce,
            body=parts.body,
            additionalData=envelope.associated_data(place) + parts.key_id,
            keyId=parts.key_id,
        )
        try:
            handle = await js.hearth.admitMaster(wrapping.handle, raw, account, email, stay)
        except JsException:
            raise Damaged("The account's master key was changed or damaged.") from None
        return Key(parts.key_id, handle)

    async def recall(self) -> tuple[str, Key] | None:
        """The account and the master key that are kept, if any."""
        kept = await js.hearth.recallMaster()
        if kept is None:
            return None
        account, key_id, handle = kept
        return account, Key(key_id.to_bytes(), handle)

    async def lock(self, account: str) -> None:
        """Remove the kept key, its half last, and note in its place that what is stored of the account stays."""
        await js.hearth.lockMaster(account)

    async def locked(self) -> LockNote | None:
        """What `lock` noted."""
        note = await js.hearth.recallLock()
        if note is None:
            return None
        account, email, stay = note
        return LockNote(str(account), str(email), bool(stay))

    async def ask_tabs(self) -> bool:
        """Ask the other tabs for what they keep; whether there is one that uses what is stored."""
        return bool(await js.hearth.askTabs())

    @property
    def lost(self) -> bool:
        """Whether a part of what was kept was gone at the last `recall`."""
        return bool(js.hearth.wasLost())

    async def forget(self, account: str | None = None, in_use: bool = False) -> int:
        """Remove what is kept of an account, or of all; how many entries and halves could not be removed."""
        return int(await js.hearth.forgetMaster(account, in_use))

    async def tidy(self) -> int:
        """Remove halves that nothing needs any longer; how many could not be removed."""
        return int(await js.hearth.forgetStrayHalves())

    def begin_wipe(self, account: str) -> None:
        """Write down that an account is being wiped from this device."""
        js.hearth.beginWipe(account)

    def end_wipe(self) -> None:
        """The wipe is finished: nothing is left."""
        js.hearth.endWipe()

    @property
    def wiping(self) -> bool:
        """Whether a wipe was begun and is not finished."""
        return bool(js.hearth.isWiping())

    def owe_sign_out(self, owed: bool) -> None:
        """Write down whether the server still has to hear that its session is over."""
        js.hearth.noteUnended(owed)

    @property
    def owes_sign_out(self) -> bool:
        """Whether the server has not heard yet that its session is over."""
        return bool(js.hearth.isUnended())

    def stays(self, account: str) -> bool:
        """Whether the account's key is kept although every tab is closed: the person chose to stay signed in."""
        return bool(js.hearth.staysSignedIn(account))

    def note_stored(self, account: str) -> None:
        """Note beside the key that this device has stored the account's chats."""
        js.hearth.noteStored(account)

    def had_stored(self, account: str) -> bool:
        """Whether that was noted."""
        return bool(js.hearth.hadStored(account))
