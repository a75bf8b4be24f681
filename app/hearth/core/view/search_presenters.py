"""Documents that were found as lines to be shown: titles and snippets with what was looked for marked, and dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from hearth.core.records.contents import Chat
from hearth.core.search.documents import Doc
from hearth.core.search.query import Kind, Term
from hearth.core.search.results import Result
from hearth.core.search.settings_search import Offer
from hearth.core.search.snippet import marked, places, snippet
from hearth.core.text.characters import one_line
from hearth.core.text.formatting import local, short_time
from hearth.core.view.presenters import UNTITLED

AUTHORS = {"user": "You", "assistant": "Assistant", "system": "System"}
FILE_WIDTH = 120


def present(docs: Iterable[Doc], marks: tuple[Term, ...], chats: Mapping[str, Chat], now: datetime) -> list[Result]:
    """The lines of documents; one whose chat has gone meanwhile is left out."""
    return [_line(doc, marks, chats, now) for doc in docs if doc.kind is Kind.MEMORY or doc.chat in chats]


def _line(doc: Doc, marks: tuple[Term, ...], chats: Mapping[str, Chat], now: datetime) -> Result:
    key = f"{doc.kind} {doc.chat} {doc.ref} {doc.part}"
    if doc.kind is Kind.MEMORY:
        value, _, app = doc.body.rpartition("\n")
        title = marked(one_line(doc.title) or "Unnamed", marks)
        return Result(doc.kind, key, title, snippet(value, marks), app, entry=doc.ref)
    when = date_of(doc.at, now)
    chat_title = chats[doc.chat].title
    match doc.kind:
        case Kind.CHAT:
            title = marked(one_line(doc.title) or UNTITLED, marks)
            text = snippet(doc.body, marks) if doc.body and places(doc.body, marks) else ()
            return Result(doc.kind, key, title, text, "Draft" if text else "", when, chat=doc.chat)
        case Kind.FILE:
            title = marked(one_line(doc.title, 120) or "Unnamed file", marks)
            text = snippet(doc.body, marks, FILE_WIDTH) if places(doc.body, marks) else ()
            return Result(doc.kind, key, title, text, chat_title, when, chat=doc.chat, message=doc.ref, at=doc.at)
        case Kind.MESSAGE | Kind.SETTING:
            who = AUTHORS.get(doc.role, "")
            title = ((chat_title, False),)
            return Result(
                doc.kind, key, title, snippet(doc.body, marks), who, when, chat=doc.chat, message=doc.ref, at=doc.at
            )
        case _:
            assert_never(doc.kind)


def offered(offers: Iterable[Offer], chosen: Mapping[str, str]) -> list[Result]:
    """The lines of Hearth's own settings; `chosen` has the present choice of each."""
    lines = []
    for offer in offers:
        setting, choice = offer.setting, offer.choice
        line = Result(Kind.SETTING, f"setting {setting.name}", ((setting.label, False),), setting=setting.name)
        if choice is None:
            lines.append(replace(line, text=((setting.about, False),), detail=setting.section))
            continue
        lines.append(
            replace(
                line,
                key=f"{line.key} {choice.value}",
                title=((f"{setting.label}: {choice.label}", False),),
                detail=setting.section,
                choice=choice.value,
                chosen=chosen.get(setting.name) == choice.value,
            )
        )
    return lines


def date_of(at: int, now: datetime) -> str:
    """When something was written: as in the chat list, with the year where that is another."""
    when = local(at, now.tzinfo)
    short = short_time(when, now)
    return short if when.year == now.year or (now.date() - when.date()).days < 7 else f"{short} {when.year}"
