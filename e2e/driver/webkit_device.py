"""WebKit as a `Device`: WebKitGTK on a virtual screen, through its own WebDriver."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from selenium.webdriver import WebKitGTK
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from e2e.driver.device import Device, Window
from e2e.driver.tab import PATIENCE_S, Tab
from e2e.driver.webkit_tab import WebKitTab
from runtime.webkit import WebKit

FOLDERS = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
WINDOW = Path(__file__).with_name("webkit_window.py")


class Screen:
    """A virtual screen; `name` is what programs know it by."""

    def __init__(self, program: str) -> None:
        read, write = os.pipe()
        command = [program, "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
        self._process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as answer:
            self.name = f":{answer.readline().strip()}"

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


class WebKitDevice(Device):
    """A private window or an ordinary one; whatever it writes to files lies in `folder`."""

    def __init__(self, programs: WebKit, screen: Screen, window: Window, folder: Path) -> None:
        self._programs, self._screen, self._window, self._folder = programs, screen, window, folder
        self._start()

    def _start(self) -> None:
        options = Options()
        if self._window is Window.PRIVATE:
            options.binary_location = self._programs.mini_browser
            options.add_argument("--automation")
        else:
            assert self._programs.python
            options.binary_location = self._programs.python
            for argument in (str(WINDOW), str(self._folder)):
                options.add_argument(argument)
        environment = {**os.environ, "DISPLAY": self._screen.name, "LIBGL_ALWAYS_SOFTWARE": "1"}
        environment |= dict.fromkeys(FOLDERS, str(self._folder))
        # A group of its own: whatever the driver has started ends with it, also when a test fails.
        grouped = {"start_new_session": True}
        self._service = Service(self._programs.driver, env=environment, popen_kw=grouped)
        self._driver = WebKitGTK(options=options, service=self._service)
        self._driver.set_script_timeout(PATIENCE_S)
        self._closed = False
        self._blank: str | None = self._driver.current_window_handle

    def tab(self) -> Tab:
        handle = self._blank
        if handle is None:
            self._driver.switch_to.new_window("tab")
            handle = self._driver.current_window_handle
        self._blank = None
        return WebKitTab(self._driver, handle)

    def restart(self) -> None:
        assert self._window is Window.ORDINARY, "a private window keeps nothing"
        self.close()
        self._start()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        group = self._service.process.pid
        try:
            self._driver.quit()
        finally:
            with suppress(ProcessLookupError):  # All of them may have ended by themselves.
                os.killpg(group, signal.SIGKILL)
