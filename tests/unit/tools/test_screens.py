"""The browser tests try every screen and every dialog that the console's code has."""

from tests.browser.screens import (
    DIALOGS,
    INSIDE,
    NOT_A_SCREEN,
    OUTSIDE,
    dialogs_in_code,
    route_of,
    routes_in_code,
)


def test_every_screen_is_tried() -> None:
    tried = {path: route_of(path) for path in [*OUTSIDE, *INSIDE] if path != NOT_A_SCREEN}
    assert [path for path, route in tried.items() if route is None] == []
    assert [route for route in routes_in_code() if route not in tried.values()] == []
    assert route_of(NOT_A_SCREEN) is None


def test_every_dialog_is_tried() -> None:
    assert {(one.source, one.title) for one in DIALOGS} == dialogs_in_code()
