"""The server that the suite is about, and people who have accounts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from hearth_testing.conformance.client import Browser, Device, Person, Server, opened
from hearth_testing.conformance.sealed import CHATS, MESSAGES, Row, chat, message

NO_SERVER = "Name the server with --server-url."
TAKES_NONE = "The server takes no new accounts: start it with open sign-up, or give codes with --server-invites."
HOUR_MS = 3_600_000
BEGIN_MS = 1_700_000_000_000
"""When the chats that a test makes begin; they are an hour apart."""


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """Where the server is."""
    url: str | None = request.config.getoption("--server-url")
    if not url:
        pytest.exit(NO_SERVER, returncode=pytest.ExitCode.USAGE_ERROR)
    return Server(url.rstrip("/"), request.config.getoption("--server-wait-s"))


@pytest.fixture(scope="session")
def invites(request: pytest.FixtureRequest, server: Server) -> Iterator[str | None]:
    """An invite code for each account, or None where the server asks for none."""
    try:
        policy = Browser(server).get("/api/sign-up").json()["sign_up"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        pytest.exit(f"The server does not say who may make an account: {error}", returncode=2)
    codes = [code for code in request.config.getoption("--server-invites").split(",") if code]
    worker = getattr(request.config, "workerinput", {"workerid": "gw0", "workercount": 1})
    codes = codes[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]
    if policy == "closed" or (policy == "invite" and not codes):
        pytest.exit(TAKES_NONE, returncode=pytest.ExitCode.USAGE_ERROR)
    return iter(codes) if policy == "invite" else iter(lambda: None, "")


@pytest.fixture(autouse=True)
def _connections() -> Iterator[None]:
    """Close what a test has opened."""
    yield
    while opened:
        opened.pop().close()


@pytest.fixture(scope="session")
def stranger(server: Server, invites: Iterator[str | None]) -> Callable[[], Person]:
    """Somebody who has no account yet."""

    def make() -> Person:
        try:
            return Person(server, next(invites))
        except StopIteration:
            pytest.skip("There are no invite codes left.")

    return make


@pytest.fixture(scope="session")
def someone(stranger: Callable[[], Person]) -> Iterator[Callable[[], Person]]:
    """Somebody with a new account, which is deleted when the tests are done."""
    made: list[Person] = []

    def make() -> Person:
        person = stranger()
        answer = Browser(person.server).post("/api/sign-up", person.request())
        assert answer.status_code == 201, answer.text
        made.append(person)
        return person

    yield make
    for person in made:
        person.delete_account()


@pytest.fixture
def person(someone: Callable[[], Person]) -> Person:
    """Somebody with a new account."""
    return someone()


@pytest.fixture(scope="module")
def resident(someone: Callable[[], Person]) -> Person:
    """Somebody with an account that several tests use, since none of them changes anything of it."""
    return someone()


@pytest.fixture(scope="session")
def write_chats() -> Callable[..., list[Row]]:
    """Write chats with their messages from a device: `write_chats(device, chats=13, messages=2)`, oldest first."""

    def write(device: Device, chats: int, messages: int = 2) -> list[Row]:
        made = [chat(BEGIN_MS + number * HOUR_MS) for number in range(chats)]
        said = [message(each["id"], each["created_at"] + at) for each in made for at in range(messages)]
        device.written({CHATS: made, MESSAGES: said} if said else {CHATS: made})
        return made

    return write
