"""The rehearsal leaves no trace, and its samples hold what it is for."""

from __future__ import annotations

import gc
import warnings
from contextlib import closing

import pytest

from hearth.core.text import markdown
from hearth.engine.auth.warm_up import SAMPLES, warm_up
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
