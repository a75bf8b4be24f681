"""The errors of the client: by whose fault it was, with what Directus answered."""

from __future__ import annotations

import pytest

from server_mock.directus import errors


def test_a_conflict_is_a_rejection_and_every_error_is_one() -> None:
    kinds = [
        errors.DirectusUnavailable,
        errors.DirectusRefused,
        errors.DirectusRejected,
        errors.DirectusConflict,
        errors.DirectusBroken,
    ]
    assert all(issubclass(kind, errors.DirectusError) for kind in kinds)
    assert issubclass(errors.DirectusConflict, errors.DirectusRejected)
    # Whose fault it was is told apart: no other kind is another one.
    others = [kind for kind in kinds if kind is not errors.DirectusConflict]
    assert not any(issubclass(one, other) for one in others for other in others if one is not other)
    drawn = errors.__doc__ or ""
    assert all(kind.__name__ in drawn for kind in kinds)


def test_an_error_keeps_what_directus_answered() -> None:
    with pytest.raises(errors.DirectusRejected, match="No") as caught:
        raise errors.DirectusConflict("No.", status=400, code="RECORD_NOT_UNIQUE")
    assert (caught.value.status, caught.value.code) == (400, "RECORD_NOT_UNIQUE")
    assert errors.DirectusUnavailable("No.").status is None
