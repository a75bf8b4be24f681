"""The rehearsal leaves no trace, and its samples hold what it is for."""

from __future__ import annotations

import asyncio
import gc
import warnings
from contextlib import closing

import pytest

from hearth.core.text import markdown
from hearth.engine.auth.warm_up import SAMPLES, Rehearsal, warm_up
from hearth.engine.search import shard as search_slice
from hearth.testing.device import FakeDevice


async def test_it_renders_and_forgets() -> None:
    await warm_up(FakeDevice())
    assert all(markdown.render(sample) for sample in SAMPLES)


async def test_of_the_first_slice_nothing_is_left_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_slice, "_empty", [])
    await warm_up(FakeDevice())
    assert list(search_slice.warm_up()) == []
    with closing(search_slice.Shard()) as one:
        assert one.size == 0


def test_a_rehearsal_that_is_broken_off_leaves_no_database_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_slice, "_empty", [])
    pieces = search_slice.warm_up()
    next(pieces)
    next(pieces)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del pieces
        gc.collect()
    assert search_slice._empty == []


def test_the_samples_hold_every_common_kind_of_block() -> None:
    drawn = repr([markdown.render(sample) for sample in SAMPLES])
    for element in ("table", "pre", "blockquote", "ul", "ol", "strong", "em", "a", "hr", "s"):
        assert f"'{element}'" in drawn, element


class TestRehearsal:
    @pytest.fixture
    def begun(self, monkeypatch: pytest.MonkeyPatch) -> list[None]:
        """One entry for each time that it has begun."""
        begun: list[None] = []

        async def note(_device: object) -> None:
            begun.append(None)

        monkeypatch.setattr("hearth.engine.auth.warm_up.warm_up", note)
        monkeypatch.setattr("hearth.engine.auth.warm_up.IDLE_S", 0.0)
        return begun

    async def test_it_begins_a_moment_after_the_form_is_shown_and_never_again(self, begun: list[None]) -> None:
        rehearsal = Rehearsal(FakeDevice())
        rehearsal.begin_soon()
        assert begun == []
        for _ in range(3):
            await asyncio.sleep(0.001)
            rehearsal.begin_soon()
            rehearsal.begin()
        assert begun == [None]

    async def test_who_signs_in_at_once_does_not_wait_for_the_moment(self, begun: list[None]) -> None:
        rehearsal = Rehearsal(FakeDevice())
        rehearsal.begin()
        await asyncio.sleep(0)
        assert begun == [None]
