"""The contract of `hearth.browser.idb`: what holds in every browser, and on the disk in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any, Protocol, cast

from hearth.browser.idb import (
    AS_IS,
    Aborted,
    Blocked,
    Closed,
    ConstraintFailed,
    Database,
    ForeignAwait,
    IndexedDB,
    InvalidData,
    KeyRange,
    NewerVersion,
    NotFound,
    ReadOnly,
    Request,
    TimedOut,
    Transaction,
    TransactionInactive,
    Upgrade,
    WrongUse,
)

ROWS = [
    {"id": name, "day": day, "tags": list(tags)} for name, day, tags in (("a", 1, "xy"), ("b", 2, "y"), ("c", 1, ""))
]


class IndexedDbEnv(Protocol):
    """What a backend lends the cases."""

    indexeddb: IndexedDB

    def name(self) -> str:
        """A name for a database that no other case has."""

    def proxies(self) -> int:
        """How many proxies of Python functions JavaScript holds."""


class Refused(Exception):
    """What a case raises on its own account."""


def create(upgrade: Upgrade) -> None:
    """The schema of most cases."""
    notes = upgrade.create_store("notes", key_path="id")
    notes.create_index("by_day", "day")
    notes.create_index("by_tag", "tags", multi_entry=True)
    upgrade.create_store("other")
    upgrade.create_store("numbered", key_path="number", auto_increment=True)
    upgrade.create_store("places", key_path=["chat", "at"])


async def opened(env: IndexedDbEnv, rows: list[dict[str, Any]] | None = None) -> Database:
    """A new database with some rows."""
    db = await env.indexeddb.open(env.name(), [create])
    await db.write("notes", lambda tx: tx.store("notes").put_all(ROWS if rows is None else rows))
    return db


async def notes(db: Database) -> list[Any]:
    """All notes."""
    return await db.read("notes", lambda tx: tx.store("notes").get_all())


def get(store: str, key: Any, tx: Transaction) -> Request[Any]:
    """The value under a key."""
    return tx.store(store).get(key)


def get_last(keys: KeyRange | None, count: int, tx: Transaction) -> Request[list[Any]]:
    """The last notes of a range."""
    return tx.store("notes").get_last(keys, count)


def get_all(store: str, keys: KeyRange, tx: Transaction) -> Request[list[Any]]:
    """The values of a range."""
    return tx.store(store).get_all(keys)


def put(store: str, value: Any, key: Any, tx: Transaction) -> Request[Any]:
    """Put a value."""
    return tx.store(store).put(value, key)


async def raised(kind: type[BaseException], awaitable: Awaitable[Any]) -> BaseException:
    """The exception that something raises, which is of this type exactly."""
    try:
        outcome = await awaitable
    except kind as error:
        if type(error) is not kind:
            raise
        return error
    raise AssertionError(f"{kind.__name__} was not raised, but came {outcome!r}")


# Values and keys


async def case_values_come_back_as_they_went_in(env: IndexedDbEnv) -> None:
    db = await opened(env, [])
    values: list[Any] = [
        None,
        True,
        0,
        -1.5,
        2**53 - 1,
        "",
        "Grüße 🔥 \x00",
        [],
        {},
        b"",
        bytes(range(256)),
        datetime(2026, 11, 25, 12, 0, 0, 123000, tzinfo=UTC),
        {"a": None, "b": [1, None, {"c": b"x"}], "d": datetime(1969, 1, 1, tzinfo=UTC)},
        [[1, [2, [3]]], {"deep": {"deeper": [None]}}],
        2**60,
    ]

    async def put_every(tx: Transaction) -> None:
        for number, value in enumerate(values):
            tx.store("other").put(value, number)

    await db.write("other", put_every)
    for number, value in enumerate(values):
        found = await db.read("other", partial(get, "other", number))
        assert (type(found), found) == (type(value), value), (value, found)
    together = await db.read("other", lambda tx: tx.store("other").get_all())
    assert together == values


async def case_the_standards_order_of_keys_holds(env: IndexedDbEnv) -> None:
    db = await opened(env, [])
    keys: list[Any] = [
        -1,
        0,
        0.5,
        10,
        datetime(2026, 1, 1, tzinfo=UTC),
        "",
        "a",
        "b",
        "ba",
        "\ue000",
        b"",
        b"\x00",
        b"\x01",
    ]
    keys += [(), (1,), (1, 1), (1, "a"), ("a",), ("a", ()), ((),)]

    async def put(tx: Transaction) -> None:
        for key in reversed(keys):
            tx.store("other").put({"key": repr(key)}, key)

    await db.write("other", put)
    assert await db.read("other", lambda tx: tx.store("other").get_all_keys()) == keys
    assert all(env.indexeddb.compare(*pair) == -1 for pair in pairwise(keys))
    assert env.indexeddb.compare("b", "a") == 1
    assert env.indexeddb.compare([1, "a"], (1, "a")) == 0


async def case_texts_are_ordered_by_utf_16_code_units(env: IndexedDbEnv) -> None:
    db = await opened(env, [{"id": name} for name in ("\uffee", "🔥", "z")])
    assert [row["id"] for row in await notes(db)] == ["z", "🔥", "\uffee"]


async def case_what_is_no_key_is_refused(env: IndexedDbEnv) -> None:
    db = await opened(env)
    for key in (None, True, float("nan"), {"a": 1}, [None], ["a", {}]):
        await raised(InvalidData, db.write("other", partial(put, "other", "value", key)))
    rows: list[dict[str, Any]] = [{}, {"id": None}, {"id": {}}, {"id": True}]
    for row in rows:
        await raised(InvalidData, db.write("notes", partial(put, "notes", row, None)))
    await raised(InvalidData, db.write("notes", lambda tx: tx.store("notes").put({"id": "z"}, "given")))
    await raised(InvalidData, db.read("notes", lambda tx: tx.store("notes").get_all(KeyRange("b", "a"))))
    assert await notes(db) == ROWS


async def case_what_cannot_be_stored_is_refused_and_rolls_back(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def put_and_clear(value: Any, tx: Transaction) -> None:
        tx.store("notes").clear()
        tx.store("notes").put({"id": "f", "value": [value]})

    for value in (put, {1, 2}, object()):
        await raised(InvalidData, db.write("notes", partial(put_and_clear, value)))
    assert await notes(db) == ROWS


async def case_ranges_take_what_lies_between_their_bounds(env: IndexedDbEnv) -> None:
    db = await opened(env, [{"id": name} for name in "abcde"])

    async def ids(keys: KeyRange) -> str:
        return "".join(row["id"] for row in await db.read("notes", partial(get_all, "notes", keys)))

    assert await ids(KeyRange("b", "d")) == "bcd"
    assert await ids(KeyRange("b", "d", lower_open=True)) == "cd"
    assert await ids(KeyRange("b", "d", upper_open=True)) == "bc"
    assert await ids(KeyRange("b", "d", lower_open=True, upper_open=True)) == "c"
    assert await ids(KeyRange(lower="c")) == "cde"
    assert await ids(KeyRange(lower="c", lower_open=True)) == "de"
    assert await ids(KeyRange(upper="b")) == "ab"
    assert await ids(KeyRange()) == "abcde"
    assert await ids(KeyRange.only("c")) == "c"
    assert await ids(KeyRange.prefixed("c")) == "c"
    await db.write(
        "notes", lambda tx: tx.store("notes").put_all([{"id": "c:"}, {"id": "c:\uffff\uffff"}, {"id": "c;"}])
    )
    assert await ids(KeyRange.prefixed("c:")) == "c:c:\uffff\uffff"


async def case_array_keys_are_found_by_their_beginning(env: IndexedDbEnv) -> None:
    db = await opened(env, [])
    rows = [{"chat": chat, "at": at} for chat in ("a", "a;", "ab", "b") for at in (1, 2)]
    await db.write("places", lambda tx: tx.store("places").put_all(rows))
    for chat in ("a", "a;", "ab", "b"):
        keys = KeyRange.beginning_with(chat)
        found = await db.read("places", partial(get_all, "places", keys))
        assert [(row["chat"], row["at"]) for row in found] == [(chat, 1), (chat, 2)]
    assert (await db.read("places", lambda tx: tx.store("places").get_all_keys(None, 1))) == [("a", 1)]


# Reading and writing


async def case_a_store_gives_what_was_put_under_a_key(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def look(tx: Transaction) -> list[Any]:
        store = tx.store("notes")
        return [
            await store.get("b"),
            await store.get("nothing"),
            await store.get(KeyRange(lower="b", lower_open=True)),
            await store.get_key(KeyRange(lower="b", lower_open=True)),
            await store.get_key("nothing"),
            await store.count(),
            await store.count(KeyRange(lower="b")),
            await store.get_all_keys(),
            await store.get_all(None, 2),
        ]

    assert await db.read("notes", look) == [ROWS[1], None, ROWS[2], "c", None, 3, 2, ["a", "b", "c"], ROWS[:2]]


async def case_put_replaces_and_add_does_not(env: IndexedDbEnv) -> None:
    db = await opened(env)
    assert await db.write("notes", lambda tx: tx.store("notes").put({"id": "a", "day": 9})) == "a"
    assert (await notes(db))[0] == {"id": "a", "day": 9}
    await raised(ConstraintFailed, db.write("notes", lambda tx: tx.store("notes").add({"id": "a"})))
    assert await db.write("notes", lambda tx: tx.store("notes").add({"id": "d"})) == "d"
    assert [row["id"] for row in await notes(db)] == ["a", "b", "c", "d"]


async def case_values_are_deleted_by_key_by_range_and_altogether(env: IndexedDbEnv) -> None:
    db = await opened(env, [{"id": name} for name in "abcdef"])
    await db.write("notes", lambda tx: tx.store("notes").delete("nothing"))
    await db.write("notes", lambda tx: tx.store("notes").delete("a"))
    await db.write("notes", lambda tx: tx.store("notes").delete(KeyRange("b", "c")))
    assert [row["id"] for row in await notes(db)] == ["d", "e", "f"]
    await db.write("notes", lambda tx: tx.store("notes").delete_all(["d", KeyRange(lower="f")]))
    await db.write("notes", lambda tx: tx.store("notes").delete_all([]))
    assert [row["id"] for row in await notes(db)] == ["e"]
    await db.write("notes", lambda tx: tx.store("notes").clear())
    assert await notes(db) == []


async def case_keys_are_generated_where_the_store_says_so(env: IndexedDbEnv) -> None:
    db = await opened(env, [])

    async def put(tx: Transaction) -> list[Any]:
        store = tx.store("numbered")
        return [await store.put({"a": 1}), await store.put({"number": 7}), await store.put({"a": 2})]

    assert await db.write("numbered", put) == [1, 7, 8]
    stored = await db.read("numbered", lambda tx: tx.store("numbered").get_all())
    assert stored == [{"a": 1, "number": 1}, {"number": 7}, {"a": 2, "number": 8}]


async def case_an_index_finds_values_by_what_they_hold(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def look(tx: Transaction) -> list[Any]:
        by_day, by_tag = tx.store("notes").index("by_day"), tx.store("notes").index("by_tag")
        return [
            await by_day.get(1),
            await by_day.get_key(2),
            await by_day.get_all_keys(1),
            [row["id"] for row in await by_day.get_all()],
            await by_tag.get_all_keys("y"),
            await by_tag.count(),
            await by_day.get_many([2, 3]),
        ]

    expected = [ROWS[0], "b", ["a", "c"], ["a", "c", "b"], ["a", "b"], 3, [ROWS[1], None]]
    assert await db.read("notes", look) == expected


async def case_the_last_values_of_a_range_come_in_their_order(env: IndexedDbEnv) -> None:
    db = await opened(env, [{"id": name} for name in "abcdef"])

    async def last(keys: KeyRange | None, count: int) -> str:
        return "".join(row["id"] for row in await db.read("notes", partial(get_last, keys, count)))

    assert await last(None, 2) == "ef"
    assert await last(KeyRange(upper="d"), 3) == "bcd"
    assert await last(KeyRange(upper="b"), 9) == "ab"
    assert await last(KeyRange(lower="x"), 2) == ""


async def case_many_values_are_read_and_counted_in_one_crossing(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def look(tx: Transaction) -> list[Any]:
        store = tx.store("notes")
        found, counts = store.get_many(["c", "nothing", "a"]), store.count_many(["a", KeyRange(lower="b"), "x"])
        stored = store.get_stored([{"id": "b", "day": 9}, {"id": "x"}])
        nothing = [await store.get_many([]), await store.count_many([]), await store.get_stored([])]
        return [await found, await counts, await stored, nothing]

    expected = [[ROWS[2], None, ROWS[0]], [1, 2, 0], [ROWS[1], None], [[], [], []]]
    assert await db.read("notes", look) == expected
    await db.write("places", lambda tx: tx.store("places").put({"chat": "a", "at": 1, "text": "x"}))
    places = await db.read("places", lambda tx: tx.store("places").get_stored([{"chat": "a", "at": 1}]))
    assert places == [{"chat": "a", "at": 1, "text": "x"}]


async def case_the_browsers_own_arrays_pass_through_unopened(env: IndexedDbEnv) -> None:
    db = await opened(env, [])
    platform = env.indexeddb.platform
    rows = platform.value_to_native([{"id": name, "version": number} for number, name in enumerate("abc")])
    await db.write("notes", lambda tx: tx.store("notes", AS_IS).put_all(rows))
    found = await db.read("notes", lambda tx: tx.store("notes", AS_IS).get_all())
    assert len(found) == 3
    assert platform.fields(found, ["version", "id"]) == [[0, "a"], [1, "b"], [2, "c"]]
    many = await db.read("notes", lambda tx: tx.store("notes", AS_IS).get_many(["b", "nothing"]))
    assert platform.fields(many, ["id", "missing"]) == [["b", None], None]
    assert platform.fields(platform.pick(rows, [2, 0]), ["id"]) == [["c"], ["a"]]
    assert platform.fields(platform.where(rows, "version", 1), ["id"]) == [["b"]]
    assert platform.fields(platform.where(rows, "id", "c"), ["version"]) == [[2]]
    assert len(platform.where(many, "id", "b")) == 1
    twice = platform.value_to_native([{"id": name} for name in ("a", "__proto__", "a")])
    assert platform.group(twice, "id") == {"a": [0, 2], "__proto__": [1]}
    nulls = platform.value_to_native([{"id": 1, "gone": None}, {"id": 2, "gone": 0}, {"id": 3}])
    assert [row[0] for row in platform.fields(platform.where(nulls, "gone", None), ["id"])][:1] == [1]
    await db.write("notes", lambda tx: tx.store("notes", AS_IS).put_some(rows, [1]))
    assert len(await notes(db)) == 3


async def case_what_is_taken_is_told_and_the_rest_is_added(env: IndexedDbEnv) -> None:
    db = await opened(env)
    new: list[dict[str, Any]] = [{"id": "b", "day": 8}, {"id": "d"}, {"id": "a", "day": 9}, {"id": "d", "day": 3}]

    async def add(tx: Transaction) -> list[Any]:
        store = tx.store("notes")
        taken = await store.add_all(new)
        store.put_some(new, [position for position in taken.positions if new[position].get("day") == 9])
        none = await store.add_all([])
        return [dict(zip(taken.positions, taken.stored, strict=True)), none.positions]

    assert await db.write("notes", add) == [{0: ROWS[1], 2: ROWS[0], 3: {"id": "d"}}, []]
    assert [(row["id"], row.get("day")) for row in await notes(db)] == [("a", 9), ("b", 2), ("c", 1), ("d", None)]


async def case_a_unique_index_that_is_taken_rolls_back_what_was_added_in_bulk(env: IndexedDbEnv) -> None:
    def unique(upgrade: Upgrade) -> None:
        upgrade.create_store("users", key_path="id").create_index("by_name", "name", unique=True)

    db = await env.indexeddb.open(env.name(), [unique])
    await db.write("users", lambda tx: tx.store("users").put({"id": 1, "name": "ada"}))
    rows = [{"id": 2, "name": "bob"}, {"id": 3, "name": "ada"}]
    for write in (lambda tx: tx.store("users").add_all(rows), lambda tx: tx.store("users").put_all(rows)):
        await raised(ConstraintFailed, db.write("users", write))
    assert await db.read("users", lambda tx: tx.store("users").count()) == 1


# Cursors


async def case_a_cursor_goes_through_a_range_both_ways(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def walk(tx: Transaction) -> list[Any]:
        store = tx.store("notes")
        return [
            [(at.key, at.value["day"]) async for at in store.cursor()],
            [at.key async for at in store.cursor(reverse=True)],
            [at.key async for at in store.cursor(KeyRange(lower="b"))],
            [(at.key, at.primary_key) async for at in store.index("by_day").cursor()],
            [(at.key, at.primary_key) async for at in store.index("by_day").key_cursor(unique=True)],
            [(at.key, at.primary_key) async for at in store.index("by_day").key_cursor(unique=True, reverse=True)],
            [at.key async for at in store.cursor("nothing")],
        ]

    assert await db.read("notes", walk) == [
        [("a", 1), ("b", 2), ("c", 1)],
        ["c", "b", "a"],
        ["b", "c"],
        [(1, "a"), (1, "c"), (2, "b")],
        [(1, "a"), (2, "b")],
        [(2, "b"), (1, "a")],
        [],
    ]


async def case_a_cursor_skips_replaces_and_deletes(env: IndexedDbEnv) -> None:
    db = await opened(env, [{"id": name} for name in "abcdefg"])

    async def walk(tx: Transaction) -> str:
        seen = ""
        async for at in tx.store("notes").cursor():
            seen += str(at.key)
            if at.key == "a":
                at.update({"id": "a", "seen": True})
                at.skip_to("bb")
            elif at.key == "c":
                at.delete()
                at.skip(2)
        return seen

    assert await db.write("notes", walk) == "acefg"
    assert [row["id"] for row in await notes(db)] == list("abdefg")
    assert (await notes(db))[0] == {"id": "a", "seen": True}


async def case_a_cursor_that_is_left_early_leaves_the_transaction_usable(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def walk(tx: Transaction) -> int:
        async for at in tx.store("notes").cursor():
            if at.key == "b":
                break
        return await tx.store("notes").count()

    assert await db.read("notes", walk) == 3


# Transactions


async def case_a_transaction_lives_from_request_to_request(env: IndexedDbEnv) -> None:
    db = await opened(env, [])

    async def count_up(tx: Transaction) -> int:
        store = tx.store("other")
        for number in range(50):
            stored = await store.get("count")
            store.put((stored or 0) + 1, "count")
            assert await store.count() == 1, number
        return cast(int, await store.get("count"))

    assert await db.write("other", count_up) == 50


async def case_transactions_that_write_the_same_store_do_not_mix(env: IndexedDbEnv) -> None:
    db = await opened(env, [])

    async def count_up(tx: Transaction) -> None:
        stored = await tx.store("other").get("count")
        tx.store("other").put((stored or 0) + 1, "count")

    await asyncio.gather(*(db.write("other", count_up) for _ in range(20)))
    assert await db.read("other", lambda tx: tx.store("other").get("count")) == 20


async def case_requests_are_made_in_the_order_of_the_calls_awaited_or_not(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def work(tx: Transaction) -> list[Any]:
        store = tx.store("notes")
        before = store.count()
        store.delete("a")
        between = store.count()
        store.clear()
        after = store.count()
        return [await after, await before, await between, await before]

    assert await db.write("notes", work) == [0, 3, 2, 3]


async def case_a_callback_in_a_requests_event_may_make_further_requests(env: IndexedDbEnv) -> None:
    db = await opened(env)

    def day_of(row: Any) -> int:
        return cast(int, row["day"])

    def next_day(row: Any) -> Request[Any]:
        return tx_of_callback[0].store("notes").put({**row, "day": row["day"] + 1})

    tx_of_callback: list[Transaction] = []

    def work(tx: Transaction) -> Request[Any]:
        tx_of_callback.append(tx)
        store = tx.store("notes")
        return store.get("a").then(next_day).then(store.get).then(day_of)

    assert await db.write("notes", work) == 2
    assert (await notes(db))[0]["day"] == 2


async def case_a_callback_that_raises_rolls_back(env: IndexedDbEnv) -> None:
    db = await opened(env)

    def refuse(_count: int) -> int:
        raise Refused

    async def work(tx: Transaction) -> None:
        tx.store("notes").clear()
        tx.store("notes").count().then(refuse)

    await raised(Refused, db.write("notes", work))

    async def caught(tx: Transaction) -> str:
        try:
            await tx.store("notes").count().then(refuse)
        except Refused:
            return "caught"
        return "nothing"

    assert await db.write("notes", caught) == "caught"
    assert await notes(db) == ROWS


async def case_to_await_anything_else_in_a_transaction_is_refused_and_rolls_back(env: IndexedDbEnv) -> None:
    db = await opened(env)
    other = await opened(env)

    async def elsewhere(_tx: Transaction) -> Any:
        return await other.read("notes", lambda tx: tx.store("notes").count())

    async def asleep(_tx: Transaction) -> None:
        await asyncio.sleep(0.01)

    async def giving_way(_tx: Transaction) -> None:
        await asyncio.sleep(0)

    async def stubborn(_tx: Transaction) -> None:
        try:
            await asyncio.sleep(0)
        finally:
            await asyncio.sleep(0)

    for foreign in (elsewhere, asleep, giving_way, stubborn):

        async def work(tx: Transaction, foreign: Callable[[Transaction], Awaitable[Any]] = foreign) -> None:
            tx.store("notes").clear()
            await foreign(tx)

        await raised(ForeignAwait, db.write("notes", work))
        assert await notes(db) == ROWS


async def case_a_request_is_of_no_use_outside_of_its_transaction(env: IndexedDbEnv) -> None:
    db = await opened(env)
    kept: list[Any] = []

    async def work(tx: Transaction) -> None:
        kept.extend([tx, tx.store("notes"), tx.store("notes").count()])

    await db.read("notes", work)
    assert await notes(db) == ROWS  # By now the other one has ended.
    tx, store, _count = kept
    await raised(TransactionInactive, _async(lambda: tx.store("notes").count()))
    await raised(TransactionInactive, _async(store.count))

    def from_outside(_row: Any) -> str:
        try:
            _awaited(store_of_next[0].get("b")).send(None)
        except ForeignAwait:
            return "refused"
        return "awaited"

    store_of_next: list[Any] = []

    def work_on(other: Transaction) -> Request[str]:
        store_of_next.append(other.store("notes"))
        return other.store("notes").get("a").then(from_outside)

    assert await db.read("notes", work_on) == "refused"


async def _async(call: Callable[[], Any]) -> Any:
    return call()


async def _awaited(request: Request[Any]) -> Any:
    return await request


async def case_an_exception_in_a_transaction_rolls_back_and_comes_out(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def late(tx: Transaction) -> None:
        await tx.store("notes").clear()
        raise Refused

    def at_once(tx: Transaction) -> Request[Any]:
        tx.store("notes").clear()
        raise Refused

    async def early(tx: Transaction) -> None:
        tx.store("notes").clear()
        raise Refused

    for work in (late, at_once, early):
        await raised(Refused, db.write("notes", work))
        assert await notes(db) == ROWS


async def case_a_transaction_can_be_given_up(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def give_up(tx: Transaction) -> None:
        tx.store("notes").clear()
        tx.abort()

    async def with_reason(tx: Transaction) -> None:
        await tx.store("notes").clear()
        tx.abort(Refused())
        await tx.store("notes").count()

    await raised(Aborted, db.write("notes", give_up))
    try:
        await db.write("notes", with_reason)
    except Refused:
        pass
    else:
        raise AssertionError("it was not given up")
    assert await notes(db) == ROWS


async def case_a_failure_that_is_caught_does_not_roll_back(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def work(tx: Transaction) -> str:
        store = tx.store("notes")
        store.delete("c")
        try:
            await store.add({"id": "a"})
        except ConstraintFailed as error:
            store.put({"id": "e", "day": 4, "tags": []})
            return error.name
        return ""

    assert await db.write("notes", work) == "ConstraintError"
    assert [row["id"] for row in await notes(db)] == ["a", "b", "e"]


async def case_a_failure_that_nobody_waits_for_rolls_back(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def work(tx: Transaction) -> str:
        tx.store("notes").delete("c")
        tx.store("notes").add({"id": "a"})
        return "done"

    await raised(ConstraintFailed, db.write("notes", work))
    assert await notes(db) == ROWS


async def case_a_wrong_name_or_mode_is_told(env: IndexedDbEnv) -> None:
    db = await opened(env)
    await raised(NotFound, db.read("nothing", lambda tx: tx.store("nothing").count()))
    await raised(NotFound, db.read("notes", lambda tx: tx.store("other").count()))
    await raised(NotFound, db.read("notes", lambda tx: tx.store("notes").index("nothing").count()))
    await raised(ReadOnly, db.read("notes", lambda tx: tx.store("notes").clear()))
    await raised(WrongUse, db.write("notes", lambda tx: _async(lambda: tx.store("notes").create_index("x", "y"))))
    await raised(WrongUse, env.indexeddb.open(env.name(), []))


async def case_cancelling_rolls_back(env: IndexedDbEnv) -> None:
    db = await opened(env)
    reached = asyncio.Event()

    async def work(tx: Transaction) -> None:
        tx.store("notes").clear()
        while True:
            await tx.store("notes").count()
            reached.set()

    task = asyncio.ensure_future(db.write("notes", work))
    await reached.wait()
    task.cancel()
    await raised(asyncio.CancelledError, task)
    assert await notes(db) == ROWS


async def case_a_transaction_that_takes_too_long_is_rolled_back(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def endless(tx: Transaction) -> None:
        tx.store("notes").clear()
        while True:
            await tx.store("notes").count()

    await raised(TimedOut, db.write("notes", endless, timeout_s=0.05))
    assert await notes(db) == ROWS


# Opening, upgrading, deleting


async def case_upgrades_run_in_order_once_each(env: IndexedDbEnv) -> None:
    name, ran = env.name(), list[Any]()

    def first(upgrade: Upgrade) -> None:
        ran.append(("first", upgrade.old_version))
        upgrade.create_store("notes", key_path="id").put({"id": "a", "words": "one two"})

    async def second(upgrade: Upgrade) -> None:
        ran.append(("second", upgrade.old_version))
        counts = upgrade.create_store("counts")
        async for at in upgrade.store("notes").cursor():
            counts.put(len(at.value["words"].split()), at.key)
            at.update({**at.value, "counted": True})

    async def third(upgrade: Upgrade) -> None:
        ran.append(("third", upgrade.old_version))
        assert upgrade.store_names == ["counts", "notes"]
        upgrade.store("notes").create_index("by_words", "words")
        assert upgrade.store("notes").index_names == ["by_words"]
        assert await upgrade.store("counts").get("a") == 2

    def fourth(upgrade: Upgrade) -> None:
        ran.append(("fourth", upgrade.old_version))
        upgrade.delete_store("counts")
        upgrade.store("notes").delete_index("by_words")

    db = await env.indexeddb.open(name, [first])
    assert (db.name, db.version, db.store_names) == (name, 1, ["notes"])
    db.close()
    db = await env.indexeddb.open(name, [first, second, third])
    assert await notes(db) == [{"id": "a", "words": "one two", "counted": True}]
    assert (db.version, db.store_names) == (3, ["counts", "notes"])
    db.close()
    db = await env.indexeddb.open(name, [first, second, third])
    db.close()
    db = await env.indexeddb.open(name, [first, second, third, fourth])
    assert (db.version, db.store_names) == (4, ["notes"])
    assert ran == [("first", 0), ("second", 1), ("third", 1), ("fourth", 3)]


async def case_an_upgrade_that_fails_leaves_the_earlier_version(env: IndexedDbEnv) -> None:
    name = env.name()
    db = await env.indexeddb.open(name, [create])
    await db.write("notes", lambda tx: tx.store("notes").put_all(ROWS))
    db.close()

    async def late(upgrade: Upgrade) -> None:
        upgrade.create_store("more")
        upgrade.delete_store("other")
        await upgrade.store("notes").clear()
        raise Refused

    def at_once(upgrade: Upgrade) -> None:
        upgrade.store("notes").clear()
        raise Refused

    async def foreign(upgrade: Upgrade) -> None:
        upgrade.store("notes").clear()
        await asyncio.sleep(0)

    for step, kind in ((late, Refused), (at_once, Refused), (foreign, ForeignAwait)):
        await raised(kind, env.indexeddb.open(name, [create, step]))
        db = await env.indexeddb.open(name, [create])
        assert (db.version, db.store_names) == (1, ["notes", "numbered", "other", "places"])
        assert await notes(db) == ROWS
        db.close()
    await raised(Refused, env.indexeddb.open(env.name(), [at_once_new]))


def at_once_new(_upgrade: Upgrade) -> None:
    """The first upgrade of all fails."""
    raise Refused


async def case_a_newer_version_is_left_alone(env: IndexedDbEnv) -> None:
    name = env.name()
    db = await env.indexeddb.open(name, [create, lambda _upgrade: None])
    db.close()
    await raised(NewerVersion, env.indexeddb.open(name, [create]))


async def case_an_open_connection_makes_way_for_an_upgrade(env: IndexedDbEnv) -> None:
    name, gone = env.name(), list[str]()
    old = await env.indexeddb.open(name, [create], on_gone=gone.append)
    new = await env.indexeddb.open(name, [create, lambda _upgrade: None])
    assert (gone, new.version, old.closed) == (["versionchange"], 2, True)
    await raised(Closed, old.read("notes", lambda tx: tx.store("notes").count()))


async def case_a_connection_that_does_not_make_way_blocks(env: IndexedDbEnv) -> None:
    name, told = env.name(), list[str]()
    stubborn = await env.indexeddb.open(name, [create])
    env.indexeddb.dispatcher.forget(stubborn._owner)  # It hears of nothing any more.
    upgrades = [create, lambda _upgrade: None]
    await raised(Blocked, env.indexeddb.open(name, upgrades, timeout_s=0.3, on_blocked=lambda: told.append("blocked")))
    assert told == ["blocked"]
    assert await notes(stubborn) == []
    stubborn.close()
    other = env.name()
    stubborn = await env.indexeddb.open(other, [create])
    env.indexeddb.dispatcher.forget(stubborn._owner)
    await raised(Blocked, env.indexeddb.delete(other, timeout_s=0.3, on_blocked=lambda: told.append("deleting")))
    assert told == ["blocked", "deleting"]
    stubborn.close()


async def case_what_opens_after_it_was_given_up_holds_nobody_up(env: IndexedDbEnv) -> None:
    name = env.name()
    stubborn = await env.indexeddb.open(name, [create])
    env.indexeddb.dispatcher.forget(stubborn._owner)
    task = asyncio.ensure_future(env.indexeddb.open(name, [create, at_once_new]))
    await asyncio.sleep(0.05)
    task.cancel()
    await raised(asyncio.CancelledError, task)
    stubborn.close()
    db = await env.indexeddb.open(name, [create])
    assert db.version == 1, "the upgrade that nobody wants any more was not made"


async def case_a_deleted_database_is_gone(env: IndexedDbEnv) -> None:
    name, gone = env.name(), list[str]()
    await env.indexeddb.delete(name)
    db = await env.indexeddb.open(name, [create], on_gone=gone.append)
    await db.write("notes", lambda tx: tx.store("notes").put_all(ROWS))
    assert name in await env.indexeddb.names()
    await env.indexeddb.delete(name)
    assert gone == ["versionchange"]
    assert name not in await env.indexeddb.names()
    db = await env.indexeddb.open(name, [create])
    assert await notes(db) == []


async def case_closing_lets_what_is_under_way_end(env: IndexedDbEnv) -> None:
    db = await opened(env, [])
    writing = asyncio.ensure_future(db.write("notes", lambda tx: tx.store("notes").put_all(ROWS)))
    await asyncio.sleep(0)
    name = db.name
    db.close()
    await writing
    await raised(Closed, db.read("notes", lambda tx: tx.store("notes").count()))
    assert await notes(await env.indexeddb.open(name, [create])) == ROWS


async def case_a_connection_that_was_lost_without_a_word_is_opened_anew(env: IndexedDbEnv) -> None:
    db = await opened(env)
    assert db._native is not None
    db._native.close()
    assert await asyncio.gather(*(notes(db) for _ in range(2))) == [ROWS, ROWS]
    await db.write("notes", lambda tx: tx.store("notes").clear())
    assert await notes(db) == []


async def case_nothing_is_held_when_a_transaction_has_ended(env: IndexedDbEnv) -> None:
    db = await opened(env)

    async def work(tx: Transaction) -> None:
        store = tx.store("notes")
        await store.get("a").then(lambda _row: store.count())
        await store.add_all(ROWS)
        async for at in store.cursor():
            at.update(at.value)
        await store.get_many(["a", "b"])

    async def failing(tx: Transaction) -> None:
        await work(tx)
        tx.store("notes").count().then(lambda _count: 1)
        raise Refused

    async def round_of_all() -> None:
        await db.write("notes", work)
        await raised(Refused, db.write("notes", failing))
        await raised(TimedOut, db.write("notes", endless, timeout_s=0.01))
        reopened = await env.indexeddb.open(db.name, [create])
        reopened.close()

    async def endless(tx: Transaction) -> None:
        while True:
            await tx.store("notes").count()

    await round_of_all()
    await asyncio.sleep(0.05)
    before = [env.indexeddb.dispatcher.waiting, env.proxies()]
    for _ in range(5):
        await round_of_all()
    await asyncio.sleep(0.05)
    assert [env.indexeddb.dispatcher.waiting, env.proxies()] == before


Case = Callable[[IndexedDbEnv], Awaitable[None]]
CASES: dict[str, Case] = {name: case for name, case in list(globals().items()) if name.startswith("case_")}
