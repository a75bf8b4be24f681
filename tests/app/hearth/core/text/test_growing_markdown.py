"""Markdown that grows: what is drawn stays where it is and as it is, and in the end all of it is drawn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.text.growing_markdown import GrowingMarkdown
from hearth.core.text.markdown import MAX_FORMATTED, render
from hearth.core.vdom import Node, text_of, walk

PLAIN = """A first paragraph.

A second one
with two lines.

A third."""
EMPHASIS = """Some **bold words** and *soft ones*, ~~gone~~ and ***both***.

Then `code **x**` and 2 * 3 * 4, **the end**"""
LISTS = """Steps:

1. Say **one thing**.
2. Then:
   - this
   - `that`

3. Last.

Done.

- [x] a task
- [ ] another"""
CODE = """Look:

```python
def f(x: int) -> int:
    # - no list
    return x ** 2


print(f(3))
```

That **is** it.

~~~
```
~~~"""
TABLE = """Sizes:

| name | size |
| --- | ---: |
| a | 1 |
| **b** | 2 |

As you see."""
HEADINGS = """# One

Text

## Two **bold**

> A quote
> of two lines

---

An end with a [link **here**](https://hearth.example/a_b) and
![a picture](https://hearth.example/p.png)."""
SAMPLES = [PLAIN, EMPHASIS, LISTS, CODE, TABLE, HEADINGS]
MARKS = re.compile(r"\*\*|~~|\]\(|\[|`|^\|", re.MULTILINE)


def tag_of(node: Node) -> str:
    return "" if isinstance(node, str) else node[0]


def looks(nodes: tuple[Node, ...]) -> str:
    """Blocks as they look: the level of a heading follows from the others of a message, its size from its class."""
    return re.sub(r"'h[2-6]', ", "'h', ", repr(nodes))


def prose_of(node: Node) -> str:
    """The text outside of code."""
    if isinstance(node, str):
        return node
    return "" if node[0] in ("pre", "code") else " ".join(map(prose_of, node[2:]))


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_drawn_stays(sample: str) -> None:
    growing, before = GrowingMarkdown(), tuple[Node, ...]()
    for character in sample:
        growing.add(character)
        blocks = growing.blocks()
        assert len(blocks) >= len(before), "no block goes away"
        assert [tag_of(each) for each in blocks[: len(before)]] == [tag_of(each) for each in before], growing.text[-30:]
        assert blocks[: len(before) - 1] == before[:-1], "only the last one changes"
        if before and len(text_of(blocks[len(before) - 1])) + 3 < len(text_of(before[-1])):
            raise AssertionError(f"text goes away after {growing.text[-30:]!r}")
        before = blocks
    assert growing.text == sample
    assert looks(growing.blocks()) == looks(render(sample))


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_mark_is_shown_half_way(sample: str) -> None:
    growing = GrowingMarkdown()
    for character in sample:
        growing.add(character)
        shown = " ".join(map(prose_of, growing.blocks()))
        assert not MARKS.search(shown), (growing.text[-30:], shown[-40:])


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("size", [3, 11, 40])
def test_pieces_of_any_size_come_to_the_same(sample: str, size: int) -> None:
    growing = GrowingMarkdown()
    for at in range(0, len(sample), size):
        growing.add(sample[at : at + size])
        growing.blocks()
    assert looks(growing.blocks()) == looks(render(sample))


def test_blocks_that_are_complete_are_not_read_again() -> None:
    growing = GrowingMarkdown()
    growing.add("One **bold**.\n\n" * 200 + "The last")
    first = growing.blocks()
    growing.add(" words")
    again = growing.blocks()
    assert len(again) == len(first) == 201
    assert all(one is other for one, other in zip(first[:-1], again[:-1], strict=True))


def test_bold_words_are_bold_from_their_first_letter_on() -> None:
    growing = GrowingMarkdown()
    growing.add("Some **bo")
    assert [node[0] for node in walk(*growing.blocks()) if not isinstance(node, str)] == ["p", "strong"]


def test_a_very_long_text_is_shown_plainly_after_a_while() -> None:
    growing = GrowingMarkdown()
    growing.add("Word " * (MAX_FORMATTED // 5 + 100))
    assert text_of(*growing.blocks()).count("Word") == MAX_FORMATTED // 5 + 100


@given(st.text(alphabet="ab *_`~#>|-=1.\n[]()!$\\:é", max_size=120))
def test_hostile_text_raises_nothing_and_ends_whole(text: str) -> None:
    growing = GrowingMarkdown()
    for character in text:
        growing.add(character)
        growing.blocks()
    assert growing.text == text
