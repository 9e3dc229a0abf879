"""Every format: what is a listen in it, what is skipped, what cannot be read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.imports.formats import own
from musicconnect.trends.imports.formats.base import ParseContext, Rejection
from musicconnect.trends.imports.formats.detection import FORMATS, listenbrainz
from musicconnect.trends.listenbrainz.codec import ADDED, to_listenbrainz
from musicconnect.trends.plays.model import Listen, StoredPlay, listen
from tests.unit.trends.imports.files import NOW, as_csv, as_json, read_file, shortly

SONG = "4cOdK2wGLETKBW3PvgPWqT"


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
        assert [one.title for one in read_file(as_json(rows)).listens] == songs

    def test_a_song_that_all_titles_begin_with_is_not_the_verb(self) -> None:
        rows = [
            watched(f"Watched {song}") for song in ("Help", "Helpless", "Helping", "Hello", "Helium", "He")
        ]
        assert [one.title for one in read_file(as_json(rows)).listens][:2] == ["Help", "Helpless"]

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
        at = "2023-12-01 04:02:29"
        read = read_file(as_json(rows))
        assert read.briefly == [
            ("The Summoning", "Sleep Token", at), "not_music", "advert", "removed_video",
            "not_a_video",
            ("Old", "Sleep Token", at), "removed_video", "time_out_of_range", "no_time",
            ("Deep", "Sleep Token", at),
        ]  # fmt: skip
        first = read.listens[0]
        assert (first.kind, first.provider, first.provider_track_id) == ("start", "youtube", "xfeys7Jfnx8")


class TestLastFm:
    @pytest.mark.parametrize(
        ("header", "row", "at", "precision"),
        [
            ("uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid",
             ["1779022496", "17 May 2026, 12:54", "Nelly Furtado", "x", "Loose", "y", "Say It Right", ""],
             "2026-05-17 12:54:56", 1),
            ("date,artist,track,album", ["2020-04-13 05:01:31", "Nelly Furtado", "Say It Right", "Loose"],
             "2020-04-13 05:01:31", 1),
            ("Nelly Furtado,Loose,Say It Right,31 Jan 2021 10:22",
             ["Nelly Furtado", "Loose", "Say It Right", "31 Jan 2021 10:22"], "2021-01-31 10:22:00", 60),
            ("artist,album,track,utc_time", ["Nelly Furtado", "Loose", "Say It Right", "17 May 2026, 12:54"],
             "2026-05-17 12:54:00", 60),
        ],
    )  # fmt: skip
    def test_both_dialects_and_their_relatives(
        self, header: str, row: list[str], at: str, precision: int
    ) -> None:
        *_, one = read_file(as_csv([header.split(","), row])).listens
        assert shortly(one) == ("Say It Right", "Nelly Furtado", at)
        assert (one.album, one.precision_s, one.kind, one.source) == ("Loose", precision, "play", "lastfm")

    def test_what_is_missing_is_reported(self) -> None:
        rows = [
            ["uts", "artist", "album", "track"], ["", "Abba", "", "SOS"], ["1600000000", "", "", "SOS"],
            ["soon", "Abba", "", "SOS"], ["0", "Abba", "", "SOS"], ["99999999999", "Abba", "", "SOS"],
            ["1600000000", "Abba"],
        ]  # fmt: skip
        assert read_file(as_csv(rows)).briefly == [
            "now_playing", "no_title_or_artist", "no_time", "no_time", "time_out_of_range", "malformed",
        ]  # fmt: skip

    TRACK = {"artist": {"#text": "CHUU"}, "name": "because", "album": {"#text": ""}, "date": {"uts": "1749776100"}}  # fmt: skip  # noqa: E501, RUF012 - a row

    def test_pages_of_its_interface(self) -> None:
        page = {"track": [self.TRACK, {**self.TRACK, "@attr": {"nowplaying": "true"}}, {"name": "x"}]}
        assert read_file(as_json([page])).briefly == [
            ("because", "CHUU", "2025-06-13 00:55:00"), "now_playing", "no_title_or_artist",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "document",
        [
            [{"track": [TRACK]}, {"track": TRACK, "@attr": {"page": "2"}}, {"track": [TRACK]}],
            [{"track": [TRACK, TRACK, TRACK], "@attr": {"page": "1"}}],
            {"recenttracks": {"track": [TRACK, TRACK, TRACK], "@attr": {"user": "x"}}},
            [[TRACK, TRACK], [TRACK]],
            [None, TRACK, TRACK, TRACK],
            [{"artist": "CHUU", "track": "because", "uts": 1749776100.0}] * 3,
            [{"artist": "CHUU", "name": "because", "date": "13 Jun 2025 00:55"}] * 3,
            [{"artist": {"name": "CHUU"}, "name": "because", "date": 1749776100000}] * 3,
        ],
    )
    def test_whatever_exporters_make_of_its_pages_every_track_is_read(self, document: Any) -> None:
        read = [one for one in read_file(as_json_document(document)).briefly if one != "malformed"]
        assert read == [("because", "CHUU", "2025-06-13 00:55:00")] * 3


def as_json_document(document: Any) -> bytes:
    return json.dumps(document).encode()


class TestScrobblerLog:
    ROW = "Abba\tArrival\tSOS\t1\t200\tL\t1609459200\t"

    @pytest.mark.parametrize(
        ("zone", "at"),
        [
            ("#TZ/UTC", "2021-01-01 00:00:00"), ("#TZ/UNKNOWN", "2020-12-31 23:00:00"),
            ("#TZ/UTC+2", "2020-12-31 22:00:00"), ("#TZ/-0530", "2021-01-01 05:30:00"),
            ("", "2020-12-31 23:00:00"),
        ],
    )  # fmt: skip
    def test_the_players_clock_is_the_persons_unless_it_says_otherwise(self, zone: str, at: str) -> None:
        read = read_file(f"#AUDIOSCROBBLER/1.1\n{zone}\n{self.ROW}\n".encode(), "Europe/Berlin")
        assert read.briefly == [("SOS", "Abba", at)]
        assert bool(read.notes) == (zone in {"", "#TZ/UNKNOWN"})

    def test_a_log_without_its_head(self) -> None:
        assert read_file(f"{self.ROW}\n{self.ROW}\n".encode()).format == "scrobbler_log"

    def test_what_a_player_without_tags_or_clock_writes_is_refused(self) -> None:
        rows = [
            self.ROW, self.ROW.replace("\tL", "\tS"), "too\tshort",
            "<UNTAGGED>\t\t/a.mp3\t-1\t9\tL\t1609459200\t",
            "Abba\t\tSOS\t1\t200\tL\t0\t", "#1 Band\t\tSOS\t1\t200\tL\t1609459200\t", "# FAILED - no network",
        ]  # fmt: skip
        read = read_file("\n".join(["#AUDIOSCROBBLER/1.1", "#TZ/UTC", *rows]).encode())
        assert [one if isinstance(one, str) else one[1] for one in read.briefly] == [
            "Abba", "Abba", "malformed", "no_title_or_artist", "time_out_of_range", "#1 Band",
        ]  # fmt: skip
        assert [one.kind for one in read.listens] == ["play", "skip", "play"]


class TestServersOfOnesOwn:
    MALOJA = {"time": 1746434410, "track": {"artists": ["A", "B"], "title": "伊吹", "album": None}}  # noqa: RUF012
    KOITO = {  # noqa: RUF012 - a row
        "listened_at": "2022-01-08T22:32:08Z",
        "track": {"duration": 354, "aliases": [{"alias": "X"}, {"alias": "Song", "is_primary": True}]},
        "album": {"aliases": [{"alias": "LP3", "is_primary": True}]},
        "artists": [
            {"is_primary": False, "aliases": [{"alias": "B"}]},
            {"is_primary": True, "aliases": [{"alias": "A"}]},
        ],
    }

    def test_maloja(self) -> None:
        rows = [
            self.MALOJA, {**self.MALOJA, "track": {"artists": ["A", None], "title": "x"}},
            {**self.MALOJA, "track": {"artists": [], "title": "x"}},
            {**self.MALOJA, "track": {"title": None}},
            {"time": 1},
        ]  # fmt: skip
        read = read_file(as_json_document({"maloja": {"export_time": 1}, "scrobbles": rows}))
        assert read.briefly == [
            ("伊吹", "A, B", "2025-05-05 08:40:10"), ("x", "A", "2025-05-05 08:40:10"),
            "no_title_or_artist", "no_title_or_artist", "malformed",
        ]  # fmt: skip

    def test_koito(self) -> None:
        nameless = {**self.KOITO, "artists": [{"aliases": [{"alias": "", "is_primary": True}]}]}
        rows = [self.KOITO, nameless, {**self.KOITO, "artists": None}, {}]
        read = read_file(as_json_document({"version": "1", "listens": rows}))
        assert read.briefly == [
            ("Song", "A, B", "2022-01-08 22:32:08"), "no_title_or_artist", "no_title_or_artist", "malformed",
        ]  # fmt: skip
        assert read.listens[0].duration_ms == 354_000


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
        st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip),
        st.none()
        | st.dictionaries(st.sampled_from([*ADDED, "isrc"]), st.text("a/é ", max_size=3), min_size=1),
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
        details: dict[str, Any] | None,
    ) -> None:
        was = listen(
            played_at=at, title=title, artist="Abba", album="Arrival", source=source, kind=kind,
            ms_played=ms_played, duration_ms=duration_ms, precision_s=precision, provider=where[0],
            provider_track_id=where[1], details=details,
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
        assert back == was

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


FACTS: dict[str, dict[str, Any]] = {
    "table": {
        "source": "lastfm",
        "columns": {
            "times": [0], "pair": None, "utc": [], "day_first": None, "artist": 1, "title": 2, "album": 3,
            "duration": 4, "duration_ms": None, "played_ms": 5, "played_in_seconds": False, "event": 6,
        },
    },
    "scrobbler_log": {"utc": False},
    "apple_activity": {"columns": {"title": 0, "artist": 1, "start": 2, "played_ms": 3, "duration_ms": 4}},
    "apple_history": {"columns": {"title": 0, "time": 1}},
    "musicconnect": {"columns": {name: at for at, name in enumerate(own.COLUMNS)}},
}  # fmt: skip


@pytest.mark.parametrize("key", FORMATS)
@given(
    record=st.dictionaries(st.sampled_from(KEYS), anything, max_size=10),
    row=st.lists(st.text(), max_size=12),
    block=st.text(),
)
def test_no_record_whatever_stops_an_import(
    key: str, record: dict[str, Any], row: list[str], block: str
) -> None:
    format_ = FORMATS[key]
    value: Any = {"rows": row, "json": record, "html": block}[format_.shape]
    for parsed in format_.parse(value, ParseContext(NOW, "Europe/Berlin", FACTS.get(key, {}))):
        assert isinstance(parsed, Listen | Rejection)
        assert isinstance(parsed, Rejection) or (parsed.title.strip() and parsed.artist.strip())
