"""The scripted assistant: the same answer for the same seed and chat, in words, as the question asks for it."""

from __future__ import annotations

import pytest

from hearth.core.text.markdown import render
from hearth.core.vdom import walk
from server_mock.assistant.port import Turn
from server_mock.assistant.scripted import ScriptedAssistant


async def no_sleep(_seconds: float) -> None:
    """Nobody waits."""


async def words_of(question: str, seed: int = 1) -> list[str]:
    return [word async for word in ScriptedAssistant(seed, no_sleep).answer([Turn("user", question)])]


def tags_of(text: str) -> set[str]:
    return {node[0] for node in walk(*render(text)) if not isinstance(node, str)}


async def test_the_same_seed_and_chat_have_the_same_answer() -> None:
    assert await words_of("What now?") == await words_of("What now?")
    answers = {"".join(await words_of("What now?", seed)) for seed in range(20)}
    assert len(answers) > 5
    assert len(await words_of("What now?")) > 30


@pytest.mark.parametrize(
    ("question", "tag", "expected"),
    [
        ("Hello", "ol", False),
        ("Hello", "code", False),
        ("How do I pack?", "ol", True),
        ("A function in Python, please", "code", True),
    ],
)
async def test_the_question_decides_what_is_in_it(question: str, tag: str, expected: bool) -> None:
    text = "".join(await words_of(question))
    assert (tag in tags_of(text)) is expected
    assert "p" in tags_of(text)
    assert question.rstrip("?") in text


async def test_a_story_is_long_and_markdown_in_a_question_stays_text() -> None:
    assert len(await words_of("Tell me a long story")) > 3 * len(await words_of("Hello"))
    text = "".join(await words_of("```\n# <b>[x](y)" + "z" * 500))
    assert not {"h2", "a"} & tags_of(text)
    assert len(text) < 2_000
