"""Speaks to a server that runs with `--control`: its log, faults, changes, accounts and clock."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

ANSWER_S = 20
"""How long an answer may take."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account on the server; `chats` are those that it was made with, newest first, with titles and message ids."""

    id: str
    email: str
    password: str
    chats: list[dict[str, Any]]
    last_opened: str | None


@dataclass(slots=True, kw_only=True)
class HearthServer:
    """A server somewhere: where it is, and the account that a test signs in with."""

    url: str = ""
    email: str = ""
    password: str = ""
    _chosen: str | None = None
    """The address of the account that changes are made to; None: the server's first one."""

    def _ask(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the server under test
            f"{self.url}/control/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 - the server under test
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            error.add_note(f"The server says: {said:.500}")
            raise

    def directus_log(self) -> list[dict[str, Any]]:
        """The requests to Directus since the last sign-in or reset."""
        return list(self._ask("directus-log"))

    def frames(self) -> list[dict[str, Any]]:
        """The frames of all WebSockets since the start or a reset: names and sizes, nothing of what they hold."""
        return list(self._ask("frames"))

    def advance(self, seconds: int) -> None:
        """Move the server's clocks forwards."""
        self._ask("clock", {"advance_s": seconds})

    def printed(self) -> str:
        """What the server has printed so far, where that is known."""
        return ""

    def change(self, **change: Any) -> dict[str, Any]:
        """A change as if from another device of the account."""
        whose = {} if self._chosen is None else {"email": self._chosen}
        return dict(self._ask("changes", {**whose, **change}))

    def fault(self, **fault: Any) -> None:
        """Inject a fault; without any, heal."""
        self._ask("faults", fault)

    def reset(self) -> None:
        """Clear the log, faults, limits and caches."""
        self._ask("reset", {})

    def accounts(self) -> list[dict[str, Any]]:
        """Every account that the server tells of, with its password and its chats."""
        answer = self._ask("accounts")
        return list(answer["accounts"] if isinstance(answer, dict) else answer)

    def account(self) -> dict[str, Any]:
        """The account that is in use: its chats, newest first, and its last opened chat."""
        return dict(next(each for each in self.accounts() if self._chosen in {None, each["email"]}))

    def make_account(self, *, email: str, chats: int = 12, messages: int = 6, seed: int = 1) -> Account:
        """Make an account of an address, in the place of one that there is: the same each time for the same values."""
        plan = {"email": email, "chats": chats, "messages": messages, "seed": seed}
        made = self._ask("accounts", plan)
        return Account(made["account"], made["email"], made["password"], made["chats"], made["last_opened"])

    def use(self, account: Account) -> None:
        """Sign in and make changes with this account from now on."""
        self.email, self.password, self._chosen = account.email, account.password, account.email
