"""What browsers do to a database while it is used, on a disk that does it on demand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hearth.browser.idb import (
    Aborted,
    Closed,
    ConnectionLost,
    Database,
    IdbError,
    IndexedDB,
    NotFound,
    OpenFailed,
    QuotaExceeded,
    TimedOut,
    Transaction,
    Unavailable,
    Upgrade,
)
from hearth.browser.idb.errors import error_of
from hearth.testing.indexeddb import Disk, MemoryPlatform
from hearth.testing.indexeddb.keys import DomError


def create(upgrade: Upgrade) -> None:
    upgrade.create_store("notes", key_path="id")


async def opened(disk: Disk, **options: Any) -> Database:
    return await IndexedDB(MemoryPlatform(disk)).open("notes", [create], **options)


async def put_two(tx: Transaction) -> None:
    tx.store("notes").put({"id": "a"})
    await tx.store("notes").put({"id": "b"})


async def ids(db: Database) -> list[Any]:
    return await db.read("notes", lambda tx: tx.store("notes").get_all_keys())


async def test_a_disk_keeps_what_it_holds_for_the_next_page() -> None:
    disk = Disk()
    await (await opened(disk)).write("notes", put_two)
    assert await ids(await opened(disk)) == ["a", "b"]


async def test_a_full_disk_keeps_what_was_there() -> None:
    disk = Disk()
    db = await opened(disk)
    disk.room = 1
    with pytest.raises(QuotaExceeded) as refused:
        await db.write("notes", put_two)
    assert refused.value.name == "QuotaExceededError"
    assert await ids(db) == []
    disk.room = 2
    await db.write("notes", put_two)
    assert await ids(db) == ["a", "b"]


async def test_a_browser_that_does_not_answer_is_given_up() -> None:
    disk = Disk()
    db = await opened(disk)
    disk.hangs = True
    with pytest.raises(TimedOut):
        await db.read("notes", lambda tx: tx.store("notes").count(), timeout_s=0.01)
    with pytest.raises(TimedOut):
        await opened(disk, timeout_s=0.01)
    with pytest.raises(TimedOut):
        await IndexedDB(MemoryPlatform(disk)).delete("notes", timeout_s=0.01)


async def test_a_function_that_was_given_up_is_closed() -> None:
    disk, ended = Disk(), asyncio.Event()
    db = await opened(disk)

    async def work(tx: Transaction) -> None:
        try:
            await tx.store("notes").count()
        finally:
            ended.set()

    disk.hangs = True
    with pytest.raises(TimedOut):
        await db.read("notes", work, timeout_s=0.01)
    assert ended.is_set()


@pytest.mark.parametrize("told", [False, True])
async def test_a_connection_that_the_browser_took_away_is_opened_anew(told: bool) -> None:
    disk = Disk()
    db = await opened(disk)
    await db.write("notes", put_two)
    for _ in range(2):
        disk.lose_connections(told)
        assert await ids(db) == ["a", "b"]
    assert len([each for each in disk.databases["notes"].connections if not each.closed]) == 1


async def test_an_owner_who_is_told_that_the_connection_was_taken_away_opens_it_anew() -> None:
    disk, told = Disk(), list[str]()
    db = await opened(disk, on_gone=told.append)
    disk.lose_connections(told=True)
    with pytest.raises(Closed):
        await ids(db)
    assert (told, db.closed) == (["close"], True)
    assert not [each for each in disk.databases["notes"].connections if not each.closed]


async def test_a_transaction_is_tried_once_more_on_a_connection_of_its_own_and_no_more_than_that() -> None:
    disk, calls = Disk(), list[int]()
    db = await opened(disk)

    def lost(_tx: Transaction) -> Any:
        calls.append(1)
        raise ConnectionLost("Connection to Indexed Database server lost.", "UnknownError")

    with pytest.raises(ConnectionLost):
        await db.write("notes", lost)
    assert len(calls) == 2
    assert len([each for each in disk.databases["notes"].connections if not each.closed]) == 1


async def test_a_connection_that_cannot_be_opened_anew_says_why() -> None:
    disk = Disk()
    db = await opened(disk)
    disk.lose_connections(told=False)
    newer = await IndexedDB(MemoryPlatform(disk)).open("notes", [create, lambda _upgrade: None])
    with pytest.raises(OpenFailed):
        await ids(db)
    newer.close()


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("UnknownError", "Connection to Indexed Database server lost. Refresh the page to try again", ConnectionLost),
        ("UnknownError", "Internal error opening backing store for indexedDB.open.", IdbError),
        ("QuotaExceededError", "", QuotaExceeded),
        ("SecurityError", "The operation is insecure.", Unavailable),
        ("NotFoundError", "", NotFound),
        ("InvalidStateError", "", Unavailable),
        ("SomethingNew", "said", IdbError),
    ],
)
def test_an_error_of_the_browsers_keeps_its_name_and_message(name: str, message: str, kind: type[IdbError]) -> None:
    error = error_of(DomError(name, message), invalid_state=Unavailable)
    assert type(error) is kind
    assert (error.name, str(error)) == (name, message or name)


def test_what_pyodide_wraps_keeps_its_name() -> None:
    said = (
        "A value of type object with tag [object DOMException] was thrown as an error!\n"
        'String interpolation of the thrown value gives """UnknownError: Connection to Indexed Database server lost."""'
        "The thrown value's toString method returns the same."
    )
    error = error_of(DomError("Error", said))
    assert type(error) is ConnectionLost
    assert (error.name, str(error)) == ("UnknownError", "Connection to Indexed Database server lost.")


def test_no_error_at_all_is_an_abort() -> None:
    assert type(error_of(None)) is Aborted


class _NotThere:
    """What the kernel does where there is no IndexedDB, or where it is forbidden."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        def refuse(*_arguments: Any) -> None:
            raise DomError(self._name, method)

        return refuse


@pytest.mark.parametrize("name", ["TypeError", "ReferenceError", "SecurityError", "InvalidStateError"])
async def test_without_indexeddb_that_is_said(name: str) -> None:
    platform = MemoryPlatform()
    platform.kernel = _NotThere(name)
    here = IndexedDB(platform)
    for refused in (here.open("notes", [create]), here.delete("notes"), here.names()):
        with pytest.raises(Unavailable):
            await refused
    assert here.dispatcher.waiting == 0


async def test_an_upgrade_may_be_one_expression() -> None:
    one = await IndexedDB(MemoryPlatform(Disk())).open("notes", [lambda upgrade: upgrade.create_store("notes")])
    assert one.store_names == ["notes"]
