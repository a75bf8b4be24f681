"""Preferences: what cannot be read is the default; wishes are carried over to whatever the record says."""

from __future__ import annotations

import json

import pytest

from hearth.core.settings import preferences
from hearth.core.settings.preferences import Preferences


def stored(**value: object) -> Preferences:
    return preferences.read(json.dumps({"kind": "setting", "name": "Preferences", "value": value}))


def test_what_is_written_is_read() -> None:
    chosen = preferences.fulfilled(preferences.defaults(), {"theme": "dark", "hide:app": True})
    assert preferences.read(preferences.write(chosen)) == chosen
    assert (chosen.of("theme"), chosen.of("text_size"), chosen.hidden) == ("dark", "normal", frozenset({"app"}))


@pytest.mark.parametrize(
    "text", [None, "", "null", "[]", "{}", '{"value": 7}', '{"value": {"theme": 7, "hidden": "x"}}', "{"]
)
def test_what_cannot_be_read_is_the_default(text: str | None) -> None:
    assert preferences.read(text) == preferences.defaults()


def test_what_a_newer_device_wrote_is_written_again_as_it_came() -> None:
    value = {"theme": "sepia", "density": {"rows": 3}, "text_size": "large", "assistant": "on"}
    value |= {"recent": "keep", "hidden": ["a"]}
    read = stored(**value)
    assert (read.of("theme"), read.of("text_size")) == ("system", "large")
    assert json.loads(preferences.write(read))["value"] == value
    wished = preferences.fulfilled(read, {"text_size": "normal", "hide:b": True, "theme": "unknown"})
    after = {**value, "text_size": "normal", "hidden": ["a", "b"]}
    assert json.loads(preferences.write(wished))["value"] == after


def test_the_host_that_text_may_go_to_is_none_until_somebody_agrees() -> None:
    assert preferences.defaults().assistant_host is None
    assert preferences.defaults().of("assistant") == "on"
    for odd in (None, 7, ["models.example"], "x" * 301):
        assert stored(assistant_host=odd).assistant_host is None
    for host in ("", "models.example"):
        agreed = preferences.fulfilled(preferences.defaults(), {"assistant_host": host})
        assert agreed.assistant_host == host
        assert preferences.read(preferences.write(agreed)) == agreed
        assert preferences.open_wishes(agreed, {"assistant_host": host}) == {}
        assert preferences.open_wishes(agreed, {"assistant_host": "other.example", "assistant": "off"}) != {}
        assert preferences.fulfilled(agreed, {"assistant_host": True}) == agreed


def test_a_choice_takes_the_place_of_one_that_is_not_known() -> None:
    read = stored(theme="sepia")
    assert preferences.open_wishes(read, {"theme": "system"}) == {"theme": "system"}
    chosen = preferences.fulfilled(read, {"theme": "system"})
    assert json.loads(preferences.write(chosen))["value"]["theme"] == "system"
    assert preferences.open_wishes(chosen, {"theme": "system"}) == {}


def test_hostile_values_are_left_out() -> None:
    hidden = ["a", 7, "", "x" * 65, None, *(f"id{at}" for at in range(1_000))]
    read = stored(theme="url(evil)", hidden=hidden, unknown="x")
    assert read.of("theme") == "system"
    assert "a" in read.hidden
    assert len(read.hidden) == 500


def test_as_many_are_hidden_as_there_may_be() -> None:
    hidden = [f"id{at}" for at in range(499)]
    full = preferences.fulfilled(stored(hidden=hidden), {"hide:last": True})
    assert len(full.hidden) == 500
    assert preferences.fulfilled(full, {"hide:beyond": True}) == full
    assert preferences.fulfilled(full, {"hide:id1": True}) == full, "what is hidden stays hidden"
    assert preferences.fulfilled(full, {"hide:id1": False}).hidden == full.hidden - {"id1"}


@pytest.mark.parametrize(("item", "taken"), [("", False), ("x", True), ("x" * 64, True), ("x" * 65, False)])
def test_what_is_hidden_has_an_id(item: str, taken: bool) -> None:
    assert bool(preferences.fulfilled(preferences.defaults(), {f"hide:{item}": True}).hidden) is taken
    assert preferences.wish_hidden(item, hidden=True) == {f"hide:{item}": True}
    assert preferences.wish_hidden(item, hidden=False) == {f"hide:{item}": False}


def test_what_devices_and_servers_agreed_on_does_not_change() -> None:
    assert preferences.record_id("a") == "fcadb9d2-5c73-4f3a-b731-117024264571"
    assert preferences.MAX_SEALED_CHARS == 65_536


def test_wishes_of_two_devices_both_come_true() -> None:
    elsewhere = stored(theme="light", hidden=["calendar"])
    both = preferences.fulfilled(elsewhere, {"text_size": "large", "hide:mail": True})
    assert (both.of("theme"), both.of("text_size")) == ("light", "large")
    assert both.hidden == {"calendar", "mail"}


def test_a_wish_that_is_fulfilled_is_none_any_longer() -> None:
    wishes: dict[str, str | bool] = {"theme": "dark", "hide:mail": True, "hide:calendar": False, "theme2": "x"}
    assert preferences.open_wishes(stored(theme="dark", hidden=["calendar"]), wishes) == {
        "hide:mail": True,
        "hide:calendar": False,
    }


def test_the_record_has_one_id_for_each_account() -> None:
    assert preferences.record_id("a") == preferences.record_id("a") != preferences.record_id("b")


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"{", b'{"theme": 7}'])
def test_wishes_that_cannot_be_read_are_none(content: bytes) -> None:
    assert preferences.read_wishes(content) == {}
