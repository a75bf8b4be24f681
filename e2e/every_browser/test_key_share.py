"""Where a half of the kept key lies: in Cache Storage, a file of its own, or a database where that keeps nothing."""

from __future__ import annotations

import pytest

from e2e.driver.device import Window
from e2e.driver.tab import Tab
from e2e.every_browser.steps import EMPTY, left, sign_in, sign_in_here, sign_out, stored
from hearth_testing.server import Hearth

PLACE = "hearth-halves"
DATABASE = f"{PLACE}/halves"


def cached(tab: Tab) -> int:
    return len(stored(tab)["caches"].get(PLACE, []))


def test_the_half_lies_where_it_is_kept_and_nowhere_else(
    tab: Tab, fresh: Hearth, browser_name: str, window: Window
) -> None:
    sign_in(tab, fresh)
    if browser_name == "webkit" and window is Window.PRIVATE:
        tab.wait_for_script("async () => (await indexedDB.databases()).some(({ name }) => name === 'hearth-halves')")
    else:
        assert DATABASE not in stored(tab)["databases"]
        assert cached(tab) == 1
    sign_out(tab)
    assert left(tab) == EMPTY


USE_ALL_CACHES = """
() => {
  const use = () => caches.keys().then(() => { if (globalThis.useAllCaches) setTimeout(use); });
  globalThis.useAllCaches = true;
  use();
}
"""


@pytest.mark.parametrize("window", ["private"], indirect=True)
def test_a_trial_that_was_disturbed_is_repeated(tab: Tab, fresh: Hearth, browser_name: str) -> None:
    if browser_name != "webkit":
        pytest.skip("Cache Storage keeps everything here")
    tab.open(fresh.url)
    tab.evaluate(USE_ALL_CACHES)  # as a service worker does while it is installed
    sign_in_here(tab, fresh)
    tab.evaluate("() => { globalThis.useAllCaches = false; }")
    tab.wait_for_script("async () => (await indexedDB.databases()).some(({ name }) => name === 'hearth-halves')")
    tab.reload()
    tab.wait_for_mark("up-to-date")
    sign_out(tab)
    assert left(tab) == EMPTY
