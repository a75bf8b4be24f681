"""Pyodide's event loop, which the browser's own drives."""

from typing import Any

def __getattr__(name: str) -> Any: ...
