"""What is asked before the first text leaves the encryption: it names everybody who will read it."""

from __future__ import annotations

from hearth.core.view.assistant_text import CONSENT_TITLE, consent_text


def test_everybody_who_reads_along_is_named() -> None:
    title, where, _ = consent_text("chat.example", "model.example")
    assert title == CONSENT_TITLE
    assert "chat.example" in where
    assert "model.example" in where


def test_a_server_that_answers_itself_passes_nothing_on() -> None:
    _, where, _ = consent_text("chat.example", "")
    assert "chat.example" in where
    assert "from there" not in where
