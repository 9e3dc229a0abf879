"""Replay the events under ``events/``: find them, carry out their steps, fill them in, judge the answers.

The same cases are replayed in process by the tests, in containers by ``make sam-local`` and one at a time by
``python -m local invoke``; what differs is behind `Environment`. The format is described in events/README.md.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import requests

EVENTS = Path(__file__).resolve().parents[2] / "events"
TIMEOUT = 30.0
"""Seconds for one page of a simulator."""
PASSWORD = "correct horse battery staple"
ANYTHING = "${any}"
USER_VALUES = ("email", "password", "token", "session_id", "user_id")
ADDRESSES = ("spotify_url", "youtube_url", "response_url")
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_OPENED = re.compile(r"\$\{[^}\"]*\}?")


class ReplayError(Exception):
    """A case cannot be prepared: a step failed, or names something that is not there."""


class Environment(Protocol):
    """Where steps are carried out."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """``spotify_url``, ``youtube_url`` and ``response_url``."""

    def call(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        """One request to the API: its status and the parsed body."""

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function, by its logical id."""


@dataclass(frozen=True, slots=True)
class Case:
    """One event and what belongs to it."""

    function: str
    name: str
    event: Any
    expected: Any
    setup: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        """As it stands in lists of cases."""
        return f"{self.function}/{self.name}"

    @property
    def functions(self) -> frozenset[str]:
        """Those that a case runs by an event, its steps included."""
        return frozenset((self.function, *(step["invoke"] for step in self.setup if "invoke" in step)))


def read_cases(folder: Path = EVENTS) -> Iterator[Case]:
    """Read all cases, function by function; ``ReplayError``: a file of one is missing."""
    for function in sorted(path for path in folder.iterdir() if path.is_dir()):
        names = {path.name.split(".", 1)[0] for path in function.glob("*.json")}
        for name in sorted(names):
            for path in (function / f"{name}.json", function / f"{name}.expected.json"):
                if not path.exists():
                    raise ReplayError(f"{path.relative_to(folder)} is missing")
            yield read_case(function.name, function / f"{name}.json")


def read_case(function: str, path: Path) -> Case:
    """Read an event for a function, with the steps and the expectation beside it if there are any."""
    setup, expected = path.with_suffix(".setup.json"), path.with_suffix(".expected.json")
    return Case(
        function=function,
        name=path.stem,
        event=json.loads(path.read_text()),
        expected=json.loads(expected.read_text()) if expected.exists() else None,
        setup=tuple(json.loads(setup.read_text())) if setup.exists() else (),
    )


def check_placeholders(case: Case) -> None:
    """Check that everything in an event will be filled in; ``ReplayError`` names what will not."""
    saved = [name for step in case.setup for name in step.get("save", {})]
    known = (*USER_VALUES, *ADDRESSES, *saved)
    left = [text for text in _OPENED.findall(json.dumps(case.event)) if text[2:-1] not in known]
    if left:
        raise ReplayError(
            f"the event still holds {', '.join(dict.fromkeys(left))}, which nothing fills in; known are "
            f"{', '.join(known)}; steps in {case.name}.setup.json beside the event can save more"
        )


def fill_event(case: Case, environment: Environment) -> Any:
    """Give the event with the steps before it carried out and its placeholders filled in.

    An event without either is given as it is, and nobody is signed up for it.
    """
    check_placeholders(case)
    if not case.setup and "${" not in json.dumps(case.event):
        return case.event
    return fill(case.event, prepare(case, environment))


def prepare(case: Case, environment: Environment) -> dict[str, Any]:
    """Sign a user up and carry out the steps of a case; gives the values of its placeholders."""
    email = f"{case.name.replace('_', '-')}-{secrets.token_hex(6)}@example.org"
    session = _called(environment, "POST", "/v1/auth/signup", {"email": email, "password": PASSWORD}, None)
    known: dict[str, Any] = {
        **environment.addresses,
        "email": email,
        "password": PASSWORD,
        "token": session["token"],
        "session_id": session["session_id"],
        "user_id": session["user"]["id"],
    }
    for step in case.setup:
        answer = _carried_out(fill(step, known), known["token"], environment)
        for name, path in step.get("save", {}).items():
            known[name] = _at(answer, path)
    return known


