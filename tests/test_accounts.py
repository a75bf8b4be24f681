"""An account from its first moment on, told with whole clients and a whole server, in virtual time."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from hearth.core.errors import NotLoaded, Unreachable
from hearth.core.records.envelope import PBKDF2_ITERATIONS
from hearth.core.view.account import AccountFace, AccountView
from hearth.core.view.chat_list import ListState
from hearth.core.view.screen import Phase
from hearth.engine.auth import account_forms
from hearth.engine.intents.account import (
    ChangeAddress,
    ChangePassword,
    CloseAccountForm,
    CreateAccount,
    DeleteAccount,
    KeySaved,
    MakeRecoveryKey,
    OpenAccountForm,
    RecoverAccount,
    SignOut,
    TryRecoveryKey,
)
from hearth.engine.intents.intent import Intent
from hearth.engine.intents.writing import NewChat, SendMessage
from hearth.engine.settings.ways_watch import CHANGED_ELSEWHERE
from hearth.engine.ways import before_sign_in, changes, editor, new_way, outcome, secrets
from server_mock.protocol.account_api import WRONG_PROOF
from server_mock.protocol.app import make_app
from server_mock.protocol.sign_up import CLOSED, NO_INVITE, TAKEN, SignUp
from server_mock.protocol.ways_api import ADDRESS_TAKEN
from tests.peers import Browser, LiveWorld
from tests.server_mock.accounts import CIPHER
from tests.server_mock.world import EMAIL as SEEDED
from tests.stories import Tell, telling, until

EMAIL, PASSWORD, OTHER = "ada@hearth.example", "seven grey herons", "one more grey heron"
WORDS = "the first words"


@pytest.fixture
def tell() -> Iterator[Tell]:
    with telling() as tell:
        yield tell


def quick(browser: Browser) -> Browser:
    """A device that derives at once."""
    browser.device.cipher = CIPHER
    return browser


async def another(world: LiveWorld) -> Browser:
    """Another device, with the sign-in form on screen."""
    browser = quick(world.browse())
    await until(lambda: browser.phase is Phase.SIGNED_OUT)
    return browser


def view(browser: Browser) -> AccountView:
    return browser.page.screen.account


async def opened(browser: Browser, face: AccountFace) -> None:
    browser.do(OpenAccountForm(face))
    await until(lambda: view(browser).face is face)


async def answered(browser: Browser, intent: Intent) -> AccountView:
    """Submit a form, and wait until it says what came of it."""
    before = view(browser)
    browser.do(intent)
    await until(lambda: view(browser) is not before and not view(browser).busy)
    return view(browser)


async def made(browser: Browser, password: str = PASSWORD, email: str = EMAIL) -> str:
    """Create an account: its recovery key, which is shown."""
    await opened(browser, AccountFace.CREATE)
    shown = await answered(browser, CreateAccount(email, password, password))
    assert shown.face is AccountFace.SAVE_KEY, shown.problem
    return shown.recovery_key


async def entered(browser: Browser, password: str = PASSWORD) -> str:
    """Create an account and go on to it."""
    key = await made(browser, password)
    browser.do(KeySaved())
    await up_to_date(browser)
    return key


async def up_to_date(browser: Browser) -> None:
    await until(lambda: browser.phase is Phase.SIGNED_IN and browser.page.screen.synced)


async def written(browser: Browser) -> None:
    browser.do(NewChat())
    await until(lambda: browser.page.screen.current)
    browser.do(SendMessage(browser.page.screen.current or "", WORDS))
    await until(
        lambda: browser.page.screen.chat and browser.page.screen.chat.messages and not browser.page.screen.unsent
    )


async def reads_what_was_written(browser: Browser) -> None:
    await up_to_date(browser)
    await until(lambda: browser.page.screen.chat and browser.page.screen.chat.messages)
    chat = browser.page.screen.chat
    assert chat is not None
    assert [each.text for each in chat.messages] == [WORDS]
    assert browser.page.screen.status.tone.value == "quiet", browser.page.screen.status


async def signs_in(browser: Browser, password: str) -> bool:
    screens = browser.page.screens
    before = len(screens)
    browser.sign_in(EMAIL, password)
    await until(lambda: Phase.SIGNING_IN in [each.phase for each in screens[before:]])
    await until(lambda: browser.phase in (Phase.SIGNED_IN, Phase.SIGNED_OUT))
    return browser.phase is Phase.SIGNED_IN


async def signed_out(browser: Browser) -> None:
    browser.do(SignOut())
    await until(lambda: browser.phase is Phase.SIGNED_OUT)


def test_a_new_account_is_empty_and_works_and_another_device_reads_what_was_written(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        assert browser.page.screen.account == AccountView()
        browser.do(OpenAccountForm(AccountFace.CREATE))
        await up_to_date(browser)
        assert browser.page.screen.account == AccountView(), "who is signed in makes no other account"
        assert browser.page.screen.without_chats is ListState.EMPTY
        await written(browser)
        browser.load()
        await reads_what_was_written(browser)
        other = await another(world)
        assert await signs_in(other, PASSWORD)
        await reads_what_was_written(other)

    tell(story)


def test_nobody_goes_on_before_the_recovery_key_is_saved(tell: Tell) -> None:
    """The page is closed while it is shown: the account is there, with its password, and the key opens it."""

    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        key = await made(browser)
        assert browser.phase is Phase.SIGNED_OUT
        assert browser.device.key_store.kept is None
        browser.load()
        await until(lambda: browser.phase is Phase.SIGNED_OUT)
        assert view(browser) == AccountView()
        assert await signs_in(browser, PASSWORD)
        await signed_out(browser)
        await opened(browser, AccountFace.RECOVER)
        browser.do(RecoverAccount(EMAIL, key, OTHER, OTHER))
        await up_to_date(browser)

    tell(story)


def test_the_recovery_key_opens_the_account_sets_the_password_and_signs_the_others_out(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        key = await entered(browser)
        await written(browser)
        other = await another(world)
        await opened(other, AccountFace.RECOVER)
        other.do(RecoverAccount(f" {EMAIL.upper()} ", key.lower().replace("-", " "), OTHER, OTHER))
        await up_to_date(other)
        await reads_what_was_written(other)
        await until(lambda: browser.phase is Phase.SIGNED_OUT)
        assert browser.device.disks == {}, "the other device was signed out, and is wiped"
        assert not await signs_in(browser, PASSWORD)
        assert await signs_in(browser, OTHER)
        await reads_what_was_written(browser)

    tell(story)


@pytest.mark.parametrize(
    ("intent", "problem"),
    [
        (CreateAccount("nobody", PASSWORD, PASSWORD), secrets.NO_ADDRESS),
        (CreateAccount(EMAIL, "short", "short"), secrets.TOO_SHORT),
        (CreateAccount(EMAIL, "x" * 2000, "x" * 2000), secrets.TOO_LONG),
        (CreateAccount(EMAIL, PASSWORD, OTHER), secrets.NOT_ALIKE),
        (CreateAccount(EMAIL, EMAIL.upper(), EMAIL.upper()), secrets.IS_ADDRESS),
        (CreateAccount(EMAIL, PASSWORD + "\ud83d", PASSWORD + "\ud83d"), secrets.NO_CHARACTER),
        (CreateAccount(SEEDED, PASSWORD, PASSWORD), TAKEN),
    ],
    ids=["address", "short", "long", "unlike", "the address", "half a character", "taken"],
)
def test_what_makes_no_account_is_said_and_can_be_mended(tell: Tell, intent: CreateAccount, problem: str) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await opened(browser, AccountFace.CREATE)
        assert (await answered(browser, intent)).problem == problem
        assert (await answered(browser, CreateAccount(EMAIL, PASSWORD, PASSWORD))).face is AccountFace.SAVE_KEY

    tell(story)


@pytest.mark.parametrize(
    ("key", "email", "problem"),
    [
        ("", EMAIL, secrets.NO_KEY),
        ("0000-0000-0000-0000-0000-0000-0001", EMAIL, secrets.NO_KEY),
        ("0000-0000-0000-0000-0000-0000-0000", EMAIL, before_sign_in.REJECTED),
        ("0000-0000-0000-0000-0000-0000-0000", "nobody@hearth.example", before_sign_in.REJECTED),
        ("0000-0000-0000-0000-0000-0000-0000", SEEDED, before_sign_in.REJECTED),
    ],
)
def test_what_recovers_nothing_says_so_and_changes_nothing(tell: Tell, key: str, email: str, problem: str) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await signed_out(browser)
        await opened(browser, AccountFace.RECOVER)
        assert (await answered(browser, RecoverAccount(email, key, OTHER, OTHER))).problem == problem
        browser.do(CloseAccountForm())
        assert await signs_in(browser, PASSWORD)

    tell(story)


def test_a_server_that_takes_nobody_or_asks_for_an_invite_says_so_on_the_form(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        for policy, said in ((SignUp.CLOSED, CLOSED), (SignUp.INVITE, NO_INVITE)):
            world.app = make_app(world.services, sign_up=policy)
            await opened(browser, AccountFace.CREATE)
            await until(lambda: view(browser).sign_up == policy.value)  # noqa: B023 - within the turn
            assert (await answered(browser, CreateAccount(EMAIL, PASSWORD, PASSWORD, "code"))).problem == said
            browser.do(CloseAccountForm())
            await until(lambda: view(browser) == AccountView())

    tell(story)


def test_without_a_network_the_form_says_so_and_goes_on_later(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        browser.device.refuse_modules = NotLoaded("Not now.")
        browser.do(OpenAccountForm(AccountFace.CREATE))
        await until(lambda: browser.page.screen.notice == "Not now.")
        assert view(browser) == AccountView(problem="Not now."), "and the sign-in form is back"
        browser.device.refuse_modules = None
        await opened(browser, AccountFace.CREATE)
        browser.go_offline()
        assert "does not answer" in (await answered(browser, CreateAccount(EMAIL, PASSWORD, PASSWORD))).problem
        browser.device.network.down = False
        assert (await answered(browser, CreateAccount(EMAIL, PASSWORD, PASSWORD))).face is AccountFace.SAVE_KEY
        browser.go_offline()
        shown = await answered(browser, KeySaved())
        assert shown.recovery_key, "the key stays on screen"
        browser.device.network.down = False
        browser.do(KeySaved())
        await up_to_date(browser)

    tell(story)


def test_a_new_password_signs_the_others_out_and_the_chats_stay(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        key = await entered(browser)
        await written(browser)
        other = await another(world)
        assert await signs_in(other, PASSWORD)
        await opened(browser, AccountFace.CHANGE_PASSWORD)
        await until(lambda: view(browser).told.startswith("Your password was set: Today"))
        shown = await answered(browser, ChangePassword("not this one", OTHER, OTHER))
        assert shown.problem == WRONG_PROOF
        assert (await answered(browser, ChangePassword("", OTHER, OTHER))).problem == secrets.NOTHING
        assert (await answered(browser, ChangePassword(PASSWORD, OTHER, PASSWORD))).problem == secrets.NOT_ALIKE
        assert (await answered(browser, ChangePassword(PASSWORD, OTHER, OTHER))).told == changes.CHANGED
        await until(lambda: other.phase is Phase.SIGNED_OUT)
        assert other.device.disks == {}
        assert browser.phase is Phase.SIGNED_IN
        browser.load()
        await reads_what_was_written(browser)
        assert not await signs_in(other, PASSWORD)
        assert await signs_in(other, OTHER)
        await reads_what_was_written(other)
        await opened(other, AccountFace.CHANGE_PASSWORD)
        assert (await answered(other, ChangePassword(key, PASSWORD, PASSWORD))).told == changes.CHANGED, "or the key"

    tell(story)


def test_another_address_signs_the_others_out_and_the_chats_stay(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        key = await entered(browser)
        await written(browser)
        other = await another(world)
        assert await signs_in(other, PASSWORD)
        await opened(browser, AccountFace.CHANGE_ADDRESS)
        moved = "moved@hearth.example"
        assert (await answered(browser, ChangeAddress("not this one", moved))).problem == WRONG_PROOF
        assert (await answered(browser, ChangeAddress(PASSWORD, "nobody"))).problem == secrets.NO_ADDRESS
        assert (await answered(browser, ChangeAddress(PASSWORD, SEEDED))).problem == ADDRESS_TAKEN
        browser.device.network.down = True
        assert "does not answer" in (await answered(browser, ChangeAddress(PASSWORD, moved))).problem
        browser.device.network.down = False
        assert (await answered(browser, ChangeAddress(key, moved))).told == changes.MOVED.format(moved)
        await until(lambda: other.phase is Phase.SIGNED_OUT)
        assert other.device.disks == {}
        browser.load()
        await reads_what_was_written(browser)
        assert not await signs_in(other, PASSWORD)
        other.sign_in(moved, PASSWORD)
        await reads_what_was_written(other)

    tell(story)


def test_a_new_address_whose_answer_is_lost_can_be_asked_for_again(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await opened(browser, AccountFace.CHANGE_ADDRESS)
        api = browser.device.live_api
        ask = api.ask

        async def once(name: str, body: Any = None) -> dict[str, Any]:
            answer = await ask(name, body)
            if name == "account/address":
                api.ask = ask  # type: ignore[method-assign]
                raise Unreachable("The server does not answer.")
            return answer

        api.ask = once  # type: ignore[method-assign, assignment]
        intent = ChangeAddress(PASSWORD, "moved@hearth.example")
        assert (await answered(browser, intent)).problem == changes.EITHER_ADDRESS
        assert (await answered(browser, intent)).told == changes.MOVED.format("moved@hearth.example")

    tell(story)


def test_an_account_is_deleted_on_every_device_and_its_address_is_free_again(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        await written(browser)
        other = await another(world)
        assert await signs_in(other, PASSWORD)
        await opened(browser, AccountFace.DELETE)
        assert (await answered(browser, DeleteAccount(PASSWORD, "yes"))).problem == changes.NO_WORD
        assert (await answered(browser, DeleteAccount("not this one", "delete"))).problem == WRONG_PROOF
        browser.do(DeleteAccount(PASSWORD, " Delete "))
        for each in (browser, other):
            await until(lambda each=each: each.phase is Phase.SIGNED_OUT)  # type: ignore[misc]
            await until(lambda each=each: each.device.disks == {})  # type: ignore[misc]
        assert not await signs_in(other, PASSWORD)
        await entered(browser, OTHER)
        assert browser.page.screen.without_chats is ListState.EMPTY

    tell(story)


def test_a_new_recovery_key_holds_once_it_is_saved_and_can_be_tried(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        old = await entered(browser)
        await opened(browser, AccountFace.TRY_KEY)
        assert (await answered(browser, TryRecoveryKey(old.lower()))).told == changes.KEY_OPENS
        await opened(browser, AccountFace.NEW_KEY)
        shown = await answered(browser, MakeRecoveryKey(PASSWORD))
        assert (shown.face, shown.problem) == (AccountFace.REPLACE_KEY, "")
        await opened(browser, AccountFace.TRY_KEY)
        assert (await answered(browser, TryRecoveryKey(old))).told == changes.KEY_OPENS, (
            "it was not saved: nothing changed"
        )
        await opened(browser, AccountFace.NEW_KEY)
        new = (await answered(browser, MakeRecoveryKey(PASSWORD))).recovery_key
        assert (await answered(browser, KeySaved())).told == changes.NEW_KEY_HOLDS
        await opened(browser, AccountFace.TRY_KEY)
        assert (await answered(browser, TryRecoveryKey(new))).told == changes.KEY_OPENS
        assert (await answered(browser, TryRecoveryKey(old))).problem == changes.ANOTHER_KEY
        assert (await answered(browser, TryRecoveryKey(new[:-1]))).problem == secrets.NO_KEY
        assert browser.phase is Phase.SIGNED_IN

    tell(story)


def test_an_account_of_before_has_no_recovery_key_and_gets_one(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        (row,) = await world.direct.search("users")
        await world.direct.update("users", row["id"], {"iterations": PBKDF2_ITERATIONS})
        browser.sign_in(SEEDED, "a password of the tests")
        await up_to_date(browser)
        browser.do(OpenAccountForm(AccountFace.TRY_KEY))
        await until(lambda: view(browser).told == editor.NO_KEY_YET)

    tell(story)


@pytest.mark.parametrize("lost", ["the request", "the answer", "both, for long"])
@pytest.mark.parametrize("face", [AccountFace.CHANGE_PASSWORD, AccountFace.NEW_KEY])
def test_the_page_says_which_way_is_valid_when_the_answer_does_not_come(
    tell: Tell, lost: str, face: AccountFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        old = await entered(browser)
        await opened(browser, face)
        api = browser.device.live_api
        ask, left = api.ask, [True]

        async def lossy(path: str, body: Any = None) -> dict[str, Any]:
            if path == "ways" and left[0]:
                left[0] = False
                if lost != "the request":
                    await ask(path, body)
                browser.device.network.down = lost == "both, for long"
                raise Unreachable("The server does not answer.")
            return await ask(path, body)

        password, new = face is AccountFace.CHANGE_PASSWORD, ""
        if password:
            monkeypatch.setattr(api, "ask", lossy)
            shown = await answered(browser, ChangePassword(PASSWORD, OTHER, OTHER))
        else:
            new = (await answered(browser, MakeRecoveryKey(PASSWORD))).recovery_key
            monkeypatch.setattr(api, "ask", lossy)
            shown = await answered(browser, KeySaved())
        match lost:
            case "the request":
                assert shown.problem.startswith(outcome.NOT_CHANGED if password else changes.KEY_NOT_REPLACED)
            case "the answer":
                assert shown.told == (changes.CHANGED if password else changes.NEW_KEY_HOLDS)
            case _:
                assert shown.problem == (changes.EITHER if password else changes.EITHER_KEY)
        browser.device.network.down = False
        holds = lost != "the request"
        if password:
            other = await another(world)
            assert await signs_in(other, OTHER if holds else PASSWORD)
        else:
            await opened(browser, AccountFace.TRY_KEY)
            assert (await answered(browser, TryRecoveryKey(new if holds else old))).told == changes.KEY_OPENS

    tell(story)


def test_a_page_that_is_closed_while_it_changes_the_password_leaves_one_that_is_valid(tell: Tell) -> None:
    """At each request that it sends; the form says when the password was set, and so which one that is."""

    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        valid = PASSWORD
        for number in range(1, 8):
            wanted = f"{OTHER} {number}"
            await opened(browser, AccountFace.CHANGE_PASSWORD)
            count = world.requests.count
            browser.do(ChangePassword(valid, wanted, wanted))
            await until(lambda: world.requests.count >= count + number or view(browser).told == changes.CHANGED)  # noqa: B023
            browser.load()
            await up_to_date(browser)
            other = await another(world)
            new, old = await signs_in(other, wanted), False
            if not new:
                old = await signs_in(other, valid)
            assert new or old
            await signed_out(other)
            valid = wanted if new else valid
        assert valid != PASSWORD

    tell(story)


def test_what_was_typed_and_the_key_are_gone_from_the_screen_once_the_person_is_in(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        key = await entered(browser)
        assert key not in repr(browser.page.screens[-1])
        assert PASSWORD not in repr(browser.page.screens)
        assert key not in repr(browser.page.screens), "it never shows itself"

    tell(story)


def test_another_device_hears_of_a_new_recovery_key_and_this_one_does_not(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        other = await another(world)
        assert await signs_in(other, PASSWORD)
        await up_to_date(other)
        await until(lambda: not browser.page.screen.unsent)
        await opened(browser, AccountFace.NEW_KEY)
        assert (await answered(browser, MakeRecoveryKey(PASSWORD))).recovery_key
        await answered(browser, KeySaved())
        await until(lambda: other.page.screen.status.sentence.startswith(CHANGED_ELSEWHERE))
        assert CHANGED_ELSEWHERE not in browser.page.screen.status.sentence
        browser.load()
        await up_to_date(browser)
        assert CHANGED_ELSEWHERE not in browser.page.screen.status.sentence, "it did that itself"

    tell(story)


def test_a_way_that_the_server_puts_back_is_told(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        await entered(browser)
        (row,) = [row for row in await world.direct.search("users") if row["demo"] is False]
        await opened(browser, AccountFace.CHANGE_PASSWORD)
        assert (await answered(browser, ChangePassword(PASSWORD, OTHER, OTHER))).told == changes.CHANGED
        await opened(browser, AccountFace.TRY_KEY)
        await until(lambda: view(browser).told)
        assert view(browser).problem == "", "what is there is what was noted"
        now = next(each for each in await world.direct.search("users") if each["id"] == row["id"])
        put_back = {name: [*now[name], row[name][0]] for name in ("lookup_hashes", "ways")}
        await world.direct.update("users", row["id"], put_back)
        await opened(browser, AccountFace.NEW_KEY)
        await until(lambda: view(browser).problem == changes.STRANGE_WAY)

    tell(story)


def test_a_cost_that_was_raised_holds_from_the_next_sign_in_and_ends_no_session(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        quick(browser)
        key = await entered(browser)
        for module in (account_forms, new_way):
            monkeypatch.setattr(module, "PBKDF2_ITERATIONS", 700_000)
        other = await another(world)
        monkeypatch.setattr(other.device.live_api, "challenge", lambda _email: at_the_cost_that_is_kept(other))
        assert await signs_in(other, PASSWORD)
        await until(lambda: costs(world) == {"password": 700_000, "recovery": 600_000})
        assert browser.phase is other.phase is Phase.SIGNED_IN
        await signed_out(other)
        assert await signs_in(other, PASSWORD)
        await opened(other, AccountFace.TRY_KEY)
        assert (await answered(other, TryRecoveryKey(key))).told == changes.KEY_OPENS

    tell(story)


async def at_the_cost_that_is_kept(browser: Browser) -> tuple[bytes, int]:
    answer = await browser.device.live_api.ask("challenge", {"email": EMAIL})
    return base64.b64decode(answer["salt"]), answer["iterations"]


def costs(world: LiveWorld) -> dict[str, int]:
    """What the ways of the new account are derived with, as the server knows them."""
    entries = [each[0] for each in world.services.accounts._entries.values() if each[0]]
    return {way.kind: way.iterations for entry in entries for way in entry.ways if len(entry.ways) > 1}
