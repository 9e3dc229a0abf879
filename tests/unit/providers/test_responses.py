"""Reading the providers' answers, with everything that may be missing from them."""

from typing import Any

import pytest
from pydantic import ValidationError

from musicconnect.music.model import ItemKind
from musicconnect.providers.durations import duration_ms
from musicconnect.providers.spotify import responses as spotify
from musicconnect.providers.youtube import responses as youtube

TRACK: dict[str, Any] = {
    "type": "track",
    "id": "11dFghVXANMlKmJXsNCbNl",
    "uri": "spotify:track:11dFghVXANMlKmJXsNCbNl",
    "name": "Cut To The Feeling",
    "duration_ms": 207_959,
    "explicit": False,
    "external_ids": {"isrc": "usum7-1703861"},
    "artists": [{"name": "Carly Rae Jepsen"}, None, {"name": None}],
    "album": {"name": "Cut To The Feeling", "release_date": "2017-05-26"},
    "something_new": {"x": 1},
}


@pytest.mark.parametrize("name", ["item", "track"])
def test_spotifys_entry_has_its_track_under_either_name(name: str) -> None:
    entry = spotify.PlaylistEntry.model_validate({name: TRACK, "added_at": "2026-10-01T12:00:00Z"})
    item = entry.as_item(7)
    assert item.position == 7
    assert item.added_at is not None
    assert item.track.id == "11dFghVXANMlKmJXsNCbNl"
    assert item.track.artists == ("Carly Rae Jepsen",)
    assert item.track.album == "Cut To The Feeling"
    assert item.track.isrc == "USUM71703861"
    assert item.track.release_date == "2017-05-26"
    assert item.track.kind is ItemKind.TRACK


@pytest.mark.parametrize(
    ("entry", "kind", "track_id"),
    [
        ({"item": None}, ItemKind.UNAVAILABLE, ""),
        ({}, ItemKind.UNAVAILABLE, ""),
        ({"item": {"type": "track", "id": None, "name": "Gone"}}, ItemKind.UNAVAILABLE, ""),
        ({"item": {"type": "episode", "id": "ep1", "name": "Talk"}}, ItemKind.EPISODE, "ep1"),
        (
            {"is_local": True, "item": {"uri": "spotify:local:A:B:C:180", "id": None, "name": "C"}},
            ItemKind.LOCAL,
            "spotify:local:A:B:C:180",
        ),
        ({"item": {"uri": "spotify:local:A:B:C:180"}}, ItemKind.LOCAL, "spotify:local:A:B:C:180"),
        ({"track": {"type": "track", "id": "t", "is_local": True}}, ItemKind.LOCAL, "t"),
    ],
)
def test_spotifys_entries_that_are_no_tracks(entry: dict[str, Any], kind: ItemKind, track_id: str) -> None:
    track = spotify.PlaylistEntry.model_validate(entry).as_item(0).track
    assert (track.kind, track.id) == (kind, track_id)


@pytest.mark.parametrize("field", sorted(set(TRACK) - {"id"}))
@pytest.mark.parametrize("how", ["absent", "null"])
def test_spotifys_track_may_lack_anything_but_its_id(field: str, how: str) -> None:
    body = {name: value for name, value in TRACK.items() if name != field}
    if how == "null":
        body[field] = None
    track = spotify.Item.model_validate(body).as_track()
    assert track.id == TRACK["id"]
    assert track.kind is ItemKind.TRACK


@pytest.mark.parametrize("name", ["items", "tracks"])
def test_spotifys_playlist_counts_under_either_name(name: str) -> None:
    body = {"id": "p", "name": "Road trip", name: {"total": 120}, "snapshot_id": "s", "description": None}
    playlist = spotify.PlaylistShape.model_validate(body).as_playlist(is_own=True)
    assert (playlist.track_count, playlist.version, playlist.description) == (120, "s", "")


def test_spotifys_playlist_without_contents_counts_none() -> None:
    shape = spotify.PlaylistShape.model_validate({"id": "p"})
    assert shape.contents is None
    assert shape.as_playlist(is_own=False).track_count == 0


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": "x"}, []])
def test_a_page_without_its_list_is_no_empty_page(body: Any) -> None:
    for shape in (spotify.EntryPage, spotify.PlaylistPage, youtube.EntryPage, youtube.PlaylistPage):
        with pytest.raises(ValidationError):
            shape.model_validate(body)


def entry(**snippet: Any) -> youtube.PlaylistEntry:
    body = {
        "id": "UEx4",
        "snippet": {
            "title": "Cut To The Feeling",
            "channelTitle": "whoever added it",
            "position": 3,
            "videoOwnerChannelTitle": "Carly Rae Jepsen - Topic",
            "videoOwnerChannelId": "UCt",
            "publishedAt": "2026-01-02T03:05:00Z",
            **snippet,
        },
        "contentDetails": {"videoId": "AbCdEfGhIjK"},
    }
    return youtube.PlaylistEntry.model_validate(body)


def test_youtubes_entry_names_the_uploader_and_not_the_adder() -> None:
    item = entry().as_item(0)
    assert item.position == 3
    assert item.item_id == "UEx4"
    assert item.track.channel == "Carly Rae Jepsen - Topic"
    assert item.track.channel_id == "UCt"
    assert item.track.artists == ()
    assert item.track.kind is ItemKind.VIDEO


@pytest.mark.parametrize("title", ["Deleted video", "Private video", "", None])
def test_youtubes_deleted_and_private_videos_are_unavailable(title: str | None) -> None:
    gone = entry(title=title, videoOwnerChannelTitle=None, videoOwnerChannelId=None)
    track = gone.as_item(0).track
    assert track.kind is ItemKind.UNAVAILABLE
    assert track.id == "AbCdEfGhIjK"


def test_a_video_that_is_only_called_private_is_there() -> None:
    assert entry(title="Private video").as_item(0).track.kind is ItemKind.VIDEO


def test_youtubes_entry_may_lack_everything() -> None:
    item = youtube.PlaylistEntry.model_validate({}).as_item(5)
    assert item.position == 5
    assert item.track.kind is ItemKind.UNAVAILABLE


def test_only_the_search_escapes_its_texts() -> None:
    snippet = {
        "title": "Rock &amp; Roll &#39;n&#39; Soul",
        "channelTitle": "A &amp; B",
        "description": "&lt;3",
    }
    hit = youtube.VideoHit.model_validate({"id": {"videoId": "v"}, "snippet": snippet}).as_track()
    assert hit is not None
    assert (hit.title, hit.channel, hit.description) == ("Rock & Roll 'n' Soul", "A & B", "<3")
    video = youtube.Video.model_validate({"id": "v", "snippet": snippet}).as_track()
    assert video.title == "Rock &amp; Roll &#39;n&#39; Soul"


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": {"kind": "youtube#channel", "channelId": "UC"}}])
def test_a_hit_that_is_no_video_is_left_out(body: dict[str, Any]) -> None:
    assert youtube.VideoHit.model_validate(body).as_track() is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT3M27S", 207_000),
        ("PT1H2M3S", 3_723_000),
        ("PT45S", 45_000),
        ("PT10M", 600_000),
        ("P1DT1S", 86_401_000),
        ("P0D", None),
        ("", None),
        (None, None),
        ("3:27", None),
        ("PT3M27.5S", 207_000),
    ],
)
def test_reads_durations(text: str | None, expected: int | None) -> None:
    assert duration_ms(text) == expected
