"""The lines of an answer: cut anywhere, with an end that has to be said."""

from __future__ import annotations

import json

import pytest

from hearth.core.assistant import answer_lines
from hearth.core.assistant.answer_lines import AnswerLines, error_of
from hearth.core.errors import AssistantError
from hearth.core.view.assistant_text import FAILED

WHOLE = '{"text":"Gr\\u00fc"}\n\n{"text":"ße 🙂"}\n{"later":1}\n{"end":true}\n{"text":"late"}\n'


@pytest.mark.parametrize("size", [1, 2, 5, 1_000])
def test_pieces_come_out_whole(size: int) -> None:
    lines, came = AnswerLines(), ""
    assert not lines.begun
    for at in range(0, len(WHOLE), size):
        came += "".join(lines.feed(WHOLE[at : at + size]))
    lines.end()
    assert (came, lines.begun, lines.ended) == ("Grüße 🙂", True, True)


def test_an_end_has_to_be_said() -> None:
    lines = AnswerLines()
    assert list(lines.feed('{"text":"half"}\n{"end":tr')) == ["half"]
    with pytest.raises(AssistantError, match="broke off"):
        lines.end()


@pytest.mark.parametrize("bad", ["no json\n", "[1]\n", "3\n", "x" * (answer_lines.MAX_LINE_CHARS + 1)])
def test_what_cannot_be_read(bad: str) -> None:
    with pytest.raises(AssistantError) as raised:
        list(AnswerLines().feed(bad))
    assert str(raised.value) == answer_lines.UNREADABLE


def test_the_server_says_what_went_wrong() -> None:
    lines = AnswerLines()
    came: list[str] = []
    error = json.dumps({"error": {"code": "assistant", "message": "It is tired."}})
    with pytest.raises(AssistantError) as raised:
        came.extend(lines.feed('{"text":"half"}\n' + error + "\n"))
    assert (came, str(raised.value), raised.value.code) == (["half"], "It is tired.", "assistant")
    strange: list[object] = [None, [], {}, {"error": 3}, {"error": {"message": 3, "code": 4}}]
    strange.append({"error": {"message": "x" * 999}})
    for each in strange:
        found = error_of(each)
        assert (str(found), found.code) == (FAILED, "")
