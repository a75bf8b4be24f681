"""What tabs say to each other: every message comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest

from app.core import tabs
from app.core.model import Collection
from app.core.viewmodel import Tone

MESSAGES = [
    tabs.SignedIn(account="a", at=1_700_000_000_000),
    tabs.SignedOut(account="a", over=True),
    tabs.Ask(account="a"),
    tabs.Standing(account="a", sentence="Up to date", tone=Tone.QUIET, current=True, warmed=True),
    tabs.Standing(account="a", sentence="", tone=Tone.WORKING, done=3, total=100),
    tabs.Stored(account="a", chats=("c1", "c2"), complete=("c1",), collections=(Collection.CHATS,), again=True),
    tabs.Opened(account="a", chat_id="c1"),
    tabs.Noted(account="a", chat_id="c1"),
    tabs.Wished(account="a"),
    tabs.Unreadable(account="a", collection=Collection.MESSAGES, record_id="m1"),
]
GOOD = json.loads(tabs.write(MESSAGES[5]))
BAD: dict[str, list[object]] = {
    "account": ["", None, 5, "x" * 65],
    "chats": ["c1", [1], [""], [["c1"]], {"c1": 1}, ["c"] * 2_001],
    "collections": [["accounts"], "chats"],
    "again": [1, None, "yes"],
}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.say)
def test_a_message_comes_back_as_it_was(message: tabs.Said) -> None:
    assert tabs.read(tabs.write(message)) == message


def test_every_kind_of_message_is_tried() -> None:
    assert {message.say for message in MESSAGES} == set(tabs._KINDS)


@pytest.mark.parametrize(
    "value",
    [
        None,
        17,
        "",
        "signed-out",
        "let-go",
        "[]",
        "null",
        '{"hearth": 1}',
        "[" * 100_000,
        json.dumps(GOOD | {"hearth": 2}),
        json.dumps(GOOD | {"say": "unheard of"}),
        json.dumps(GOOD | {"say": ["stored"]}),
        json.dumps(GOOD | {"more": 1}),
        json.dumps(GOOD | {"say": "opened"}),
        json.dumps({name: each for name, each in GOOD.items() if name != "account"}),
        *(json.dumps(GOOD | {name: value}) for name, values in BAD.items() for value in values),
        *(
            json.dumps(json.loads(tabs.write(MESSAGES[4])) | {name: value})
            for name, value in {"done": -1, "total": True, "tone": "loud", "sentence": "x" * 501}.items()
        ),
        '{"hearth": 1, "say": "signed-in", "account": "a", "at": 1e999}',
        '{"hearth": 1, "say": "signed-in", "account": "a", "at": -1}',
        f'{{"hearth": 1, "say": "signed-in", "account": "a", "at": {2**53 + 1}}}',
        tabs.write(MESSAGES[0]).rjust(262_145),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_a_message_is_nothing(value: object) -> None:
    assert tabs.read(value) is None


@pytest.mark.parametrize(
    "said",
    [
        tabs.SignedIn(account="a", at=0),
        tabs.SignedIn(account="a", at=2**53),
        tabs.Opened(account="x" * 64, chat_id="y" * 64),
        tabs.Stored(account="a", chats=("c",) * 2_000),
        tabs.Standing(account="a", sentence="x" * 500, tone=Tone.QUIET, done=0, total=0),
    ],
)
def test_the_longest_and_the_greatest_are_read(said: tabs.Said) -> None:
    assert tabs.read(tabs.write(said)) == said
    assert tabs.read(tabs.write(said).rjust(262_144)) == said


@pytest.mark.parametrize(
    ("say", "off"),
    [
        ({"say": "signed-out"}, ["over"]),
        ({"say": "standing", "sentence": "", "tone": "quiet"}, ["current", "warmed"]),
        ({"say": "stored"}, ["again"]),
    ],
)
def test_what_is_not_said_is_not_so(say: dict[str, str], off: list[str]) -> None:
    said = tabs.read(json.dumps({"hearth": 1, "account": "a", **say}))
    assert said is not None
    assert [getattr(said, name) for name in off] == [False] * len(off)
