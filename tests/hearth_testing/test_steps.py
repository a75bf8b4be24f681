"""A journey's steps are taken alike in Playwright's sync and in its async API."""

from __future__ import annotations

import pytest

from hearth_testing.steps import Steps, run, run_async


class Page:
    """Answers what Playwright's sync API would."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, name: str) -> str:
        self.asked.append(name)
        if name == "missing":
            raise KeyError(name)
        return name.upper()


class AsyncPage(Page):
    """Answers what Playwright's async API would."""

    async def read(self, name: str) -> str:  # type: ignore[override]
        return super().read(name)


def two(page: Page) -> Steps[str]:
    first = yield page.read("first")
    second = yield from one(page, "second")
    return f"{first} {second}"


def one(page: Page, name: str) -> Steps[str]:
    return str((yield page.read(name)))


def forgiving(page: Page) -> Steps[str]:
    try:
        yield page.read("missing")
    except KeyError:
        return "nothing"
    return "something"


async def test_the_answers_are_given_back_and_what_the_steps_return_is_the_result() -> None:
    page, async_page = Page(), AsyncPage()
    assert run(two(page)) == await run_async(two(async_page)) == "FIRST SECOND"
    assert page.asked == async_page.asked == ["first", "second"]


async def test_a_step_may_catch_what_goes_wrong() -> None:
    assert run(forgiving(Page())) == await run_async(forgiving(AsyncPage())) == "nothing"


async def test_what_is_not_caught_is_raised() -> None:
    with pytest.raises(KeyError):
        run(one(Page(), "missing"))
    with pytest.raises(KeyError):
        await run_async(one(AsyncPage(), "missing"))
