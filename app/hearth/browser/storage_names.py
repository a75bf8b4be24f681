"""The names of all that Hearth keeps in a browser, each written down once: entries, caches, databases, locks.

Python imports them. The build writes `for_scripts` into every script in the place of the token "__HEARTH_NAMES__":
`runtime/boot.js` and the service worker need them where no Python runs. A name that changes is migrated: nobody is
signed out by an update.
"""

from __future__ import annotations

from hearth.ports.storage import FIRST_VIEW

# --- session storage, and local storage with "Stay signed in" ---

ENTRIES = "hearth."
"""What every entry's name begins with."""
KEY = "hearth.key"
"""The sealed master key. In local storage, which all tabs share, the account's id is part of the name: a tab that
leaves an account cannot remove the key of whoever signs in, at that moment, in another process."""
LOCKED = "hearth.locked"
"""The note in the place of the key after a session ended that nobody meant to end; always with the account's id."""
STORED = "hearth.stored"
"""Lies beside the key once the account's chats are all stored; always with the account's id."""
WIPING = "hearth.wiping"
"""In local storage: the account that is being wiped."""
LOOK = "hearth.look"
"""The theme and the text size, for the first moment of a start."""

SEALED_KEY, SEALED_ADDRESS = "hearth.key", "hearth.address"
"""What an entry's sealed parts are bound to, beside their account and share."""

# --- cookies ---

UNENDED = "hearth_unended"
"""A note that the server was not told of the sign-out, which lies beside the session's own cookie."""

# --- Cache Storage ---

FILES = "hearth-files-"
"""The page's own files; followed by the version."""
SHARES = "hearth-halves"
"""The shares of kept keys: a cache, and a database where Cache Storage keeps nothing."""
SHARE_TRIALS = "hearth-halves-trial:"
"""A cache for a moment, to see whether Cache Storage keeps anything; followed by a share's id."""
SHARE_ADDRESS = "/half/"
"""The address of a share in its cache; followed by its id."""

# --- IndexedDB ---

ACCOUNTS = "hearth:"
"""The database of an account; followed by its id."""
PYSCRIPT = "IDBMap/"
"""What the names of PyScript's own databases begin with."""

CHATS, MESSAGES, ENTRIES_STORE = "chats", "messages", "settings_and_memories"
SYNC = "sync"
SEARCH = "search"
KEPT = "kept"
UNINDEXED = "unindexed"
OUTBOX = "outbox"
"""The object stores of an account's database; `hearth.browser.storage.schema` says what is in them."""
SHARES_STORE = "halves"
"""The object store of the database of shares."""

# --- Web Locks and channels, which are gone with the page ---

SHARE_LOCK = "hearth:half:"
"""Held, shared, by every page that uses a share; followed by its id."""
LEADER_LOCK = "hearth:owner:"
"""Held by the tab that leads; followed by the account's id."""
SIGN_IN_LOCK = "hearth:sign-in"
TABS_CHANNEL = "hearth"
KEYS_CHANNEL = "hearth:keys"


def for_scripts() -> dict[str, str]:
    """The names that scripts use; `StorageNames` in `typings/kernels.d.ts` lists them."""
    return {
        "key": KEY,
        "locked": LOCKED,
        "wiping": WIPING,
        "look": LOOK,
        "sealedKey": SEALED_KEY,
        "unended": UNENDED,
        "files": FILES,
        "shares": SHARES,
        "shareAddress": SHARE_ADDRESS,
        "accounts": ACCOUNTS,
        "pyscript": PYSCRIPT,
        "kept": KEPT,
        "firstView": FIRST_VIEW,
        "sharesStore": SHARES_STORE,
        "shareLock": SHARE_LOCK,
        "keysChannel": KEYS_CHANNEL,
    }
