"""The demo's settings and memories: of every kind, and told apart."""

from __future__ import annotations

from server_mock.demo.apps import APPS


def test_every_app_has_entries_that_are_told_apart() -> None:
    for app, entries in APPS.items():
        assert app.strip() == app
        assert entries
        assert len({name for _, name, _ in entries}) == len(entries)
        assert {kind for kind, _, _ in entries} <= {"setting", "memory"}
        assert all(name and value for _, name, value in entries)


def test_both_kinds_are_shown() -> None:
    assert {kind for entries in APPS.values() for kind, _, _ in entries} == {"setting", "memory"}
