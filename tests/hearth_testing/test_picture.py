"""The picture has a line with a title for everything that happened, on one axis of time."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from hearth_testing.picture import LEFT, WIDTH, bars_of, draw

SVG = "{http://www.w3.org/2000/svg}"


def request(at_ms: float, lasted: float, collection: str = "chats") -> dict[str, Any]:
    times = {"at_ms": at_ms, "started_ms": 5.0, "finished_ms": 5.0 + lasted}
    return {"method": "SEARCH", "collection": collection, "rows": 3, "bytes": 100, "status": 200, **times}


def frame(at_ms: float, event: str = "hello") -> dict[str, Any]:
    return {"at_ms": at_ms, "direction": "in", "event": event, "chars": 9, "connection": 1, "numbers": {}, "counts": {}}


def test_a_line_for_each_in_the_order_of_time() -> None:
    bars = bars_of([request(1100, 50)], [frame(1000), frame(1200, "ping")], [("up-to-date", 1150.0)])
    root = ElementTree.fromstring(draw(bars))  # noqa: S314 - made right here
    groups = root.findall(f"{SVG}g")
    titles = [group.findtext(f"{SVG}title") for group in groups]
    assert titles == [
        "← hello at 0.0 ms: connection 1, 9 characters",
        "Directus chats at 100.0 ms: SEARCH chats: 3 rows, 100 bytes, 200",
        "mark up-to-date at 150.0 ms: the page's mark up-to-date",
        "← ping at 200.0 ms: connection 1, 9 characters",
    ]
    places = [float(group.find(f"{SVG}rect").get("x", "")) for group in groups]  # type: ignore[union-attr]
    assert places == sorted(places)
    assert all(LEFT <= place <= WIDTH for place in places)
    widths = [float(group.find(f"{SVG}rect").get("width", "")) for group in groups]  # type: ignore[union-attr]
    assert max(widths) == widths[1]


def test_names_are_escaped_and_what_is_under_way_has_no_end() -> None:
    unfinished = {**request(1000, 0, "<&>"), "finished_ms": None, "status": None}
    assert ElementTree.fromstring(draw(bars_of([unfinished], [], []))) is not None  # noqa: S314 - made right here


def test_nothing_is_a_picture_too() -> None:
    assert ElementTree.fromstring(draw([])).tag == f"{SVG}svg"  # noqa: S314 - made right here
