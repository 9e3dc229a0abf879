"""Validate submissions and queries as ListenBrainz does, with its own messages. Pure.

Where ListenBrainz fails itself (a 500), or a client would lose plays for a trifle, this is the more lenient
one: a client that is refused one listen of a batch loses, or keeps for ever, all of it.

Sources: listenbrainz.readthedocs.io (users/api/core, users/json), and the messages that metabrainz'
listenbrainz-server answers with.
"""

import json
import re
import uuid
from typing import Any, Final
from urllib.parse import urlsplit

from musicconnect.trends.listenbrainz.codec import OWN_KEY
from musicconnect.trends.scrobbling.errors import RefusedError, refuse_if

MAX_LISTEN_BYTES: Final = 10_240
MAX_LISTENS: Final = 1000
MAX_PAYLOAD_BYTES: Final = MAX_LISTEN_BYTES * MAX_LISTENS
MAX_TAGS: Final = 50
MAX_TAG_LENGTH: Final = 64
MAX_DEPTH: Final = 64
"""Of lists and objects within each other; PostgreSQL refuses a few thousand."""
EARLIEST_S: Final = 1_033_430_400
"""2002-10-01 in Unix seconds."""
MAX_SKEW_S: Final = 3600
"""Seconds that a listen may lie in the future."""
MAX_DURATION_S: Final = 24 * 24 * 60 * 60
DEFAULT_COUNT: Final = 25
MAX_COUNT: Final = 1000
MAX_OFFSET: Final = 1_000_000
MAX_TIME_S: Final = 10**15
TYPES: Final = ("playing_now", "single", "import")
ONE_ID: Final = ("release_mbid", "recording_mbid", "release_group_mbid", "track_mbid")
ADDRESSES: Final = ("origin_url", "spotify_id")
MANY_IDS: Final = ("artist_mbids", "work_mbids")


def parse_submission(text: str, now: int) -> tuple[str, list[dict[str, Any]]]:
    """Parse a submission at ``now`` (Unix seconds): its type and listens.

    Raises:
        RefusedError: as ListenBrainz refuses it, with the members of the listen that is at fault.
    """
    size = len(text.encode("utf-8", "replace"))
    refuse_if(size > MAX_PAYLOAD_BYTES, f"Payload too large. Payload cannot exceed {MAX_PAYLOAD_BYTES} bytes")
    data = parse_json(text)
    refuse_if(
        not isinstance(data, dict),
        "Invalid JSON document submitted. Top level of JSON document should be a json object.",
    )
    refuse_if("payload" not in data, "Invalid JSON document submitted.")
    payload = data["payload"]
    refuse_if(not isinstance(payload, list), "The payload in the JSON document should be a list of listens.")
    refuse_if(not payload, "JSON document does not contain any listens")
    refuse_if(
        len(payload) > MAX_LISTENS,
        f"Too many listens. You may not submit more than {MAX_LISTENS} listens at once.",
    )
    refuse_if(
        size > len(payload) * MAX_LISTEN_BYTES,
        f"JSON document is too large. Each listens may not be larger than {MAX_LISTEN_BYTES} bytes.",
    )
    refuse_if("listen_type" not in data, "Invalid JSON document submitted.")
    kind = data["listen_type"]
    refuse_if(kind not in TYPES, "JSON document requires a valid listen_type key.")
    refuse_if(
        kind != "import" and len(payload) > 1,
        "JSON document contains more than listen for a single/playing_now. It should contain only one.",
    )
    for one in payload:
        _check(one, kind, now)
    return kind, payload


