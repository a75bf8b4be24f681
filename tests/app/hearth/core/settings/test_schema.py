"""Hearth's own settings: names and choices are told apart, and are all that other modules rely on."""

from __future__ import annotations

from hearth.core.settings.schema import ASSISTANT, BY_NAME, CATALOGUE, DEVICES, OFF, ON, RECENT, TEXT_SIZE, THEME


def test_names_and_choices_are_told_apart() -> None:
    assert len(BY_NAME) == len(CATALOGUE)
    for setting in CATALOGUE:
        assert len({each.value for each in setting.choices}) == len(setting.choices)
        assert len({each.label for each in setting.choices}) == len(setting.choices)
        assert len(setting.choices) != 1, "a choice of one is none"


def test_what_is_stored_keeps_its_names() -> None:
    """These are in the records of accounts: another name would forget what was chosen."""
    chosen = {name: [each.value for each in BY_NAME[name].choices] for name in (THEME, TEXT_SIZE, ASSISTANT, RECENT)}
    assert chosen == {
        "theme": ["system", "light", "dark"],
        "text_size": ["normal", "large", "larger"],
        "assistant": [ON, OFF],
        "recent": ["keep", "never"],
    }
    assert BY_NAME[DEVICES].choices == ()


def test_sections_stand_together() -> None:
    sections = [each.section for each in CATALOGUE]
    assert sections == sorted(sections, key=sections.index)
