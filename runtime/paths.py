"""Where things lie in the work tree."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
CACHE = ROOT / ".cache"
WHEELS = CACHE / "wheels"
NODE_MODULES = ROOT / "node_modules"
