"""The set-up steps: which Node.js and browsers are found, and one sentence with exit code 2 when a step fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runtime import browsers, node, setup
from runtime.browsers import Browser, find
from runtime.errors import BuildError, exit_with_sentence
from runtime.paths import ROOT
from runtime.webkit import find_webkit


def script(folder: Path, name: str, says: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _no_memory() -> None:
    find.cache_clear()
    find_webkit.cache_clear()


@pytest.mark.parametrize(("says", "usable"), [("v20.1.0", True), ("v18.20.4", False), ("nonsense", False)])
def test_only_a_new_enough_node_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, usable: bool
) -> None:
    path = script(tmp_path, "node", says)
    script(tmp_path, "npm", "10")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node.system_node() == (str(path) if usable else None)


def test_a_node_without_npm_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path, "node", "v22.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node.system_node() is None


def test_the_wheels_node_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    path = script(tmp_path / "bin", "node", "v24.0.0")
    npm = tmp_path / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm.parent.mkdir(parents=True)
    npm.write_text("")
    monkeypatch.setattr(node, "system_node", lambda: None)
    monkeypatch.setattr(node, "wheel_folder", lambda: tmp_path)
    assert node.node_command() == [str(path)]
    assert node.npm_command() == [str(path), str(npm)]


def test_no_node_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "system_node", lambda: None)
    monkeypatch.setattr(node, "wheel_folder", lambda: None)
    with pytest.raises(BuildError, match="make setup"):
        node.node_command()
    with pytest.raises(BuildError, match="make setup"):
        node.npm_command()


def test_the_environment_decides_over_every_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("E2E_FIREFOX", "/opt/firefox")
    found = find(Browser.FIREFOX)
    assert found
    assert found.launch_options() == {"executable_path": "/opt/firefox", "channel": "moz-firefox"}


def test_playwrights_own_browser_comes_before_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("E2E_CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    marker = tmp_path / "chromium_headless_shell-1200" / "INSTALLATION_COMPLETE"
    marker.parent.mkdir()
    marker.write_text("")
    found = find(Browser.CHROMIUM)
    assert found
    assert "executable_path" not in found.launch_options()


def test_without_any_browser_none_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("E2E_FIREFOX", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browsers.find(Browser.FIREFOX) is None


def webkit_in(folder: Path, monkeypatch: pytest.MonkeyPatch, *programs: str) -> Path:
    """A machine that has these programs of those that driving WebKit takes, and where its browser lies."""
    monkeypatch.delenv("E2E_WEBKIT", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    for name in programs:
        script(folder, name, "1")
    return folder / "lib" / "x86_64-linux-gnu" / "webkit2gtk-4.1" / "MiniBrowser"


@pytest.mark.parametrize("missing", ["WebKitWebDriver", "Xvfb", "MiniBrowser"])
def test_webkit_is_found_when_each_of_its_programs_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    browser = webkit_in(tmp_path, monkeypatch, *({"WebKitWebDriver", "Xvfb"} - {missing}))
    browser.parent.mkdir(parents=True)
    if missing != "MiniBrowser":
        browser.write_text("")
    assert find_webkit(tmp_path) is None
    browser.write_text("")
    for name in ("WebKitWebDriver", "Xvfb"):
        script(tmp_path, name, "1")
    find_webkit.cache_clear()
    found = find_webkit(tmp_path)
    assert found
    assert found.mini_browser == str(browser)


def test_the_environment_names_another_webkit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    webkit_in(tmp_path, monkeypatch, "WebKitWebDriver", "Xvfb")
    monkeypatch.setenv("E2E_WEBKIT", "/opt/MiniBrowser")
    found = find_webkit(tmp_path)
    assert found
    assert found.mini_browser == "/opt/MiniBrowser"


def test_a_failing_step_shows_why_and_says_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('the registry is not there')"]
    with pytest.raises(BuildError, match="check the registry"):
        setup.run(command, "it failed: check the registry.")
    assert "the registry is not there" in capfd.readouterr().err


def test_an_error_for_a_person_is_a_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    def step() -> None:
        raise BuildError("do this.")

    with pytest.raises(SystemExit) as ended:
        exit_with_sentence(step)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "hearth: do this.\n"


def test_an_unknown_step_lists_the_known_ones() -> None:
    command = [sys.executable, "-m", "runtime.setup", "everything"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "node, npm, wheels, browsers" in done.stderr


def test_what_is_pinned_names_no_host() -> None:
    pinned = [*ROOT.glob("requirements*"), ROOT / "package-lock.json", ROOT / "package.json"]
    assert len(pinned) == 10
    for path in pinned:
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path.name
        assert "--index-url" not in text, path.name
