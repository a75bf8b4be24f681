"""Builds the wheels: the engine, `hearth`, and what tests need, `hearth-testing`: `python -m runtime.wheel FOLDER`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from runtime.paths import DIST, ROOT

TESTING = ROOT / "hearth_testing"
PAGE = "server_mock/page"
"""Where the built page lies in the wheel for tests."""


def build_wheel(folder: Path) -> Path:
    """Build the engine's wheel into a folder; its path."""
    return _build(WheelBuilder(str(ROOT)), folder)


def build_testing_wheel(folder: Path, dist: Path = DIST) -> Path:
    """Build the wheel for tests into a folder, with the page in it if it has been built; its path."""
    config = tomllib.loads((TESTING / "pyproject.toml").read_text())
    if (dist / "manifest.json").exists():
        config["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"][str(dist)] = PAGE
    return _build(WheelBuilder(str(TESTING), config=config), folder)


def _build(builder: WheelBuilder, folder: Path) -> Path:
    return Path(next(builder.build(directory=str(folder), versions=["standard"])))


if __name__ == "__main__":
    for build in (build_wheel, build_testing_wheel):
        print(f"Built {build(Path(sys.argv[1]))}")
