"""The one error that set-up and build raise for a person to read."""

from __future__ import annotations

import sys
from collections.abc import Callable


class BuildError(Exception):
    """Something that the person at the keyboard can put right; its text is one sentence that says how."""


def exit_with_sentence(step: Callable[[], object]) -> None:
    """Run `step`; a `BuildError` becomes its sentence on standard error and exit code 2."""
    try:
        step()
    except BuildError as error:
        print(f"hearth: {error}", file=sys.stderr)
        sys.exit(2)
