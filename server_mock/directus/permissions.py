"""What the token of a running server has to be allowed at Directus, collection by collection, and nothing more.

Collections are made and changed by `migrate` alone, with an administrator's token. The commands about accounts need
what the server needs, and `accounts invite` may create invites besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

READ, CREATE, UPDATE, DELETE = "read", "create", "update", "delete"

Grants = Mapping[str, frozenset[str]]
"""Actions by collection."""

SERVER: Grants = MappingProxyType(
    {
        "migrations": frozenset({READ}),
        "secrets": frozenset({READ, CREATE}),
        "leases": frozenset({READ, CREATE, UPDATE, DELETE}),
        "users": frozenset({READ, CREATE, UPDATE, DELETE}),
        "invites": frozenset({READ, UPDATE, DELETE}),
        "sessions": frozenset({READ, CREATE, UPDATE, DELETE}),
        "chats": frozenset({READ, CREATE, UPDATE, DELETE}),
        "messages": frozenset({READ, CREATE, UPDATE, DELETE}),
        "settings_and_memories": frozenset({READ, CREATE, UPDATE, DELETE}),
    }
)
"""The server's. Rows are deleted with an account (`users`, `chats`, `messages`, `settings_and_memories`), and when
nobody needs them any longer (`messages`, `sessions`, `leases`, `invites`)."""

ACCOUNTS: Grants = MappingProxyType({**SERVER, "invites": SERVER["invites"] | {CREATE}})
"""That of `python -m server_mock accounts`."""
