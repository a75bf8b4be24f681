"""Python that the page seldom needs: kept out of the start-up snapshot, in an archive that is fetched on demand."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.archive import module_names

ON_DEMAND = (
    "app.page.ways",
    "hearth.browser.download",
    "hearth.browser.passkeys",
    "hearth.core.chat_import",
    "hearth.core.export",
    "hearth.core.passkeys",
    "hearth.core.records.recovery_key",
    "hearth.core.zip",
    "hearth.engine.transfer.count_text",
    "hearth.engine.transfer.exporting",
    "hearth.engine.transfer.importing",
    "hearth.engine.transfer.pacing",
    "hearth.engine.transfer.remote_chats",
    "hearth.engine.ways",
    "hearth.ports.passkeys",
)
"""Packages and modules that are loaded by `Device.load` when they are first needed, with all that is in them.

Nothing that is imported at the start may import them at its top: `tests/runtime/test_on_demand.py` holds that."""


def is_on_demand(module: str) -> bool:
    """Whether a module is one of these packages, or in one of them."""
    return any(module == name or module.startswith(f"{name}.") for name in ON_DEMAND)


def split(contents: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the sources that the start needs, and those that are fetched on demand; keys are import paths."""
    later = {path for path in contents if is_on_demand(*module_names([path]))}
    return (
        {path: source for path, source in contents.items() if path not in later},
        {path: contents[path] for path in sorted(later)},
    )


def parents() -> list[str]:
    """Return the packages in which Python looks for them: the archive becomes one more place of each."""
    return sorted({name.rpartition(".")[0] for name in ON_DEMAND})
