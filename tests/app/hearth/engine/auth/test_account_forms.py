"""The forms about the account: loaded when the first is opened, and a part of Hearth that does not come is said."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import NotLoaded
from hearth.core.records.envelope import MIN_ITERATIONS, PBKDF2_ITERATIONS
from hearth.core.view.account import AccountFace, AccountView
from hearth.engine.auth.account_forms import AccountForms
from hearth.engine.intents.account import CloseAccountForm, OpenAccountForm, SignIn
from hearth.ports.keys import Credentials
from hearth.testing.device import FakeDevice


class Host:
    """The engine, as the forms see it."""

    def __init__(self) -> None:
        self.views: list[AccountView] = []
        self.told: list[str] = []
        self.noted_ways: frozenset[str] = frozenset()
        self.keyring: None = None

    async def note_ways(self, ways: frozenset[str]) -> None:
        self.noted_ways = ways

    async def enter_with(self, intent: SignIn, credentials: Credentials, between: Any = None) -> None:
        raise AssertionError("nobody signs in here")

    def post(self, item: Any) -> None:
        raise AssertionError("nothing is posted here")

    def show_account(self, view: AccountView) -> None:
        self.views.append(view)

    def trouble(self, sentence: str) -> None:
        self.told.append(sentence)


async def test_a_part_that_does_not_come_is_said_where_the_form_would_be() -> None:
    device, host = FakeDevice(), Host()
    device.refuse_modules = NotLoaded("It could not be loaded.")
    for account in (None, "account"):
        await AccountForms(device, host).do(OpenAccountForm(AccountFace.CREATE), account)
    assert [view.problem for view in host.views] == ["It could not be loaded."] * 2
    assert host.told == ["It could not be loaded."] * 2


async def test_a_form_is_opened_and_closed_by_who_is_not_signed_in() -> None:
    device, host = FakeDevice(), Host()
    device.api.answer = lambda _path, _body: {"sign_up": "open"}
    forms = AccountForms(device, host)
    await forms.do(OpenAccountForm(AccountFace.CREATE, "a@b"), None)
    assert (host.views[-1].face, host.views[-1].email) == (AccountFace.CREATE, "a@b")
    await forms.do(CloseAccountForm(), None)
    assert host.views[-1] == AccountView()


async def test_a_form_for_before_the_sign_in_is_none_for_who_is_signed_in() -> None:
    host = Host()
    forms = AccountForms(FakeDevice(), host)
    await forms.do(OpenAccountForm(AccountFace.RECOVER), "account")
    forms.end()
    assert host.views == []


@pytest.mark.parametrize("iterations", [MIN_ITERATIONS - 1, PBKDF2_ITERATIONS, PBKDF2_ITERATIONS + 1])
async def test_a_password_at_todays_cost_is_left_alone(iterations: int) -> None:
    device = FakeDevice()
    device.refuse_modules = NotLoaded("asked for")
    forms = AccountForms(device, Host())
    credentials = await device.cipher.derive(b"secret", b"s" * 32, 1)
    object.__setattr__(credentials, "iterations", iterations)
    forms.raise_cost("account", SignIn("a@b", "secret"), credentials)
    assert forms._work is None
