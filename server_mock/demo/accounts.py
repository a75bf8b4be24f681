"""The demo accounts: made from a seed, really encrypted, with times relative to the current day.

The same seed and sizes make the same ids, keys, nonces and texts. Only the times move, with the day, so that
there are chats of today and of yesterday; they are the same all day, from one o'clock UTC on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hearth.core.records.envelope import PBKDF2_ITERATIONS
from hearth.core.records.manifest import SECRET_BYTES
from hearth.ports.keys import Key
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.demo.apps import APPS
from server_mock.demo.conversations import Scribe, Turn
from server_mock.directus.schema import Row
from server_mock.testing.manifest_builder import Notary, Written, first_rows
from server_mock.testing.record_factory import Author

EMAIL = "demo@hearth.example"
PASSWORD = "warm-ember-lantern-42"  # noqa: S105 - the demo account's, printed at start
GUEST_EMAIL = "guest@hearth.example"
GUEST_PASSWORD = "quiet-birch-harbour-17"  # noqa: S105 - a second account for tests, with --control only

GUEST_CHATS = 12
LAST_OPENED = 3
"""The last opened chat is not the last updated one: it is the fourth, if there are so many."""

LONG_CHAT = 400
"""One chat has so many messages, and one has none."""
_LONG_AT, _EMPTY_AT = 8, 5

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
_TODAY = (50, 35, 20, 5)
"""Minutes after the start of the day of the chats of today; fewer before one o'clock."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One account to make; `now_ms` is in milliseconds since 1970."""

    email: str
    password: str
    seed: int
    chats: int
    messages: int
    now_ms: int
    iterations: int = PBKDF2_ITERATIONS


class DemoAccountMaker:
    """Makes the rows of one account, chat by chat, so that memory stays bounded."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # One source for ids, keys and nonces, one for the texts: who changes a text keeps the ids.
        secrets = random.Random(f"hearth secrets {plan.seed} {plan.email}")  # noqa: S311 - made to repeat
        self._chance = random.Random(f"hearth texts {plan.seed} {plan.email}")  # noqa: S311 - made to repeat
        self._anchor = plan.now_ms - plan.now_ms % _DAY
        self._author, self.user = Author.sign_up(
            plan.email,
            plan.password,
            secrets.randbytes,
            created_at=self._anchor - 400 * _DAY,
            iterations=plan.iterations,
        )
        self._scribe = Scribe(self._chance)
        # The manifest holds times: another day has other keys and nonces for it, so that none seals twice.
        daily = random.Random(f"hearth manifest {plan.seed} {plan.email} {self._anchor}")  # noqa: S311
        self._sealer = Author(
            CryptographyCipher(daily.randbytes), self._author.account, self._author.master, daily.randbytes
        )
        self._notary = Notary(daily.randbytes(SECRET_BYTES))

    def rows(self) -> Iterator[tuple[str, list[Row]]]:
        """Collections with rows of theirs, the user's own row last: with it the account is whole."""
        settings = self._settings()
        self._notary.note(Written(settings=settings))
        yield "settings_and_memories", settings
        for number in range(self._plan.chats):
            chat, messages = self._chat(number)
            if number == min(LAST_OPENED, self._plan.chats - 1):
                self.user["last_opened"] = chat["id"]
            yield "chats", [chat]
            if messages:
                yield "messages", messages
            self._notary.note(Written([chat], messages))
        at = self._last_updated(0) if self._plan.chats else self._anchor
        yield "settings_and_memories", first_rows(self._sealer, self._notary.manifest, at)
        yield "users", [self.user]

    def _chat(self, number: int) -> tuple[Row, list[Row]]:
        title, turns = self._scribe.conversation(number, self._length(number))
        last_updated = self._last_updated(number)
        times = self._times(last_updated, len(turns))
        draft = self._scribe.draft() if number % 9 == 2 else None
        first = times[0] if times else last_updated
        chat, key = self._author.chat(title, at=first, last_updated=last_updated, draft=draft)
        return chat, [self._message(key, chat["id"], *each) for each in zip(turns, times, strict=True)]

    def _message(self, key: Key, chat_id: str, turn: Turn, at: int) -> Row:
        return self._author.message(
            key, chat_id, turn.text, role=turn.role, at=at, files=turn.files, embeds=turn.embeds
        )

    def _length(self, number: int) -> int:
        usual = self._plan.messages
        if usual == 0 or number == _EMPTY_AT:
            return 0
        if number == _LONG_AT:
            return max(usual, LONG_CHAT)
        return max(1, round(usual * self._chance.uniform(0.6, 1.4)))

    def _last_updated(self, number: int) -> int:
        if number < len(_TODAY):
            passed = min(1.0, (self._plan.now_ms - self._anchor) / (60 * _MINUTE))
            return self._anchor + int(_TODAY[number] * _MINUTE * passed)
        ago = number - len(_TODAY)
        # Close together at first, then weeks apart: about seven months for 120 chats.
        days = 0.25 * (ago + 1) if ago < 4 else 1 + ((ago - 3) / 10) ** 2.2
        if ago > 120:
            days = 1 + (117 / 10) ** 2.2 + (ago - 120)
        return self._anchor - int(days * _DAY) - self._chance.randrange(5 * _MINUTE)

    def _times(self, last: int, count: int) -> list[int]:
        times = [last]
        for _ in range(count - 1):
            pause = self._chance.choice((20, 45, 90, 240)) * 1000
            times.append(times[-1] - pause - self._chance.randrange(30_000))
        return times[:count][::-1]

    def _settings(self) -> list[Row]:
        rows: list[Row] = []
        at = self._anchor - 30 * _DAY
        for name, entries in APPS.items():
            row, key = self._author.app(name, at=at)
            rows.append(row)
            for kind, entry_name, value in entries:
                at += _MINUTE
                entry: dict[str, Any] = {"kind": kind, "name": entry_name, "value": value}
                rows.append(self._author.entry(key, row["id"], entry, at=at))
        return rows
