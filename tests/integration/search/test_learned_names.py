"""What people's links teach about names is used for everybody's."""

from typing import Any

import pytest

from musicconnect.matching import Lesson, lessons
from musicconnect.matching.learned_names import name_key
from musicconnect.music.model import Track
from tests.integration.search.test_resolve import RECORDINGS, counterpart, resolve
from tests.support.functions import Person
from tests.support.postgres import sql

RECORDING = RECORDINGS["Лада Ветрова / Ты не в сети"]
VIDEO = next(upload for upload in RECORDING.uploads if upload.kind == "official_video")
"""On a channel that bears the artist's name in other letters."""


@pytest.fixture
def lesson() -> Lesson:
    """What the video and its track teach."""
    track = RECORDING.tracks[0]
    (lesson,) = lessons(
        Track(
            provider="spotify",
            id=track.id,
            title=track.title,
            artists=tuple(artist.name for artist in track.artists),
            duration_ms=track.duration_ms,
        ),
        Track(
            provider="youtube",
            id=VIDEO.video_id,
            title=VIDEO.title,
            channel=VIDEO.channel,
            channel_id=VIDEO.channel_id,
            duration_ms=VIDEO.duration_s * 1000,
        ),
    )
    return lesson


def found(person: Person, video_id: str = VIDEO.video_id) -> dict[str, Any]:
    answer = counterpart(resolve(person, f"https://youtu.be/{video_id}"))
    assert answer["outcome"] == "matched"
    return answer


def test_a_link_teaches_under_the_name_of_whoever_sent_it(person: Person, lesson: Lesson) -> None:
    url = person.harness.database_url
    for _ in range(2):
        found(person)
    rows = sql(url, "SELECT user_id, kind, subject, artist, recording FROM providers.name_reports")
    assert rows == [(person.id, lesson.kind, lesson.subject, lesson.artist, lesson.recording)]
    assert sql(url, "SELECT count(*) FROM providers.learned_names") == [(0,)]


def test_what_was_learned_counts_in_the_next_search(person: Person, another: Person) -> None:
    """Of a video on somebody's channel, as if several people's matches had said whose it is."""
    recording = RECORDINGS["Mira Vonn / Low Battery Love"]
    upload = next(one for one in recording.uploads if one.kind == "lyric_video")
    artist = recording.tracks[0].artists[0].name
    assert (artist in upload.title, artist in upload.channel) == (True, False)
    url = person.harness.database_url
    before = found(person, upload.video_id)
    sql(url, "DELETE FROM providers.match_store")
    sql(
        url,
        "INSERT INTO providers.learned_names VALUES ('channel', %s, %s, now(), now())",
        upload.channel_id,
        name_key(artist),
    )
    after = found(another, upload.video_id)
    assert (before["source"], after["source"]) == ("search", "search")
    assert "channel" not in before["parts"]
    assert after["parts"]["channel"] > 50
    assert after["score"] >= before["score"]
