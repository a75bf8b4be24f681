"""Starts the real server for a test, with options of its own, and speaks to its `--control` side."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")


@dataclass(slots=True)
class Hearth:
    """A running server; `log` is everything that it has printed, complete once it has stopped."""

    options: Sequence[str] = ()
    url: str = ""
    email: str = ""
    password: str = ""
    log: str = ""
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self, port: int = 0) -> Hearth:
        """Start and wait until it says where it is."""
        command = [sys.executable, "-m", "server_mock", "--control", "--port", str(port), *self.options]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout
        for line in self._process.stdout:
            self.log += line
            if address := re.search(r"http://\S+", line):
                self.url = address[0].rstrip("/")
            if found := EMAIL.search(line):
                self.email = found[0]
                self.password = line.strip().rsplit(" ", 1)[-1]
                return self
        raise RuntimeError(f"The server ended before it was ready: {self.log}")

    def stop(self) -> None:
        """Stop the server and read the rest of its log."""
        if self._process is not None:
            self._process.terminate()
            self.log += self._process.communicate(timeout=20)[0]
            self._process = None

    def kill(self) -> None:
        """Kill the server in the middle of whatever it does; `start` begins another on the same data."""
        assert self._process
        self._process.kill()
        self.log += self._process.communicate(timeout=20)[0]
        self._process = None

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process
        return self._process.pid

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rsplit(":", 1)[1])

    def _ask(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/control/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own server
            return json.loads(answer.read() or b"null")

    def directus_log(self) -> list[dict[str, Any]]:
        """The requests to Directus since the last sign-in or reset."""
        return list(self._ask("directus-log"))

    def change(self, **change: Any) -> dict[str, Any]:
        """A change as if from another device."""
        return dict(self._ask("changes", change))

    def fault(self, **fault: Any) -> None:
        """Inject a fault; without any, heal."""
        self._ask("faults", fault)

    def reset(self) -> None:
        """Clear the log, faults, limits and caches."""
        self._ask("reset", {})

    def account(self) -> dict[str, Any]:
        """The demo account: its chats, newest first, and its last opened chat."""
        accounts = self._ask("accounts")
        return dict((accounts["accounts"] if isinstance(accounts, dict) else accounts)[0])
