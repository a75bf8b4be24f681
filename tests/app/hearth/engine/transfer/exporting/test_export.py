"""An export under way: stopped, begun again, and not begun where a part of Hearth does not come."""

from __future__ import annotations

from hearth.core.errors import NotLoaded
from hearth.engine.intents.transfer import CancelTransfer, ExportData
from tests.app.hearth.engine.transfer.exporting.test_exporter import chats_of, exported, transfer
from tests.app.hearth.engine.writing.live import live, screen


def test_a_tab_that_is_stopped_leaves_nothing_and_can_begin_again() -> None:
    with live(chats=150) as there:
        browser = there.signed_in()
        browser.device.network.silent = True
        there.do(browser, ExportData())
        assert transfer(browser).progress
        assert browser.device.downloads[0].parts
        there.do(browser, CancelTransfer())
        assert screen(browser).transfer is None
        assert browser.device.downloads[0].offered is None
        assert browser.device.downloads[0].discarded
        browser.device.network.heal()
        assert len(chats_of(exported(there, browser))) == 150


def test_a_part_of_hearth_that_does_not_come_is_a_sentence() -> None:
    with live() as there:
        browser = there.signed_in()
        browser.device.refuse_modules = NotLoaded("It could not be loaded.")
        there.do(browser, ExportData())
        assert transfer(browser).failed
        assert transfer(browser).sentence == "It could not be loaded."
        browser.device.refuse_modules = None
        assert len(chats_of(exported(there, browser))) == 4
