"""What WebKit writes to files: nothing from a private window, and after signing out no key from an ordinary one.

`test_profile.py` tells the same of Chromium and Firefox.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from e2e.driver.device import Device, Window
from e2e.driver.tab import wait
from e2e.every_browser.steps import MESSAGE, open_chat, sign_in_here, sign_out
from e2e.test_profile import ENTRY, MARKER, OVERHEAR, forms_of_key, hits, plant
from hearth_testing.server import Hearth


@pytest.mark.ordinary
@pytest.mark.parametrize("stay", [True, False], ids=["stay", "leave"])
def test_no_plaintext_and_no_key_is_left_in_webkits_files(
    device: Device, window: Window, tmp_path: Path, fresh: Hearth, browser_name: str, stay: bool
) -> None:
    if browser_name != "webkit":
        pytest.skip("test_profile.py looks into the files of this browser")
    plant(fresh)
    tab = device.tab()
    tab.open(fresh.url)
    tab.evaluate(f"() => {{ {OVERHEAR} }}")
    sign_in_here(tab, fresh, stay=stay)
    open_chat(tab, f"{MARKER}-title")
    tab.wait_for(MESSAGE, f"{MARKER}-message")
    overheard = {bytes(each) for each in tab.evaluate("() => globalThis.overheardKeys")}
    assert len(overheard) >= 2, "the master key and the half"
    keys = {f"{n} {form}": text for n, raw in enumerate(overheard) for form, text in forms_of_key(raw).items()}
    sealed = forms_of_key(base64.b64decode(tab.evaluate(ENTRY)["sealed"]))
    plain = {"marker": MARKER.encode(), "marker, two bytes each": MARKER.encode("utf-16-le")}
    plain["password"] = fresh.password.encode()
    if window is Window.PRIVATE:
        assert list(hits(tmp_path, keys | sealed | plain)) == []
    else:
        wait(lambda: any(hits(tmp_path, keys)), lambda: "the half lies in a file, and is found there")
        if stay:
            wait(lambda: any(hits(tmp_path, sealed)), lambda: "the entry lies in local storage's file")
    tab.reload()
    tab.wait_for_mark("up-to-date")
    sign_out(tab)
    device.close()
    assert list(hits(tmp_path, keys | plain)) == []
