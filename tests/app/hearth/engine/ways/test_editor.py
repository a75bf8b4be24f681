"""The ways into an account as the forms change them: what is noted before and after, and what is told as strange."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import SignInError, Unreachable
from hearth.core.records.ways import WayKind
from hearth.engine.ways import outcome
from hearth.engine.ways.editor import WaysEditor, of_kind
from hearth.engine.ways.outcome import OutcomeUnknown
from hearth.engine.ways.requests import AccountRequests, Cost, ListedWay
from hearth.testing.device import FakeDevice


class Host:
    """The engine, as the editor sees it."""

    def __init__(self, noted: frozenset[str] = frozenset()) -> None:
        self.noted_ways = noted
        self.notes: list[set[str]] = []
        self.keyring = None

    async def note_ways(self, ways: frozenset[str]) -> None:
        self.noted_ways = ways
        self.notes.append(set(ways))


class Server(AccountRequests):
    """Has the ways that the test names; `fails` is raised by each change."""

    def __init__(self, **kinds: WayKind) -> None:
        self.kinds = kinds
        self.fails: Exception | None = None

    async def ways(self, account: str) -> list[ListedWay]:
        return [ListedWay(way, kind, Cost(b"", 0), 0) for way, kind in self.kinds.items()]

    async def put(self, account: str, lookup_hash: str, way: dict[str, Any], *, end_sessions: bool = True) -> None:
        if self.fails:
            raise self.fails

    async def remove(self, account: str, lookup_hash: str, way_id: str) -> None:
        if self.fails:
            raise self.fails
        del self.kinds[way_id]


PASSWORD, KEY, PASSKEY = WayKind.PASSWORD, WayKind.RECOVERY, WayKind.PASSKEY


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "PAUSES_S", (0.0,))


def editor(host: Any, **kinds: WayKind) -> WaysEditor:
    made = WaysEditor(FakeDevice(), "account", host)
    made.requests = Server(**kinds)
    return made


async def test_a_way_is_noted_before_it_is_there_and_the_one_of_its_kind_until_it_is_gone() -> None:
    host = Host()
    made = editor(host, old=PASSWORD, key=KEY, mine=PASSKEY)
    await made.put("proof", {"id": "new", "kind": "password"}, "", "")
    assert host.notes == [{"old", "key", "mine", "new"}, {"key", "mine", "new"}]


async def test_a_passkey_takes_nobodys_place() -> None:
    host = Host()
    await editor(host, old=PASSWORD, mine=PASSKEY).put("proof", {"id": "new", "kind": "passkey"}, "", "")
    assert host.notes == [{"old", "mine", "new"}] * 2


async def test_a_removed_way_is_noted_until_it_is_gone() -> None:
    host = Host(frozenset({"old", "mine"}))
    made = editor(host, old=PASSWORD, mine=PASSKEY)
    await made.remove("proof", "mine", "", "")
    assert host.notes == [{"old"}]


async def test_what_was_refused_says_what_holds_and_stays_noted() -> None:
    host = Host(frozenset({"old", "mine"}))
    made = editor(host, old=PASSWORD, mine=PASSKEY)
    assert isinstance(made.requests, Server)
    made.requests.fails = SignInError("Not now.")
    with pytest.raises(SignInError, match=r"^It stays\. Not now\.$"):
        await made.remove("proof", "mine", "It stays. ", "")
    with pytest.raises(SignInError, match=r"^None came\. Not now\.$"):
        await made.put("proof", {"id": "new", "kind": "passkey"}, "None came. ", "")
    assert "mine" in host.noted_ways


async def test_what_cannot_be_told_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made = editor(Host(), old=PASSWORD, mine=PASSKEY)
    assert isinstance(made.requests, Server)
    made.requests.fails = Unreachable("No answer.")

    async def unknown(*_arguments: Any) -> bool:
        raise OutcomeUnknown("")

    monkeypatch.setattr(outcome, "_is_there", unknown)
    with pytest.raises(OutcomeUnknown, match="Who knows"):
        await made.remove("proof", "mine", "", "Who knows.")
    with pytest.raises(OutcomeUnknown, match="Who knows"):
        await made.put("proof", {"id": "new", "kind": "passkey"}, "", "Who knows.")


async def test_a_way_that_nobody_noted_is_strange_unless_nobody_noted_anything() -> None:
    ways = await Server(old=PASSWORD, put_back=PASSKEY).ways("account")
    assert editor(Host(frozenset({"old"}))).is_strange(ways)
    assert not editor(Host(frozenset({"old", "put_back", "gone"}))).is_strange(ways)
    assert not editor(Host()).is_strange(ways)
    assert of_kind(ways, KEY) is None
