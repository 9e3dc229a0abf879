"""How events are prepared and answers judged."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.events import replay

KNOWN = {"user_id": 12, "token": "secret", "name": "Ada"}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": "${any}"}, {"a": 0}),
        ({"a": "${user_id}"}, {"a": 12}),
        ({"a": "${user_id}"}, {"a": "12"}),
        ({"a": "hello ${name}"}, {"a": "hello Ada"}),
        ({"body": {"items": [{"id": 1}]}}, {"body": '{"items": [{"id": 1, "more": 2}]}'}),
        ({"a": None}, {"a": None}),
        ([], []),
    ],
)
def test_what_is_expected_is_a_part_of_the_answer(expected: Any, actual: Any) -> None:
    assert replay.differences(expected, actual, KNOWN) == []


@pytest.mark.parametrize(
    ("expected", "actual", "difference"),
    [
        ({"a": 1}, {"b": 1}, "answer.a: it is not there, only b"),
        ({"a": 1}, {"a": 2}, "answer.a: 2 instead of 1"),
        ({"a": 1}, {"a": True}, "answer.a: True instead of 1"),
        ({"a": "${any}"}, {"a": None}, "answer.a: there is nothing"),
        ({"a": "${user_id}"}, {"a": 13}, "answer.a: 13 instead of 12"),
        ({"a": "hello ${name}"}, {"a": "hello"}, "answer.a: 'hello' instead of 'hello Ada'"),
        ({"a": [1]}, {"a": [1, 2]}, "answer.a: 2 items instead of 1"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "answer.a.0.b: 2 instead of 1"),
        ({"body": {"a": 1}}, {"body": "<html>"}, "answer.body: not JSON: '<html>'"),
        ({"body": {"a": 1}}, {"body": '{"a": 2}'}, "answer.body.a: 2 instead of 1"),
        ({"a": None}, {"a": 0}, "answer.a: 0 instead of None"),
        ({"a": {}}, {"a": 3}, "answer.a: 3 instead of {}"),
        ({"a": 1}, None, "answer: None instead of {'a': 1}"),
    ],
)
def test_a_difference_is_named_with_its_place(expected: Any, actual: Any, difference: str) -> None:
    assert replay.differences(expected, actual, KNOWN) == [difference]


def test_placeholders_are_filled_in_everywhere() -> None:
    event = {
        "headers": {"authorization": "Bearer ${token}"},
        "ids": ["${user_id}", 7],
        "body": '{"id": ${user_id}}',
    }
    assert replay.fill(event, KNOWN) == {
        "headers": {"authorization": "Bearer secret"},
        "ids": ["12", 7],
        "body": '{"id": 12}',
    }


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(replay.ReplayError, match=r"\$\{nobody\} has no value"):
        replay.fill("${nobody}", KNOWN)


class Recorded:
    """An environment that answers from a list and remembers what it was asked."""

    addresses: Mapping[str, str] = {"spotify_url": "http://spotify"}

    def __init__(self, **answers: tuple[int, Any]) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.answers = {"signup": (201, {"token": "t", "session_id": 5, "user": {"id": 3}}), **answers}

    def call(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        """Answer by the last part of the path."""
        self.asked.append((method, path, body, token))
        return self.answers[path.rsplit("/", 1)[1]]

    def invoke(self, function: str, event: Any) -> Any:
        """Answer that it was invoked."""
        self.asked.append((function, event))
        return {"done": [{"id": 9}]}


def case(*setup: dict[str, Any]) -> replay.Case:
    """A case with these steps."""
    return replay.Case("CoreApiFunction", "some_case", {}, {}, setup)


def test_steps_are_made_in_order_by_the_person_and_keep_what_they_are_told_to() -> None:
    environment = Recorded(things=(200, {"items": [{"id": 7}]}))
    known = replay.prepare(
        case(
            {"method": "GET", "path": "/v1/things", "save": {"thing": "items.0.id"}},
            {"invoke": "WorkFunction", "event": {"id": "${thing}"}, "save": {"work": "done.0.id"}},
        ),
        environment,
    )
    assert known["thing"] == 7
    assert known["work"] == 9
    assert (known["token"], known["session_id"], known["user_id"]) == ("t", 5, 3)
    assert known["spotify_url"] == "http://spotify"
    assert environment.asked[1:] == [("GET", "/v1/things", None, "t"), ("WorkFunction", {"id": "7"})]


def test_a_step_that_fails_ends_the_case() -> None:
    with pytest.raises(replay.ReplayError, match="GET /v1/things answered 404"):
        replay.prepare(case({"method": "GET", "path": "/v1/things"}), Recorded(things=(404, {})))


def test_a_step_that_does_not_give_what_is_to_be_saved_ends_the_case() -> None:
    step = {"method": "GET", "path": "/v1/things", "save": {"thing": "items.0.id"}}
    with pytest.raises(replay.ReplayError, match=r"no items\.0\.id"):
        replay.prepare(case(step), Recorded(things=(200, {"items": []})))


def test_an_unknown_step_is_an_error() -> None:
    with pytest.raises(replay.ReplayError, match="no such step"):
        replay.prepare(case({"wait": 3}), Recorded())


def test_a_case_needs_an_event_and_an_expectation(tmp_path: Path) -> None:
    folder = tmp_path / "CoreApiFunction"
    folder.mkdir()
    (folder / "log_in.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(replay.ReplayError, match=r"log_in\.expected\.json is missing"):
        list(replay.read_cases(tmp_path))
    (folder / "log_in.expected.json").write_text("{}")
    (folder / "log_in.setup.json").write_text('[{"link": "spotify"}]')
    (found,) = replay.read_cases(tmp_path)
    assert (str(found), found.event, found.setup) == (
        "CoreApiFunction/log_in",
        {"a": 1},
        ({"link": "spotify"},),
    )
    (folder / "stray.setup.json").write_text("[]")
    with pytest.raises(replay.ReplayError, match=r"stray\.json is missing"):
        list(replay.read_cases(tmp_path))


@pytest.mark.parametrize("text", ["${nobody}", "a ${no-name} b", "${"])
def test_an_event_that_would_still_hold_a_placeholder_is_refused_in_words(text: str) -> None:
    environment = Recorded()
    asked = replay.Case("CoreApiFunction", "some_case", {"body": [f"${{token}} {text}"]}, None, ())
    with pytest.raises(replay.ReplayError) as refused:
        replay.fill_event(asked, environment)
    assert (
        f"still holds {text.strip('ab ')}, which nothing fills in; known are email, password, token"
        in str(refused.value)
    )
    assert "some_case.setup.json" in str(refused.value)
    assert environment.asked == []


def test_an_event_is_filled_in_from_the_user_and_from_what_steps_save() -> None:
    environment = Recorded(things=(200, {"items": [{"id": 7}]}))
    step = {"method": "GET", "path": "/v1/things", "save": {"thing": "items.0.id"}}
    asked = replay.Case("CoreApiFunction", "some_case", {"a": "${user_id}/${thing}"}, None, (step,))
    assert replay.fill_event(asked, environment) == {"a": "3/7"}


def test_nobody_is_signed_up_for_an_event_without_placeholders_and_steps() -> None:
    environment = Recorded()
    asked = replay.Case("CoreApiFunction", "some_case", {"a": "b"}, None, ())
    assert replay.fill_event(asked, environment) == {"a": "b"}
    assert environment.asked == []
