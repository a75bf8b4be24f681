"""A snapshot that no page can start from fails the build instead of making every start slow."""

from __future__ import annotations

import pytest

from runtime.errors import BuildError
from runtime.snapshot import HEADER, INITIAL_HEAP, check_size


def test_an_image_of_the_memory_that_an_interpreter_begins_with_is_taken() -> None:
    image = bytes(INITIAL_HEAP + HEADER)
    assert check_size(image) is image


def test_an_image_of_a_memory_that_has_grown_is_refused() -> None:
    with pytest.raises(BuildError, match=r"too large.*on_demand"):
        check_size(bytes(INITIAL_HEAP + HEADER + 1))
