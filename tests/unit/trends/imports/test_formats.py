"""Every format: what is a listen in it, what is skipped, what cannot be read."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.imports.formats.base import ParseContext, Parsed, Rejection
from musicconnect.trends.imports.formats.detection import FORMATS, detect, listenbrainz
from musicconnect.trends.listenbrainz.codec import to_listenbrainz
from musicconnect.trends.plays.model import Listen, StoredPlay, listen
from tests.unit.trends.imports.files import as_json

NOW = 1_800_000_000_000
SONG = "4cOdK2wGLETKBW3PvgPWqT"


def read(content: bytes, records: Sequence[Any], zone: str = "UTC") -> list[Parsed]:
    found = detect(content)
    assert found is not None
    assert not isinstance(found, str)
    context = ParseContext(NOW, zone, found.facts)
    return [parsed for record in records for parsed in found.format.parse(record, context)]


def shortly(parsed: Parsed) -> Any:
    if isinstance(parsed, Rejection):
        return parsed.reason
    return parsed.title, parsed.artist, parsed.played_at // 1000


def watched(title: str, video: str | None = "xfeys7Jfnx8", **more: Any) -> dict[str, Any]:
    row = {
        "header": "YouTube Music", "title": title, "time": "2023-12-01T04:02:29.844Z",
        "subtitles": [{"name": "Sleep Token - Topic", "url": "https://www.youtube.com/channel/UC"}],
    }  # fmt: skip
    if video:
        row["titleUrl"] = f"https://music.youtube.com/watch?v={video}"
    return row | more


class TestTakeout:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("Watched ", ""),
            ("", " angesehen"),
            ("Zhlédnuto: ", ""),
            ("Je hebt ", " bekeken"),
            ("「", "」を視聴しました"),
            ('Вы посмотрели видео "', '"'),
        ],
    )
    def test_the_verb_of_any_language_is_learnt_from_the_file(self, before: str, after: str) -> None:
        songs = [
            "The Summoning",
            "The Apparition",
            "愛をこめて花束を",
            "Atlantic",
            "Take Me Back To Eden",
            "Vore",
        ]
        rows = [watched(f"{before}{song}{after}") for song in songs]
        got = [one.title for one in read(as_json(rows), rows) if isinstance(one, Listen)]
        if before and before[-1] not in ' "':
            before = ""  # nothing says where a verb without a space ends
        assert [title.removeprefix("「").removesuffix("」を視聴しました") for title in got] == songs

    def test_a_song_that_all_titles_begin_with_is_not_the_verb(self) -> None:
        rows = [
            watched(f"Watched {song}") for song in ("Help", "Helpless", "Helping", "Hello", "Helium", "He")
        ]
        assert [shortly(one)[0] for one in read(as_json(rows), rows)][:2] == ["Help", "Helpless"]

    def test_only_music_that_is_still_there_counts_as_started(self) -> None:
        rows = [
            watched("Watched The Summoning"),
            watched(
                "Watched a video", header="YouTube", titleUrl="https://www.youtube.com/watch?v=xfeys7Jfnx8"
            ),
            watched("Watched Ad", details=[{"name": "From Google Ads"}]),
            watched("Watched a video that has been removed", None, subtitles=[]),
            watched("Viewed a post", None, titleUrl="https://www.youtube.com/post/abc"),
            watched("Watched Old", header="YouTube", details=[{"name": "From YouTube Music"}]),
            watched("Watched https://www.youtube.com/watch?v=xfeys7Jfnx8", subtitles=[]),
            watched("Watched Then", time="1999-01-01T00:00:00Z"),
            watched("Watched Now", time=None),
            watched("Watched Deep", titleUrl="https://music.youtube.com/watch?v=xfeys7Jfnx8&t=12&list=RD"),
        ]
        got = read(as_json(rows), rows)
        assert [shortly(one) for one in got] == [
            ("The Summoning", "Sleep Token", 1701403349), "not_music", "advert", "removed_video",
            "not_a_video",
            ("Old", "Sleep Token", 1701403349), "removed_video", "time_out_of_range", "no_time",
            ("Deep", "Sleep Token", 1701403349),
        ]  # fmt: skip
        first = got[0]
        assert isinstance(first, Listen)
        assert (first.kind, first.provider, first.provider_track_id) == ("start", "youtube", "xfeys7Jfnx8")


class TestLastFm:
    @pytest.mark.parametrize(
        ("header", "row", "at", "precision"),
        [
            ("uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid",
             ["1779022496", "17 May 2026, 12:54", "Nelly Furtado", "x", "Loose", "y", "Say It Right", ""],
             1779022496, 1),
            ("date,artist,track,album", ["2020-04-13 05:01:31", "Nelly Furtado", "Say It Right", "Loose"],
             1586754091, 1),
            ("Nelly Furtado,Loose,Say It Right,31 Jan 2021 10:22",
             ["Nelly Furtado", "Loose", "Say It Right", "31 Jan 2021 10:22"], 1612088520, 60),
            ("artist,album,track,utc_time", ["Nelly Furtado", "Loose", "Say It Right", "17 May 2026, 12:54"],
             1779022440, 60),
        ],
    )  # fmt: skip
    def test_both_dialects_and_their_relatives(
        self, header: str, row: list[str], at: int, precision: int
    ) -> None:
        (one,) = read(header.encode() + b"\n", [row])
        assert isinstance(one, Listen)
        assert shortly(one) == ("Say It Right", "Nelly Furtado", at)
        assert (one.album, one.precision_s, one.kind, one.source) == ("Loose", precision, "play", "lastfm")

    def test_what_is_missing_is_reported(self) -> None:
        rows = [
            ["", "Abba", "", "SOS"], ["1600000000", "", "", "SOS"], ["soon", "Abba", "", "SOS"],
            ["0", "Abba", "", "SOS"], ["99999999999", "Abba", "", "SOS"], ["1600000000", "Abba"],
        ]  # fmt: skip
        assert [shortly(one) for one in read(b"uts,artist,album,track\n", rows)] == [
            "now_playing", "no_title_or_artist", "no_time", "no_time", "time_out_of_range", "malformed",
        ]  # fmt: skip

    def test_pages_of_its_interface(self) -> None:
        track = {
            "artist": {"#text": "CHUU"},
            "name": "because",
            "album": {"#text": ""},
            "date": {"uts": "1749776100"},
        }
        page = {"track": [track, {**track, "@attr": {"nowplaying": "true"}}, {"name": "x"}]}
        got = [shortly(one) for one in read(as_json([page]), [page])]
        assert got == [("because", "CHUU", 1749776100), "now_playing", "malformed"]


class TestScrobblerLog:
    ROW = ("Abba", "Arrival", "SOS", "1", "200", "L", "1609459200", "")

    def test_a_clock_that_shows_utc(self) -> None:
        (one,) = read(b"#AUDIOSCROBBLER/1.1\n#TZ/UTC\n", [self.ROW], "Europe/Berlin")
        assert shortly(one) == ("SOS", "Abba", 1609459200)

    def test_a_clock_that_shows_local_time(self) -> None:
        (one,) = read(b"#AUDIOSCROBBLER/1.1\n#TZ/UNKNOWN\n", [self.ROW], "Europe/Berlin")
        assert shortly(one) == ("SOS", "Abba", 1609459200 - 3600)

    def test_skipped_tracks_are_skips(self) -> None:
        rows = [(*self.ROW[:5], rating, *self.ROW[6:]) for rating in "LS"]
        got = read(b"#AUDIOSCROBBLER/1.1\n", [*rows, ("too", "short")])
        assert [one.kind if isinstance(one, Listen) else one.reason for one in got] == [
            "play", "skip", "malformed",
        ]  # fmt: skip


def test_other_peoples_software() -> None:
    maloja = {
        "time": 1746434410,
        "track": {"artists": ["A", "B"], "title": "伊吹", "album": None, "length": None},
    }
    koito = {
        "listened_at": "2022-01-08T22:32:08Z",
        "track": {"duration": 354, "aliases": [{"alias": "X"}, {"alias": "Song", "is_primary": True}]},
        "album": {"aliases": [{"alias": "LP3", "is_primary": True}]},
        "artists": [
            {"is_primary": False, "aliases": [{"alias": "B"}]},
            {"is_primary": True, "aliases": [{"alias": "A"}]},
        ],
    }  # fmt: skip
    content = json.dumps({"maloja": {"export_time": 1}, "scrobbles": [maloja]}).encode()
    assert [shortly(one) for one in read(content, [maloja, {}])] == [
        ("伊吹", "A, B", 1746434410),
        "malformed",
    ]
    content = json.dumps({"version": "1", "listens": [koito]}).encode()
    (one, bad) = read(content, [koito, {}])
    assert (shortly(one), shortly(bad)) == (("Song", "A, B", 1641681128), "malformed")
    assert isinstance(one, Listen)
    assert one.duration_ms == 354_000


class TestListenBrainz:
    @pytest.mark.parametrize(
        ("info", "provider", "track"),
        [
            ({"spotify_id": "https://open.spotify.com/track/" + SONG}, "spotify", SONG),
            ({"spotify_id": "spotify:track:" + SONG}, "spotify", SONG),
            ({"origin_url": "https://music.youtube.com/watch?v=xfeys7Jfnx8&l=x"}, "youtube", "xfeys7Jfnx8"),
            ({"origin_url": "https://youtu.be/xfeys7Jfnx8"}, "youtube", "xfeys7Jfnx8"),
            ({"music_service": "spotify.com"}, "spotify", None),
            ({"music_service_name": "YouTube Music"}, "youtube", None),
            ({"listening_from": "vlc"}, "other", None),
            ({"origin_url": 12, "music_service": None}, "other", None),
            ({}, "other", None),
        ],
    )  # fmt: skip
    def test_where_it_was_played(self, info: dict[str, Any], provider: str, track: str | None) -> None:
        one = listenbrainz.to_listen(1.6e9, {"track_name": "a", "artist_name": "b", "additional_info": info})
        assert one.provider == provider
        assert one.provider_track_id == track or (track is None and one.provider_track_id.startswith("key:"))

    @given(
        st.sampled_from(["spotify_extended", "spotify_account", "lastfm", "youtube_takeout", "listenbrainz"]),
        st.sampled_from(["play", "skip", "start"]),
        st.one_of(st.none(), st.integers(0, 2**31 - 1)),
        st.one_of(st.none(), st.integers(1, 2**31 - 1)),
        st.integers(1_100_000_000_000, NOW),
        st.sampled_from([1, 60]),
        st.sampled_from([("spotify", SONG), ("youtube", "xfeys7Jfnx8"), ("other", None)]),
        st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40),
    )
    def test_what_we_export_comes_back_as_it_was(
        self,
        source: str,
        kind: Any,
        ms_played: int | None,
        duration_ms: int | None,
        at: int,
        precision: int,
        where: tuple[Any, str | None],
        title: str,
    ) -> None:
        was = listen(
            played_at=at, title=title, artist="Abba", album="Arrival", source=source, kind=kind,
            ms_played=ms_played, duration_ms=duration_ms, precision_s=precision, provider=where[0],
            provider_track_id=where[1], details={"isrc": "x"},
        )  # fmt: skip
        moment = datetime.fromtimestamp(0, UTC)
        play = StoredPlay(
            datetime.fromtimestamp(at / 1000, UTC), was.track_key, 0, None, moment, was.ms_played,
            was.duration_ms, was.precision_s, was.kind, was.source, where[0], was.provider_track_id,
            was.title, was.artist, was.album, was.details, [],
        )  # fmt: skip
        line = json.loads(json.dumps(to_listenbrainz(play)))
        (back,) = listenbrainz.parse_listen(line, ParseContext(NOW, "UTC", {}))
        assert isinstance(back, Listen)
        assert back._replace(details=None) == was._replace(details=None)

    def test_details_that_postgres_cannot_hold_or_nobody_needs_are_dropped(self) -> None:
        for info in ({"x": "a\x00b"}, {"x": "y" * 20_000}):
            one = listenbrainz.to_listen(
                1.6e9, {"track_name": "a", "artist_name": "b", "additional_info": info}
            )
            assert one.details is None

    def test_what_is_no_listen_is_reported(self) -> None:
        good = {"listened_at": 1.6e9, "track_metadata": {"track_name": "a", "artist_name": "b"}}
        bad = [
            {**good, "listened_at": None}, {"listened_at": 1},
            {**good, "track_metadata": {"track_name": "a"}},
            {**good, "listened_at": 5}, {**good, "listened_at": float("inf")}, {**good, "track_metadata": 7},
            {**good, "track_metadata": {"track_name": "a", "artist_name": ["b"]}},
        ]  # fmt: skip
        got = [listenbrainz.parse_listen(one, ParseContext(NOW, "UTC", {}))[0] for one in bad]
        assert [shortly(one) for one in got] == [
            "no_time", "malformed", "no_title_or_artist", "time_out_of_range", "malformed", "malformed",
            "malformed",
        ]  # fmt: skip


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "ts", "ms_played", "master_metadata_track_name", "master_metadata_album_artist_name", "spotify_track_uri",
    "endTime", "msPlayed", "trackName", "artistName", "title", "titleUrl", "header", "time", "subtitles",
    "details",
    "listened_at", "track_metadata", "track", "artist", "artists", "date", "name", "album", "duration",
)  # fmt: skip


@pytest.mark.parametrize("key", FORMATS)
@given(
    record=st.dictionaries(st.sampled_from(KEYS), anything, max_size=10), row=st.lists(st.text(), max_size=8)
)
def test_no_record_whatever_stops_an_import(key: str, record: dict[str, Any], row: list[str]) -> None:
    facts = {
        "lastfm": {"time": 0, "artist": 1, "title": 2, "album": 3, "duration": 4},
        "scrobbler_log": {"utc": False},
    }.get(key, {})
    format_ = FORMATS[key]
    value: Any = row if format_.shape in {"csv", "tsv"} else record
    for parsed in format_.parse(value, ParseContext(NOW, "Europe/Berlin", facts)):
        assert isinstance(parsed, Listen | Rejection)
