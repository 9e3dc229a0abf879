"""Take and tell love and hate as ListenBrainz does."""

from typing import Any, Final, Literal

from musicconnect.api.binding import Request
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.listenbrainz.schemas import (
    FeedbackForRecordings,
    FeedbackItem,
    FeedbackList,
    SubmitResult,
)
from musicconnect.trends.listenbrainz.validation import is_uuid, parse_count, parse_json, parse_offset
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.plays.model import key_of_msid
from musicconnect.trends.scrobbling import people, store
from musicconnect.trends.scrobbling.errors import RefusedError, refuse_if
from musicconnect.trends.scrobbling.store import FeedbackRow, IdKind

SCORES: Final = (1, -1)
MAX_RECORDINGS: Final = 1_000
"""In a question."""
type _Id = tuple[str, IdKind]


def submit(database: Database, text: str, request: Request) -> SubmitResult:
    """Love (1) or hate (-1) a recording, or neither (0)."""
    user_id = people.authenticate(database, request)
    recording, kind, score = _parse(parse_json(text))
    with database.transaction(user_id) as connection:
        if score:
            # Names are kept with it: what is loved may be deleted from the plays, or never have been there.
            key = key_of_msid(recording) if kind == "msid" else None
            names = None
            if kind == "mbid" or key is not None:
                mbid = recording if kind == "mbid" else None
                names = plays_store.find_names(connection, user_id, track_key=key, mbid=mbid)
            store.set_feedback(
                connection, user_id, recording=recording, id_kind=kind, score=score, names=names,
                at=clock.now(),
            )  # fmt: skip
        else:
            store.delete_feedback(connection, user_id, recording, kind)
    return SubmitResult(status="ok", recording_msid=None)


def get(database: Database, name: str, query: dict[str, str], request: Request) -> FeedbackList:
    """List the user's feedback, newest first."""
    user_id = people.require_self(database, name, request)
    score = _score(query.get("score"))
    count, offset = parse_count(query.get("count")), parse_offset(query.get("offset"), 0)
    with database.transaction(user_id) as connection:
        total = store.count_feedback(connection, user_id, score=score)
        rows = store.list_feedback(connection, user_id, score=score, limit=count, offset=offset)
    has_metadata = query.get("metadata", "").lower() in {"true", "t", "1"}
    items = [_item(name, row, has_metadata=has_metadata) for row in rows]
    return FeedbackList(feedback=items, count=len(items), total_count=total, offset=offset)


def for_recordings(
    database: Database, name: str, query: dict[str, str], text: str, request: Request
) -> FeedbackForRecordings:
    """Tell the feedback on recordings, in their order; 0 for those without."""
    user_id = people.require_self(database, name, request)
    body = parse_json(text) if text.strip() else {}
    refuse_if(not isinstance(body, dict), "Invalid JSON document submitted.")
    asked: list[_Id] = []
    kinds: tuple[tuple[str, Literal["msid", "mbid"]], ...] = (
        ("recording_msids", "msid"),
        ("recording_mbids", "mbid"),
    )
    for member, kind in kinds:
        given = body.get(member, query.get(member) or [])
        listed = given.split(",") if isinstance(given, str) else given
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise RefusedError(400, f"'{member}' should be a list of ids")
        asked += [(one.strip().lower(), kind) for one in listed if one.strip()]
    refuse_if(not asked, "'recording_msids' or 'recording_mbids' has no valid recording.")
    refuse_if(len(asked) > MAX_RECORDINGS, f"At most {MAX_RECORDINGS} recordings at once.")
    for recording, _ in asked:
        refuse_if(not is_uuid(recording), f"{recording[:100]}: recording id is not valid.")
    with database.transaction(user_id) as connection:
        found: dict[_Id, FeedbackRow] = {}
        for _, kind in kinds:
            ids = [recording for recording, its_kind in asked if its_kind == kind]
            if ids:
                rows = store.find_feedback(connection, user_id, ids, kind)
                found |= {(recording, kind): row for recording, row in rows.items()}
    items = [
        _item(name, found[one])
        if one in found
        else FeedbackItem(
            user_id=name,
            recording_msid=one[0] if one[1] == "msid" else None,
            recording_mbid=one[0] if one[1] == "mbid" else None,
            score=0,
            created=None,
            track_metadata=None,
        )
        for one in asked
    ]
    return FeedbackForRecordings(feedback=items)


def _parse(body: Any) -> tuple[str, IdKind, int]:
    wanted = "JSON document must contain either recording_msid or recording_mbid, and score top level keys"
    if not isinstance(body, dict):
        raise RefusedError(400, wanted)
    members = {name for name, value in body.items() if value is not None}
    refuse_if("score" not in members or not members & {"recording_msid", "recording_mbid"}, wanted)
    refuse_if(
        body.keys() - {"recording_msid", "recording_mbid", "score"},
        "JSON document may only contain recording_msid, recording_mbid and score top level keys",
    )
    refuse_if(
        any(not isinstance(body.get(name), str | None) for name in ("recording_msid", "recording_mbid")),
        "Invalid JSON document submitted: a recording must be a valid UUID.",
    )
    kind: IdKind = "msid" if body.get("recording_msid") else "mbid"
    recording, score = body[f"recording_{kind}"], body["score"]
    refuse_if(
        not isinstance(recording, str) or not is_uuid(recording),
        f"Invalid JSON document submitted: recording_{kind} must be a valid UUID.",
    )
    refuse_if(
        type(score) is not int or score not in {-1, 0, 1},
        "Invalid JSON document submitted: score can have a value of 1, 0 or -1.",
    )
    return recording.lower(), kind, score


def _score(text: str | None) -> int | None:
    if not text:
        return None
    refuse_if(text not in {"1", "-1"}, "Score can have a value of 1 or -1.")
    return int(text)


def _item(name: str, row: FeedbackRow, *, has_metadata: bool = False) -> FeedbackItem:
    metadata: dict[str, Any] | None = None
    if has_metadata and row.title is not None:
        metadata = {"track_name": row.title, "artist_name": row.artist}
        if row.album:
            metadata["release_name"] = row.album
    recording = str(row.recording)
    return FeedbackItem(
        user_id=name,
        recording_msid=recording if row.id_kind == "msid" else None,
        recording_mbid=recording if row.id_kind == "mbid" else None,
        score=row.score,
        created=int(row.created_at.timestamp()),
        track_metadata=metadata,
    )