def parse_json(text: str) -> Any:
    """Parse JSON that PostgreSQL can hold the parts of, or raise `RefusedError`."""
    try:
        data = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"Cannot parse JSON document: {error}") from error
    refuse_if(_depth_exceeds(data, MAX_DEPTH), "Cannot parse JSON document: it is nested too deeply")
    return data


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parse_listen_query(query: dict[str, str]) -> tuple[int | None, int | None, int]:
    """Parse ``min_ts``, ``max_ts`` and ``count`` of a query for listens, or raise `RefusedError`."""
    first, last = _time(query, "min_ts"), _time(query, "max_ts")
    refuse_if(
        first is not None and last is not None and first >= last, "max_ts should be greater than min_ts"
    )
    return first, last, parse_count(query.get("count"))


def parse_count(text: str | None) -> int:
    """Parse how many listens are wanted: at most `MAX_COUNT`."""
    if not text:
        return DEFAULT_COUNT
    count = _integer(text)
    refuse_if(count is None, f"Invalid count argument: {text[:100]}")
    assert count is not None  # refused
    refuse_if(count < 0, "Number of items requested should be positive")
    return min(count, MAX_COUNT)


def parse_offset(text: str | None, default: int) -> int:
    """Parse a number that is not negative, or raise `RefusedError`."""
    if not text:
        return default
    number = _integer(text)
    if number is None or number < 0:
        raise RefusedError(400, "'count' and 'offset' should be non-negative integers")
    return min(number, MAX_OFFSET)