def fill(value: Any, known: Mapping[str, Any]) -> Any:
    """A step or an event with the placeholders in its texts replaced."""
    match value:
        case str():
            return _PLACEHOLDER.sub(lambda match: str(_known(match[1], known)), value)
        case dict():
            return {name: fill(part, known) for name, part in value.items()}
        case list():
            return [fill(part, known) for part in value]
        case _:
            return value


def differences(expected: Any, actual: Any, known: Mapping[str, Any], path: str = "answer") -> list[str]:
    """What of the expected is not in the answer, in words; nothing if all is well."""
    match expected:
        case str() if expected == ANYTHING:
            return [f"{path}: there is nothing"] if actual is None else []
        case str() if (whole := _PLACEHOLDER.fullmatch(expected)) is not None:
            wanted = _known(whole[1], known)
            same = actual in (wanted, str(wanted))
            return [] if same else [f"{path}: {actual!r} instead of {wanted!r}"]
        case str():
            wanted = fill(expected, known)
            return [] if wanted == actual else [f"{path}: {actual!r} instead of {wanted!r}"]
        case dict() | list() if isinstance(actual, str):
            try:
                return differences(expected, json.loads(actual), known, path)
            except ValueError:
                return [f"{path}: not JSON: {actual[:200]!r}"]
        case dict() if isinstance(actual, dict):
            there = ", ".join(actual) or "nothing"
            found = []
            for name, part in expected.items():
                if name in actual:
                    found += differences(part, actual[name], known, f"{path}.{name}")
                else:
                    found.append(f"{path}.{name}: it is not there, only {there}")
            return found
        case list() if isinstance(actual, list):
            if len(expected) != len(actual):
                return [f"{path}: {len(actual)} items instead of {len(expected)}"]
            return [
                difference
                for index, (part, got) in enumerate(zip(expected, actual, strict=True))
                for difference in differences(part, got, known, f"{path}.{index}")
            ]
        case _:
            # Python takes 1 and true for the same, JSON does not.
            same = type(expected) is type(actual) and expected == actual
            return [] if same else [f"{path}: {actual!r} instead of {expected!r}"]


def _carried_out(step: dict[str, Any], token: str, environment: Environment) -> Any:
    match step:
        case {"link": provider}:
            returned = _consent(str(provider), step.get("login", "ada"), token, environment)
            return _called(environment, "POST", f"/v1/providers/{provider}/link/complete", returned, token)
        case {"consent": provider}:
            return _consent(str(provider), step.get("login", "ada"), token, environment)
        case {"upload": content}:
            return _uploaded(str(content).encode(), step, token, environment)
        case {"invoke": function}:
            return environment.invoke(str(function), step["event"])
        case {"method": method, "path": path}:
            return _called(environment, str(method), str(path), step.get("body"), token)
        case _:
            raise ReplayError(f"no such step: {step}")


def _called(environment: Environment, method: str, path: str, body: Any, token: str | None) -> Any:
    status, answer = environment.call(method, path, body, token)
    if not 200 <= status < 300:
        raise ReplayError(f"{method} {path} answered {status}: {answer}")
    return answer


def _uploaded(content: bytes, step: dict[str, Any], token: str, environment: Environment) -> Any:
    body = {"size_bytes": len(content), **step.get("with", {})}
    made = _called(environment, "POST", step.get("to", "/v1/plays/imports"), body, token)
    link = made["upload"]
    answer = requests.request(
        link["method"], link["url"], data=content, headers=link["headers"], timeout=TIMEOUT
    )
    if not answer.ok:
        raise ReplayError(f"the upload answered {answer.status_code}: {answer.text}")
    return made


def _consent(provider: str, login: str, token: str, environment: Environment) -> dict[str, str]:
    """Begin a link and agree on the consent page; what it sends back to the callback."""
    started = _called(environment, "POST", f"/v1/providers/{provider}/link", {"access": "write"}, token)
    page = requests.get(
        f"{started['authorize_url']}&login={login}&decision=approve", allow_redirects=False, timeout=TIMEOUT
    )
    returned = parse_qs(urlsplit(page.headers.get("Location", "")).query)
    if not {"code", "state"} <= set(returned):
        raise ReplayError(f"the consent page of {provider} answered {page.status_code}: {page.text}")
    return {"code": returned["code"][0], "state": returned["state"][0]}


def _at(answer: Any, path: str) -> Any:
    value = answer
    for part in path.split("."):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise ReplayError(f"there is no {path} in {answer}") from None
    return value


def _known(name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise ReplayError(f"${{{name}}} has no value; known are {', '.join(sorted(known))}")
    return known[name]
