"""Signs in without a browser, and prints the warming as it arrives: `python examples/headless/main.py URL`.

The address, the demo account's if none is given, and its password come after the URL.
"""

import asyncio
import sys
import time

from hearth.core.view.screen import Phase, Screen
from hearth.engine.intents import SignIn
from hearth.headless.client import Client

DEMO = ("demo@hearth.example", "warm-ember-lantern-42")


async def main(url: str, email: str, password: str) -> int:
    """Sign in, print what comes until everything is here, then the newest chat; the exit code."""
    began = time.perf_counter()
    told = {""}

    def say(text: str) -> None:
        """Print each sentence once, with the milliseconds since the start."""
        if text not in told:
            told.add(text)
            print(f"{(time.perf_counter() - began) * 1000:6.0f} ms  {text}", flush=True)

    def on_screen(screen: Screen) -> None:
        """What a page would draw."""
        say(screen.notice)
        say(screen.status.sentence)
        if screen.chat and screen.chat.messages:
            say(f"Open: {screen.chat.title}, {len(screen.chat.messages)} messages")

    async with Client(url, on_mark=lambda name: say(f"[{name}]")) as client:
        client.on_screen = on_screen
        await client.until(lambda screen: screen.phase is Phase.SIGNED_OUT)
        client.post(SignIn(email, password))
        await client.until(lambda screen: screen.phase is Phase.SIGNING_IN)
        screen = await client.until(lambda screen: screen.synced or screen.phase is Phase.SIGNED_OUT)
        if not screen.synced:
            return 1
        chats = [chat for group in screen.groups for chat in group.items]
        print(f"{len(chats)} chats, the newest: {', '.join(chat.title for chat in chats[:3])}")
    return 0


if __name__ == "__main__":
    url, *account = sys.argv[1:]
    sys.exit(asyncio.run(main(url, *(account or DEMO))))
