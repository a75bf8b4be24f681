"""The sign-in form: what went wrong, and that something is under way. What was typed stays as it is."""

from __future__ import annotations

import js

from app.page.views.elements import by_id
from hearth.core.view.screen import Phase, Screen
from hearth.engine.intents.account import SignIn

_SIGNING_IN = "Signing in…"


class SignInView:
    """Draws the form's state; index.html holds the form itself, so that it is there before Python."""

    def __init__(self) -> None:
        self._form = by_id("sign-in-form")
        self._email = by_id("email")
        self._password = by_id("password")
        self._stay = by_id("stay")
        self._notice = by_id("notice")
        self._remove = by_id("remove-data")
        self._status = by_id("sign-in-status")

    def draw(self, screen: Screen) -> None:
        """Draw the notice and whether the form waits; a failed attempt leads back to the password."""
        busy = screen.phase is Phase.SIGNING_IN
        self._notice.textContent = screen.notice
        self._notice.hidden = not screen.notice
        self._remove.hidden = not screen.locked
        self._fill_in(screen)
        self._status.textContent = _SIGNING_IN if busy else ""
        self._email.readOnly = self._password.readOnly = busy
        self._form.toggleAttribute("data-busy", busy)

    def _fill_in(self, screen: Screen) -> None:
        """Fill in whose session has ended, unless something was typed meanwhile."""
        if not screen.locked or not screen.email or self._email.value:
            return
        self._email.value = screen.email
        self._stay.checked = screen.stay
        if js.document.activeElement.id == self._email.id:
            self._password.focus()

    def submitted(self) -> SignIn | None:
        """What the person submitted; None while an attempt is under way."""
        if self._password.readOnly:
            return None
        self._password.type = "password"
        by_id("reveal").textContent = "Show"
        return SignIn(str(self._email.value), str(self._password.value), bool(self._stay.checked))

    def focus(self) -> None:
        """Put the cursor where the person goes on: at the first field that wants something."""
        field = self._password if self._email.value else self._email
        field.focus()
        if field.value:
            field.select()

    def clear(self) -> None:
        """Take out what was typed, and what was said about it."""
        self._form.reset()
        self._notice.textContent = self._status.textContent = ""
        self._notice.hidden = self._remove.hidden = True
