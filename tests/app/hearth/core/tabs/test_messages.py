"""What tabs say to each other: every message comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest

from hearth.core.records.schema import Collection
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.screen import Tone

MESSAGES = [
    tab_messages.SignedIn(account="a", at=1_700_000_000_000),
    tab_messages.SignedOut(account="a", over=True),
    tab_messages.SessionLocked(account="a"),
    tab_messages.Ask(account="a"),
    tab_messages.LeaderStatus(account="a", sentence="Up to date", tone=Tone.QUIET, current=True, warmed=True),
    tab_messages.LeaderStatus(account="a", sentence="", tone=Tone.WORKING, done=3, total=100),
    tab_messages.Stored(account="a", chats=("c1", "c2"), complete=("c1",), collections=(Collection.CHATS,), again=True),
    tab_messages.OpenedElsewhere(account="a", chat_id="c1"),
    tab_messages.OpeningRecorded(account="a", chat_id="c1"),
    tab_messages.NotFound(account="a", chat_id="c1"),
    tab_messages.OutboxChanged(account="a"),
    tab_messages.OlderWanted(account="a"),
    tab_messages.TakeOverWanted(account="a"),
    tab_messages.StartedOver(account="a"),
    tab_messages.Unreadable(account="a", collection=Collection.MESSAGES, record_id="m1"),
]
GOOD = json.loads(tab_messages.write(MESSAGES[6]))
BAD: dict[str, list[object]] = {
    "account": ["", None, 5, "x" * 65],
    "chats": ["c1", [1], [""], [["c1"]], {"c1": 1}, ["c"] * 2_001],
    "collections": [["accounts"], "chats"],
    "again": [1, None, "yes"],
}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.say)
def test_a_message_comes_back_as_it_was(message: tab_messages.Said) -> None:
    assert tab_messages.read(tab_messages.write(message)) == message


def test_every_kind_of_message_is_tried() -> None:
    assert {message.say for message in MESSAGES} == set(tab_messages._KINDS)


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
            json.dumps(json.loads(tab_messages.write(MESSAGES[4])) | {name: value})
            for name, value in {"done": -1, "total": True, "tone": "loud", "sentence": "x" * 501}.items()
        ),
        '{"hearth": 1, "say": "signed-in", "account": "a", "at": 1e999}',
        '{"hearth": 1, "say": "signed-in", "account": "a", "at": -1}',
        f'{{"hearth": 1, "say": "signed-in", "account": "a", "at": {2**53 + 1}}}',
        tab_messages.write(MESSAGES[0]).rjust(262_145),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_a_message_is_nothing(value: object) -> None:
    assert tab_messages.read(value) is None


@pytest.mark.parametrize(
    "said",
    [
        tab_messages.SignedIn(account="a", at=0),
        tab_messages.SignedIn(account="a", at=2**53),
        tab_messages.OpenedElsewhere(account="x" * 64, chat_id="y" * 64),
        tab_messages.Stored(account="a", chats=("c",) * 2_000),
        tab_messages.LeaderStatus(account="a", sentence="x" * 500, tone=Tone.QUIET, done=0, total=0),
    ],
)
def test_the_longest_and_the_greatest_are_read(said: tab_messages.Said) -> None:
    assert tab_messages.read(tab_messages.write(said)) == said
    assert tab_messages.read(tab_messages.write(said).rjust(262_144)) == said


@pytest.mark.parametrize(
    ("say", "off"),
    [
        ({"say": "signed-out"}, ["over"]),
        ({"say": "standing", "sentence": "", "tone": "quiet"}, ["current", "warmed"]),
        ({"say": "stored"}, ["again"]),
    ],
)
def test_what_is_not_said_is_not_so(say: dict[str, str], off: list[str]) -> None:
    said = tab_messages.read(json.dumps({"hearth": 1, "account": "a", **say}))
    assert said is not None
    assert [getattr(said, name) for name in off] == [False] * len(off)
