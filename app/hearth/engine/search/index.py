"""The index as a whole: a shard of titles, one of apps' entries, and as many of messages and files as there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from hearth.core.search.documents import Doc
from hearth.core.search.fuzzy import Vocabulary
from hearth.engine.search.shard import Shard

SLICE_DOCS = 2_000
SLICE_CHARS = 800_000
"""A shard takes no further chat beyond so many documents or characters: one of that size is searched in some 5 ms,
taken over in some 3 ms, and about 2 MB large when it is sealed."""


@dataclass(slots=True)
class Part:
    """A shard with what has to be known to keep it: its name, whether it changed, which marks it settles."""

    name: str
    slice: Shard
    changed: bool = False
    settles: dict[str, str] = field(default_factory=dict)
    chats: set[str] = field(default_factory=set)
    _vocabulary: Vocabulary | None = None
    _preparing: Iterator[None] | None = None

    @property
    def full(self) -> bool:
        """Whether it takes no further chat."""
        return self.slice.size >= SLICE_DOCS or self.slice.chars >= SLICE_CHARS

    @property
    def vocabulary(self) -> Vocabulary:
        """Its words; what is missing of the list is made at once."""
        while self._vocabulary is None:
            self.prepare()
        return self._vocabulary

    def prepare(self) -> bool:
        """Make the next piece of the list of its words; whether any is left."""
        if self._vocabulary is None:
            self._preparing = self._preparing or self._list_words()
            next(self._preparing, None)
        return self._vocabulary is None

    def _list_words(self) -> Iterator[None]:
        vocabulary = Vocabulary()
        for words in self.slice.vocabulary():
            vocabulary.add(words)
            yield
        self._vocabulary, self._preparing = vocabulary, None

    def touch(self) -> None:
        """Its documents changed."""
        self.changed, self._vocabulary, self._preparing = True, None, None


class Index:
    """What can be found. A chat is whole in one shard, so that a lost shard is noticed and only that is built anew."""

    def __init__(self) -> None:
        self.titles = Part("titles", Shard())
        self.entries = Part("entries", Shard())
        self._parts: dict[str, Part] = {}
        self._of_chat: dict[str, Part] = {}
        self._names = count(1)

    @property
    def parts(self) -> list[Part]:
        """The shards of messages and files, the one with the newest first."""
        return sorted(self._parts.values(), key=lambda part: -part.slice.newest)

    def all_parts(self) -> Iterator[Part]:
        """Every shard, the small ones first."""
        yield self.titles
        yield self.entries
        yield from self.parts

    @property
    def chats(self) -> set[str]:
        """The chats whose messages are indexed."""
        return set(self._of_chat)

    def adopt(self, name: str, content: bytes) -> bool:
        """Take over a kept shard; whether it could be used.

        When another shard has a chat of it as well, both are of no use: nobody can tell which copy is the younger.
        """
        if name in self._parts:
            return False
        try:
            part = Part(name, Shard(content))
        except ValueError:
            return False
        part.chats = part.slice.chats()
        doubled = {self._of_chat[chat].name for chat in part.chats & self._of_chat.keys()}
        if doubled:
            part.slice.close()
            for other in doubled:
                self._remove(other)
            return False
        self._parts[name] = part
        self._of_chat.update(dict.fromkeys(part.chats, part))
        return True

    def _remove(self, name: str) -> None:
        part = self._parts.pop(name)
        for chat in part.chats:
            del self._of_chat[chat]
        part.slice.close()

    def part_of(self, chat: str) -> Part | None:
        """The shard that has a chat."""
        return self._of_chat.get(chat)

    def place_of(self, chat: str) -> Part:
        """The shard that has a chat, or the one that a new chat goes into."""
        part = self._of_chat.get(chat)
        if part is None:
            part = next((each for each in self._parts.values() if not each.full), None) or self._new_part()
            part.chats.add(chat)
            self._of_chat[chat] = part
        return part

    def _new_part(self) -> Part:
        name = next(name for name in map(str, self._names) if name not in self._parts)
        self._parts[name] = Part(name, Shard())
        return self._parts[name]

    def put(self, chat: str, docs: Iterable[Doc]) -> None:
        """Take messages and files of a chat in."""
        part = self.place_of(chat)
        part.slice.put(docs)
        part.touch()

    def drop(self, chat: str, refs: Iterable[str]) -> None:
        """Take messages of a chat out."""
        part = self._of_chat.get(chat)
        if part is not None:
            part.slice.drop(chat, refs)
            part.touch()

    def drop_some(self, chat: str, count: int) -> bool:
        """Take so many documents of a chat out; whether any is left."""
        part = self._of_chat.get(chat)
        if part is None:
            return False
        part.touch()
        if part.slice.drop_some(chat, count):
            return True
        part.chats.discard(chat)
        del self._of_chat[chat]
        return False

    def versions(self, chat: str) -> dict[str, int]:
        """The messages of a chat that are indexed, each with its version."""
        part = self._of_chat.get(chat)
        return part.slice.versions(chat) if part else {}

    def remove_empty(self) -> list[str]:
        """Let go of shards in which nothing is left; their names."""
        names = [name for name, part in self._parts.items() if not part.chats]
        for name in names:
            self._parts.pop(name).slice.close()
        return names

    def put_titles(self, docs: Iterable[Doc], gone: Iterable[str]) -> None:
        """Bring titles in step."""
        for chat in gone:
            self.titles.slice.drop(chat, [""])
        self.titles.slice.put(docs)
        self.titles.touch()

    def replace_entries(self, entries: Shard) -> None:
        """Put this shard of entries in place of the one that was there."""
        self.entries.slice.close()
        self.entries = Part("entries", entries)

    def close(self) -> None:
        """Let go of everything."""
        for part in self.all_parts():
            part.slice.close()
        self._parts.clear()
        self._of_chat.clear()
