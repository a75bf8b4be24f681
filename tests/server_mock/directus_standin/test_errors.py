"""The errors of the dialect have the status, the code and the form that Directus gives them."""

from __future__ import annotations

import json

import pytest

from server_mock.directus_standin import errors
from server_mock.directus_standin.errors import DialectError


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.forbidden(), 403, "FORBIDDEN"),
        (errors.no_such_collection("c"), 403, "FORBIDDEN"),
        (errors.no_such_field("f", "c"), 403, "FORBIDDEN"),
        (errors.not_a_uuid("c", "f"), 403, "FORBIDDEN"),
        (errors.invalid_credentials(), 401, "INVALID_CREDENTIALS"),
        (errors.route_not_found("/x"), 404, "ROUTE_NOT_FOUND"),
        (errors.invalid_query("So"), 400, "INVALID_QUERY"),
        (errors.invalid_payload("So"), 400, "INVALID_PAYLOAD"),
        (errors.not_unique("c", "f", 1), 400, "RECORD_NOT_UNIQUE"),
        (errors.failed_validation(["f"], "required"), 400, "FAILED_VALIDATION"),
        (errors.value_out_of_range("c", "f", 9), 400, "VALUE_OUT_OF_RANGE"),
        (errors.value_too_long("c", "f"), 400, "VALUE_TOO_LONG"),
        (errors.internal("broken"), 500, "INTERNAL_SERVER_ERROR"),
    ],
)
def test_status_code_and_form(error: DialectError, status: int, code: str) -> None:
    assert error.status == status
    (only,) = json.loads(json.dumps(error.body))["errors"]
    assert only["extensions"]["code"] == code
    assert only["message"] == str(error)


def test_each_value_that_fails_has_an_error_of_its_own() -> None:
    body = errors.failed_validation(["a", "b"], "nnull").body
    assert [each["extensions"]["field"] for each in body["errors"]] == ["a", "b"]
    assert all("can't be null" in each["message"] for each in body["errors"])
