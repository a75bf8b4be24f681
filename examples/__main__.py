"""`python -m examples`: serves the examples, or a folder of one's own, with Hearth's API beside them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from examples.server import HERE, make_app
from runtime.wheel import build_wheel
from server_mock.cli.data_source import CannotStart
from server_mock.cli.options import BadOption, parse
from server_mock.cli.run import run

PORT = "8010"


def main(arguments: list[str]) -> int:
    """Serve until SIGINT or SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m examples", allow_abbrev=False, epilog="All options of `python -m server_mock` are taken, too."
    )
    parser.add_argument("--folder", type=Path, default=HERE, help="the pages to serve (default: the examples)")
    found, others = parser.parse_known_args(arguments)
    if not found.folder.is_dir():
        print(f"examples: {found.folder} is not a folder.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        try:
            run(parse(["--port", PORT, *others]), make_app(build_wheel(Path(folder)), found.folder))
        except (BadOption, CannotStart) as error:
            print(f"examples: {error}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
