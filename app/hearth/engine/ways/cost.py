"""Protects a password by today's cost: another way with the same password takes the place of its own."""

from __future__ import annotations

from hearth.core.records.envelope import normalise_password
from hearth.core.records.ways import WayKind
from hearth.engine.ways.new_way import Proof, new_way, wrap
from hearth.engine.ways.requests import AccountRequests
from hearth.ports.device import Device
from hearth.ports.keys import Credentials


async def raise_cost(device: Device, account: str, password: str, credentials: Credentials) -> frozenset[str]:
    """Derive the password anew; no session ends, for it opens the account as it did.

    Returns the ids of the account's ways. Raises `HearthError`.
    """
    requests = AccountRequests(device.api)
    proof = Proof(credentials, await requests.prove(account, credentials.lookup_hash))
    way = await new_way(device.cipher, WayKind.PASSWORD, normalise_password(password))
    told = await wrap(device.cipher, account, proof, way)
    await requests.put(account, credentials.lookup_hash, told, end_sessions=False)
    return frozenset(each.id for each in await requests.ways(account))
