"""How many of an account's chats are listed, and how many lie beyond, whatever happens to them."""

from __future__ import annotations

import random

import pytest

from hearth.core.sync.older_chats import ChatPlace, OlderChats, further


def place(updated: int, name: str = "m") -> ChatPlace:
    return ChatPlace(updated, name)


def test_the_list_goes_from_the_last_updated_to_the_oldest_and_by_id() -> None:
    order = [place(9, "b"), place(7, "a"), place(7, "b"), place(3, "a")]
    assert sorted(order, key=lambda each: (-each.last_updated, each.id)) == order
    for at, one in enumerate(order):
        assert [one.comes_after(other) for other in order] == [other_at < at for other_at in range(len(order))]


def test_what_is_listed_beyond_the_list_is_not_missing() -> None:
    older = OlderChats(place(100), 200)
    assert older.not_listed([place(500), place(100)]) == 200
    assert older.not_listed([place(500), place(100, "n"), place(99, "a"), place(3)]) == 197
    assert OlderChats(place(100), 1).not_listed([place(3), place(2)]) == 0
    assert OlderChats().not_listed([place(3)]) == 0


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        (None, place(500), 200),
        (place(50), place(500), 199),
        (place(50), None, 199),
        (None, place(50), 201),
        (place(50), place(60), 200),
        (place(500), place(600), 200),
        (place(500), None, 200),
        (place(500), place(50), 201),
    ],
)
def test_a_chat_that_moves(before: ChatPlace | None, after: ChatPlace | None, count: int) -> None:
    assert OlderChats(place(100), 200).moved(before, after).count == count


def test_a_count_never_goes_below_none() -> None:
    assert OlderChats(place(100), 0).moved(place(50), None).count == 0


def test_every_chat_down_to_the_end_of_the_list_has_to_be_here() -> None:
    older = OlderChats(place(100), 2)
    assert [older.expects(each) for each in (place(500), place(100))] == [True, True]
    assert [older.expects(each) for each in (place(100, "z"), place(4))] == [False, False]
    assert OlderChats(place(100), 0).expects(place(4))


class TestAWarmingTellsAnew:
    def test_a_list_that_went_less_far_is_replaced(self) -> None:
        told = OlderChats(place(100), 200)
        assert further(None, told, []) == told
        assert further(OlderChats(), told, []) == told
        assert further(OlderChats(place(300), 7), told, [place(400)]) == told
        assert further(OlderChats(place(50), 7), OlderChats(None, 0), []) == OlderChats(None, 0)

    def test_a_list_that_went_further_stays(self) -> None:
        listed = [place(400), place(100), place(90), place(50), place(20)]
        assert further(OlderChats(place(50), 7), OlderChats(place(100), 200), listed) == OlderChats(place(50), 198)


def test_counts_stay_true_through_a_history() -> None:
    """A device that lists the newest, is told of every change, and fetches some chats by themselves."""
    chance = random.Random(7)
    server = {f"{number:03}": place(number * 10, f"{number:03}") for number in range(60)}
    order = sorted(server.values(), key=lambda each: (-each.last_updated, each.id))
    here = {each.id: each for each in order[:20]}
    older = OlderChats(order[19], 40)
    for step in range(400):
        name = chance.choice([*server, f"new {step}"])
        before = server.get(name)
        if before is not None and chance.random() < 0.3:
            after = None
            del server[name]
            here.pop(name, None)
        elif before is not None and chance.random() < 0.2:
            here[name] = after = before  # fetched by itself
        else:
            after = place(10_000 + step, name)
            server[name] = here[name] = after
        older = older.moved(before, after)
        assert len(here) + older.not_listed(here.values()) == len(server)
