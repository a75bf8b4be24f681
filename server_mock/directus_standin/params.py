"""A URL's query string as Directus reads it: ``filter[a][_eq]=1``, ``sort[]=x``, ``filter={"a": …}``."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from server_mock.directus_standin.errors import invalid_query

#: Brackets deeper than this, or more parameters than this, are no query that anybody meant.
_MAX_DEPTH = 10
_MAX_PARAMETERS = 2000


def parse_params(query_string: bytes) -> dict[str, Any]:
    """Return the parameters as nested dicts, lists and strings.

    A name given twice becomes a list; ``[]`` and ``[0]`` make lists. Raises ``DialectError``
    (400 INVALID_QUERY) for brackets that are too deep, or for too many parameters.
    """
    try:
        pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        raise invalid_query("Too many parameters in the URL") from None
    root: dict[str, Any] = {}
    for name, value in pairs:
        _put(root, _segments(name), value)
    return {name: _lists(value) for name, value in root.items()}


def _segments(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket or not rest.endswith("]") or not head:
        return [name]
    segments = [head, *rest[:-1].split("][")]
    if len(segments) > _MAX_DEPTH:
        raise invalid_query("The parameters of the URL are nested too deep")
    return segments


def _put(node: dict[str, Any], segments: list[str], value: str) -> None:
    for segment in segments[:-1]:
        child = node.setdefault(segment, {})
        if not isinstance(child, dict):
            raise invalid_query(f'The parameter "{segment}" is given both as a value and in brackets')
        node = child
    last = segments[-1]
    if last == "" and len(segments) > 1:
        last = str(len(node))
    if last not in node:
        node[last] = value
    elif isinstance(node[last], str):
        node[last] = [node[last], value]
    elif isinstance(node[last], list):
        node[last].append(value)
    else:
        raise invalid_query(f'The parameter "{last}" is given both as a value and in brackets')


def _lists(node: Any) -> Any:
    """Turn dicts whose keys are all positions into lists, all the way down."""
    if not isinstance(node, dict):
        return node
    values = {key: _lists(value) for key, value in node.items()}
    if values and all(key.isascii() and key.isdigit() and len(key) < 6 for key in values):
        return [values[key] for key in sorted(values, key=int)]
    return values
