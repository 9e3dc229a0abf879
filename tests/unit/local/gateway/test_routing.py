"""Which route a request belongs to."""

import pytest

from local.gateway.routing import Routes
from local.template.model import Route

ROUTES = Routes(
    Route(method=method, path=path, function="F", authorizer=None)
    for method, path in [
        ("GET", "/"),
        ("GET", "/pets"),
        ("ANY", "/pets/{pet_id}"),
        ("GET", "/pets/{pet_id}"),
        ("GET", "/pets/dog"),
        ("GET", "/pets/{pet_id}/toys/{toy_id}"),
        ("ANY", "/pets/dog/{toy}/one"),
        ("GET", "/pets/{rest+}"),
        ("GET", "/docs/{asset+}"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/", "GET /", {}),
        ("GET", "/pets", "GET /pets", {}),
        ("GET", "/pets/dog", "GET /pets/dog", {}),
        ("POST", "/pets/dog", "ANY /pets/{pet_id}", {"pet_id": "dog"}),
        ("GET", "/pets/cat", "GET /pets/{pet_id}", {"pet_id": "cat"}),
        ("DELETE", "/pets/cat", "ANY /pets/{pet_id}", {"pet_id": "cat"}),
        ("GET", "/pets/cat/toys/7", "GET /pets/{pet_id}/toys/{toy_id}", {"pet_id": "cat", "toy_id": "7"}),
        ("GET", "/pets/dog/toys/7", "GET /pets/{pet_id}/toys/{toy_id}", {"pet_id": "dog", "toy_id": "7"}),
        ("GET", "/pets/dog/ball/one", "ANY /pets/dog/{toy}/one", {"toy": "ball"}),
        ("GET", "/pets/cat/friends", "GET /pets/{rest+}", {"rest": "cat/friends"}),
        ("GET", "/docs/a/b/c.css", "GET /docs/{asset+}", {"asset": "a/b/c.css"}),
        ("GET", "/pets/ü ñ", "GET /pets/{pet_id}", {"pet_id": "ü ñ"}),
    ],
)
def test_the_most_specific_route_wins(method: str, path: str, key: str, parameters: dict[str, str]) -> None:
    match = ROUTES.match(method, path)
    assert match is not None
    assert (match.route.key, match.parameters) == (key, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/pets"), ("GET", "/nothing"), ("GET", "/docs"), ("GET", "/docs/"), ("POST", "/pets/a/b")],
)
def test_what_no_route_fits_has_none(method: str, path: str) -> None:
    assert ROUTES.match(method, path) is None


def test_the_default_route_takes_what_is_left() -> None:
    routes = Routes(
        [
            Route(method="ANY", path="$default", function="Rest", authorizer=None),
            Route(method="GET", path="/a", function="A", authorizer=None),
        ]
    )
    taken = [routes.match(method, path) for method, path in (("GET", "/a"), ("POST", "/a"), ("GET", "/b"))]
    assert [match.route.function if match else None for match in taken] == ["A", "Rest", "Rest"]
    assert taken[1] is not None
    assert taken[1].route.key == "$default"
