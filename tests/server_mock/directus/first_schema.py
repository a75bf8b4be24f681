"""The collections as a server made them before there were migrations: written down, so that it never changes.

Each field is its type, whether it may be null, and whether it has an index; of none a value was unique.
"""

from __future__ import annotations

from server_mock.directus.schema import Field, Fields, FieldType

_Described = tuple[str, bool, bool]

_FIRST: dict[str, dict[str, _Described]] = {
    "users": {
        "id": ("uuid", False, False),
        "hashed_email": ("string", False, True),
        "lookup_hashes": ("json", False, False),
        "ways": ("json", True, False),
        "ending": ("text", True, False),
        "deleting": ("bigInteger", True, False),
        "salt": ("string", False, False),
        "iterations": ("integer", False, False),
        "wrapped_master_key": ("text", False, False),
        "last_opened": ("string", True, False),
        "created_at": ("bigInteger", False, False),
        "demo": ("boolean", True, False),
    },
    "invites": {
        "id": ("uuid", False, False),
        "code_hash": ("string", False, False),
        "created_at": ("bigInteger", False, False),
        "used_by": ("string", True, False),
    },
    "leases": {
        "id": ("uuid", False, False),
        "number": ("integer", False, True),
        "beat": ("bigInteger", False, False),
        "seconds": ("integer", False, False),
        "returned": ("boolean", False, False),
    },
    "sessions": {
        "id": ("uuid", False, False),
        "token_hash": ("string", False, False),
        "user_id": ("string", False, True),
        "hashed_email": ("string", False, False),
        "expires_at": ("bigInteger", False, True),
        "revoked": ("boolean", False, False),
        "device": ("string", True, False),
        "name": ("text", True, False),
        "begun_at": ("bigInteger", True, False),
        "seen_at": ("bigInteger", True, False),
        "ended_at": ("bigInteger", True, False),
        "wiped_at": ("bigInteger", True, False),
    },
    "chats": {
        "id": ("uuid", False, False),
        "hashed_user_id": ("string", False, True),
        "version": ("integer", False, False),
        "changed_at": ("bigInteger", False, True),
        "deleted_at": ("bigInteger", True, False),
        "created_at": ("bigInteger", False, False),
        "last_updated": ("bigInteger", False, True),
        "wrapped_key": ("text", True, False),
        "title": ("text", True, False),
        "draft": ("text", True, False),
        "pinned": ("text", True, False),
    },
    "messages": {
        "id": ("uuid", False, False),
        "hashed_user_id": ("string", False, True),
        "chat_id": ("string", False, True),
        "role": ("string", False, False),
        "version": ("integer", False, False),
        "changed_at": ("bigInteger", False, True),
        "deleted_at": ("bigInteger", True, False),
        "created_at": ("bigInteger", False, False),
        "content": ("text", True, False),
        "files": ("text", True, False),
        "embeds": ("text", True, False),
        "interrupted": ("text", True, False),
    },
    "settings_and_memories": {
        "id": ("uuid", False, False),
        "hashed_user_id": ("string", False, True),
        "app_id": ("string", False, True),
        "version": ("integer", False, False),
        "changed_at": ("bigInteger", False, True),
        "deleted_at": ("bigInteger", True, False),
        "wrapped_key": ("text", True, False),
        "sealed": ("text", True, False),
        "answered": ("json", True, False),
    },
}

FIRST_SCHEMA: dict[str, Fields] = {
    name: {field: Field(FieldType(kind), nullable, indexed) for field, (kind, nullable, indexed) in fields.items()}
    for name, fields in _FIRST.items()
}
"""The collections by name."""
