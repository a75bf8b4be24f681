"""Citations of ChatGPT's answers: the ones with a source become links, the others leave a mark, none leaves rubbish."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.chat_import.citations import UNKNOWN, with_citations

MARK = "\ue200cite\ue202turn0search1\ue201"


def reference(**values: Any) -> dict[str, Any]:
    return {"content_references": [{"matched_text": MARK, **values}]}


@pytest.mark.parametrize(
    ("metadata", "shown"),
    [
        (reference(items=[{"title": "A", "url": "https://a.example"}]), "Yes ([A](https://a.example))."),
        (reference(title="B", url="https://b.example"), "Yes ([B](https://b.example))."),
        (reference(items=[{"title": "A", "url": "https://a.example"}] * 2), "Yes ([A](https://a.example))."),
        (reference(alt="(as it says)"), "Yes(as it says)."),
        (reference(items=[{"title": "No address"}]), f"Yes {UNKNOWN}."),
        ({}, f"Yes {UNKNOWN}."),
        ({"content_references": "nonsense"}, f"Yes {UNKNOWN}."),
    ],
)
def test_a_marker_becomes_what_it_cites(metadata: dict[str, Any], shown: str) -> None:
    assert with_citations(f"Yes{MARK}.", metadata) == shown


def test_a_marker_of_another_kind_goes_without_a_mark() -> None:
    assert with_citations("See \ue200navlist\ue202x\ue201here", {}) == "See here"


def test_markers_of_earlier_years_are_taken_in_their_order() -> None:
    metadata = {"citations": [{"metadata": {"title": "A", "url": "https://a.example"}}]}
    assert (
        with_citations("One【4†source】, two【11:5†notes】.", metadata) == "One ([A](https://a.example)), two [notes]."
    )


def test_an_address_that_may_not_be_opened_leaves_its_title() -> None:
    assert with_citations(f"Yes{MARK}", reference(items=[{"title": "A", "url": "javascript:x"}])) == "Yes (A)"
