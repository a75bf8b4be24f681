"""An encrypted diary: the disk holds ciphertext, each day bound to its place, under a key that a password opens."""

import asyncio

from pyscript import document, when, window

from hearth.browser.crypto.webcrypto import WebCipher, random_bytes
from hearth.browser.idb import IndexedDB, Upgrade
from hearth.core.errors import SealError
from hearth.core.records.envelope import PBKDF2_ITERATIONS, SALT_BYTES, Place

cipher = WebCipher()
key = None
LOCK = Place("diary", "lock", "only", "key")  # where a value belongs: moved anywhere else, it does not open


def create_stores(upgrade: Upgrade) -> None:
    """The first version of the database."""
    upgrade.create_store("lock", key_path="id")
    upgrade.create_store("days", key_path="day")


def say(sentence: str) -> None:
    """Tell how things stand."""
    document.getElementById("said").textContent = sentence


async def unlock(password: str) -> object:
    """Open the diary's key, or make it the first time. Raises `SealError`."""
    lock = await database.read("lock", lambda tx: tx.store("lock").get("only"))
    salt = bytes.fromhex(lock["salt"]) if lock else random_bytes(SALT_BYTES)
    wrapping = (await cipher.derive(password.encode(), salt, PBKDF2_ITERATIONS)).wrapping
    if lock:
        return await cipher.unwrap_key(wrapping, lock["key"], LOCK)
    made, wrapped = await cipher.create_key(wrapping, LOCK)
    await database.write("lock", lambda tx: tx.store("lock").put({"id": "only", "salt": salt.hex(), "key": wrapped}))
    return made


async def show() -> None:
    """Open and draw every day."""
    days = []
    for row in await database.read("days", lambda tx: tx.store("days").get_all()):
        text = await cipher.open(key, row["text"], Place("diary", "days", row["day"], "text"))
        days.append(document.createElement("li"))
        days[-1].textContent = f"{row['day']}: {text}"
    document.getElementById("days").replaceChildren(*days)


@when("submit", "form")
def submitted(event) -> None:
    """At once, before the browser sends the form away; what takes time comes after."""
    event.preventDefault()
    asyncio.get_running_loop().create_task(on_unlock() if key is None else on_write())


async def on_unlock() -> None:
    """The password is right if it opens the key."""
    global key
    try:
        key = await unlock(document.getElementById("password").value)
    except SealError:
        say("This password does not open the diary.")
    else:
        say("The diary is open.")
        document.getElementById("unlock").hidden, document.getElementById("write").hidden = True, False
        await show()


async def on_write() -> None:
    """Seal what was typed, and store it."""
    field, day = document.getElementById("text"), window.Date.new().toISOString()
    row = {"day": day, "text": await cipher.seal(key, field.value, Place("diary", "days", day, "text"))}
    await database.write("days", lambda tx: tx.store("days").put(row))
    field.value = ""
    await show()


database = await IndexedDB().open("example-diary", [create_stores])  # noqa: F704, PLE1142 - PyScript awaits here
say("Enter the diary's password: the first one that is entered becomes it.")
