"""Starts the server for a test, in a process of its own, with options of the test's own.

Each server is a process of its own, forked from one that has all in memory already (see `preloaded`): imports and the
demo accounts' keys are most of what starting one takes, and the journeys start hundreds.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import re
import select
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import ClassVar, TextIO

from hearth_testing.control import HearthServer

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["hearth_testing.preloaded"])

END_S = 20
"""How long a server may take to end."""
MOST_READ = 65_536
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")


def serve(module: str, options: list[str], output: Connection) -> None:
    """Be the server, in the new process: call the `main` of a module. What it prints goes to `output`."""
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
    output.close()
    sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, encoding="utf-8")
    sys.exit(importlib.import_module(module).main(options))


@dataclass(slots=True)
class Hearth(HearthServer):
    """A running server; `log` is everything that it has printed, complete once it has stopped."""

    MODULE: ClassVar[str] = "server_mock.__main__"
    """What is run: its `main` takes the options."""

    options: Sequence[str] = ()
    log: str = ""
    _process: ForkServerProcess | None = field(default=None, repr=False)
    _output: TextIO | None = field(default=None, repr=False)

    def start(self, port: int = 0) -> Hearth:
        """Start and wait until it says where it is."""
        reader, writer = PROCESSES.Pipe(duplex=False)
        options = ["--control", "--port", str(port), *self.options]
        self._process = PROCESSES.Process(target=serve, args=(self.MODULE, options, writer), daemon=True)
        self._process.start()
        writer.close()
        self._output = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()
        for line in self._output:
            self.log += line
            if address := re.search(r"http://\S+", line):
                self.url = address[0].rstrip("/")
            if found := EMAIL.search(line):
                self.email = found[0]
                self.password = line.strip().rsplit(" ", 1)[-1]
                return self
        raise RuntimeError(f"The server ended before it was ready: {self.log}")

    def printed(self) -> str:
        """What it has printed so far, or in all once it has ended."""
        while self._output is not None and select.select([self._output], [], [], 0)[0]:
            said = os.read(self._output.fileno(), MOST_READ)
            if not said:
                break
            self.log += said.decode(errors="replace")
        return self.log

    @property
    def running(self) -> bool:
        """Whether it was started and not ended since."""
        return self._process is not None

    def stop(self) -> None:
        """Stop the server and read the rest of its log."""
        if self._process is not None:
            self._process.terminate()
            self._ended()

    def kill(self) -> None:
        """Kill the server in the middle of whatever it does; `start` begins another on the same data."""
        assert self._process
        self._process.kill()
        self._ended()

    def _ended(self) -> None:
        assert self._process
        assert self._output
        self.log += self._output.read()
        self._output.close()
        self._output = None
        self._process.join(END_S)
        assert not self._process.is_alive(), "the server does not end"
        self._process = None

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process
        assert self._process.pid
        return self._process.pid

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rsplit(":", 1)[1])
