"""What the server asked of Directus: the log, and assertions on it that say which requests there were."""

from __future__ import annotations

from typing import Any

from hearth_testing.control import HearthServer

READS = ("GET", "SEARCH")


class Directus:
    """The log of one server. It begins anew with each sign-in, and with `reset`."""

    def __init__(self, server: HearthServer) -> None:
        self._server = server

    @property
    def log(self) -> list[dict[str, Any]]:
        """The requests, in the order in which they began."""
        return self._server.directus_log()

    def reset(self) -> None:
        """Forget the log. It heals faults and clears limits, too."""
        self._server.reset()

    def assert_requests(
        self, exactly: int | None = None, *, at_most: int | None = None, at_least: int | None = None, **which: str
    ) -> list[dict[str, Any]]:
        """Assert how many requests there were, and return them.

        `which` narrows them down: `collection="chats"`, or `method="GET"`; `kind="read"` and `kind="write"` are about
        every method of that kind.
        """
        found = [entry for entry in self.log if _fits(entry, which)]
        least, most = (at_least, at_most) if exactly is None else (exactly, exactly)
        if (least is not None and len(found) < least) or (most is not None and len(found) > most):
            wanted = " and ".join(
                f"{word} {number}" for word, number in (("at least", least), ("at most", most)) if number is not None
            )
            listed = "\n".join(f"  {each['method']:7}{each['collection']} → {each['status']}" for each in found)
            raise AssertionError(f"{len(found)} requests to Directus, not {wanted}:\n{listed}")
        return found


def _fits(entry: dict[str, Any], which: dict[str, str]) -> bool:
    wanted = dict(which)
    kind = wanted.pop("kind", None)
    if kind is not None and kind not in {"read", "write"}:
        raise ValueError(f'"kind" must be read or write, not {kind!r:.40}.')
    if kind is not None and (entry["method"] in READS) is not (kind == "read"):
        return False
    return all(entry[name] == value for name, value in wanted.items())
