"""Nobody gets at another account: not by its id, not by those of its records, not from another site."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from hearth.core.protocol import device_events
from hearth.core.protocol.server_events import ChatsRead, FirstChatReady, Refetched, Refusal, SessionEnd
from hearth_testing.conformance.client import Browser, Device, HandshakeRefused, Person
from hearth_testing.conformance.sealed import CHATS, ENTRIES, MESSAGES, Row, following, message, sealed, tombstone

FOREIGN_ORIGIN = "https://evil.example"


class Two(NamedTuple):
    """Somebody with chats, and a device of somebody else."""

    victim: Device
    thief: Device

    @property
    def chat(self) -> Row:
        """A chat of the one."""
        return next(iter(self.victim.records(CHATS).values()))

    @property
    def message(self) -> Row:
        """A message of it."""
        return self.victim.messages(self.chat["id"])[0]


@pytest.fixture(scope="module")
def accounts(someone: Callable[[], Person], write_chats: Callable[..., list[Row]]) -> tuple[Person, Person]:
    """Two people who have chats."""
    people = someone(), someone()
    for each in people:
        write_chats(each.warmed("writer"), 2)
    return people


@pytest.fixture
def two(accounts: tuple[Person, Person]) -> Two:
    """A device of each of two people who have chats."""
    victim, thief = accounts
    return Two(victim.warmed("victim"), thief.warmed("thief"))


def untouched(two: Two) -> None:
    """The one has what they had, and was told of nothing."""
    assert two.victim.quiet() == []
    fresh = two.victim.person.warmed("fresh")
    assert fresh.tables == two.victim.tables


@pytest.mark.parametrize("cookie", ["", "hearth_session=", "hearth_session=nonsense"])
def test_without_a_session_no_websocket_opens(resident: Person, cookie: str) -> None:
    device = Device(resident, Browser(resident.server), "device")
    with pytest.raises(HandshakeRefused):
        device.connect(cookie=cookie)


def test_with_another_accounts_session_no_websocket_opens(two: Two) -> None:
    with pytest.raises(HandshakeRefused):
        two.thief.connect(account=two.victim.person.account)


def test_from_another_site_no_websocket_opens(resident: Person) -> None:
    device = Device(resident, resident.sign_in(), "device")
    for origin in (FOREIGN_ORIGIN, "null", f"{resident.server.url}.evil.example"):
        with pytest.raises(HandshakeRefused):
            device.connect(origin=origin)


def test_a_session_that_ended_opens_no_websocket(resident: Person) -> None:
    device = resident.warmed()
    cookie = device.browser.cookie
    device.browser.post("/api/sign-out")
    with pytest.raises(HandshakeRefused):
        device.connect(cookie=f"{cookie.name}={cookie.value}")


ROUTES = ("/api/challenge", "/api/sign-in", "/api/sign-out", "/api/poll/open", "/api/ways", "/api/account/delete")


@pytest.mark.parametrize("path", ROUTES)
def test_a_post_from_another_site_is_refused(resident: Person, path: str) -> None:
    browser = resident.sign_in()
    answer = browser.post(path, {"account": resident.account, "email": resident.email}, Origin=FOREIGN_ORIGIN)
    assert answer.status_code == 403
    assert browser.session() == (204, "")


@pytest.mark.parametrize("path", ["/api/session", "/api/devices", "/api/ways"])
def test_another_account_is_not_told_of(two: Two, path: str) -> None:
    answer = two.thief.browser.get(path, account=two.victim.person.account)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, SessionEnd.REVOKED)
    assert Browser(two.thief.person.server).get(path, account=two.victim.person.account).status_code == 401


@pytest.mark.parametrize("path", ["/api/ways/proof", "/api/account/delete", "/api/poll/open"])
def test_nothing_is_done_with_another_account(two: Two, path: str) -> None:
    body = {"account": two.victim.person.account, "proof": two.thief.person.lookup_hash}
    assert two.thief.browser.post(path, body).status_code == 401
    untouched(two)


def test_a_session_alone_changes_no_way_in_and_deletes_no_account(resident: Person) -> None:
    browser = resident.sign_in()
    for path in ("/api/ways/proof", "/api/account/delete"):
        answer = browser.post(path, {"account": resident.account, "proof": "0" * 64})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong-proof")
    assert browser.session(resident.account) == (204, "")


def test_another_accounts_chat_is_neither_sent_nor_read_nor_sent_again(two: Two) -> None:
    of, said, own = two.chat["id"], two.message["id"], two.victim.person.manifest["id"]
    two.thief.send(device_events.Want(chat_id=of))
    assert two.thief.quiet() == []
    for collection, row_id in ((CHATS, of), (MESSAGES, said), (ENTRIES, own)):
        two.thief.send(device_events.Refetch(collection=collection, record_id=row_id))
        two.thief.take_until(Refetched)
        assert two.thief.frames[-1] == {}, collection
    two.thief.send(device_events.Refetch(collection=CHATS, record_id=of, manifest_id=own))
    two.thief.take_until(Refetched)
    assert two.thief.frames[-1] == {}
    two.thief.send(device_events.ReadChats(ids=(of,)))
    two.thief.take_until(ChatsRead)
    assert two.thief.frames[-1] == {}


def test_another_accounts_chat_is_nobodys_last_opened_one(two: Two) -> None:
    two.thief.send(device_events.ChatOpened(chat_id=two.chat["id"]))
    two.thief.quiet()
    device = two.thief.person.warmed("again")
    assert isinstance(device.events[0], FirstChatReady)
    assert device.events[0].chat_id != two.chat["id"]
    assert two.chat["id"] not in device.tables[CHATS]


FOREIGN_WRITES: dict[str, Callable[[Two], dict[object, list[Row]]]] = {
    "a message in a chat of theirs": lambda two: {MESSAGES: [message(two.chat["id"])]},
    "a message of theirs": lambda two: {MESSAGES: [following(two.message, content=sealed())]},
    "a message of theirs, moved": lambda two: {
        MESSAGES: [{**following(two.message), "chat_id": next(iter(two.thief.records(CHATS)))}]
    },
    "a new message with an id of theirs": lambda two: {
        MESSAGES: [message(next(iter(two.thief.records(CHATS))), id=two.message["id"])]
    },
    "a chat of theirs": lambda two: {CHATS: [following(two.chat, title=sealed())]},
    "a chat of theirs, deleted": lambda two: {CHATS: [tombstone(CHATS, two.chat)]},
    "a new chat with an id of theirs": lambda two: {CHATS: [{**two.chat, "version": 1}]},
}


@pytest.mark.parametrize("what", FOREIGN_WRITES)
def test_nothing_is_written_into_another_account(two: Two, what: str) -> None:
    answer = two.thief.refused(FOREIGN_WRITES[what](two))  # type: ignore[arg-type]
    assert answer.reason is Refusal.INVALID
    told = [row["id"] for rows in two.thief.frames[-1].values() for row in rows]
    assert not {two.chat["id"], two.message["id"]} & set(told), "nothing of another account is told"
    untouched(two)


def test_another_accounts_manifest_is_not_written(two: Two) -> None:
    own = two.thief.records(ENTRIES)[two.thief.person.manifest["id"]]
    theirs = two.victim.records(ENTRIES)[two.victim.person.manifest["id"]]
    answer = two.thief.refused({ENTRIES: [following(own, sealed=sealed()), following(theirs, sealed=sealed())]})
    assert answer.reason is Refusal.INVALID
    untouched(two)


def test_a_connection_belongs_to_the_session_that_opened_it(two: Two) -> None:
    browser = two.victim.browser
    connection = browser.post("/api/poll/open", {"account": two.victim.person.account}).json()["connection"]
    stolen = two.thief.browser.post("/api/poll", {"connection": connection, "after": 0})
    assert (stolen.status_code, stolen.json()["error"]["code"]) == (404, "no-connection")
    assert two.thief.browser.post("/api/poll/close", {"connection": connection}).status_code == 404
    assert browser.post("/api/poll/close", {"connection": connection}).status_code == 204


def test_a_cookie_that_names_somebody_else_now_ends_the_session_before(someone: Callable[[], Person]) -> None:
    one, other = someone(), someone()
    browser = one.sign_in()
    other.sign_in(browser)
    assert browser.session(other.account) == (204, "")
    assert browser.session(one.account) == (401, SessionEnd.REVOKED)
