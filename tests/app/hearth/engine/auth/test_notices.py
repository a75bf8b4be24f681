"""Why somebody has to sign in: each reason has a sentence of its own."""

from __future__ import annotations

from hearth.engine.auth import notices


def test_each_reason_has_a_whole_sentence_of_its_own() -> None:
    said = {name: text for name, text in vars(notices).items() if name.isupper()}
    assert len(set(said.values())) == len(said) == 5
    assert all(text.endswith(".") and "  " not in text for text in said.values())
    # Another tab tells by its beginning whether a revoked session is what the form is about.
    assert not any(text.startswith(notices.SESSION_OVER) for name, text in said.items() if name != "SESSION_OVER")
