"""The rehearsal leaves no trace, and its samples hold what it is for."""

from __future__ import annotations

from app.core import markdown
from app.rehearsal import SAMPLES, rehearse
from tests.fakes import FakeDevice


async def test_it_renders_and_forgets() -> None:
    await rehearse(FakeDevice())
    assert all(markdown.render(sample) for sample in SAMPLES)


def test_the_samples_hold_every_common_kind_of_block() -> None:
    drawn = repr([markdown.render(sample) for sample in SAMPLES])
    for element in ("table", "pre", "blockquote", "ul", "ol", "strong", "em", "a", "hr", "s"):
        assert f"'{element}'" in drawn, element
