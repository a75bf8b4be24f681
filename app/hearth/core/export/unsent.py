"""What a person wrote and the server does not have yet, in an export: it is theirs as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.schema import SPECS, Collection, empty_record

Opened = Mapping[str, Any]


class UnsentChanges:
    """The mutations of one chat that wait, or were refused, laid over what is stored of it."""

    def __init__(self, mutations: Iterable[Mutation]) -> None:
        own = list(mutations)
        self.is_deleted = any(each.act is Act.DELETE_CHAT for each in own)
        self._creating = next((each for each in own if each.creates), None)
        self._titles = [each.text for each in own if each.act is Act.RENAME and not each.problem]
        self._pins = [each.text for each in own if each.act is Act.PIN and not each.problem]
        self._edits = {each.message_id: each.text for each in own if each.act is Act.EDIT}
        self._gone = {each.message_id for each in own if each.act is Act.DELETE_MESSAGE and not each.problem}
        self._sent = [each for each in own if each.act is Act.SEND]

    def chat(self, opened: Opened | None, title: str) -> Opened | None:
        """The chat with what changes of it; `title` is that of one that is not stored. None if there is no chat."""
        if opened is None:
            if self._creating is None or not self._sent:
                return None
            at = self._creating.at
            clear = empty_record(Collection.CHATS, id=self._creating.chat_id, created_at=at, last_updated=at)
            opened = {"clear": clear, "texts": {"title": title}, "faults": {}}
        texts = dict(opened["texts"])
        if self._titles:
            texts["title"] = self._titles[-1]
        if self._pins:
            texts["pinned"] = self._pins[-1]
        return {**opened, "texts": texts}

    def messages(self, opened: Iterable[Opened]) -> list[Opened]:
        """Stored messages as the person left them."""
        kept = [each for each in opened if each["clear"]["id"] not in self._gone]
        return [self._edited(each) if each["clear"]["id"] in self._edits else each for each in kept]

    def added(self) -> Sequence[Opened]:
        """Messages that are not stored yet."""
        sealed = SPECS[Collection.MESSAGES].sealed
        return [
            {
                "clear": {name: value for name, value in each.message.items() if name not in sealed},
                "texts": {"content": each.text},
                "faults": {},
            }
            for each in self._sent
        ]

    def _edited(self, opened: Opened) -> Opened:
        return {**opened, "texts": {**opened["texts"], "content": self._edits[opened["clear"]["id"]]}, "faults": {}}
