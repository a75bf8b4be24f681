"""Who is told of a change of the ways into the account, and who is not."""

from __future__ import annotations

from hearth.engine.settings.ways_watch import CHANGED_ELSEWHERE, WaysWatch

OLD, NEW = frozenset({"a", "b"}), frozenset({"a", "c"})


def watch() -> tuple[WaysWatch, list[str]]:
    told: list[str] = []
    return WaysWatch(told.append), told


def test_a_device_that_gets_everything_for_the_first_time_is_told_nothing() -> None:
    made, told = watch()
    made.seen(OLD)
    assert told == []
    made.seen(OLD)
    assert told == []


def test_a_change_of_another_device_is_told_once() -> None:
    made, told = watch()
    made.begin(OLD)
    for _ in range(2):
        made.seen(NEW)
    assert told == [CHANGED_ELSEWHERE]


def test_a_first_note_is_told_to_a_device_that_has_everything() -> None:
    made, told = watch()
    made.begin(())
    made.seen(OLD)
    assert told == [CHANGED_ELSEWHERE]


def test_what_this_device_changed_itself_is_not_told() -> None:
    made, told = watch()
    made.begin(OLD)
    for ways in (OLD | NEW, NEW):
        made.note_own(ways)
        made.seen(ways)
    assert told == []
