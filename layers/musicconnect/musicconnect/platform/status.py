"""Say a state twice: as a code with parameters, for programs, and as a sentence, for people.

What a package is doing or has done is stored as a `Status`; its ``status_text`` module turns that into
words when somebody reads it, in their time zone. Codes are part of the API: they never change their meaning.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from musicconnect.platform.text import truncate

MAX_NAME_LENGTH: Final = 60
"""Characters of a name that a sentence quotes."""


@dataclass(frozen=True, slots=True)
class Status:
    """A state with a stable code, such as ``waiting-for-quota``, and what its sentence mentions."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    """JSON values only: times as RFC 3339 in UTC, a provider as its registry key."""

    def to_json(self) -> dict[str, Any]:
        """Give the form in which it is stored and nested in other parameters."""
        return {"code": self.code, "params": dict(self.params)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Status":
        """Read what `to_json` gave."""
        return cls(value["code"], value["params"])


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a sentence is written."""

    now: datetime
    zone: tzinfo = UTC

    @classmethod
    def of(cls, time_zone: str | None, now: datetime) -> "Reader":
        """Make a reader of a time zone's IANA name, UTC where there is none."""
        return cls(now, ZoneInfo(time_zone) if time_zone and time_zone != "UTC" else UTC)

    def time(self, at: str | datetime) -> str:
        """Write a time: ``08:00`` today, ``Mon 23 Nov, 08:00`` on another day; UTC is named.

        Args:
            at: Aware, or in RFC 3339.
        """
        local = self._local(at)
        text = f"{local:%H:%M}" if local.date() == self._today() else f"{self.day(at)}, {local:%H:%M}"
        return f"{text} UTC" if self.zone is UTC else text

    def day(self, at: str | datetime) -> str:
        """Write a day: ``Mon 23 Nov``; with the year where it is another."""
        local = self._local(at)
        year = "" if local.year == self._today().year else f" {local.year}"
        return f"{local:%a} {local.day} {local:%b}{year}"

    def is_today(self, at: str | datetime) -> bool:
        """Whether a time is on the reader's current day."""
        return self._local(at).date() == self._today()

    def _local(self, at: str | datetime) -> datetime:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return moment.astimezone(self.zone)

    def _today(self) -> date:
        return self.now.astimezone(self.zone).date()


type Text = Callable[[Mapping[str, Any], Reader], str]
"""Writes the sentences of one code: parameters and reader in, text out."""


def render(texts: Mapping[str, Text], status: Status, reader: Reader) -> str:
    """Write a status as sentences.

    Args:
        texts: Of the package, by code.
        status: What to write.
        reader: For whom.

    Raises:
        KeyError: the package has no text for the code.
    """
    return texts[status.code](status.params, reader)


def plural(count: int, singular: str, several: str | None = None) -> str:
    """Write a number of things: ``1 track``, ``2 tracks``."""
    return f"{count:,} {singular if count == 1 else several or singular + 's'}"


def duration(seconds: float) -> str:
    """Write a length of time in one unit: ``45 seconds``, ``3 minutes``, ``2 hours``, ``4 days``."""
    for unit, size, limit in (("second", 1, 90), ("minute", 60, 90 * 60), ("hour", 3600, 36 * 3600)):
        if seconds < limit:
            return plural(max(1, round(seconds / size)), unit)
    return plural(round(seconds / 86_400), "day")


def quoted(name: str) -> str:
    """Quote a name, cut where it is too long for a sentence."""
    return f"“{truncate(name, MAX_NAME_LENGTH)}”"


def sentence(text: str) -> str:
    """End a text as a sentence, beginning with a capital letter."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else text + "."
