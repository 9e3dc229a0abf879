"""What a simulator does wrong on request: errors, delays, silence, garbage.

A fault is described by a JSON object (see ``Fault``) posted to ``/_control/faults`` and stays until it has
been used up. Faults are tried in the order in which they were added; the first that matches and is due
strikes.
"""

import fnmatch
import random
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

type Kind = Literal["status", "garbage", "empty", "close", "hang", "delay"]

GARBAGE = b'{"items":[{"id":"\xff\xfe<!DOCTYPE html><html><title>Bad gatew'
"""Neither JSON nor UTF-8, cut off in the middle: what a broken proxy sends with a JSON content type."""


class Fault(BaseModel):
    """One fault, as the control endpoint takes it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    endpoint: str = "*"
    """Method and route template (``GET /v1/me/playlists``); ``*`` stands for any run of characters."""
    times: int | None = Field(default=1, ge=1)
    """How often it strikes; null for always."""
    skip: int = Field(default=0, ge=0)
    """How many matching calls pass before the first strike."""
    probability: float = Field(default=1.0, ge=0, le=1)
    """Chance that a due call is struck, drawn from the simulator's seeded generator."""
    kind: Kind = "status"
    """``status`` answers ``status``, ``headers`` and ``body``; ``garbage`` answers bytes that are no JSON;
    ``empty`` answers without a body; ``close`` closes the connection without a word; ``hang`` never answers;
    ``delay`` answers normally after ``delay_ms``, and is the default when nothing but a delay is given."""
    status: int | None = Field(default=None, ge=100, le=599)
    """HTTP status; 500 for ``status``, 200 for ``garbage`` and ``empty`` when not given."""
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    """A JSON value, or a string that is sent as plain text."""
    delay_ms: int = Field(default=0, ge=0)
    """Milliseconds to wait before the fault shows."""
    applied: bool = False
    """True: the call takes effect first, then the fault is answered in place of its result."""
    ready_made: str | None = Field(default=None, alias="as")
    """The name of a fault that the simulator has ready; what is given beside it wins."""

    @model_validator(mode="after")
    def _only_a_delay(self) -> Self:
        if (
            "kind" not in self.model_fields_set
            and self.delay_ms
            and self.status is None
            and self.body is None
        ):
            self.kind = "delay"
        return self

    _passed: int = PrivateAttr(default=0)
    _struck: int = PrivateAttr(default=0)

    @classmethod
    def parse(cls, body: Mapping[str, Any], ready_made: Mapping[str, Mapping[str, Any]]) -> Self:
        """Read a posted fault; ``KeyError``: ``as`` names no ready-made one."""
        name = body.get("as")
        return cls.model_validate(dict(body) if name is None else {**ready_made[name], **body})

    def matches(self, endpoint: str) -> bool:
        """Whether the fault is meant for this endpoint."""
        return self.endpoint in ("*", endpoint) or fnmatch.fnmatchcase(endpoint, self.endpoint)

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it should."""
        return self.times is not None and self._struck >= self.times

    def strikes(self, rng: random.Random) -> bool:
        """Count one matching call; True when the fault strikes it."""
        if self._passed < self.skip:
            self._passed += 1
            return False
        if self.probability < 1 and rng.random() >= self.probability:
            return False
        self._struck += 1
        return True

    def describe(self) -> dict[str, Any]:
        """The fault as JSON, with how often it has struck."""
        return {**self.model_dump(by_alias=True, exclude_defaults=True), "struck": self._struck}


class FaultBook:
    """The faults that are waiting for their calls."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Arm a fault."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Disarm all of them and start the random numbers again."""
        self._faults.clear()
        self._rng.seed(self._seed)

    def pick(self, endpoint: str) -> Fault | None:
        """The fault that strikes this call, or None; counts it on every fault that it matches until then."""
        for fault in self._faults:
            if fault.matches(endpoint) and fault.strikes(self._rng):
                if fault.is_spent:
                    self._faults.remove(fault)
                return fault
        return None

    def describe(self) -> list[dict[str, Any]]:
        """What is armed, in order."""
        return [fault.describe() for fault in self._faults]
