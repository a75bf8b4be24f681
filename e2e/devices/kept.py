"""Reads all that an origin keeps on a device, bytes included, and puts it onto another one."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

HERE = Path(__file__).parent
DATA, SECRET = HERE / "data.sqlite.gz", HERE / "data.sqlite.secret"
"""The server's data that the recorded devices stand at."""

OPTIONS = ("--chats", "4", "--messages", "4", "--assistant", "none")
"""What the server with that data is started with."""

WAYS = ("leave", "stay", "locked")
"""How the person of a recorded device had signed in; `locked`: the session has expired since."""

HELPERS = """
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const asText = (_, value) => value instanceof Uint8Array ? { bytes: [...value] } : value;
  const asBytes = (_, value) => Array.isArray(value?.bytes) ? new Uint8Array(value.bytes) : value;
"""

READ = f"""
async () => {{ {HELPERS}
  const databases = {{}}, caches_ = {{}};
  for (const {{ name, version }} of await indexedDB.databases()) {{
    const db = await done(indexedDB.open(name)), stores = {{}};
    for (const store of db.objectStoreNames) {{
      const source = db.transaction(store).objectStore(store);
      const [rows, keys] = await Promise.all([done(source.getAll()), done(source.getAllKeys())]);
      stores[store] = {{ keyPath: source.keyPath, rows, keys }};
    }}
    db.close();
    databases[name] = {{ version, stores }};
  }}
  for (const name of await caches.keys()) {{
    if (!name.startsWith("hearth-halves")) continue;
    const cache = await caches.open(name);
    caches_[name] = {{}};
    for (const request of await cache.keys()) {{
      const answer = await cache.match(request);
      caches_[name][new URL(request.url).pathname] = new Uint8Array(await answer.arrayBuffer());
    }}
  }}
  return JSON.stringify(
    {{ databases, caches: caches_, session: {{ ...sessionStorage }}, local: {{ ...localStorage }} }}, asText);
}}
"""
"""Answers everything but the page's own files, as JSON text."""

WRITE = f"""
async (text) => {{ {HELPERS}
  const kept = JSON.parse(text, asBytes);
  for (const [name, {{ version, stores }}] of Object.entries(kept.databases)) {{
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = () => {{
      for (const [store, {{ keyPath }}] of Object.entries(stores)) {{
        opening.result.createObjectStore(store, {{ keyPath }});
      }}
    }};
    const db = await done(opening);
    for (const [store, {{ keyPath, rows, keys }}] of Object.entries(stores)) {{
      const target = db.transaction(store, "readwrite").objectStore(store);
      await Promise.all(rows.map((row, at) => done(keyPath === null ? target.put(row, keys[at]) : target.put(row))));
    }}
    db.close();
  }}
  for (const [name, answers] of Object.entries(kept.caches)) {{
    const cache = await caches.open(name);
    for (const [path, bytes] of Object.entries(answers)) await cache.put(path, new Response(bytes));
  }}
  Object.assign(sessionStorage, kept.session);
  Object.assign(localStorage, kept.local);
}}
"""


def read(page: Page) -> dict[str, Any]:
    """What the origin of a page keeps."""
    return dict(json.loads(page.evaluate(READ)))


def write(page: Page, kept: dict[str, Any]) -> None:
    """Put it onto a device that is empty; the page has not the app in it."""
    page.evaluate(WRITE, json.dumps(kept))


def file_of(way: str) -> Path:
    """Where a recorded device lies."""
    return HERE / f"{way}.json.gz"


def recorded(way: str) -> dict[str, Any]:
    """A recorded device."""
    return dict(json.loads(gzip.decompress(file_of(way).read_bytes())))


def server_data(folder: Path) -> Path:
    """A copy of the server's data in a folder, for `--data`."""
    data = folder / DATA.stem
    data.write_bytes(gzip.decompress(DATA.read_bytes()))
    shutil.copy(SECRET, folder / SECRET.name)
    return data
