"""Names of files: every system takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.export.file_names import MAX_CHARS, safe_file_name, safe_name


@given(st.text(max_size=200))
def test_names_are_taken_by_every_system(text: str) -> None:
    for name in (safe_name(text, "other"), safe_file_name(text, "other")):
        assert 0 < len(name) <= MAX_CHARS + 9
        assert not set(name) & set('<>:"/\\|?*\0\n')
        assert name == name.strip(" ")
        assert not name.endswith(".")
        assert name.split(".")[0].lower() not in {"con", "nul", "aux"}


@pytest.mark.parametrize(
    ("text", "name"),
    [("../../etc/passwd", "etc passwd"), ("CON", "other"), ("a" * 90, "a" * 60), ("…", "…"), ("", "other")],
)
def test_names(text: str, name: str) -> None:
    assert safe_name(text, "other") == name


def test_the_ending_of_a_file_stays() -> None:
    assert safe_file_name(f"{'long ' * 40}.pdf", "file").endswith(".pdf")
