"""The ways into the account, as its devices noted them in the sealed settings: another one's change is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable

CHANGED_ELSEWHERE = (
    "A way into your account was changed on another device: your password, your recovery key or a passkey. "
    "If that was not you, change your password."
)


class WaysWatch:
    """Compares what is noted with what was noted before; `report` tells the person."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._known: frozenset[str] = frozenset()
        self._own: set[frozenset[str]] = set()
        self._begun = False

    def begin(self, noted: Iterable[str]) -> None:
        """What is noted where this session begins: nobody is told of that."""
        self._known, self._begun = frozenset(noted), True

    def note_own(self, ways: Iterable[str]) -> None:
        """Note ways that are about to be noted by this device."""
        self._own.add(frozenset(ways))

    def seen(self, noted: Iterable[str]) -> None:
        """What is noted now."""
        before, self._known = self._known, frozenset(noted)
        is_change = self._known != before and self._known not in self._own
        if is_change and (before or self._begun):  # else they come with everything else
            self._report(CHANGED_ELSEWHERE)
