"""Draws the forms about the account: in the place of the sign-in form, or in a dialog of somebody who is signed in.

Their elements are templates of index.html; what is typed stays in them, and becomes an intent when it is submitted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import js
from pyodide.ffi import JsException, create_once_callable, to_js

from app.page.views.elements import by_id, empty, fill
from app.page.ways.passkeys import passkey_tree
from app.page.ways.strength import StrengthHint
from hearth.browser.ffi import Proxies, js_object
from hearth.core.view.account import BEFORE_SIGN_IN, AccountFace, AccountView
from hearth.engine.intents.account import (
    AddPasskey,
    AskForPasskey,
    ChangeAddress,
    ChangePassword,
    CloseAccountForm,
    CreateAccount,
    DeleteAccount,
    KeySaved,
    MakeRecoveryKey,
    RecoverAccount,
    RemovePasskey,
    RenamePasskey,
    TryRecoveryKey,
)
from hearth.engine.intents.intent import Intent

CLOSED = "This server takes no new accounts. Ask whoever runs it."
COPIED_SECONDS = 2.0
REVOKED_AFTER_MS = 10_000
"""By then every browser has read the file: Firefox begins to after the press."""
FILE_NAME = "hearth-recovery-key.txt"
FILE = """Hearth recovery key

{key}

Address: {email}
Server: {server}

