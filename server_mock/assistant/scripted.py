"""An assistant without a model: it answers by script, the same each time for the same seed and the same chat."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from server_mock.assistant.port import Turn

WORD_S = 0.03
"""The time between two words, in seconds."""

QUOTED_CHARS = 80

_CODE = re.compile(r"\b(code|python|function|program|script|regex|sql|bug)\b|```", re.IGNORECASE)
_LIST = re.compile(r"\b(list|steps?|how|plan|ideas?|pack|recipe|which|options?)\b", re.IGNORECASE)
_LONG = re.compile(r"\b(long|story|everything|detail(s|ed)?|explain)\b", re.IGNORECASE)

_OPENINGS = (
    "You asked: “{quoted}” Here is what I would do first.",
    "About “{quoted}”: there is a short answer and a longer one.",
    "“{quoted}” is a good thing to ask. Let me take it in order.",
)
_PARAGRAPHS = (
    "Begin with the **smallest step** that shows whether you are on the right way. It costs no more than an hour.",
    "What helps most is to *write down* what you know already: what is certain, and what you only suppose.",
    "Keep an eye on the things that cannot be undone. Everything else can be changed later, when you know more.",
    "If somebody else is concerned, ask them early. People are glad to be asked, and they see what you have missed.",
    "Leave some room for what goes wrong. A plan with no free hour in it is a wish, not a plan.",
    "Come back to it after a night's sleep: what still looks right then is probably right.",
)
_STEPS = (
    "Say in **one sentence** what you want to have at the end.",
    "Collect what is there already, and look at it.",
    "Do the part first that you know least about.",
    "Show it to somebody, and listen.",
    "Stop when it is good enough; note what is left.",
)
_MEAN = """```python
def mean(values: list[float]) -> float:
    if not values:
        raise ValueError("no values")
    return sum(values) / len(values)
```"""
_MOST_COMMON = """```python
from collections import Counter


def most_common(words: list[str], count: int = 3) -> list[str]:
    return [word for word, _ in Counter(words).most_common(count)]
```"""
_CODES = (_MEAN, _MOST_COMMON)
_ENDINGS = (
    "Tell me how far you have come, and we go on from there.",
    "Shall I go into one of these points?",
    "That should carry you through the first day.",
)
_LONG_ROUNDS = 2


class ScriptedAssistant:
    """`server_mock.assistant.port.Assistant`; `sleep` waits between two words."""

    host = ""

    def __init__(self, seed: int, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._seed = seed
        self._sleep = sleep

    async def answer(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """The answer to the last of these messages, word by word."""
        for word in re.findall(r"\s*\S+", self._text(turns)):
            await self._sleep(WORD_S)
            yield word

    async def close(self) -> None:
        """Nothing is open."""

    def _text(self, turns: Sequence[Turn]) -> str:
        question = turns[-1].content if turns else ""
        chance = random.Random(f"{self._seed} {len(turns)} {question}")  # noqa: S311 - a script, not a secret
        opening = chance.choice(_OPENINGS).format(quoted=_quoted(question))
        rounds = _LONG_ROUNDS if _LONG.search(question) else 1
        count = len(_PARAGRAPHS) if rounds > 1 else 2
        paragraphs = [each for _ in range(rounds) for each in chance.sample(_PARAGRAPHS, count)]
        parts = [opening, paragraphs[0]]
        if _CODE.search(question):
            parts += ["In Python it could look like this:", chance.choice(_CODES)]
        if _LIST.search(question):
            steps = sorted(chance.sample(range(len(_STEPS)), 3))
            parts.append("\n".join(f"{number}. {_STEPS[step]}" for number, step in enumerate(steps, 1)))
        return "\n\n".join([*parts, *paragraphs[1:], chance.choice(_ENDINGS)])


def _quoted(question: str) -> str:
    """The beginning of a question, as one line without Markdown."""
    line = " ".join(re.sub(r"[*_`#>\[\]<|~\\$]", " ", question).split())
    return line if len(line) <= QUOTED_CHARS else f"{line[: QUOTED_CHARS - 1].rstrip()}…"
