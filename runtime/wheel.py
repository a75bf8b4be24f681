"""Builds the wheel of the engine, `hearth`: `python -m runtime.wheel FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from runtime.paths import ROOT


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder; its path."""
    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


if __name__ == "__main__":
    print(f"Built {build_wheel(Path(sys.argv[1]))}")
