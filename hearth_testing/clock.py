"""The clocks of server and pages, moved together."""

from __future__ import annotations

from typing import Any

from hearth_testing.control import HearthServer
from hearth_testing.steps import Steps
from hearth_testing.watch import Watch

BEFORE = "globalThis.hearthTimes = performance;"
AFTER = """
{
  const own = globalThis.hearthTimes;
  delete globalThis.hearthTimes;
  if (own && own !== performance) {
    for (const name of ["mark", "getEntries", "getEntriesByName", "getEntriesByType"]) {
      Object.defineProperty(performance, name, { value: own[name].bind(own), configurable: true });
    }
  }
}
"""
"""Playwright's clock takes the page's marks away; these scripts around it give them back."""


def install(context: Any) -> Steps[None]:
    """Hold the clock of a context's pages, which goes on until it is moved. Before any page is opened."""
    yield context.add_init_script(BEFORE)
    yield context.clock.install()
    yield context.add_init_script(AFTER)


def advance(watch: Watch, server: HearthServer, seconds: int) -> Steps[None]:
    """Move the server's clock forwards, then those of all pages: what is due until then happens once."""
    server.advance(seconds)
    for context in watch.contexts:
        yield context.clock.fast_forward(seconds * 1000)


def seconds_of(seconds: int = 0, *, minutes: int = 0, hours: int = 0, days: int = 0) -> int:
    """A duration in seconds."""
    return seconds + 60 * (minutes + 60 * (hours + 24 * days))
