"""What is found, in which order, and what is looked for when nothing matches."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest

from hearth.core.search.documents import Doc
from hearth.core.search.query import Kind, parse
from hearth.core.search.results import Found
from hearth.engine.search.index import Index
from hearth.engine.search.searcher import Answer, Searcher
from hearth.engine.search.shard import LAYOUT

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = 24 * 3600 * 1000
TODAY = int(NOW.timestamp() * 1000)


def message(ref: str, text: str, chat: str = "c", days_ago: int = 1, role: str = "user", file: bool = False) -> Doc:
    return Doc(Kind.MESSAGE, chat, ref, "", text, at=TODAY - days_ago * DAY, role=role, has_file=file)


def file(ref: str, name: str, text: str, chat: str = "c") -> Doc:
    return Doc(Kind.FILE, chat, ref, name, text, at=TODAY - DAY, role="user", has_file=True, part=1)


def index_of(*docs: Doc) -> Index:
    index = Index()
    for doc in docs:
        if doc.kind is Kind.CHAT:
            index.put_titles([doc], [])
        else:
            index.put(doc.chat, [doc])
    return index


async def ask(index: Index, text: str, times: int = 1) -> Answer:
    return await Searcher(index, time.monotonic).answer(parse(text, NOW), NOW, times)


async def refs(index: Index, text: str) -> list[str]:
    return [doc.ref or doc.chat for doc in (await ask(index, text)).docs]


async def test_every_word_has_to_be_there_and_may_go_on() -> None:
    index = index_of(message("1", "the budget for Berlin"), message("2", "the budget"), message("3", "Berliner"))
    assert await refs(index, "bud berl") == ["1"]
    assert set(await refs(index, "berlin")) == {"1", "3"}


async def test_a_phrase_stands_together_and_an_exclusion_stays_out() -> None:
    index = index_of(message("1", "our annual report"), message("2", "report on the annual fair"))
    assert await refs(index, '"annual report"') == ["1"]
    assert await refs(index, "annual -fair") == ["1"]
    assert await refs(index, "-fair") == ["1"]


async def test_what_was_written_lately_comes_before_the_same_written_long_ago() -> None:
    index = index_of(message("old", "same words", days_ago=900), message("new", "same words", days_ago=1))
    assert await refs(index, "same words") == ["new", "old"]


async def test_a_better_match_comes_before_a_newer_one() -> None:
    many = [message(f"n{at}", "some other words " * 20 + "kettle", days_ago=1) for at in range(3)]
    index = index_of(*many, message("best", "kettle kettle", days_ago=400))
    assert (await refs(index, "kettle"))[0] == "best"


async def test_filters_narrow_what_is_found() -> None:
    index = index_of(
        message("1", "tea", role="user"),
        message("2", "tea", role="assistant", file=True),
        message("3", "tea", days_ago=400),
        file("2", "tea.pdf", "leaves"),
        Doc(Kind.CHAT, "c", "", "tea time", "", at=TODAY),
    )
    assert set(await refs(index, "tea from:me in:messages")) == {"1", "3"}
    assert await refs(index, "tea has:file in:messages") == ["2"]
    assert await refs(index, "tea before:2026") == ["3"]
    assert await refs(index, "in:title") == ["c"]
    assert await refs(index, "in:files leaves") == ["2"]
    assert await refs(index, "from:me") == ["2", "1", "3"]


async def test_words_that_contain_what_was_typed_are_found_when_little_else_is() -> None:
    answer = await ask(index_of(message("1", "Krankenversicherung")), "versicherung")
    assert [doc.ref for doc in answer.docs] == ["1"]
    assert answer.found is Found.INSIDE
    assert ("krankenversicherung",) in [term.words for term in answer.marks]


@pytest.mark.parametrize("typed", ["recieve", "receve", "rceeive", "receivee", "xeceive"])
async def test_a_slip_is_forgiven_when_nothing_else_is_found(typed: str) -> None:
    answer = await ask(index_of(message("1", "You will receive it"), message("2", "nothing")), typed)
    assert [doc.ref for doc in answer.docs] == ["1"]
    assert (answer.found, answer.instead) == (Found.NEARLY, "receive")


async def test_umlauts_may_be_written_out() -> None:
    index = index_of(message("1", "Wir fahren nach München"), message("2", "Größe"))
    assert await refs(index, "muenchen") == ["1"]
    assert await refs(index, "groesse") == ["2"]


async def test_some_of_the_words_are_better_than_nothing() -> None:
    answer = await ask(index_of(message("1", "apples and pears")), "apples zzzzzzzz")
    assert ([doc.ref for doc in answer.docs], answer.found) == (["1"], Found.PARTLY)


async def test_a_name_with_a_sign_comes_alone_and_without_it_when_there_is_none() -> None:
    index = index_of(message("1", "cake and candles"), message("2", "The C++ compiler"), message("3", "Plan C"))
    assert await refs(index, "C++") == ["2"]
    answer = await ask(index, "C#")
    assert (answer.docs[0].ref, answer.found, answer.instead) == ("3", Found.NEARLY, "c")
    assert {doc.ref for doc in answer.docs} == {"2", "3"}


async def test_what_stands_for_itself_comes_before_what_it_begins() -> None:
    index = index_of(message("1", "good goals, going on", days_ago=1), message("2", "Go is fast", days_ago=90))
    assert await refs(index, "go") == ["2", "1"]
    index = index_of(message("1", "issue #1234", days_ago=1), message("2", "issue #123", days_ago=90))
    assert await refs(index, "#123") == ["2", "1"]


async def test_a_short_last_part_is_the_beginning_of_others_only_when_nothing_else_is_found() -> None:
    index = index_of(message("1", "at the table"), message("2", "AT&T"))
    assert await refs(index, "at&t") == ["2"]
    assert await refs(index_of(message("1", "an e-mail")), "e-m") == ["1"]


async def test_an_exclusion_takes_out_every_spelling() -> None:
    index = index_of(message("1", "fact, well-known"), message("2", "fact, wellknown"), message("3", "fact"))
    assert await refs(index, "fact -well-known") == ["3"]
    assert await refs(index_of(message("1", "the C++ tool"), message("2", "the C tool")), "tool -c++") == ["2"]


async def test_a_slip_in_a_joined_word_is_forgiven() -> None:
    answer = await ask(index_of(message("1", "a well-known fact")), "well-knwon")
    assert ([doc.ref for doc in answer.docs], answer.instead) == (["1"], "wellknown")


async def test_no_private_character_is_shown_as_what_was_looked_for_instead() -> None:
    answer = await ask(index_of(message("1", "C++ and .NET, #123 \U0001f389")), "cxx .nettt #12399")
    assert not any("\ue000" <= letter <= "\uf8ff" for letter in answer.instead)


async def test_languages_without_spaces_are_found_by_any_part() -> None:
    index = index_of(message("1", "明日の会議は東京です"), message("2", "พรุ่งนี้ไปทะเล"), message("3", "下周在北京开会"))
    assert await refs(index, "会議") == ["1"]
    assert await refs(index, "東京") == ["1"]
    assert await refs(index, "ทะเล") == ["2"]
    assert await refs(index, "北京") == ["3"]


async def test_more_results_are_promised_and_come() -> None:
    index = index_of(*(message(str(at), "tea") for at in range(60)))
    answer = await ask(index, "tea")
    assert (len(answer.docs), answer.more) == (24, frozenset({Kind.MESSAGE}))
    answer = await ask(index, "tea", times=3)
    assert (len(answer.docs), answer.more) == (60, frozenset())


async def test_a_search_gives_way_between_slices_and_ends_when_it_is_cancelled() -> None:
    index = index_of(*(message(str(at), "tea " * 40, chat=f"c{at}") for at in range(5_000)))
    assert len(index.parts) == 3
    gave_way = []
    clock = iter(range(10_000))

    async def yield_control() -> None:
        gave_way.append(1)

    await Searcher(index, lambda: next(clock), yield_control).answer(parse("tea", NOW), NOW)
    assert len(gave_way) >= len(index.parts)


async def test_what_is_taken_out_is_not_found() -> None:
    index = index_of(message("1", "Straße 日本"), message("2", "Straße"), file("1", "Straße.pdf", "x"))
    index.drop("c", ["1"])
    assert await refs(index, "strasse") == ["2"]
    index.put("c", [message("3", "C++ is well-known, v3.14: 1,250,000")])
    index.drop("c", ["3"])
    for typed in ("c++", "wellknown", "3.14", "1250000"):
        assert await refs(index, typed) == []
    while index.drop_some("c", 1):
        pass
    assert await refs(index, "strasse") == []
    assert index.remove_empty() == ["1"]


async def test_a_kept_slice_is_taken_over_and_a_damaged_one_is_not() -> None:
    index = index_of(message("1", "receive Größe"), file("1", "a.txt", "inside"))
    content = index.parts[0].slice.content()
    again = Index()
    assert again.adopt("1", content)
    assert await refs(again, "grosse") == ["1"]
    assert await refs(again, "inside") == ["1"]
    assert again.versions("c") == {"1": 0}
    for damaged in (b"", b"nothing of the kind" * 500, content[:5_000], b"\x00" * len(content)):
        assert not Index().adopt("1", damaged)


async def test_a_shard_that_an_older_build_kept_is_not_taken_over() -> None:
    content = index_of(message("1", "well-known")).parts[0].slice.content()
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(content)
        db.execute(f"PRAGMA user_version = {LAYOUT - 1}")
        db.commit()
        older = db.serialize()
    assert not Index().adopt("1", older)
    assert Index().adopt("1", content)


async def test_a_chat_in_two_kept_slices_is_in_neither() -> None:
    one, other = index_of(message("1", "tea")), index_of(message("1", "tea"))
    index = Index()
    assert index.adopt("1", one.parts[0].slice.content())
    assert not index.adopt("2", other.parts[0].slice.content())
    assert await refs(index, "tea") == []
    assert (index.chats, index.parts) == (set(), [])
