"""The contract of the port `Store`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from hearth.core.records.manifest_checks import Checked
from hearth.core.records.schema import Collection
from hearth.core.sync.older_chats import ChatPlace, OlderChats
from hearth.ports.records import Records
from hearth.ports.storage import FIRST_VIEW, Batch, Position, Store, SyncState
from tests.contracts.records import SEALED, chat, entry, message, tombstone

CHATS, MESSAGES, ENTRIES = Collection


class StoreEnv(Protocol):
    """What a backend lends the cases: fresh stores, and the way between dicts and its records."""

    async def fresh(self) -> Store:
        """An empty store of an account of its own."""

    async def reopened(self, store: Store) -> Store:
        """The same account's store, closed and opened again."""

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows as the backend's records."""

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """A backend's records as rows."""

    def sealed(self, content: bytes) -> Any:
        """Bytes as the backend's sealed values are."""

    def unsealed(self, sealed: Any) -> bytes:
        """The bytes of a sealed value."""


def _batch(env: StoreEnv, **parts: Any) -> Batch:
    rows = {
        CHATS: parts.pop("chats", []),
        MESSAGES: parts.pop("messages", []),
        ENTRIES: parts.pop("entries", []),
    }
    return Batch({name: env.records(each) for name, each in rows.items() if each}, **parts)


async def case_a_new_store_is_empty(env: StoreEnv) -> None:
    store = await env.fresh()
    state = await store.sync_state()
    assert state.cursor is None
    assert not state.have
    assert not state.have_settings
    assert state.last_opened is None
    assert env.rows(await store.chats()) == []
    assert env.rows(await store.chat("a")) == []
    assert env.rows(await store.messages("a", 10)) == []
    assert env.rows(await store.settings_and_memories()) == []


async def case_the_kept_view_goes_with_a_chat_that_is_deleted(env: StoreEnv) -> None:
    store = await env.fresh()
    values = store.kept_values
    await store.apply(_batch(env, chats=[chat("a"), chat("b")], messages=[message("a", 1)]))

    async def kept_after(batch: Batch) -> bool:
        await values.keep(FIRST_VIEW, env.sealed(SEALED.encode()))
        await values.keep("recent", env.sealed(SEALED.encode()))
        await store.apply(batch)
        assert "recent" in await values.names()
        return FIRST_VIEW in await values.names()

    assert await kept_after(_batch(env, messages=[message("a", 2)]))
    assert await kept_after(_batch(env, outbox={"one": env.sealed(b"one")}))
    assert not await kept_after(_batch(env, outbox={"two": env.sealed(b"two")}, forget_view=True))
    assert not await kept_after(_batch(env, chats=[tombstone("b")]))


async def case_how_far_the_list_goes_is_kept_until_it_is_said_anew(env: StoreEnv) -> None:
    store = await env.fresh()
    assert (await store.sync_state()).older is None
    for older in (OlderChats(None, 0), OlderChats(ChatPlace(1_700_000_000_000, "c"), 200)):
        await store.apply(_batch(env, cursor="17", older=older))
        await store.apply(_batch(env, chats=[chat("a")], cursor="18"))
        store = await env.reopened(store)
        assert (await store.sync_state()).older == older
    initial = await store.load_initial(None, 10, "")
    await initial.others()
    assert initial.state.older == older


async def case_partial_chats_stay_partial_until_they_are_said_not_to_be(env: StoreEnv) -> None:
    store = await env.fresh()
    assert (await store.sync_state()).partial == set()
    await store.apply(_batch(env, chats=[chat("a"), chat("b")], cursor="17", partial={"a", "b"}))
    await store.apply(_batch(env, chats=[chat("c")], complete={"c": 1}, cursor="18"))
    store = await env.reopened(store)
    assert (await store.sync_state()).partial == {"a", "b"}
    await store.apply(_batch(env, messages=[message("a", 1)], complete={"a": 1}, cursor="18", partial={"b"}))
    assert (await store.sync_state()).partial == {"b"}
    await store.apply(_batch(env, partial=set()))
    assert (await store.sync_state()).partial == set()


