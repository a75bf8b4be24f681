"""Changes the ways into the account that is signed in: a proof first, and a note for its other devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hearth.core.errors import SealError, SignInError
from hearth.core.records.ways import WayKind
from hearth.core.text.formatting import clock, day_label, local
from hearth.engine.ways.new_way import NewWay, Proof, wrap
from hearth.engine.ways.outcome import OutcomeUnknown, put_way, remove_way
from hearth.engine.ways.requests import AccountRequests, ListedWay
from hearth.engine.ways.secrets import Secret
from hearth.ports.device import Device

if TYPE_CHECKING:
    from hearth.engine.auth.account_forms import Host

NO_KEY_YET = "Your account has no recovery key yet. Make one with “New recovery key”."
DAMAGED = (
    "This is right, but the key that the server keeps for you does not open with it. Tell whoever runs the server."
)


class WaysEditor:
    """The ways into one account; every method raises `SignInError`, whose text is fit to be shown."""

    def __init__(self, device: Device, account: str, host: Host) -> None:
        self._device, self._account, self._host = device, account, host
        self.requests = AccountRequests(device.api)

    async def listed(self) -> list[ListedWay]:
        """The ways that there are, as the server says."""
        return await self.requests.ways(self._account)

    def is_strange(self, ways: list[ListedWay]) -> bool:
        """Whether there is one among them that no device has noted."""
        noted = self._host.noted_ways
        return bool(noted) and not noted.issuperset(each.id for each in ways)

    async def prove(self, secret: Secret) -> Proof:
        """Show the server what a secret derives to; it gives the master key that this wraps."""
        way = of_kind(await self.listed(), secret.kind)
        if way is None:
            raise SignInError(NO_KEY_YET)
        credentials = await self._device.cipher.derive(secret.content, way.cost.salt, way.cost.iterations)
        return Proof(credentials, await self.requests.prove(self._account, credentials.lookup_hash))

    async def wrapped(self, proof: Proof, way: NewWay) -> dict[str, Any]:
        """What the server is told of a new way."""
        try:
            return await wrap(self._device.cipher, self._account, proof, way)
        except SealError:
            raise SignInError(DAMAGED) from None

    async def put(self, lookup_hash: str, way: dict[str, Any], if_not: str, if_unknown: str) -> None:
        """Put a way in the place of the one of its kind, or add a passkey. Raises `OutcomeUnknown`, too."""
        before = {each.id: each.kind for each in await self.listed()}
        # Noted before it is there, and without the old one afterwards: what is there is always among what is noted.
        await self._host.note_ways(frozenset({*before, way["id"]}))
        try:
            await put_way(self.requests, self._account, lookup_hash, way)
        except OutcomeUnknown:
            raise OutcomeUnknown(if_unknown) from None
        except SignInError as error:
            raise SignInError(if_not + str(error)) from None
        stays = (each for each, kind in before.items() if kind != way["kind"] or kind == WayKind.PASSKEY)
        await self._host.note_ways(frozenset({*stays, way["id"]}))

    async def remove(self, lookup_hash: str, way_id: str, if_not: str, if_unknown: str) -> None:
        """Remove a passkey."""
        try:
            await remove_way(self.requests, self._account, lookup_hash, way_id)
        except OutcomeUnknown:
            raise OutcomeUnknown(if_unknown) from None
        except SignInError as error:
            raise SignInError(if_not + str(error)) from None
        # Noted once it is gone, by what was noted: one that the server puts in its place is not noted with it.
        noted = self._host.noted_ways or frozenset(each.id for each in await self.listed())
        await self._host.note_ways(noted - {way_id})

    def date(self, ms: int) -> str:
        """A moment in words."""
        now = self._device.now()
        moment = local(ms, now.tzinfo)
        return f"{day_label(moment.date(), now.date())}, {clock(moment)}"


def of_kind(ways: list[ListedWay], kind: WayKind) -> ListedWay | None:
    """The first way of a kind."""
    return next((way for way in ways if way.kind == kind), None)
