"""The browser's global object, as Pyodide lets Python import it: anything may be there."""

from typing import Any

from js_kernels import Hearth

hearth: Hearth

def __getattr__(name: str) -> Any: ...
