"""Pyodide's Python package, present in the page only; what is not declared here is Any."""

from typing import Any

def __getattr__(name: str) -> Any: ...
