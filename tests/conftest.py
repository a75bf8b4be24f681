"""What holds for every test here: Hypothesis measures no time, as a busy machine takes any time for anything."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("hearth", deadline=None)
settings.load_profile("hearth")
