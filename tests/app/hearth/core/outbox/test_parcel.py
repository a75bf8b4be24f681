"""What is sent together: the order within each chat holds, and no chat holds up another."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hearth.core.outbox import parcel
from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.outbox.parcel import MAX_TOGETHER, MAX_TOGETHER_CHARS, chat_row, choose, message_rows
from hearth.core.records.schema import Collection, check_record
from tests.contracts.records import SEALED, chat, message

NOW = 1_000_000


def made(number: int, chat_id: str = "c", act: Act = Act.SEND, **values: Any) -> Mutation:
    """A mutation; a message of its own where it sends one."""
    if act is Act.SEND:
        values.setdefault("message", message(chat_id, number))
    return Mutation(id=f"m{number}", at=number, act=act, chat_id=chat_id, **values)


def ids(chosen: list[Mutation]) -> list[str]:
    return [each.id for each in chosen]


class TestChoosing:
    def test_everything_that_may_go_goes_in_order(self) -> None:
        waiting = [made(1), made(2, "d"), made(3), made(4, act=Act.RENAME, chat={"title": SEALED})]
        assert ids(choose(waiting, NOW)) == ["m1", "m2", "m3", "m4"]

    def test_what_was_refused_stays_and_holds_up_nothing(self) -> None:
        assert ids(choose([made(1, problem="No."), made(2), made(3, "d")], NOW)) == ["m2", "m3"]

    def test_what_waits_for_its_time_holds_up_its_own_chat_alone(self) -> None:
        deletion = made(1, act=Act.DELETE_CHAT, not_before=NOW + 1)
        assert ids(choose([deletion, made(2), made(3, "d")], NOW)) == ["m3"]
        assert ids(choose([deletion, made(3, "d")], NOW + 1)) == ["m1", "m3"]

    def test_an_answer_that_still_comes_is_not_sent_and_holds_up_nothing(self) -> None:
        growing = made(1, act=Act.ANSWER, message=message("c", 1), not_before=NOW - 1)
        assert ids(choose([growing, made(2), made(3, "d")], NOW)) == ["m2", "m3"]

    def test_two_versions_of_a_message_go_one_after_the_other(self) -> None:
        edit = made(2, act=Act.EDIT, message=message("c", 1, 2))
        assert ids(choose([made(1), edit, made(3), made(4, "d")], NOW)) == ["m1", "m4"]
        assert ids(choose([edit, made(3), made(4, "d")], NOW)) == ["m2", "m3", "m4"]

    def test_nothing_follows_a_deletion_of_its_chat(self) -> None:
        assert ids(choose([made(1, act=Act.DELETE_CHAT), made(2), made(3, "d")], NOW)) == ["m1", "m3"]

    def test_chats_that_are_blocked_are_left_out(self) -> None:
        assert ids(choose([made(1), made(2, "d")], NOW, frozenset("c"))) == ["m2"]

    def test_there_is_an_end_to_what_goes_together(self) -> None:
        assert len(choose([made(n) for n in range(MAX_TOGETHER + 5)], NOW)) == MAX_TOGETHER
        large = [made(n, message=message("c", n, content="A" * 90_000)) for n in range(4)]
        assert ids(choose(large, NOW)) == ["m0", "m1"]
        whole = made(9, message=message("c", 9, content="A" * (MAX_TOGETHER_CHARS * 2)))
        assert ids(choose([whole, made(10)], NOW)) == ["m9"], "one that is too large for company goes alone"

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=30))
    def test_a_chat_sends_a_beginning_of_what_it_has(self, drawn: list[tuple[str, bool, bool]]) -> None:
        waiting = [
            made(n, name, problem="No." if failed else "", not_before=NOW + 1 if late else 0)
            for n, (name, failed, late) in enumerate(drawn)
        ]
        chosen = choose(waiting, NOW)
        for name in "abc":
            own = [each for each in waiting if each.chat_id == name and not each.problem]
            sent = [each for each in chosen if each.chat_id == name]
            assert sent == own[: len(sent)]
            assert len(sent) == len(own) or own[len(sent)].not_before > NOW


class TestRecords:
    def test_a_message_moves_its_chat_and_no_draft_does(self) -> None:
        base = chat("c", 4, last_updated=7)
        row = chat_row(base, [made(9), made(12)])
        assert row == base | {"version": 5, "last_updated": 12}
        assert chat_row(base, [made(13, act=Act.DRAFT)]) is None

    def test_the_clock_of_a_chat_never_goes_back(self) -> None:
        row = chat_row(chat("c", 4, last_updated=700), [made(9)])
        assert row is not None
        assert row["last_updated"] == 700

    def test_several_changes_make_one_version(self) -> None:
        renamed = made(1, act=Act.RENAME, chat={"title": SEALED + "A"})
        pinned = made(2, act=Act.PIN, chat={"pinned": SEALED})
        row = chat_row(chat("c", 1), [renamed, pinned])
        assert row is not None
        assert (row["version"], row["title"], row["pinned"]) == (2, SEALED + "A", SEALED)

    def test_a_field_that_nobody_here_knows_stays(self) -> None:
        row = chat_row(chat("c", 1) | {"later": SEALED}, [made(1)])
        assert row is not None
        assert row["later"] == SEALED

    def test_a_new_chat_is_a_whole_record(self) -> None:
        creating = made(5, creates=True, chat={"wrapped_key": "AQ" + "B" * 90, "title": SEALED})
        row = chat_row(None, [creating, made(6)])
        assert check_record(Collection.CHATS, row) is None
        assert row is not None
        assert (row["id"], row["version"], row["created_at"], row["last_updated"]) == ("c", 1, 5, 6)

    def test_a_deleted_chat_keeps_nothing_that_is_sealed(self) -> None:
        row = chat_row(chat("c", 3, pinned=SEALED), [made(5), made(6, act=Act.DELETE_CHAT)])
        assert check_record(Collection.CHATS, row) is None
        assert row is not None
        assert (row["version"], row["deleted_at"]) == (4, 6)
        assert [row[name] for name in ("title", "draft", "pinned", "wrapped_key")] == [None] * 4

    def test_messages_are_those_of_the_mutations(self) -> None:
        assert message_rows([made(1), made(2, act=Act.PIN), made(3)]) == [message("c", 1), message("c", 3)]

    def test_the_size_is_that_of_what_is_sealed(self) -> None:
        assert parcel.sealed_chars(made(1, act=Act.RENAME, chat={"title": "A" * 500, "pinned": None})) == 500


def part(number: int, rows: int, **values: Any) -> Mutation:
    """A part of an imported chat."""
    messages = tuple(message("c", each, id=f"{number}-{each}") for each in range(rows))
    return made(number, act=Act.IMPORT, messages=messages, **values)


def test_an_imported_chat_has_the_times_of_its_own() -> None:
    fields = {"created_at": 5, "last_updated": 9, "wrapped_key": SEALED}
    first, second = part(1, 2, creates=True, chat=fields), part(2, 1, chat={"last_updated": 9})
    row = chat_row(None, [first, second])
    assert row is not None
    assert (row["created_at"], row["last_updated"], row["version"]) == (5, 9, 1)
    assert [each["id"] for each in message_rows([first, second])] == ["1-0", "1-1", "2-0"]


def test_what_an_import_adds_never_makes_a_chat_older() -> None:
    before = chat("c", last_updated=20)
    row = chat_row(before, [part(1, 1, chat={"last_updated": 9})])
    assert row is not None
    assert (row["last_updated"], row["version"]) == (20, before["version"] + 1)


def test_a_write_holds_so_many_records_of_an_import_and_no_more() -> None:
    waiting = [part(number, 90, chat_id=f"c{number}") for number in range(4)]
    assert ids(choose(waiting, 0)) == ids(waiting[:2])
    assert ids(choose([part(1, 100), part(2, 100)], 0)) == ids([part(1, 100)])
