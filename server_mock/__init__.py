"""The mock server: sign-in, warming and the demo account, on a Directus or the stand-in for one."""

import sys
from pathlib import Path

ENGINE_SOURCES = Path(__file__).resolve().parent.parent / "app"

if ENGINE_SOURCES.is_dir() and str(ENGINE_SOURCES) not in sys.path:
    sys.path.append(str(ENGINE_SOURCES))  # In a checkout the engine, `hearth`, is not installed: it lies beside.