async def case_records_come_back_exactly_as_they_went_in(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", number) for number in range(3)]
    await store.apply(_batch(env, chats=[chat("a")], messages=rows, entries=[entry("e")]))
    store = await env.reopened(store)
    assert env.rows(await store.chats()) == [chat("a")]
    assert env.rows(await store.chat("a")) == [chat("a")]
    assert env.rows(await store.messages("a", 10)) == rows
    assert env.rows(await store.settings_and_memories()) == [entry("e")]


async def case_messages_come_oldest_first_and_only_of_their_chat(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", 3), message("ab", 1), message("a", 1), message("b", 1), message("a", 2)]
    await store.apply(_batch(env, chats=[chat("a"), chat("ab"), chat("b")], messages=rows))
    assert [row["id"] for row in env.rows(await store.messages("a", 10))] == ["a-1", "a-2", "a-3"]


async def case_messages_of_one_moment_are_ordered_by_id(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", 1, id=name) for name in ("z", "b", "m")]
    await store.apply(_batch(env, chats=[chat("a")], messages=rows))
    assert [row["id"] for row in env.rows(await store.messages("a", 10))] == ["b", "m", "z"]
    before = env.rows(await store.messages("a", 10, Position(1, "m")))
    assert [row["id"] for row in before] == ["b"]


async def case_a_page_is_the_end_and_the_next_lies_before_it(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(_batch(env, chats=[chat("a")], messages=[message("a", n) for n in range(10)]))
    page = env.rows(await store.messages("a", 3))
    assert [row["created_at"] for row in page] == [7, 8, 9]
    older = env.rows(await store.messages("a", 3, Position(7, page[0]["id"])))
    assert [row["created_at"] for row in older] == [4, 5, 6]
    assert env.rows(await store.messages("a", 3, Position(0, "a-0"))) == []


async def case_a_page_is_full_although_messages_were_deleted(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", n, deleted_at=9 if n % 3 else None, content=None if n % 3 else SEALED) for n in range(30)]
    await store.apply(_batch(env, chats=[chat("a")], messages=rows))
    assert [row["created_at"] for row in env.rows(await store.messages("a", 4))] == [18, 21, 24, 27]


async def case_the_higher_version_wins_in_any_order(env: StoreEnv) -> None:
    for versions in ((1, 2), (2, 1)):
        store = await env.fresh()
        for version in versions:
            each = _batch(
                env,
                chats=[chat("a", version)],
                messages=[message("a", 1, version)],
                entries=[entry("e", version)],
            )
            await store.apply(each)
        assert env.rows(await store.chats()) == [chat("a", 2)]
        assert env.rows(await store.messages("a", 9)) == [message("a", 1, 2)]
        assert env.rows(await store.settings_and_memories()) == [entry("e", 2)]


async def case_the_higher_version_wins_within_one_batch(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", 1, 2), message("a", 1, 1)]
    await store.apply(_batch(env, chats=[chat("a", 2), chat("a", 1)], messages=rows))
    assert env.rows(await store.chats()) == [chat("a", 2)]
    assert env.rows(await store.messages("a", 9)) == [message("a", 1, 2)]


async def case_of_copies_of_one_version_in_a_batch_the_first_counts(env: StoreEnv) -> None:
    for replace in (False, True):
        store = await env.fresh()
        copies = [message("a", 1), message("a", 1, role="assistant")]
        chats = [chat("a"), chat("a", created_at=9)]
        await store.apply(_batch(env, chats=chats, messages=copies, entries=[entry("e")], replace=replace))
        assert env.rows(await store.chats()) == [chat("a")]
        assert env.rows(await store.messages("a", 9)) == [message("a", 1)]


async def case_the_same_batch_twice_changes_nothing(env: StoreEnv) -> None:
    store = await env.fresh()
    batch = _batch(env, chats=[chat("a")], messages=[message("a", 1)], complete={"a": 1001})
    await store.apply(batch)
    await store.apply(batch)
    assert env.rows(await store.messages("a", 9)) == [message("a", 1)]
    assert (await store.sync_state()).have == {"a": 1001}


async def case_a_refetched_record_replaces_its_own_version_but_no_higher(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(_batch(env, chats=[chat("a")], messages=[message("a", 1), message("a", 2, 5)]))
    good = message("a", 1, content="AQ" + "C" * 60)
    await store.apply(_batch(env, messages=[good, message("a", 2, 4)], replace=True))
    assert env.rows(await store.messages("a", 9)) == [good, message("a", 2, 5)]


async def case_a_tombstone_takes_the_messages_along_and_nothing_comes_back(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(_batch(env, chats=[chat("a"), chat("b")], messages=[message("a", 1), message("b", 1)]))
    await store.apply(_batch(env, chats=[tombstone("a")]))
    await store.apply(_batch(env, chats=[chat("a")], messages=[message("a", 1), message("a", 2)]))
    assert [row["id"] for row in env.rows(await store.chats())] == ["b"]
    assert env.rows(await store.chat("a")) == []
    assert env.rows(await store.messages("a", 9)) == []
    assert len(env.rows(await store.messages("b", 9))) == 1


async def case_an_older_tombstone_deletes_nothing(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(_batch(env, chats=[chat("a", 3)], messages=[message("a", 1)]))
    await store.apply(_batch(env, chats=[tombstone("a", 2)]))
    assert [row["id"] for row in env.rows(await store.chats())] == ["a"]
    assert len(env.rows(await store.messages("a", 9))) == 1


async def case_a_tombstone_before_its_messages_in_one_batch_holds(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(_batch(env, chats=[tombstone("a")], messages=[message("a", 1)]))
    assert env.rows(await store.messages("a", 9)) == []


async def case_deleted_entries_are_not_listed(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(_batch(env, entries=[entry("e"), entry("f")]))
    await store.apply(_batch(env, entries=[entry("e", 2, deleted_at=7, sealed=None)]))
    assert [row["id"] for row in env.rows(await store.settings_and_memories())] == ["f"]


async def case_an_interrupted_warming_is_remembered_until_the_cursor_comes(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(_batch(env, chats=[chat("a")], complete={"a": 1001}, last_opened="a"))
    await store.apply(_batch(env, entries=[entry("e")]))
    store = await env.reopened(store)
    state = await store.sync_state()
    assert (state.cursor, state.have, state.last_opened) == (None, {"a": 1001}, "a")
    assert state.have_settings == {"e": 1001}
    await store.apply(_batch(env, cursor="17"))
    state = await (await env.reopened(store)).sync_state()
    assert (state.cursor, state.have, state.last_opened) == ("17", {}, "a")


async def case_a_visit_begins_with_what_is_shown_first_and_then_the_others(env: StoreEnv) -> None:
    store = await env.fresh()
    nothing = await store.load_initial(None, 3, "kept")
    others = await nothing.others()
    assert [env.rows(each) for each in (nothing.first, nothing.messages, others.chats, others.entries)] == [[]] * 4
    assert (nothing.state, others.kept, list(others.names)) == (await store.sync_state(), None, [])
    assert list(others.shards) == []
    rows = [message("a", n, deleted_at=9 if n == 8 else None, content=None if n == 8 else SEALED) for n in range(10)]
    await store.apply(
        _batch(
            env,
            chats=[chat("a"), chat("b"), tombstone("c")],
            messages=[*rows, message("b", 4)],
            entries=[entry("e"), entry("f", 2, deleted_at=7, sealed=None)],
            complete={"a": 1001},
            last_opened="a",
        )
    )
    await store.kept_values.keep("kept", env.sealed(b"sealed"))
    await store.search_index.keep("kept", env.sealed(b"a shard"), {})
    await store.search_index.keep("1", env.sealed(b"a shard"), {})
    begin = await store.load_initial(None, 3, "kept")
    others = await begin.others()
    assert begin.state == await store.sync_state()
    assert begin.state.have_settings == {"e": 1001, "f": 1002}
    assert [row["id"] for row in env.rows(begin.first)] == ["a"]
    assert env.rows(begin.messages) == [rows[6], rows[7], rows[9]]
    assert [row["id"] for row in env.rows(others.chats)] == ["a", "b"]
    assert [row["id"] for row in env.rows(others.entries)] == ["e"]
    assert env.unsealed(others.kept) == b"sealed"
    assert (list(others.names), sorted(others.shards)) == (["kept"], ["1", "kept"]), "each by its own names"
    await store.apply(_batch(env, cursor="17"))
    chosen = await store.load_initial("b", 3, "other")
    assert chosen.state == await store.sync_state()
    assert [row["chat_id"] for row in env.rows(chosen.messages)] == ["b"]
    assert (await chosen.others()).kept is None
    for gone in ("c", "nothing"):
        instead = await store.load_initial(gone, 3, "other")
        assert [row["id"] for row in env.rows(instead.first)] == ["a"]
        assert env.rows(instead.messages) == [rows[6], rows[7], rows[9]]
    await store.apply(_batch(env, chats=[tombstone("a")]))
    none = await store.load_initial("c", 3, "other")
    assert (env.rows(none.first), env.rows(none.messages)) == ([], [])


async def case_hostile_ids_stay_in_their_chat(env: StoreEnv) -> None:
    store = await env.fresh()
    names = ["a;", "a:", "have:", "a\uffff", "cursor", "__proto__"]
    rows = [message(name, 1) for name in names]
    await store.apply(_batch(env, chats=[chat(name) for name in names], messages=rows, complete={"a;": 1}))
    for name in names:
        assert [row["chat_id"] for row in env.rows(await store.messages(name, 9))] == [name]
    assert (await store.sync_state()).have == {"a;": 1}


async def case_messages_from_a_position_begin_with_it(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", n, deleted_at=9 if n == 6 else None, content=None if n == 6 else SEALED) for n in range(10)]
    await store.apply(_batch(env, chats=[chat("a"), chat("ab")], messages=[*rows, message("ab", 7)]))
    page = env.rows(await store.messages_from("a", 3, Position(5, "a-5")))
    assert [row["created_at"] for row in page] == [5, 7, 8]
    assert [row["created_at"] for row in env.rows(await store.messages_from("a", 9, Position(9, "a-9")))] == [9]
    assert env.rows(await store.messages_from("a", 9, Position(9, "b"))) == []


async def case_a_chat_whose_messages_change_is_marked_until_that_is_indexed(env: StoreEnv) -> None:
    store = await env.fresh()
    assert await store.search_index.marks() == {}
    await store.apply(_batch(env, chats=[chat("a"), chat("b")], messages=[message("a", 1)]))
    await store.apply(_batch(env, chats=[chat("b", 2)]))
    before = await store.search_index.marks()
    assert set(before) == {"a"}, "a title is no message"
    await store.apply(_batch(env, messages=[message("a", 2)]))
    await store.search_index.keep("1", env.sealed(b"one"), before)
    after = await (await env.reopened(store)).search_index.marks()
    assert set(after) == {"a"}
    assert after != before, "it changed again after it was read"
    store = await env.reopened(store)
    await store.search_index.keep("1", env.sealed(b"two"), after)
    assert await store.search_index.marks() == {}
    await store.apply(_batch(env, chats=[tombstone("a")]))
    marks = await store.search_index.marks()
    assert set(marks) == {"a"}
    await store.search_index.settle({"a": "another", "b": "token"})
    assert await store.search_index.marks() == marks
    await store.search_index.settle(marks)
    assert await store.search_index.marks() == {}


async def case_what_is_kept_is_there_until_it_is_forgotten(env: StoreEnv) -> None:
    store = await env.fresh()
    assert await store.search_index.names() == []
    assert await store.search_index.read("1") is None
    await store.search_index.keep("1", env.sealed(b"one"), {})
    await store.search_index.keep("2", env.sealed(b"two"), {"nobody": "token"})
    await store.search_index.keep("1", env.sealed(b"three"), {})
    store = await env.reopened(store)
    assert sorted(await store.search_index.names()) == ["1", "2"]
    assert env.unsealed(await store.search_index.read("1")) == b"three"
    await store.search_index.forget(["1", "nobody"])
    assert await store.search_index.names() == ["2"]


async def case_what_the_device_keeps_for_itself_is_no_shard(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.kept_values.keep("1", env.sealed(b"first"))
    await store.kept_values.keep("1", env.sealed(b"value"))
    await store.kept_values.keep("2", env.sealed(b"other"))
    await store.search_index.keep("1", env.sealed(b"shard"), {})
    store = await env.reopened(store)
    assert env.unsealed(await store.kept_values.read("1")) == b"value"
    assert env.unsealed(await store.search_index.read("1")) == b"shard"
    await store.kept_values.forget(["2", "nobody"])
    assert await store.kept_values.names() == ["1"]
    assert await store.kept_values.read("2") is None
    await store.search_index.forget(["1"])
    assert (await store.kept_values.names(), await store.search_index.names()) == (["1"], [])


async def case_the_index_reads_page_by_page_what_it_does_not_know(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", n, 2, deleted_at=9 if n == 3 else None, content=None if n == 3 else SEALED) for n in range(7)]
    await store.apply(_batch(env, chats=[chat("a"), chat("b")], messages=[*rows, message("b", 1)]))
    known = {"a-1": 2, "a-2": 1, "gone": 1}
    page = await store.search_index.page("a", known, None, 4)
    assert [row["id"] for row in env.rows(page.records)] == ["a-0", "a-2"]
    assert (page.live, page.next) == (("a-0", "a-1", "a-2"), Position(3, "a-3"))
    page = await store.search_index.page("a", {}, page.next, 4)
    assert [row["id"] for row in env.rows(page.records)] == ["a-4", "a-5", "a-6"]
    assert page.next is None
    assert (await store.search_index.page("nobody", {}, None, 4)).live == ()


async def case_room_is_made_by_dropping_messages_and_the_index_while_the_chats_stay_listed(env: StoreEnv) -> None:
    store = await env.fresh()
    names = ["a", "a;", "b"]
    rows = [message(name, n) for name in names for n in range(2)]
    await store.apply(
        _batch(env, chats=[chat(name) for name in names], messages=rows, complete=dict.fromkeys(names, 1001))
    )
    marks = await store.search_index.marks()
    for name in ("1", "12"):
        await store.search_index.keep(name, env.sealed(name.encode()), {})
        await store.kept_values.keep(name, env.sealed(name.encode()))
    await store.apply(_batch(env, chats=[chat("c")], partial={"a;"}, cursor="17"))
    assert ((await store.sync_state()).partial, (await store.sync_state()).settled) == ({"a;"}, True)
    await store.drop({"a"})
    store = await env.reopened(store)
    assert [row["id"] for row in env.rows(await store.chats())] == [*names, "c"]
    assert env.rows(await store.messages("a", 9)) == []
    assert [len(env.rows(await store.messages(name, 9))) for name in ("a;", "b")] == [2, 2]
    state = await store.sync_state()
    assert (state.partial, state.settled) == ({"a", "a;", "c"}, False), "that nothing is here says enough"
    assert (await store.load_initial(None, 3, "kept")).state == state
    assert await store.search_index.names() == []
    assert sorted(await store.kept_values.names()) == ["1", "12"]
    assert await store.search_index.marks() == {name: token for name, token in marks.items() if name != "a"}
    await store.drop(set())
    assert len(env.rows(await store.messages("b", 9))) == 2
    await store.apply(_batch(env, messages=[message("c", 1)], cursor="18", partial={"a"}))
    state = await (await env.reopened(store)).sync_state()
    assert (state.partial, state.settled) == ({"a"}, True)


async def case_some_entries_are_read_by_their_ids(env: StoreEnv) -> None:
    store = await env.fresh()
    gone = entry("c", 2, deleted_at=5, sealed=None)
    await store.apply(_batch(env, entries=[entry("a"), entry("b"), gone]))
    found = env.rows(await store.entries(["b", "c", "nobody", "a"]))
    assert {row["id"]: row for row in found} == {"a": entry("a"), "b": entry("b")}
    assert env.rows(await store.entries([])) == []


async def case_starting_over_leaves_the_outbox(env: StoreEnv) -> None:
    store = await env.fresh()
    await store.apply(
        _batch(
            env,
            chats=[chat("a")],
            messages=[message("a", 1)],
            entries=[entry("e")],
            cursor="17",
            checked={"a": Checked(1, "missing")},
            outbox={"0001": env.sealed(b"typed")},
        )
    )
    await store.search_index.keep("1", env.sealed(b"shard"), {})
    await store.kept_values.keep("wishes", env.sealed(b"wishes"))
    await store.start_over()
    store = await env.reopened(store)
    for rows in (store.chats(), store.messages("a", 9), store.settings_and_memories()):
        assert env.rows(await rows) == []
    assert await store.sync_state() == SyncState()
    assert await store.search_index.names() == []
    assert await store.kept_values.names() == []
    assert await store.search_index.marks() == {}
    assert list(await store.outbox()) == ["0001"]
    await store.apply(_batch(env, chats=[chat("a")], messages=[message("a", 1)]))
    assert len(env.rows(await store.messages("a", 9))) == 1, "what is older than what was here is taken, too"


async def case_what_made_room_in_a_warming_is_fetched_with_the_rest(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message("a", 1), message("b", 1)]
    await store.apply(_batch(env, chats=[chat("a"), chat("b")], messages=rows, complete={"a": 1001, "b": 1001}))
    await store.drop({"a"})
    state = await store.sync_state()
    assert (state.have, state.partial) == ({"b": 1001}, set())


async def case_the_outbox_holds_what_is_put_into_it_until_it_is_taken_out(env: StoreEnv) -> None:
    store = await env.fresh()
    assert dict(await store.outbox()) == {}
    names = ["2", "1", "3"]
    await store.apply(Batch(outbox={name: env.sealed(name.encode()) for name in names}))
    held = await store.outbox()
    assert [(name, env.unsealed(each)) for name, each in held.items()] == [("1", b"1"), ("2", b"2"), ("3", b"3")]
    parts = {"complete": {"a": 1}, "cursor": "9"}
    changes = {"1": None, "3": None, "nobody": None, "2": env.sealed(b"again")}
    await store.apply(_batch(env, chats=[chat("a")], messages=[message("a", 1)], outbox=changes, **parts))
    store = await env.reopened(store)
    initial = await store.load_initial("a", 5, "kept")
    assert [(name, env.unsealed(each)) for name, each in initial.outbox.items()] == [("2", b"again")]
    assert len(initial.messages) == 1
    await initial.others()


async def case_drafts_are_found_among_the_messages(env: StoreEnv) -> None:
    store = await env.fresh()
    assert env.rows(await store.drafts()) == []
    drafts = [message(name, 0, role="draft", id=f"draft of {name}", created_at=0) for name in "abd"]
    drafts[1] |= {"deleted_at": 5}
    others = [message("a", 1), message("b", 2), message("c", 0, created_at=0)]
    await store.apply(_batch(env, chats=[chat(name) for name in "abcd"], messages=[*drafts, *others]))
    assert [row["id"] for row in env.rows(await store.drafts())] == ["draft of a", "draft of d"]


async def case_what_is_left_out_of_a_batch_is_not_written(env: StoreEnv) -> None:
    store = await env.fresh()
    rows = [message(name, n) for name in "ab" for n in range(2)]
    both = [chat("a"), chat("b")]
    await store.apply(_batch(env, chats=both, messages=rows, complete={"a": 1001}, partial={"b"}, leave_out={"b"}))
    assert [row["id"] for row in env.rows(await store.chats())] == ["a", "b"]
    assert env.rows(await store.messages("a", 9)) == rows[:2]
    assert env.rows(await store.messages("b", 9)) == []
    assert set(await store.search_index.marks()) == {"a"}
    assert ((await store.sync_state()).have, (await store.sync_state()).partial) == ({"a": 1001}, {"b"})


async def case_the_chats_with_messages_are_those_that_are_stored_and_those_to_come(env: StoreEnv) -> None:
    store = await env.fresh()
    assert await store.with_messages(None) == set()
    await store.apply(_batch(env, chats=[chat("a"), chat("b"), chat("c")], messages=[message("a", 1), message("b", 1)]))
    await store.drop({"b"})
    assert await store.with_messages(None) == {"a"}
    more = [message("c", 1), message("c", 2), message("d", 1)]
    assert await store.with_messages(env.records(more)) == {"a", "c", "d"}


Case = Callable[[StoreEnv], Awaitable[None]]
CASES: dict[str, Case] = {name: case for name, case in list(globals().items()) if name.startswith("case_")}
