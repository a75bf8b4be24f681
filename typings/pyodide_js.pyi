"""Pyodide's JavaScript interface seen from Python."""

from typing import Any

def __getattr__(name: str) -> Any: ...
