"""PyScript's own package, present in the page only."""

from typing import Any

def __getattr__(name: str) -> Any: ...
