"""A long frame is posted over HTTP, beside the connection that it belongs to; its answer comes over the connection.

Nothing here is the browser's: `Exchange` makes the request.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from hearth.browser.network.polling import Exchange, NoAnswer, accepted
from hearth.ports.network import SocketClosed

WRITE: Final = "/api/write"

POST_S: Final = 300.0
"""How long a post may take: a frame of 1 MB over 30 kbit/s."""


async def post_frame(exchange: Exchange, connection: str, text: str) -> None:
    """Post a frame of a connection. Raises `SocketClosed` where the server did not take it.

    It may have taken it all the same; what is sent again has to be known by its ids.
    """
    try:
        accepted(await exchange.post(f"{WRITE}?{urlencode({'connection': connection})}", [text], POST_S))
    except NoAnswer:
        raise SocketClosed from None
