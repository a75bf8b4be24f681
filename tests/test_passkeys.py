"""Passkeys, told with whole clients and a whole server, in virtual time: added, used, listed, removed, cut short."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from hearth.core.errors import Unreachable
from hearth.core.records.ways import MAX_WAY_NAME_CHARS, MAX_WAYS
from hearth.core.view.account import AccountFace, AccountView
from hearth.core.view.screen import Phase
from hearth.engine.intents.account import (
    AddPasskey,
    AskForPasskey,
    CloseAccountForm,
    KeySaved,
    OpenAccountForm,
    RemovePasskey,
    RenamePasskey,
)
from hearth.engine.settings.ways_watch import CHANGED_ELSEWHERE
from hearth.engine.ways import before_sign_in, passkeys, secrets
from hearth.engine.ways.changes import NO_PASSKEYS
from hearth.ports.passkeys import PasskeyProblem
from server_mock.protocol import passkeys_api
from server_mock.protocol.account_api import WRONG_PROOF
from server_mock.protocol.ways_api import NO_WAY
from tests.peers import Browser, LiveWorld
from tests.stories import Tell, telling, until
from tests.test_accounts import (
    PASSWORD,
    another,
    answered,
    entered,
    made,
    opened,
    quick,
    reads_what_was_written,
    signed_out,
    signs_in,
    up_to_date,
    view,
    written,
)

NAME = "My phone"


@pytest.fixture
def tell() -> Iterator[Tell]:
    with telling() as tell:
        yield tell


async def added(browser: Browser, name: str = NAME) -> AccountView:
    """Add a passkey: what the form says."""
    await opened_anew(browser, AccountFace.ADD_PASSKEY)
    return await answered(browser, AddPasskey(PASSWORD, name))


async def opened_anew(browser: Browser, face: AccountFace) -> None:
    """Open a form, which may be open already."""
    before = view(browser)
    browser.do(OpenAccountForm(face))
    await until(lambda: view(browser) is not before and view(browser).face is face)


async def listed(browser: Browser) -> AccountView:
    """The form that lists the passkeys, once it does."""
    await opened_anew(browser, AccountFace.PASSKEYS)
    await until(lambda: view(browser).passkeys or view(browser).told)
    return view(browser)


async def asked(browser: Browser) -> None:
    """Sign in with a passkey."""
    await opened(browser, AccountFace.PASSKEY)
    browser.do(AskForPasskey())


def shares(browser: Browser, other: Browser) -> None:
    """Another device that reaches the same authenticator."""
    other.device.fake_passkeys.authenticator = browser.device.fake_passkeys.authenticator


def test_a_passkey_is_added_and_opens_the_account_without_an_address(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await written(browser)
        assert (await added(browser)).told == passkeys.ADDED.format(NAME)
        (item,) = (await listed(browser)).passkeys
        assert (item.name, item.about[:13]) == (NAME, "Added Today, ")
        await signed_out(browser)
        await asked(browser)
        await reads_what_was_written(browser)
        assert view(browser) == AccountView()
        browser.load()
        await reads_what_was_written(browser)
        other = await another(world)
        shares(browser, other)
        await asked(other)
        await reads_what_was_written(other)
        assert [each.name for each in (await listed(other)).passkeys] == [NAME], "every device reads the name"

    tell(story)


def test_the_server_reads_no_name_and_the_authenticator_no_address(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await added(browser, "Überall 🔑")
        rows = str(await world.direct.search("users"))
        assert "berall" not in rows
        assert "passkey" in rows
        (held,) = browser.device.fake_passkeys.authenticator.passkeys
        assert held.name == "Überall 🔑"
        assert "@" not in held.name

    tell(story)


def test_a_removed_passkey_opens_nothing_and_is_told_on_other_devices(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        other = await another(world)
        assert await signs_in(other, PASSWORD)
        await up_to_date(other)
        await added(browser)
        await until(lambda: CHANGED_ELSEWHERE in other.page.screen.status.sentence)
        held = list(browser.device.fake_passkeys.authenticator.passkeys)
        (item,) = (await listed(browser)).passkeys
        assert (await answered(browser, RemovePasskey("not this one", item.id))).problem == WRONG_PROOF
        assert (await answered(browser, RemovePasskey("", item.id))).problem == secrets.NOTHING
        shown = await answered(browser, RemovePasskey(PASSWORD, item.id))
        assert (shown.told, shown.passkeys) == (passkeys.REMOVED.format(NAME), ())
        assert browser.device.fake_passkeys.authenticator.passkeys == [], "the authenticator heard of it"
        assert (await listed(browser)).told == NO_PASSKEYS
        other.device.fake_passkeys.authenticator.passkeys = held
        await signed_out(other)
        await asked(other)
        await until(lambda: view(other).problem == passkeys_api.REJECTED)
        other.do(CloseAccountForm())
        assert await signs_in(other, PASSWORD)

    tell(story)


@pytest.mark.parametrize("problem", PasskeyProblem)
def test_where_there_is_none_a_sentence_says_why_and_nothing_changed(tell: Tell, problem: PasskeyProblem) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        port = browser.device.fake_passkeys
        early = problem in (PasskeyProblem.ADDRESS, PasskeyProblem.BROWSER, PasskeyProblem.NO_PRF)
        port.problem, port.refuses = (problem, None) if early else (None, problem)
        await opened(browser, AccountFace.ADD_PASSKEY)
        if early:
            await until(lambda: view(browser).problem == passkeys.SENTENCES[problem])
        assert (await answered(browser, AddPasskey(PASSWORD, NAME))).problem == passkeys.SENTENCES[problem]
        assert (await listed(browser)).told == NO_PASSKEYS
        await signed_out(browser)
        await asked(browser)
        await until(lambda: view(browser).problem == before_sign_in.PASSKEY_PROBLEMS[problem])
        browser.do(CloseAccountForm())
        assert await signs_in(browser, PASSWORD)

    tell(story)


def test_an_authenticator_without_the_extension_is_refused_and_holds_nothing_afterwards(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        authenticator = browser.device.fake_passkeys.authenticator
        authenticator.has_prf = False
        assert (await added(browser)).problem == passkeys.WITHOUT_PRF
        assert authenticator.passkeys == []
        assert (await listed(browser)).told == NO_PASSKEYS
        authenticator.has_prf = True
        await added(browser)
        await signed_out(browser)
        authenticator.has_prf = False
        await asked(browser)
        await until(lambda: view(browser).problem == before_sign_in.NO_PRF)

    tell(story)


def test_an_authenticator_that_gives_its_secret_at_the_first_use_is_asked_twice(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        browser.device.fake_passkeys.authenticator.gives_prf_at_creation = False
        assert (await added(browser)).told == passkeys.ADDED.format(NAME)
        assert passkeys.ONCE_MORE in [screen.account.busy for screen in browser.page.screens]
        await signed_out(browser)
        await asked(browser)
        await up_to_date(browser)

    tell(story)


def test_names_are_checked_and_a_missing_one_is_the_devices(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        assert (await added(browser, "x" * (MAX_WAY_NAME_CHARS + 1))).problem == passkeys.LONG_NAME
        assert browser.device.fake_passkeys.authenticator.passkeys == []
        assert view(browser).passkey_name == browser.device.name()
        assert (await answered(browser, AddPasskey(PASSWORD, "  "))).told == passkeys.ADDED.format("Firefox on Linux")
        assert (await answered(browser, AddPasskey(PASSWORD, NAME))).problem == passkeys.ALREADY

    tell(story)


def test_a_ninth_way_is_refused_before_a_passkey_is_made(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        port = browser.device.fake_passkeys
        for number in range(MAX_WAYS - 2):
            port.authenticator = type(port.authenticator)()
            assert (await added(browser, f"{number}")).told
        port.authenticator = type(port.authenticator)()
        assert (await added(browser)).problem == passkeys.TOO_MANY
        assert port.authenticator.passkeys == []
        assert len((await listed(browser)).passkeys) == MAX_WAYS - 2

    tell(story)


def test_a_passkey_gets_another_name_on_every_device(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await added(browser)
        (item,) = (await listed(browser)).passkeys
        assert (await answered(browser, RenamePasskey(item.id, " "))).problem == passkeys.NO_NAME
        assert (await answered(browser, RenamePasskey(item.id, "\ud83d"))).problem == secrets.NO_CHARACTER
        shown = await answered(browser, RenamePasskey(item.id, " Work phone "))
        assert shown.told == passkeys.RENAMED.format("Work phone")
        assert [each.name for each in shown.passkeys] == ["Work phone"]
        other = await another(world)
        shares(browser, other)
        await asked(other)
        await up_to_date(other)
        assert [each.name for each in (await listed(other)).passkeys] == ["Work phone"]
        assert (await answered(browser, RenamePasskey("nothing", "x"))).problem == NO_WAY

    tell(story)


def test_a_passkey_that_the_server_puts_back_is_told(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await added(browser)
        (item,) = (await listed(browser)).passkeys
        (row,) = [row for row in await world.direct.search("users") if row["demo"] is False]
        await answered(browser, RemovePasskey(PASSWORD, item.id))
        put_back = {name: row[name] for name in ("lookup_hashes", "ways")}
        await world.direct.update("users", row["id"], put_back)
        (strange,) = (await listed(browser)).passkeys
        assert strange.about.endswith(passkeys.STRANGE)

    tell(story)


@pytest.mark.parametrize("change", ["add", "remove"])
@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_change_whose_answer_is_lost_says_what_holds(tell: Tell, change: str, lost: str) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await added(browser)
        (item,) = (await listed(browser)).passkeys
        api = browser.device.live_api
        ask, path = api.ask, "ways" if change == "add" else "ways/remove"

        async def once(name: str, body: object = None) -> dict[str, object]:
            if name == path and body is not None:
                api.ask = ask  # type: ignore[method-assign]
                if lost == "answer":
                    await ask(name, body)  # type: ignore[arg-type]
                raise Unreachable("The server does not answer.")
            return await ask(name, body)  # type: ignore[arg-type]

        api.ask = once  # type: ignore[method-assign, assignment]
        browser.device.fake_passkeys.authenticator = type(browser.device.fake_passkeys.authenticator)()
        if change == "add":
            shown = await added(browser, "Second")
            names = [NAME, "Second"] if lost == "answer" else [NAME]
        else:
            shown = await answered(browser, RemovePasskey(PASSWORD, item.id))
            names = [] if lost == "answer" else [NAME]
        assert bool(shown.told) is (lost == "answer"), shown
        assert shown.problem.startswith("" if lost == "answer" else "The passkey was not ")
        assert [each.name for each in (await listed(browser)).passkeys] == names
        held = browser.device.fake_passkeys.authenticator.passkeys
        assert len(held) == (change == "add" and lost == "answer"), "what was not added is nowhere"

    tell(story)


@pytest.mark.parametrize("change", ["add", "remove"])
def test_a_page_that_is_closed_at_any_request_leaves_a_consistent_list(tell: Tell, change: str) -> None:
    """No device is told of a way that nobody noted, and what the list says is what signs in."""

    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        step, finished = 0, False
        while not finished:
            port = browser.device.fake_passkeys
            port.authenticator = type(port.authenticator)()
            if change == "remove":
                assert (await added(browser, f"{step}")).told
            items = (await listed(browser)).passkeys
            held = list(port.authenticator.passkeys)
            finished = await closed_after(browser, change, step, items[-1].id if items else "")
            browser.load()
            await up_to_date(browser)
            shown = (await listed(browser)).passkeys
            assert all(not each.about.endswith(passkeys.STRANGE) for each in shown), step
            assert len(shown) - len(items) in ((0, 1) if change == "add" else (0, -1)), step
            port.authenticator.passkeys = held or port.authenticator.passkeys
            other = await another(world)
            shares(browser, other)
            is_there = len(shown) > len(items) if change == "add" else len(shown) == len(items)
            if port.authenticator.passkeys:
                await asked(other)
                await until(lambda: other.page.screen.synced or view(other).problem)  # noqa: B023
                assert bool(other.page.screen.synced) is is_there, step
            else:
                assert not is_there
            for each in shown if is_there else ():
                await listed(browser)
                await answered(browser, RemovePasskey(PASSWORD, each.id))
            step += 1
        assert step >= 3

    tell(story)


async def closed_after(browser: Browser, change: str, requests: int, way: str) -> bool:
    """Change something and close the page after so many requests; whether it was finished before that."""
    api = browser.device.live_api
    ask, count, dead = api.ask, 0, asyncio.Event()

    async def counted(name: str, body: object = None) -> dict[str, object]:
        nonlocal count
        if count >= requests:
            dead.set()
            await asyncio.Event().wait()
        count += 1
        return await ask(name, body)  # type: ignore[arg-type]

    if change == "add":
        await opened_anew(browser, AccountFace.ADD_PASSKEY)
        api.ask = counted  # type: ignore[method-assign, assignment]
        browser.do(AddPasskey(PASSWORD, f"{requests}"))
    else:
        api.ask = counted  # type: ignore[method-assign, assignment]
        browser.do(RemovePasskey(PASSWORD, way))
    await until(lambda: dead.is_set() or view(browser).told)
    api.ask = ask  # type: ignore[method-assign]
    return not dead.is_set()


def test_the_form_can_be_closed_while_the_browsers_window_is_open(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        port = browser.device.fake_passkeys
        create, get, cut = port.create, port.get, []

        async def for_ever(_options: object) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cut.append(True)
                raise

        port.create = port.get = for_ever  # type: ignore[method-assign, assignment]
        await opened(browser, AccountFace.ADD_PASSKEY)
        browser.do(AddPasskey(PASSWORD, NAME))
        await until(lambda: view(browser).busy == passkeys.CONFIRM)
        browser.do(CloseAccountForm())
        await until(lambda: view(browser) == AccountView())
        assert cut == [True]
        assert (await listed(browser)).told == NO_PASSKEYS
        await signed_out(browser)
        await asked(browser)
        await until(lambda: view(browser).busy == passkeys.CONFIRM)
        browser.do(CloseAccountForm())
        await until(lambda: cut == [True, True])
        port.create, port.get = create, get  # type: ignore[method-assign]
        assert await signs_in(browser, PASSWORD)

    tell(story)


def test_a_passkey_goes_on_where_a_session_expired_and_loses_nothing(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await written(browser)
        await added(browser)
        account = browser.account or ""
        for session in world.services.sessions.of_user(account):
            world.services.sessions.expire(session)
        await world.end_connections()
        await until(lambda: browser.page.screen.locked)
        await asked(browser)
        await reads_what_was_written(browser)
        assert not browser.page.screen.locked
        assert list(browser.device.disks) == [account]

    tell(story)


def test_somebody_elses_passkey_in_a_locked_page_shows_nothing_of_the_person_before(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await written(browser)
        other = quick(world.browse())
        await until(lambda: other.phase is Phase.SIGNED_OUT)
        await made(other, email="grace@hearth.example")
        other.do(KeySaved())
        await up_to_date(other)
        await added(other, "Hers")
        account = browser.account or ""
        for session in world.services.sessions.of_user(account):
            world.services.sessions.expire(session)
        await world.end_connections()
        await until(lambda: browser.page.screen.locked)
        shares(other, browser)
        await asked(browser)
        await up_to_date(browser)
        assert browser.account == other.account
        assert list(browser.device.disks) == [browser.account]

    tell(story)
