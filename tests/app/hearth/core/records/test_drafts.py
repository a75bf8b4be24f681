"""The id of a chat's draft: one for each chat, on every device and in every version."""

from __future__ import annotations

import uuid

from hearth.core.records.drafts import draft_id


def test_it_never_changes_and_is_another_for_each_chat() -> None:
    assert draft_id("a") == "046f26e1-ac43-4c6c-b3d7-6d08125650da"
    assert len({draft_id(str(n)) for n in range(100)}) == 100
    assert uuid.UUID(draft_id("b")).version == 4
