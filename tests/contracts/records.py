"""Made records for tests: complete by the registry, with stand-ins for ciphertext."""

from __future__ import annotations

import base64
from typing import Any

from hearth.core.records.manifest import NAME, TAG_BYTES, Manifest

SEALED = "AQ" + "A" * 62


def chat(record_id: str, version: int = 1, **values: Any) -> dict[str, Any]:
    """A chat's record."""
    record = {
        "id": record_id,
        "version": version,
        "changed_at": 1000 + version,
        "deleted_at": None,
        "created_at": 1,
        "last_updated": 2,
        "wrapped_key": "AQ" + "B" * 90,
        "title": SEALED,
        "draft": None,
    }
    return record | values


def tombstone(record_id: str, version: int = 2) -> dict[str, Any]:
    """A deleted chat's record."""
    return chat(record_id, version, deleted_at=5, wrapped_key=None, title=None)


def message(chat_id: str, number: int, version: int = 1, **values: Any) -> dict[str, Any]:
    """A message's record, `number` giving its place in the chat."""
    record = {
        "id": f"{chat_id}-{number}",
        "chat_id": chat_id,
        "role": "user",
        "version": version,
        "changed_at": 1000 + version,
        "deleted_at": None,
        "created_at": number,
        "content": SEALED,
        "files": None,
        "embeds": None,
    }
    return record | values


def entry(record_id: str, version: int = 1, **values: Any) -> dict[str, Any]:
    """A setting's or memory's record."""
    record = {
        "id": record_id,
        "app_id": "app",
        "version": version,
        "changed_at": 1000 + version,
        "deleted_at": None,
        "wrapped_key": None,
        "sealed": SEALED,
    }
    return record | values


def manifest_of_format_1(manifest: Manifest) -> dict[str, Any]:
    """What a manifest's record held when it listed every chat itself."""

    def digest(number: int) -> str:
        return f"{number:0{2 * TAG_BYTES}x}"

    content = {
        "format": 1,
        "version": manifest.version,
        "secret": base64.b64encode(manifest.secret).decode(),
        "chats": {
            chat_id: [each.version, each.messages, each.last_updated, digest(each.held.digest)]
            for chat_id, each in manifest.chats.items()
        },
        "entries": [manifest.entries.records, digest(manifest.entries.digest)],
    }
    return {"name": NAME, "manifest": content}
