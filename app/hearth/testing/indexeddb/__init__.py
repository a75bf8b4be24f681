"""IndexedDB in memory, for CPython: the standard's objects as `hearth.browser.idb` uses them.

    disk = Disk()
    db = await IndexedDB(MemoryPlatform(disk)).open("notes", [create_notes])

Upgrades, merges and evictions run on it as in a browser: transactions wait for each other, end when nothing is asked
for any more, and are rolled back. Real browsers and this one keep one contract (`tests/contracts/indexeddb.py`). A
`Disk` keeps what it holds from one `IndexedDB` to the next, as a browser does from page to page, and fails on demand.
"""

from hearth.testing.indexeddb.disk import Disk
from hearth.testing.indexeddb.platform import MemoryPlatform

__all__ = ["Disk", "MemoryPlatform"]
