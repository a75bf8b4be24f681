"""The errors of the dialect: status, code and words, as Directus gives them.

- missing item, collection or field; no token      403 FORBIDDEN
- wrong token                                      401 INVALID_CREDENTIALS
- unknown route                                    404 ROUTE_NOT_FOUND
- duplicate primary key, or unique value           400 RECORD_NOT_UNIQUE
- required value missing or null                   400 FAILED_VALIDATION
- bad operator, bad limit, bad filter value        400 INVALID_QUERY
- bad JSON, body over 1 MB, bad collection         400 INVALID_PAYLOAD
- number or text that PostgreSQL would refuse      400 VALUE_OUT_OF_RANGE, VALUE_TOO_LONG
- rate limit, pressure (only by a fault)           429 REQUESTS_EXCEEDED, 503 SERVICE_UNAVAILABLE
"""

from __future__ import annotations

from typing import Any


class DialectError(Exception):
    """An answer that is an error: ``status`` and a list of error objects."""

    def __init__(self, status: int, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.status = status
        self.errors = errors

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body: ``{"errors": [{"message", "extensions": {"code", …}}]}``."""
        return {"errors": self.errors}


def _error(status: int, code: str, message: str, **extensions: Any) -> DialectError:
    return DialectError(status, [{"message": message, "extensions": {**extensions, "code": code}}])


def forbidden() -> DialectError:
    """Return the answer to a missing item, and to whoever asks without a token."""
    return _error(403, "FORBIDDEN", "You don't have permission to access this.")


def no_such_collection(collection: str) -> DialectError:
    """Return the answer to a collection that does not exist."""
    reason = f'You don\'t have permission to access collection "{collection}" or it does not exist.'
    return _error(403, "FORBIDDEN", reason, reason=reason)


def no_such_field(field: str, collection: str) -> DialectError:
    """Return the answer to a field that does not exist in ``fields``, ``filter`` or ``sort``."""
    reason = f'You don\'t have permission to access field "{field}" in collection "{collection}" or it does not exist.'
    return _error(403, "FORBIDDEN", reason, reason=reason)


def invalid_credentials() -> DialectError:
    """Return the answer to a wrong token."""
    return _error(401, "INVALID_CREDENTIALS", "Invalid user credentials.")


def route_not_found(path: str) -> DialectError:
    """Return the answer to a path or a method that Directus does not have."""
    return _error(404, "ROUTE_NOT_FOUND", f"Route {path} doesn't exist.", path=path)


def invalid_query(reason: str) -> DialectError:
    """Return the answer to a query that cannot be understood."""
    return _error(400, "INVALID_QUERY", f"Invalid query. {reason}.", reason=reason)


def invalid_payload(reason: str) -> DialectError:
    """Return the answer to a body that cannot be understood."""
    return _error(400, "INVALID_PAYLOAD", f"Invalid payload. {reason}.", reason=reason)


def not_unique(collection: str, field: str, value: object) -> DialectError:
    """Return the answer to a value that has to be unique and is taken."""
    message = f'Value "{value}" for field "{field}" in collection "{collection}" has to be unique.'
    return _error(400, "RECORD_NOT_UNIQUE", message, collection=collection, field=field, value=value)


def not_a_uuid(collection: str, field: str) -> DialectError:
    """Return PostgreSQL's answer, with clearer words, to a key that is no UUID as it would write one."""
    reason = f'The value of "{field}" in collection "{collection}" is not a UUID in lower case.'
    return _error(403, "FORBIDDEN", reason, reason=reason)


def failed_validation(fields: list[str], kind: str) -> DialectError:
    """Return the answer to values that are absent (kind ``required``) or null (kind ``nnull``)."""
    words = "Value is required." if kind == "required" else "Value can't be null."
    return DialectError(
        400,
        [
            {
                "message": f'Validation failed for field "{field}". {words}',
                "extensions": {"field": field, "path": [], "type": kind, "code": "FAILED_VALIDATION"},
            }
            for field in fields
        ],
    )


def value_out_of_range(collection: str, field: str, value: int) -> DialectError:
    """Return PostgreSQL's answer to a number that the column is too narrow for."""
    message = f'Numeric value "{value}" in field "{field}" in collection "{collection}" is out of range.'
    return _error(400, "VALUE_OUT_OF_RANGE", message, collection=collection, field=field)


def value_too_long(collection: str, field: str) -> DialectError:
    """Return PostgreSQL's answer to a text that the column is too narrow for."""
    message = f'Value for field "{field}" in collection "{collection}" is too long.'
    return _error(400, "VALUE_TOO_LONG", message, collection=collection, field=field)


def internal(message: str) -> DialectError:
    """Return the answer to a failure of the database itself."""
    return _error(500, "INTERNAL_SERVER_ERROR", message)
