"""What a journey does with a tab of any browser: press, type, read, and wait for what the page shows."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0
"""The most that anything may take: a slow machine starts Python in seconds, a broken page never."""
POLL_S = 0.03

FIND = Path(__file__).with_name("finder.js").read_text(encoding="utf-8").strip()
DESCRIBE = f"""
(role) => ({FIND})(role).map(({{ node, name }}) =>
  ({{ name, text: node.innerText, value: node.value ?? "", disabled: node.disabled === true }}))
"""
FIRST = f"(role) => ({FIND})(role)[0]?.node ?? null"


class NotYetError(Exception):
    """The page is between two documents, or the element was replaced meanwhile: asked again, it answers."""


@dataclass(frozen=True, slots=True)
class Role:
    """Visible elements by what assistive technology is told of them: role, accessible name, heading level."""

    role: str
    name: str | None = None
    starts: str | None = None
    """How the name begins, where the whole of it says more than a journey wants to know."""
    level: int | None = None
    within: Role | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """An element as the page shows it."""

    name: str
    text: str
    value: str
    disabled: bool


class Tab(ABC):
    """One tab; the adapters say how a browser is told to open, to run a script and to use an element."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Go to an address, and wait until it has loaded."""

    @abstractmethod
    def reload(self) -> None:
        """Load the page again."""

    @abstractmethod
    def close(self) -> None:
        """Close this tab; the browser and its other tabs go on."""

    @abstractmethod
    def evaluate(self, script: str, argument: Any = None) -> Any:
        """What a JavaScript function of one argument answers, awaited. Raises `NotYetError`."""

    @abstractmethod
    def click_first(self, role: Role) -> None:
        """Click the first element, as a mouse does. Raises `NotYetError`."""

    @abstractmethod
    def fill_first(self, role: Role, text: str) -> None:
        """Replace what the first element holds. Raises `NotYetError`."""

    def seen(self, role: Role) -> list[Seen]:
        """The elements that are shown now, in the order of the page. Raises `NotYetError`."""
        return [Seen(**each) for each in self.evaluate(DESCRIBE, asdict(role))]

    def click(self, role: Role) -> None:
        """Click an element as soon as it is there."""
        self._as_soon_as_possible(lambda: self.click_first(role), role)

    def fill(self, role: Role, text: str) -> None:
        """Type into a field as soon as it is there."""
        self._as_soon_as_possible(lambda: self.fill_first(role, text), role)

    def _as_soon_as_possible(self, act: Callable[[], None], role: Role) -> None:
        def tried() -> bool:
            act()
            return True

        wait(tried, lambda: f"There is no {role} to use; the page shows: {self.shown()}")

    def wait_until(self, role: Role, holds: Callable[[Sequence[Seen]], bool]) -> list[Seen]:
        """Wait until the elements that are shown are as they should be; which they are."""
        last: list[Seen] = []

        def look() -> bool:
            last[:] = self.seen(role)
            return holds(last)

        wait(look, lambda: f"{role} did not come to be as it should be: {last}; the page shows: {self.shown()}")
        return last

    def wait_for(self, role: Role, text: str = "") -> Seen:
        """Wait for an element that contains a text."""
        return self.wait_until(role, lambda found: any(text in each.text for each in found))[0]

    def wait_for_mark(self, name: str) -> float:
        """Wait until the page has set a User Timing mark; when, in ms since the navigation began."""
        script = "(name) => performance.getEntriesByName(name, 'mark')[0]?.startTime ?? null"
        at: list[float] = []

        def look() -> bool:
            moment = self.evaluate(script, f"hearth:{name}")
            if moment is not None:
                at.append(float(moment))
            return bool(at)

        wait(look, lambda: f"The mark {name} did not come; the page shows: {self.shown()}")
        return at[0]

    def wait_for_script(self, script: str, argument: Any = None) -> None:
        """Wait until a function answers true: for what lies on the device and not on the page."""
        wait(lambda: bool(self.evaluate(script, argument)), lambda: f"It never held: {script}")

    def shown(self) -> str:
        """The text of the page, for whoever reads why a journey failed."""
        try:
            return str(self.evaluate("() => document.body.innerText"))
        except NotYetError as error:
            return f"nothing ({error})"


def wait(holds: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Ask again and again until something holds."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            if holds():
                return
        except NotYetError:
            pass
        if time.monotonic() > until:
            raise AssertionError(otherwise())
        time.sleep(POLL_S)
