"""Talks to the control address of a running stack: invoke functions, fire schedules, look at instances."""

import http.client
import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

STATE_FILE = "stack.json"
"""In the state folder of a running stack: its addresses and process ids."""


class StackError(Exception):
    """The local stack cannot do what was asked, and says why."""


class FunctionError(Exception):
    """A function raised, ran out of time or crashed."""

    def __init__(self, function: str, payload: Any) -> None:
        details = payload if isinstance(payload, dict) else {}
        self.function = function
        self.kind = str(details.get("errorType", "Unhandled"))
        """``errorType``: the exception's class, ``Sandbox.Timedout``, ``Runtime.ExitError`` ..."""
        self.message = str(details.get("errorMessage", payload))
        self.payload = payload
        super().__init__(f"{function}: {self.kind}: {self.message}")


@dataclass(frozen=True, slots=True)
class Control:
    """A client of the control address."""

    url: str

    @classmethod
    def of_running(cls, state: Path) -> "Control | None":
        """The running stack of a state folder; None when none answers."""
        path = state / STATE_FILE
        try:
            control = cls(json.loads(path.read_text())["control_url"])
            control.instances()
        except (OSError, ValueError, KeyError):
            return None
        return control

    def invoke(self, function: str, event: object, *, seconds: float = 900.0) -> Any:
        """Run a function on an event and return its answer.

        Raises:
            FunctionError: it failed, ran out of time or crashed.
            StackError: there is no such function.
        """
        path = f"/2015-03-31/functions/{quote(function, safe='')}/invocations"
        return self._outcome(function, path, json.dumps(event), seconds)

    def fire_schedule(self, name: str, *, seconds: float = 900.0) -> Any:
        """Let a schedule fire now and return the function's answer. Errors as for ``invoke``.

        It goes by its id (function and event: ``MigrationsDispatcherFunctionEveryMinute``), or by its
        function where that has only one.
        """
        return self._outcome(name, f"/schedules/{quote(name, safe='')}/fire", "", seconds)

    def instances(self) -> dict[str, Any]:
        """By function: ``instances`` of now and those that ``ended``.

        Each has ``pid``, ``state`` and, in monotonic seconds, ``started_at`` and ``first_poll_at`` (None
        before its first poll): their difference is what a cold start takes.
        """
        found: dict[str, Any] = json.loads(self._call("GET", "/functions", "", 10.0)[2])
        return found

    def end_instances(self, function: str, *, crash: bool = False, busy_only: bool = False) -> int:
        """End a function's instances; with ``crash`` by SIGKILL, in the middle of what they do."""
        number = signal.SIGKILL if crash else signal.SIGTERM
        body = json.dumps({"signal": int(number), "busy_only": busy_only})
        status, _, content = self._call("POST", f"/functions/{quote(function)}/end", body, 10.0)
        if status != 200:
            raise StackError(f"there is no function {function}")
        return int(json.loads(content)["ended"])

    def open(self) -> None:
        """Open the gateway and start the event sources."""
        self._call("POST", "/open", "", 30.0)

    def _outcome(self, name: str, path: str, body: str, seconds: float) -> Any:
        status, failed, content = self._call("POST", path, body, seconds)
        payload: Any = json.loads(content) if content else None
        if status not in {200, 429}:
            raise StackError(payload["Message"])
        if failed:
            raise FunctionError(name, payload)
        return payload

    def _call(self, method: str, path: str, body: str, seconds: float) -> tuple[int, bool, bytes]:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        try:
            connection.request(method, path, body.encode())
            answer = connection.getresponse()
            return answer.status, answer.getheader("X-Amz-Function-Error") is not None, answer.read()
        finally:
            connection.close()
