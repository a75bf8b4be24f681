"""The place of the forms about the account: fetches what draws them when the first of them is opened."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from app.page.views.elements import by_id, empty, fill
from hearth.browser import on_demand
from hearth.core.errors import NotLoaded
from hearth.core.view.account import BEFORE_SIGN_IN, AccountFace, AccountView
from hearth.core.view.screen import Screen
from hearth.engine.intents.account import CloseAccountForm, OpenAccountForm
from hearth.engine.intents.intent import Intent

if TYPE_CHECKING:
    from app.page.ways.pane import AccountPane

FACES = {
    "create-account": AccountFace.CREATE,
    "use-recovery-key": AccountFace.RECOVER,
    "use-passkey": AccountFace.PASSKEY,
    "add-passkey": AccountFace.ADD_PASSKEY,
    "passkeys": AccountFace.PASSKEYS,
    "change-address": AccountFace.CHANGE_ADDRESS,
    "change-password": AccountFace.CHANGE_PASSWORD,
    "new-recovery-key": AccountFace.NEW_KEY,
    "try-recovery-key": AccountFace.TRY_KEY,
    "delete-account": AccountFace.DELETE,
}
"""What the buttons that open a form are called, as actions."""

OPENING = "One moment…"


class AccountFormsView:
    """Passes on what is drawn, clicked and submitted."""

    def __init__(self, intents: Callable[[Intent], None], start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._intents, self._start = intents, start
        self._pane: AccountPane | None = None
        self._screen = Screen()
        self._awaited = False
        """Whether a form was asked for in the place of the sign-in form, and has not come yet."""

    @property
    def is_open(self) -> bool:
        """Whether a form is in front of the chats."""
        return self._pane is not None and self._pane.is_open

    def draw(self, screen: Screen) -> None:
        """Draw the form that is open."""
        self._screen = screen
        if self._awaited and screen.account == AccountView():
            return  # the page starts, and what was pressed before is still to be answered
        self._awaited = False
        if self._pane is not None:
            self._pane.draw(screen.account)
        elif screen.account.face is not AccountFace.NONE:
            self._start(self._load())
        if screen.account.face is AccountFace.NONE:
            self._give_way()

    def _make_room(self) -> None:
        """Put the sign-in form away at once: whoever types on types into the form that comes."""
        self._awaited = self._screen.account.face is AccountFace.NONE
        by_id("sign-in").toggleAttribute("data-account", True)
        section = by_id("account-form")
        if self._awaited and not section.childElementCount:
            fill(section, [("p", {"role": "status"}, OPENING)])
            section.hidden = False

    def _give_way(self) -> None:
        """The sign-in form is back: no other one came."""
        by_id("sign-in").toggleAttribute("data-account", False)
        by_id("account-form").hidden = True
        empty(by_id("account-form"))

    async def _load(self) -> None:
        try:
            await on_demand.load("app.page.ways.pane")
        except NotLoaded:
            self._intents(CloseAccountForm())  # the engine's part of it came from the same archive a moment ago
            return
        from app.page.ways.pane import AccountPane  # noqa: PLC0415 - loaded on demand

        if self._pane is None:
            self._pane = AccountPane(self._intents, self._start)
        self._pane.draw(self._screen.account)

    def clicked(self, action: str, target: Any) -> bool:
        """Whether a click opens a form, or is meant for one."""
        if action in FACES:
            face = FACES[action]
            if face in BEFORE_SIGN_IN:
                self._make_room()
            self._intents(OpenAccountForm(face, str(by_id("email").value)))
            return True
        return self._pane is not None and self._pane.clicked(action, target)

    def submitted(self, form: Any) -> bool:
        """Whether a form that was submitted is about the account."""
        return self._pane is not None and self._pane.submitted(form)

    def clear(self) -> None:
        """Take every form away."""
        self._screen, self._awaited = Screen(), False
        self._give_way()
        if self._pane is not None:
            self._pane.clear()
