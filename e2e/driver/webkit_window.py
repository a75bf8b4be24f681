"""A window of WebKitGTK that keeps its storage in a folder: what an ordinary window of Safari does.

MiniBrowser under automation opens private windows only, so WebKit's driver starts this in its place. It runs under the
Python of the system, which has the bindings to GTK, and imports nothing else: `webkit_window.py FOLDER`.
"""

import sys

import gi  # type: ignore[import-not-found]

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")

from gi.repository import Gtk, WebKit2  # type: ignore[import-not-found]  # noqa: E402


def main(folder: str) -> None:
    """Serve the driver until it ends this process."""
    data = WebKit2.WebsiteDataManager(base_data_directory=f"{folder}/data", base_cache_directory=f"{folder}/cache")
    context = WebKit2.WebContext(website_data_manager=data)
    cookies = context.get_cookie_manager()
    cookies.set_persistent_storage(f"{folder}/cookies.sqlite", WebKit2.CookiePersistentStorage.SQLITE)

    def new_view(_session: object) -> object:
        view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
        window = Gtk.Window(default_width=1280, default_height=900)
        window.add(view)
        window.show_all()
        view.connect("close", lambda _: window.destroy())
        return view

    def started(_context: object, session: WebKit2.AutomationSession) -> None:
        info = WebKit2.ApplicationInfo()
        info.set_name("MiniBrowser")  # what Selenium asks for
        info.set_version(WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version())
        session.set_application_info(info)
        session.connect("create-web-view", new_view)

    context.set_automation_allowed(True)
    context.connect("automation-started", started)
    Gtk.main()


if __name__ == "__main__":
    main(sys.argv[1])
