"""What other tabs say of sign-ins and sign-outs; what the account's tabs say to each other goes to the session."""

from __future__ import annotations

from hearth.core.tabs import messages as tab_messages
from hearth.engine.auth.notices import ANOTHER_ACCOUNT, SESSION_OVER, SIGNED_OUT_ELSEWHERE
from hearth.engine.auth.sign_out import SignOutFlow
from hearth.engine.current_session import CurrentSession
from hearth.engine.screen_state import ScreenState


class AccountMessages:
    """Listens to the other tabs, of this account and of others."""

    def __init__(self, screen: ScreenState, current: CurrentSession, sign_out: SignOutFlow) -> None:
        self._screen = screen
        self._current = current
        self._sign_out = sign_out

    async def heard(self, text: str) -> None:
        """Another tab signed out, signed somebody else in, or says what the account's tabs say to each other."""
        said = tab_messages.read(text)
        if said is None:
            return
        if self._current.session is None and not self._screen.now.locked:
            if (
                isinstance(said, tab_messages.SignedIn)
                and self._screen.now.notice.startswith(SESSION_OVER)
                and said.account != self._current.left
            ):
                # The server ended the session for that: now it can be explained.
                self._screen.show(notice=ANOTHER_ACCOUNT)
            return
        if said.account != self._current.account:
            if isinstance(said, tab_messages.SignedIn) and said.at >= self._current.signed_in_at:
                await self._sign_out.end(ANOTHER_ACCOUNT)
        elif isinstance(said, tab_messages.SignedOut):
            await self._sign_out.end(SESSION_OVER if said.over else SIGNED_OUT_ELSEWHERE)
        elif self._current.session is None:
            if isinstance(said, tab_messages.SignedIn):
                await self._current.unlock()
        elif isinstance(said, tab_messages.SessionLocked):
            await self._current.lock()
        elif isinstance(said, tab_messages.StartedOver):
            await self._current.begin_again("")
        elif isinstance(said, tab_messages.TakeOverWanted) and self._current.session.parts.role.is_leader:
            await self._current.start_over(self._current.session)
        else:
            await self._current.session.parts.tabs.heard(said)
