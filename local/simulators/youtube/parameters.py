"""Query parameters: what a method takes, and reading them as strictly as Google does."""

import base64
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from local.simulators.youtube import errors

type Kind = Literal["string", "boolean", "integer", "list", "enum", "datetime"]

# The standard parameters of every Google API, and those for content partners, which change nothing here.
TOLERATED = frozenset(
    {
        "$.xgafv", "access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint",
        "quotaUser", "uploadType", "upload_protocol", "onBehalfOfContentOwner",
        "onBehalfOfContentOwnerChannel", "hl",
    }
)  # fmt: skip

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter."""

    kind: Kind = "string"
    low: int = 0
    high: int = 0
    choices: frozenset[str] = frozenset()


STRING = Parameter()
BOOLEAN = Parameter("boolean")
LIST = Parameter("list")
DATETIME = Parameter("datetime")
PAGE_SIZE = Parameter("integer", 0, 50)


def one_of(*choices: str) -> Parameter:
    """A parameter that takes one of these words."""
    return Parameter("enum", choices=frozenset(choices))


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one call, read."""

    parts: frozenset[str] = frozenset()
    strings: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    def only_filter(self, *choices: str) -> str:
        """The one filter that is given, of those that exclude each other; 400 for none, or more."""
        values = {**self.strings, **self.lists, **self.flags}
        given = [name for name in choices if values.get(name)]
        if not given:
            message = f"No filter selected. Expected one of: {', '.join(choices)}"
            raise errors.bad_filters("missingRequiredParameter", message)
        if len(given) > 1:
            message = f"Incompatible parameters specified in the request: {', '.join(given)}"
            raise errors.bad_filters("incompatibleParameters", message)
        return given[0]

    @property
    def page_size(self) -> int:
        """``maxResults``, 5 when absent."""
        return self.numbers.get("maxResults", 5)


def read_query(
    given: Sequence[tuple[str, str]],
    known: Mapping[str, Parameter],
    parts: Collection[str],
    *,
    needs_part: bool = True,
) -> Query:
    """Read the query of one call; 400 about the first parameter that is wrong.

    ``known`` are the method's own parameters, without ``part`` (one of ``parts``) and the tolerated ones.
    """
    raw: dict[str, list[str]] = {}
    for name, value in given:
        if name != "part" and name not in known and name not in TOLERATED:
            raise errors.parameter("unexpectedParameter", f"Unexpected parameter: {name}", name)
        raw.setdefault(name, []).append(value)
    wanted = [part for value in raw.pop("part", []) for part in value.split(",") if part]
    if needs_part and not wanted:
        raise errors.missing_parameter("part")
    for part in wanted:
        if part.strip() not in parts:
            raise errors.ApiError(400, "unknownPart", "youtube.part", f"'{part}'", location="part")
    strings: dict[str, str] = {}
    lists: dict[str, Sequence[str]] = {}
    flags: dict[str, bool] = {}
    numbers: dict[str, int] = {}
    for name, values in raw.items():
        parameter = known.get(name)
        if parameter is None:
            continue
        value = values[-1]
        match parameter.kind:
            case "list":
                lists[name] = [word for text in values for word in text.split(",") if word]
            case "boolean":
                flags[name] = _boolean(name, value)
            case "integer":
                numbers[name] = _integer(name, value, parameter)
            case "enum" if value not in parameter.choices:
                raise errors.invalid_value(_snake(name), "TYPE_ENUM", value)
            case "datetime":
                strings[name] = _datetime(name, value)
            case _:
                strings[name] = value
    return Query(frozenset(part.strip() for part in wanted), strings, lists, flags, numbers)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _boolean(name: str, value: str) -> bool:
    if value.lower() not in _BOOLEANS:
        raise errors.invalid_value(_snake(name), "TYPE_BOOL", value)
    return _BOOLEANS[value.lower()]


def _integer(name: str, value: str, parameter: Parameter) -> int:
    if not re.fullmatch(r"-?[0-9]{1,10}", value):
        raise errors.invalid_value(_snake(name), "TYPE_UINT32", value)
    if not parameter.low <= int(value) <= parameter.high:
        message = f"Invalid value '{value}'. Values must be within the range: "
        message += f"[{parameter.low}, {parameter.high}]"
        raise errors.ApiError(400, "invalidParameter", "global", message, location=name)
    return int(value)


def _datetime(name: str, value: str) -> str:
    """In the one form that compares as text."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise errors.invalid_value(_snake(name), "TYPE_STRING", value)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Page tokens


def page_token(offset: int, *context: object) -> str:
    """An opaque token for the page that starts at ``offset`` of the list that ``context`` names."""
    raw = offset.to_bytes(4, "big") + _digest(offset, context)
    return "C" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def page_offset(token: str | None, *context: object) -> int:
    """Where a page starts; 0 without a token, 400 for one that was made up or belongs to another list."""
    if token is None:
        return 0
    try:
        raw = base64.b64decode(token[1:] + "=" * (-len(token[1:]) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise errors.error("invalid_page_token") from error
    offset = int.from_bytes(raw[:4], "big")
    if raw[4:] != _digest(offset, context):
        raise errors.error("invalid_page_token")
    return offset


def _digest(offset: int, context: tuple[object, ...]) -> bytes:
    return hashlib.blake2b(repr((offset, context)).encode(), digest_size=5).digest()


def page_tokens(offset: int, size: int, total: int, *context: object) -> dict[str, str]:
    """Tokens for the next and the previous page of a list of ``total``, where there are such pages."""
    tokens = {}
    if 0 < size < total - offset:
        tokens["nextPageToken"] = page_token(offset + size, *context)
    if offset:
        tokens["prevPageToken"] = page_token(max(offset - size, 0), *context)
    return tokens
