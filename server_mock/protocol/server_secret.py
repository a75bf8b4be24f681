"""The server's secret, kept with the data at Directus: it lasts as long as the data, whatever token the server has.

It makes the salts that unknown addresses are answered, and the mark by which a device's stamps are known to be of this
data. Whoever reads Directus learns nothing from it that the rows do not say: who has an account, and what changed when.
"""

from __future__ import annotations

import re
import uuid
from contextlib import suppress

from server_mock.directus.client import DirectusBroken, DirectusClient, DirectusConflict

COLLECTION = "secrets"
_SECRET = re.compile(r"([0-9a-f]{2}){32}")
ROW_ID = str(uuid.UUID("3f1c9a64-5a0c-4d0e-8f0b-7d1f6d1f7a10"))


async def kept_secret(client: DirectusClient, first: bytes) -> bytes:
    """The secret that is kept; where there is none, `first` is it from now on. Raises `DirectusError`."""
    row = await client.read(COLLECTION, ROW_ID)
    if row is None:
        with suppress(DirectusConflict):
            await client.create(COLLECTION, [{"id": ROW_ID, "secret": first.hex()}])
        row = await client.read(COLLECTION, ROW_ID)
    secret = row["secret"] if row else ""
    if not _SECRET.fullmatch(secret):
        raise DirectusBroken("The server's secret at Directus cannot be read.")
    return bytes.fromhex(secret)