It opens your account when you have forgotten your password: choose "Use a recovery key" where you sign in.
Who has this key and knows your address can read all your chats. Keep it where nobody else finds it.
"""
_BEFORE = (*BEFORE_SIGN_IN, AccountFace.SAVE_KEY)
_TEMPLATES = {AccountFace.REPLACE_KEY: AccountFace.SAVE_KEY}
_BACK = dict.fromkeys(BEFORE_SIGN_IN, "Back to sign in")


class AccountPane:
    """One form at a time."""

    def __init__(self, intents: Callable[[Intent], None], start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._intents, self._start = intents, start
        self._card = by_id("sign-in")
        self._section = by_id("account-form")
        self._dialog = by_id("account-dialog")
        self._stay = by_id("stay")
        self._proxies = Proxies()
        self._view = AccountView()
        self._host = self._section

    @property
    def is_open(self) -> bool:
        """Whether a form is in the dialog."""
        return bool(self._dialog.open)

    def draw(self, view: AccountView) -> None:
        """Draw the form that is open, or take it away."""
        last, self._view = self._view, view
        if view.face is not last.face:
            self._change_face(view.face, last.face)
        if view.face is AccountFace.NONE:
            return
        closed = CLOSED if view.face is AccountFace.CREATE and view.sign_up == "closed" else ""
        self._find(".problem").textContent = view.problem or closed
        self._find(".told").textContent = view.busy or view.told
        form = self._find("form")
        form.hidden = bool(closed)
        form.toggleAttribute("data-busy", bool(view.busy))
        invite = self._find("[data-invite]")
        if invite:
            invite.hidden = view.sign_up != "invite"
        if view.recovery_key:
            self._find("code").textContent = view.recovery_key
        listed = self._find(".passkeys")
        if listed and (view.passkeys != last.passkeys or view.face is not last.face):
            self._draw_passkeys()
        if view.told and not last.told and view.face is last.face and last.busy:
            form.reset()
            self._fill_in_name()

    def _change_face(self, face: AccountFace, before: AccountFace) -> None:
        self._take_away()
        if face is AccountFace.NONE:
            if before in _BEFORE:
                by_id("email").focus()
            return
        self._host = self._section if face in _BEFORE else self._dialog
        for name in (f"form-{_TEMPLATES.get(face, face).value}", "form-foot"):
            self._host.append(by_id(name).content.cloneNode(True))
        back = self._find("[data-action=close-account-form]")
        back.textContent = _BACK.get(face, "Close")
        back.hidden = face is AccountFace.SAVE_KEY
        if face in _BEFORE:
            self._section.hidden = False
            self._card.toggleAttribute("data-account", True)
        elif not self._dialog.open:
            self._proxies.listen(self._dialog, "cancel", self._cancelled)
            self._dialog.showModal()
        self._listen(face)
        self._fill_in()
        if face is AccountFace.PASSKEY:
            self._intents(AskForPasskey(bool(self._stay.checked)))

    def _listen(self, face: AccountFace) -> None:
        saved = self._find("[name=saved]")
        if saved:
            self._proxies.listen(saved, "change", self._saved_changed)
        self._proxies.listen(self._find("form"), "input", lambda _event: self._unsay())
        password = self._find("[data-strength]")
        if password:
            hint = StrengthHint(password, self._start)
            self._proxies.listen(
                self._find("[name=password]"), "input", lambda event: hint.typed(str(event.target.value))
            )

    def _unsay(self) -> None:
        """What was wrong with what was typed says nothing about what is typed now."""
        self._find(".problem").textContent = ""

    def _fill_in_name(self) -> None:
        field = self._find("#passkey-name")
        if field:
            field.value = self._view.passkey_name

    def _fill_in(self) -> None:
        """Put the cursor where the person goes on, or the focus on the heading where there is nothing to type."""
        self._fill_in_name()
        email, proof = self._find("[name=email]"), self._find("[name=proof]")
        if email and not proof:
            email.value = self._view.email
            (email if not email.value else self._find("[name=key], [name=password]")).focus()
        else:
            field = self._find("[name=proof], [name=key]")
            (field or self._find("#account-form-title")).focus()

    def _find(self, selector: str) -> Any:
        return self._host.querySelector(selector)

    def _value(self, name: str) -> str:
        field = self._find(f"[name={name}]")
        return str(field.value) if field else ""

    def _saved_changed(self, event: Any) -> None:
        self._find("[type=submit]").disabled = not event.target.checked

    def _cancelled(self, event: Any) -> None:
        event.preventDefault()  # the dialog goes once the engine has heard of it
        self._intents(CloseAccountForm())

    def submitted(self, form: Any) -> bool:
        """Whether a form that was submitted is one of these; it becomes an intent."""
        if self._view.face is AccountFace.NONE or not self._host.contains(form):
            return False
        intent = self._intent()
        if intent is not None and not self._view.busy:
            self._intents(intent)
        return True

    def _intent(self) -> Intent | None:
        email, key, proof = self._value("email"), self._value("key"), self._value("proof")
        password, repeated, stay = self._value("password"), self._value("repeated"), bool(self._stay.checked)
        match self._view.face:
            case AccountFace.CREATE:
                return CreateAccount(email, password, repeated, self._value("invite"), stay)
            case AccountFace.SAVE_KEY | AccountFace.REPLACE_KEY:
                return KeySaved() if self._find("[name=saved]").checked else None
            case AccountFace.RECOVER:
                return RecoverAccount(email, key, password, repeated, stay)
            case AccountFace.CHANGE_PASSWORD:
                return ChangePassword(proof, password, repeated)
            case AccountFace.CHANGE_ADDRESS:
                return ChangeAddress(proof, email)
            case AccountFace.NEW_KEY:
                return MakeRecoveryKey(proof)
            case AccountFace.DELETE:
                return DeleteAccount(proof, self._value("word"))
            case AccountFace.TRY_KEY:
                return TryRecoveryKey(key)
            case AccountFace.PASSKEY:
                return AskForPasskey(stay)
            case AccountFace.ADD_PASSKEY:
                return AddPasskey(proof, self._value("passkey"))
            case _:
                return None

    def clicked(self, action: str, target: Any) -> bool:
        """Whether a click is meant for one of these forms."""
        match action:
            case "close-account-form":
                self._intents(CloseAccountForm())
            case "download-key":
                self._download()
            case "copy-key":
                self._start(self._copy(target))
            case "rename-passkey":
                self._rename(target)
            case "remove-passkey":
                if not self._view.busy:
                    self._intents(RemovePasskey(self._value("proof"), str(target.value)))
            case _:
                return False
        return True

    def _rename(self, button: Any) -> None:
        """Put a field in the place of a passkey's name; Enter keeps what is typed, Escape leaves it."""
        if self._find("[name=passkey]"):
            self._draw_passkeys()  # one at a time: the button that was pressed is another one now
            button = self._find(f'[data-action=rename-passkey][value="{js.CSS.escape(str(button.value))}"]')
        name = button.closest("li").querySelector(".passkey-name")
        field = js.document.createElement("input")
        field.name, field.maxLength, field.defaultValue, field.dir = "passkey", 60, name.textContent, "auto"
        field.setAttribute("aria-label", "New name")
        field.dataset.way = button.value
        field.autocomplete = "off"
        name.replaceChildren(field)
        self._proxies.listen(field, "keydown", self._name_key_pressed)
        field.select()

    def _name_key_pressed(self, event: Any) -> None:
        field = event.target
        if event.isComposing or event.key not in ("Enter", "Escape"):
            return
        event.preventDefault()  # the dialog stays; a form with two fields and no button to submit it does nothing
        event.stopPropagation()
        if event.key == "Escape" or field.value == field.defaultValue:
            self._draw_passkeys()
        elif not self._view.busy:
            self._intents(RenamePasskey(str(field.dataset.way), str(field.value)))

    def _draw_passkeys(self) -> None:
        fill(self._find(".passkeys"), [passkey_tree(each) for each in self._view.passkeys])

    def _download(self) -> None:
        """Give the key to the browser as a file of text."""
        text = FILE.format(key=self._view.recovery_key, email=self._view.email or "", server=js.location.origin)
        url = js.URL.createObjectURL(js.Blob.new(to_js([text]), js_object(type="text/plain")))
        link = js.document.createElement("a")
        link.href, link.download = url, FILE_NAME
        js.document.body.append(link)
        link.click()
        link.remove()
        js.setTimeout(create_once_callable(lambda: js.URL.revokeObjectURL(url)), REVOKED_AFTER_MS)

    async def _copy(self, button: Any) -> None:
        try:
            await js.navigator.clipboard.writeText(self._view.recovery_key)
            button.textContent = "Copied"
        except (JsException, AttributeError):  # refused, or not there: the person copies what is selected
            js.getSelection().selectAllChildren(self._find("code"))
            button.textContent = "Selected"
        await asyncio.sleep(COPIED_SECONDS)
        button.textContent = "Copy"

    def _take_away(self) -> None:
        """Take the form away with all that was typed, and stop listening to it."""
        self._proxies.destroy()
        for host in (self._section, self._dialog):
            empty(host)
        self._section.hidden = True
        self._card.toggleAttribute("data-account", False)
        if self._dialog.open and self._view.face in (AccountFace.NONE, *_BEFORE):
            self._dialog.close()

    def clear(self) -> None:
        """Take everything out of the page."""
        self._view = AccountView()
        self._take_away()