def _time(query: dict[str, str], name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    seconds = _integer(text)
    refuse_if(seconds is None, f"Incorrect {name} timestamp argument: {text[:100]}")
    return seconds


def _integer(text: str) -> int | None:
    if not re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", text, re.ASCII):
        return None
    return max(min(int(text), MAX_TIME_S), -MAX_TIME_S)


def _check(listen: Any, kind: str, now: int) -> None:
    """Refuse what ListenBrainz refuses; drop from ``listen`` what it drops."""
    if not isinstance(listen, dict):
        raise RefusedError(400, "Listen is empty and cannot be validated.")
    try:
        _check_members(listen, kind, now)
    except RefusedError as error:
        error.members = listen
        raise


def _check_members(listen: dict[str, Any], kind: str, now: int) -> None:
    if kind == "playing_now":
        refuse_if(
            "listened_at" in listen,
            "JSON document must not contain listened_at while submitting playing_now.",
        )
    else:
        _check_time(listen, now)
    metadata = listen.get("track_metadata")
    refuse_if(
        "track_metadata" not in listen, "JSON document must contain the key track_metadata at the top level."
    )
    refuse_if(
        kind == "playing_now" and len(listen) > 1,
        "JSON document may only contain track_metadata as top level key when submitting playing_now.",
    )
    refuse_if(len(listen) > 2, "JSON document may only contain listened_at and track_metadata top level keys")
    refuse_if(metadata is None, "JSON document may not have track_metadata with null value.")
    if not isinstance(metadata, dict):
        raise RefusedError(400, "track_metadata must be a JSON object.")
    for name, is_required in (("track_name", True), ("artist_name", True), ("release_name", False)):
        _check_name(metadata, name, is_required=is_required)
    info = metadata.get("additional_info")
    if info is None:
        metadata.pop("additional_info", None)
    else:
        refuse_if(not isinstance(info, dict), "track_metadata.additional_info must be a JSON object.")
        _check_info(info)
    _check_text(listen)
    if info:
        metadata["additional_info"] = flatten(info)


def flatten(info: dict[str, Any]) -> dict[str, Any]:
    """Make members of nested objects members ``a.b``; lists stay, and so does what our own exports add."""
    found: dict[str, Any] = {}
    todo = [("", info)]
    while todo:
        prefix, level = todo.pop()
        for name, value in level.items():
            if isinstance(value, dict) and prefix + name != OWN_KEY:
                todo.append((f"{prefix}{name}.", value))
            else:
                found[prefix + name] = value
    return found


def _check_time(listen: dict[str, Any], now: int) -> None:
    refuse_if("listened_at" not in listen, "JSON document must contain the key listened_at at the top level.")
    try:
        seconds = int(listen["listened_at"])
    except (ValueError, TypeError, OverflowError):
        raise RefusedError(400, "JSON document must contain an int value for listened_at.") from None
    refuse_if(seconds >= now + MAX_SKEW_S, "Value for key listened_at is too high.")
    if seconds < EARLIEST_S:
        # The number in this sentence is theirs, and not the one they compare with.
        raise RefusedError(
            400,
            "Value for key listened_at is too low. listened_at timestamp should be greater than "
            "1033410600 (2002-10-01 00:00:00 UTC).",
        )
    listen["listened_at"] = seconds


def _check_name(metadata: dict[str, Any], name: str, *, is_required: bool) -> None:
    if name not in metadata:
        refuse_if(is_required, f"JSON document does not contain required field track_metadata.{name}.")
        return
    value = metadata[name]
    if not isinstance(value, str):
        raise RefusedError(400, f"track_metadata.{name} must be a single string.")
    metadata[name] = value.strip()
    if not metadata[name]:
        # Players send an empty album for every track that has none.
        refuse_if(is_required, f"field track_metadata.{name} is empty.")
        del metadata[name]


def _check_info(info: dict[str, Any]) -> None:
    if "tags" in info and not isinstance(info["tags"], list):
        del info["tags"]
    tags = info.get("tags", [])
    refuse_if(
        len(tags) > MAX_TAGS,
        f"JSON document may not contain more than {MAX_TAGS} items in track_metadata.additional_info.tags.",
    )
    refuse_if(
        any(len(str(tag)) > MAX_TAG_LENGTH for tag in tags),
        "JSON document may not contain track_metadata.additional_info.tags longer than "
        f"{MAX_TAG_LENGTH} characters.",
    )
    refuse_if(
        "duration" in info and "duration_ms" in info,
        "JSON document should not contain both duration and duration_ms.",
    )
    for name, limit in (("duration", MAX_DURATION_S), ("duration_ms", MAX_DURATION_S * 1000)):
        if name in info:
            info[name] = _duration(name, info[name], limit)
    for name in ADDRESSES:
        if isinstance(info.get(name), str) and not _is_address(info[name]):
            del info[name]
    for name in ONE_ID:
        if name in info and not info[name]:
            del info[name]
        elif name in info and not is_uuid(info[name]):
            raise RefusedError(400, f"{name} MBID format invalid.")
    for name in MANY_IDS:
        if name in info and not info[name]:
            del info[name]
        elif name in info:
            ids = [one for one in info[name] if one] if isinstance(info[name], list) else [None]
            refuse_if(not all(map(is_uuid, ids)), f"{name} MBID format invalid.")
            info[name] = ids


def _duration(name: str, value: Any, limit: int) -> int:
    try:
        duration = int(float(value))  # as text, too
    except (ValueError, TypeError, OverflowError):
        duration = 0
    refuse_if(duration <= 0, f"Value for {name} is invalid, should be a positive integer.")
    refuse_if(duration > limit, f"Value for {name} is too large, max permitted value is {limit}")
    return duration


def _is_address(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID in any of the forms that Python takes, as ListenBrainz does."""
    try:
        uuid.UUID(value)
    except (ValueError, AttributeError, TypeError):
        return False
    return True


def _check_text(value: Any) -> None:
    """Refuse what PostgreSQL cannot hold."""
    match value:
        case str():
            if "\x00" in value:
                raise RefusedError(400, f"{value[:100]} contains a unicode null".replace("\x00", ""))
            refuse_if(
                value.encode("utf-8", "replace").decode() != value,
                "Cannot parse JSON document: a name is not valid Unicode",
            )
        case float():
            # 1e400 is a number in JSON, and none that can be stored.
            refuse_if(value in (float("inf"), float("-inf")), "Cannot parse JSON document: number too large")
        case dict():
            for pair in value.items():
                for part in pair:
                    _check_text(part)
        case list():
            for part in value:
                _check_text(part)


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            part
            for one in level
            if isinstance(one, dict | list)
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True
