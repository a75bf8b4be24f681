"""`python -m examples`: serves the examples until it is stopped."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import uvicorn

from examples.server import make_app
from runtime.wheel import build_wheel

HOST = "127.0.0.1"

if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8010"))
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(build_wheel(Path(folder)))
        print(f"The examples are at http://{HOST}:{port}", flush=True)
        uvicorn.run(app, host=HOST, port=port, log_level="warning")
