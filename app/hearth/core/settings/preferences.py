"""Hearth's own settings of an account: read from their sealed record, changed one by one, written back whole.

They are one entry of the app that the account's manifest is (`hearth.core.records.manifest`), so they have its key:

    {"kind": "setting", "name": "Preferences", "value": {"theme": "dark", "text_size": "normal", "recent": "keep",
     "assistant": "on", "assistant_host": the host that text may go to, "ways": "ids of the ways into the account",
     "hidden": [ids of apps and entries]}}

What a person changes is noted as a wish (`{"theme": "dark"}`, `{"hide:ID": true}`) until the server has it: wishes
are carried over to whatever the record says by then, so two devices that change different things keep both.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hearth.core.records.schema import MAX_ID_CHARS
from hearth.core.records.ways import MAX_WAYS
from hearth.core.settings.schema import BY_NAME, CATALOGUE

NAME = "Preferences"
MAX_HIDDEN = 500
"""The most ids that are kept as hidden: 64 characters each make a record of some 40 KB."""

MAX_SEALED_CHARS = 64 * 1024
"""The longest sealed record of preferences that a server takes."""

MAX_HOST_CHARS = 300

ASSISTANT_HOST = "assistant_host"
WAYS = "ways"
_HIDE = "hide:"
_HIDDEN = "hidden"

Wishes = Mapping[str, str | bool]


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choice of each setting that has choices, and what is hidden from search."""

    choices: Mapping[str, str]
    hidden: frozenset[str] = frozenset()
    assistant_host: str | None = None
    """The host that text may go to for an assistant's answers, as a person agreed; empty for the server itself."""
    ways: frozenset[str] = frozenset()
    """The ids of the ways into the account, as the device noted them that changed them last; none: nobody did."""
    later: Mapping[str, Any] = field(default_factory=dict)
    """What this device does not know, a setting or a choice of one: a newer device's, written again as it came."""

    def of(self, name: str) -> str:
        """The choice of a setting."""
        return self.choices[name]


def record_id(account: str) -> str:
    """The id of an account's preferences: the same for every device, so that no two are made."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"hearth preferences {account}".encode()).digest()[:16], version=4))


def defaults() -> Preferences:
    """What holds while nothing was chosen."""
    return Preferences({setting.name: setting.choices[0].value for setting in CATALOGUE if setting.choices})


def read(text: str | None) -> Preferences:
    """The preferences of an opened record; what it does not say, or says in a way not known here, is the default."""
    plain = defaults()
    try:
        value = json.loads(text or "null")["value"]
        named: dict[str, Any] = dict(value)
    except (ValueError, TypeError, KeyError, RecursionError):
        return plain
    choices = {name: _choice(name, named.get(name), default) for name, default in plain.choices.items()}
    hidden = named.get(_HIDDEN)
    ids = [each for each in hidden if _is_id(each)][:MAX_HIDDEN] if isinstance(hidden, list) else []
    known = (_HIDDEN, ASSISTANT_HOST, WAYS)
    later = {name: each for name, each in named.items() if name not in known and _is_later(choices, name, each)}
    host = named.get(ASSISTANT_HOST)
    return Preferences(choices, frozenset(ids), host if _is_host(host) else None, _ways(named.get(WAYS)), later)


def write(preferences: Preferences) -> str:
    """The text of the record."""
    value: dict[str, Any] = {**preferences.choices, **preferences.later, _HIDDEN: sorted(preferences.hidden)}
    if preferences.assistant_host is not None:
        value[ASSISTANT_HOST] = preferences.assistant_host
    if preferences.ways:
        value[WAYS] = _ways_text(preferences.ways)
    return json.dumps({"kind": "setting", "name": NAME, "value": value}, separators=(",", ":"))


def wish_hidden(item: str, hidden: bool) -> dict[str, str | bool]:
    """The wish that an app or an entry be hidden from search, or not."""
    return {_HIDE + item: hidden}


def wish_ways(ways: Iterable[str]) -> dict[str, str | bool]:
    """The wish that these be noted as the ways into the account."""
    return {WAYS: _ways_text(ways)}


def fulfilled(preferences: Preferences, wishes: Wishes) -> Preferences:
    """The preferences with these wishes; a wish that means nothing here is left out."""
    choices, hidden, later = dict(preferences.choices), set(preferences.hidden), dict(preferences.later)
    host, ways = preferences.assistant_host, preferences.ways
    for name, wish in wishes.items():
        item = name.removeprefix(_HIDE)
        if name in choices and isinstance(wish, str):
            if _is_choice(name, wish):
                choices[name] = wish
                later.pop(name, None)
        elif name == ASSISTANT_HOST:
            host = str(wish) if _is_host(wish) else host
        elif name == WAYS:
            ways = _ways(wish) or ways
        elif item != name and wish is True and _is_id(item) and len(hidden) < MAX_HIDDEN:
            hidden.add(item)
        elif item != name and wish is False:
            hidden.discard(item)
    return Preferences(choices, frozenset(hidden), host, ways, later)


def fulfilled_in_order(preferences: Preferences, wishes: Iterable[Wishes]) -> Preferences:
    """The preferences with several wishes, the later ones above the earlier."""
    for each in wishes:
        preferences = fulfilled(preferences, each)
    return preferences


def open_wishes(preferences: Preferences, wishes: Wishes) -> dict[str, str | bool]:
    """The wishes that the preferences do not fulfil yet."""
    return {name: wish for name, wish in wishes.items() if fulfilled(preferences, {name: wish}) != preferences}


def read_wishes(content: bytes) -> dict[str, str | bool]:
    """Wishes as they are kept; nothing when they cannot be read."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    named = value.items() if isinstance(value, dict) else ()
    return {str(name): wish for name, wish in named if isinstance(wish, str | bool)}


def _choice(name: str, value: object, default: str) -> str:
    return str(value) if _is_choice(name, value) else default


def _is_later(choices: Mapping[str, str], name: str, value: object) -> bool:
    return name not in choices or (isinstance(value, str) and value != choices[name])


def _is_choice(name: str, value: object) -> bool:
    return isinstance(value, str) and value in {choice.value for choice in BY_NAME[name].choices}


def _is_host(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_HOST_CHARS


def _ways(value: object) -> frozenset[str]:
    """The ids in the text that names the ways; none in what is no such text."""
    ids = value.split() if isinstance(value, str) and len(value) <= MAX_WAYS * (MAX_ID_CHARS + 1) else []
    return frozenset(each for each in ids if _is_id(each))


def _ways_text(ways: Iterable[str]) -> str:
    return " ".join(sorted(ways))


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID_CHARS
