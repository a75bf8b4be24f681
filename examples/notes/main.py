"""A notebook in the browser's IndexedDB: each note is a record, newest first by an index."""

import asyncio
import datetime
import uuid

from pyscript import document, when

from hearth.browser.idb import IndexedDB, Transaction, Upgrade


def create_notes(upgrade: Upgrade) -> None:
    """The first version of the database."""
    notes = upgrade.create_store("notes", key_path="id")
    notes.create_index("by_time", "time")


async def show() -> None:
    """Draw all notes."""
    found = await database.read("notes", lambda tx: tx.store("notes").index("by_time").get_all())
    document.getElementById("count").textContent = f"Notes on this device: {len(found)}"
    document.getElementById("notes").replaceChildren(*map(line, reversed(found)))


def line(note: dict[str, str]) -> object:
    """A note with the button that deletes it."""
    item, button = document.createElement("li"), document.createElement("button")
    button.textContent, button.dataset.id = "Delete", note["id"]
    button.setAttribute("aria-label", f"Delete {note['text']}")
    item.append(f"{note['text']} ", button)
    return item


@when("submit", "#form")
def submitted(event) -> None:
    """At once, before the browser sends the form away; what takes time comes after."""
    event.preventDefault()
    asyncio.get_running_loop().create_task(add())


async def add() -> None:
    """Keep what was typed; it is stored when `write` returns."""
    field = document.getElementById("text")
    note = {"id": str(uuid.uuid4()), "time": datetime.datetime.now(datetime.UTC).isoformat(), "text": field.value}
    await database.write("notes", lambda tx: tx.store("notes").put(note))
    field.value = ""
    await show()


@when("click", "#notes")
async def delete(event) -> None:
    """Delete a note, and count what is left in the same transaction."""
    key = event.target.dataset.id
    if not key:
        return

    async def remove(tx: Transaction) -> int:
        notes = tx.store("notes")
        notes.delete(key)
        return await notes.count()

    await database.write("notes", remove)
    await show()


database = await IndexedDB().open("example-notes", [create_notes])  # noqa: F704, PLE1142 - PyScript awaits here
await show()  # noqa: F704, PLE1142
