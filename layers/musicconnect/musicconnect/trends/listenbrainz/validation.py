"""Validate submissions and queries as ListenBrainz does, with its own messages. Pure.

Sources: listenbrainz.readthedocs.io (users/api/core, users/json), and the messages that metabrainz'
listenbrainz-server answers with.
"""

import json
import re
import uuid
from typing import Any, Final

MAX_LISTEN_BYTES: Final = 10_240
MAX_LISTENS: Final = 1000
MAX_PAYLOAD_BYTES: Final = MAX_LISTEN_BYTES * MAX_LISTENS
MAX_TAGS: Final = 50
MAX_TAG_LENGTH: Final = 64
EARLIEST_S: Final = 1_033_430_400
"""2002-10-01 in Unix seconds."""
MAX_SKEW_S: Final = 3600
"""Seconds that a listen may lie in the future."""
MAX_DURATION_S: Final = 24 * 24 * 60 * 60
DEFAULT_COUNT: Final = 25
MAX_COUNT: Final = 1000
TYPES: Final = ("playing_now", "single", "import")
ONE_ID: Final = ("release_mbid", "recording_mbid", "release_group_mbid", "track_mbid")
MANY_IDS: Final = ("artist_mbids", "work_mbids")


class ListenBrainzError(Exception):
    """A refusal, in ListenBrainz's words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def _refuse_if(condition: object, message: str) -> None:
    if condition:
        raise ListenBrainzError(400, message)


def parse_submission(text: str, now: int) -> tuple[str, list[dict[str, Any]]]:
    """Parse a submission at ``now`` (Unix seconds): its type and listens; raises ListenBrainzError."""
    size = len(text.encode("utf-8", "replace"))
    _refuse_if(
        size > MAX_PAYLOAD_BYTES, f"Payload too large. Payload cannot exceed {MAX_PAYLOAD_BYTES} bytes"
    )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ListenBrainzError(400, f"Cannot parse JSON document: {error}") from error
    _refuse_if(
        not isinstance(data, dict),
        "Invalid JSON document submitted. Top level of JSON document should be a json object.",
    )
    _refuse_if("payload" not in data, "Invalid JSON document submitted.")
    payload = data["payload"]
    _refuse_if(not isinstance(payload, list), "The payload in the JSON document should be a list of listens.")
    _refuse_if(not payload, "JSON document does not contain any listens")
    _refuse_if(
        len(payload) > MAX_LISTENS,
        f"Too many listens. You may not submit more than {MAX_LISTENS} listens at once.",
    )
    _refuse_if(
        size > len(payload) * MAX_LISTEN_BYTES,
        f"JSON document is too large. Each listens may not be larger than {MAX_LISTEN_BYTES} bytes.",
    )
    _refuse_if("listen_type" not in data, "Invalid JSON document submitted.")
    kind = data["listen_type"]
    _refuse_if(kind not in TYPES, "JSON document requires a valid listen_type key.")
    _refuse_if(
        kind != "import" and len(payload) > 1,
        "JSON document contains more than listen for a single/playing_now. It should contain only one.",
    )
    for one in payload:
        _check(one, kind, now)
    return kind, payload


def parse_listen_query(query: dict[str, str]) -> tuple[int | None, int | None, int]:
    """Parse ``min_ts``, ``max_ts`` and ``count`` of a query for listens, or raise ListenBrainzError."""
    first, last = _integer(query, "min_ts"), _integer(query, "max_ts")
    _refuse_if(first and last and first >= last, "min_ts should be less than max_ts")
    count = query.get("count")
    if not count:
        return first, last, DEFAULT_COUNT
    _refuse_if(not (count.isascii() and count.isdecimal()), "'count' should be a non-negative integer")
    return first, last, min(int(count[:9]), MAX_COUNT)


def _integer(query: dict[str, str], name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    _refuse_if(not re.fullmatch(r"-?[0-9]{1,18}", text), f"Invalid {name} argument: {text[:100]}")
    return int(text)


def _check(listen: Any, kind: str, now: int) -> None:
    """Refuse what ListenBrainz refuses; drop from ``listen`` what it drops."""
    _refuse_if(not isinstance(listen, dict), "Listen is empty and cannot be validated.")
    if kind == "playing_now":
        _refuse_if(
            "listened_at" in listen,
            "JSON document must not contain listened_at while submitting playing_now.",
        )
    else:
        _check_time(listen, now)
    metadata = listen.get("track_metadata")
    _refuse_if(
        "track_metadata" not in listen, "JSON document must contain the key track_metadata at the top level."
    )
    _refuse_if(
        kind == "playing_now" and len(listen) > 1,
        "JSON document may only contain track_metadata as top level key when submitting playing_now.",
    )
    _refuse_if(
        len(listen) > 2, "JSON document may only contain listened_at and track_metadata top level keys"
    )
    _refuse_if(metadata is None, "JSON document may not have track_metadata with null value.")
    _refuse_if(not isinstance(metadata, dict), "track_metadata must be a JSON object.")
    for name, is_required in (("track_name", True), ("artist_name", True), ("release_name", False)):
        _check_name(metadata, name, is_required=is_required)
    info = metadata.get("additional_info")
    if info is not None:
        _refuse_if(not isinstance(info, dict), "track_metadata.additional_info must be a JSON object.")
        _check_info(info)
    _check_text(listen)


def _check_time(listen: dict[str, Any], now: int) -> None:
    _refuse_if(
        "listened_at" not in listen, "JSON document must contain the key listened_at at the top level."
    )
    try:
        listen["listened_at"] = int(listen["listened_at"])
    except (ValueError, TypeError, OverflowError):
        raise ListenBrainzError(400, "JSON document must contain an int value for listened_at.") from None
    _refuse_if(listen["listened_at"] >= now + MAX_SKEW_S, "Value for key listened_at is too high.")
    if listen["listened_at"] < EARLIEST_S:
        # The number in this sentence is theirs, and not the one they compare with.
        raise ListenBrainzError(
            400,
            "Value for key listened_at is too low. listened_at timestamp should be greater than "
            "1033410600 (2002-10-01 00:00:00 UTC).",
        )


def _check_name(metadata: dict[str, Any], name: str, *, is_required: bool) -> None:
    if name not in metadata:
        _refuse_if(is_required, f"JSON document does not contain required field track_metadata.{name}.")
        return
    _refuse_if(not isinstance(metadata[name], str), f"track_metadata.{name} must be a single string.")
    metadata[name] = metadata[name].strip()
    _refuse_if(not metadata[name], f"field track_metadata.{name} is empty.")


def _check_info(info: dict[str, Any]) -> None:
    tags = info.get("tags", [])
    _refuse_if(
        not isinstance(tags, list) or len(tags) > MAX_TAGS,
        f"JSON document may not contain more than {MAX_TAGS} items in track_metadata.additional_info.tags.",
    )
    _refuse_if(
        any(len(str(tag)) > MAX_TAG_LENGTH for tag in tags),
        "JSON document may not contain track_metadata.additional_info.tags longer than "
        f"{MAX_TAG_LENGTH} characters.",
    )
    _refuse_if(
        "duration" in info and "duration_ms" in info,
        "JSON document should not contain both duration and duration_ms.",
    )
    for name, limit in (("duration", MAX_DURATION_S), ("duration_ms", MAX_DURATION_S * 1000)):
        if name in info:
            info[name] = _duration(name, info[name], limit)
    for name in ONE_ID:
        if name in info and not info[name]:
            del info[name]
        elif name in info and not _is_uuid(info[name]):
            raise ListenBrainzError(400, f"{name} MBID format invalid.")
    for name in MANY_IDS:
        if name in info and not info[name]:
            del info[name]
        elif name in info:
            ids = [one for one in info[name] if one] if isinstance(info[name], list) else [None]
            _refuse_if(not all(map(_is_uuid, ids)), f"{name} MBID format invalid.")
            info[name] = ids


def _duration(name: str, value: Any, limit: int) -> int:
    try:
        duration = int(value)
    except (ValueError, TypeError, OverflowError):
        duration = 0
    _refuse_if(duration <= 0, f"Value for {name} is invalid, should be a positive integer.")
    _refuse_if(duration > limit, f"Value for {name} is too large, max permitted value is {limit}")
    return duration


def _is_uuid(value: Any) -> bool:
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
                raise ListenBrainzError(400, f"{value[:100]} contains a unicode null".replace("\x00", ""))
            _refuse_if(
                value.encode("utf-8", "replace").decode() != value,
                "Cannot parse JSON document: a name is not valid Unicode",
            )
        case dict():
            for pair in value.items():
                for part in pair:
                    _check_text(part)
        case list():
            for part in value:
                _check_text(part)
