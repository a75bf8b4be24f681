"""`python -m server_mock`: reads the options, puts the server together, and runs it until it is told to stop."""

from __future__ import annotations

import os
import sys

from server_mock.cli import accounts, migrate
from server_mock.cli.data_source import CannotStart
from server_mock.cli.options import BadOption, parse
from server_mock.cli.run import run


def main(arguments: list[str]) -> int:
    """Run the server, or a command about accounts or the collections; the exit code.

    What cannot work is said in one sentence on stderr, with exit code 2.
    """
    try:
        if arguments[:1] == ["accounts"]:
            accounts.run(arguments[1:], os.environ)
        elif arguments[:1] == ["migrate"]:
            migrate.run(arguments[1:], os.environ)
        else:
            run(parse(arguments))
    except (BadOption, CannotStart) as error:
        print(f"server_mock: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
