"""Running Python source from Python, under Pyodide."""

from typing import Any

def __getattr__(name: str) -> Any: ...
