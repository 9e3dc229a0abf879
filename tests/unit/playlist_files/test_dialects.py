"""Files of other programs: what they hold is understood, what cannot be read is counted and told."""

import gzip
import io
import json
import textwrap
import zipfile
from dataclasses import replace

import pytest

from musicconnect.playlist_files import readers
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers import UnreadableError
from tests.unit.playlist_files import factories

OLD_EXPORTIFY = textwrap.dedent(
    """\
    "Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album URI","Album Name","Album Artist URI(s)",\
    "Album Artist Name(s)","Album Release Date","Album Image URL","Disc Number","Track Number",\
    "Track Duration (ms)","Track Preview URL","Explicit","Popularity","Added By","Added At"
    "spotify:track:6SUAy45EiUMI7YmExYb0Bd","Glueland","spotify:artist:7","Do Nothing, Tyler\\, The Creator",\
    "spotify:album:5","THE EP'S","spotify:artist:7","Do Nothing","2021-09-24","https://i.scdn.co/image/ab",\
    "1","6","162295","","false","3","spotify:user:ada","2022-08-08T02:00:00Z"
    "spotify:local:Someone:Tape:Demo:61","Demo","","Someone","","Tape","","","","","0","0","61000","","false",\
    "0","spotify:user:","2022-08-09T02:00:00Z"
    """
)
KOMAROV = (
    "Spotify ID,Artist IDs,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,"
    "Added By,Added At,Genres,Danceability\n"
    '4CQwIJsYFk80DBWlwsDJGo,"29Wm",Alabaster,Sleeping Through The War,"All Them Witches;KAROL G",2017-02-24,'
    '417533,44,spotify:user:,2022-08-15T02:00:00Z,"blues rock,indie rock",0.513\n'
)
TUNE_MY_MUSIC = (
    "Track name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id\r\n"
    'Song A,"Tyler, The Creator",Igor,Road trip,Playlist,US-UM7-17-03861,4CQwIJsYFk80DBWlwsDJGo\r\n'
    "Song B,B,,Calm,Playlist,,\r\n"
    "Song C,C,,Road trip,Playlist,,\r\n"
)
TAKEOUT = "Video ID,Playlist Video Creation Timestamp\nAbCdEfGhIjK,2024-03-01T10:00:00+00:00\n"
SEMICOLONS = "\ufeffsep=;\r\nTitle;Artist;Album;Duration\r\nSong;Björk;Début;3:21\r\nOther;X;;201\r\n"


def only(data: str | bytes, name: str = "") -> tuple[PlaylistHeader, list[Entry]]:
    [playlist] = factories.read(data if isinstance(data, bytes) else data.encode(), name)
    return playlist


def test_exportify_before_it_knew_isrcs() -> None:
    head, [first, local] = only(OLD_EXPORTIFY, "road_trip.csv")
    assert head.name == "road trip"
    assert (first.provider, first.provider_id, first.kind) == ("spotify", "6SUAy45EiUMI7YmExYb0Bd", "track")
    assert first.artists == ("Do Nothing", "Tyler, The Creator")
    assert (first.duration_ms, first.explicit, first.popularity) == (162_295, False, 3)
    assert first.added_by == "ada"
    assert first.added_at is not None
    assert (local.kind, local.title, local.added_by) == ("local", "Demo", None)


def test_the_other_exportify() -> None:
    _, [entry] = only(KOMAROV, "x.csv")
    assert (entry.provider, entry.provider_id) == ("spotify", "4CQwIJsYFk80DBWlwsDJGo")
    assert entry.artists == ("All Them Witches", "KAROL G")
    assert (entry.release_date, entry.duration_ms) == ("2017-02-24", 417_533)


def test_several_playlists_in_one_table_wherever_their_rows_stand() -> None:
    road, calm = factories.read(TUNE_MY_MUSIC.encode(), "all.csv")
    assert (road[0].name, [entry.title for entry in road[1]]) == ("Road trip", ["Song A", "Song C"])
    assert (calm[0].name, [entry.title for entry in calm[1]]) == ("Calm", ["Song B"])
    assert [entry.position for entry in road[1]] == [0, 1]
    assert road[1][0].artists == ("Tyler, The Creator",)
    assert road[1][0].isrc == "USUM71703861"


def test_youtube_playlists_of_google_takeout() -> None:
    head, [entry] = only(TAKEOUT, "Takeout/YouTube/playlists/Calm-videos.csv")
    assert head.name == "Calm"
    assert (entry.provider, entry.provider_id) == ("youtube", factories.VIDEO_ID)
    assert entry.url == f"https://www.youtube.com/watch?v={factories.VIDEO_ID}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_separators_and_encodings_of_spreadsheets(encoding: str) -> None:
    text = SEMICOLONS if encoding != "cp1252" else SEMICOLONS.removeprefix("\ufeff")
    _, [first, second] = only(text.removeprefix("\ufeff" if encoding == "utf-16" else "").encode(encoding))
    assert (first.title, first.artists, first.album, first.duration_ms) == (
        "Song",
        ("Björk",),
        "Début",
        201_000,
    )
    assert second.duration_ms == 201_000


def test_formula_marks_of_others_stay() -> None:
    _, [entry] = only("Title,Artist\n'=1+1,A\n")
    assert entry.title == "'=1+1"


def test_rows_that_cannot_be_read_are_told_with_their_lines() -> None:
    data = f'Title,Artist,Spotify ID\nA,X,\n,Y,\n\n"{"x" * 140_000}",Z,\nB,"two\nlines",\n,,not-an-id\nC,,\n'
    [(_, entries)], faults = factories.read_with_faults(data.encode())
    assert [entry.title for entry in entries] == ["A", "B", "C"]
    assert [(fault.line, fault.reason.partition(":")[0]) for fault in faults] == [
        (3, "it has neither a title nor an id"),
        (5, "it is no row of a table"),
        (8, "it has neither a title nor an id"),
    ]


def test_jspf_of_listenbrainz() -> None:
    document = {
        "playlist": {
            "track": [
                {
                    "title": "Song",
                    "creator": "Ada & Bob",
                    "identifier": ["https://musicbrainz.org/recording/8f3471b5-7e6a-48da-86a9-c1c07a0f47ae"],
                    "extension": {
                        "https://musicbrainz.org/doc/jspf#track": {
                            "added_by": "rob",
                            "added_at": "2022-01-01T00:00:00+00:00",
                            "additional_metadata": {
                                "artists": [{"artist_credit_name": "Ada"}, {"artist_credit_name": "Bob"}]
                            },
                        }
                    },
                },
                "no object",
            ],
            "title": "Weekly",
            "creator": "listenbrainz",
        }
    }
    [(head, [entry])], faults = factories.read_with_faults(json.dumps(document).encode())
    assert (head.name, head.owner) == ("Weekly", "listenbrainz")
    assert (entry.title, entry.artists, entry.added_by) == ("Song", ("Ada", "Bob"), "rob")
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "it is no JSON object")]
    lines = f"{json.dumps(document)}\n{json.dumps(document)}\n".encode()
    assert [head.name for head, _ in factories.read(lines)] == ["Weekly", "Weekly"]


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_json_is_read_the_same_in_pieces_of_any_size(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicconnect.playlist_files.readers.json_stream.CHUNK_SIZE", chunk)
    wanted = (PlaylistHeader(name="Ünï"), factories.ordinary(5))
    assert factories.read(factories.written("json", *wanted)) == [wanted]
    assert factories.read(factories.written("jspf", *wanted)) == [wanted]


def test_xspf_of_players() -> None:
    head, [first, second] = only(
        """<?xml version="1.0"?>
        <playlist xmlns="http://xspf.org/ns/0/" version="1"
            xmlns:vlc="http://www.videolan.org/vlc/playlist/ns/0/">
          <trackList>
            <track><location>file:///music/a.mp3</location><title>A &amp; B</title><creator>X</creator>
              <album>Y</album><duration>201000</duration>
              <extension application="http://www.videolan.org/vlc/playlist/0"><vlc:id>0</vlc:id></extension></track>
            <track><location>https://youtu.be/AbCdEfGhIjK</location></track>
          </trackList>
          <title>Later</title>
        </playlist>"""
    )
    assert head.name == "Later"
    assert (first.title, first.artists, first.album, first.duration_ms) == ("A & B", ("X",), "Y", 201_000)
    assert (second.provider, second.provider_id) == ("youtube", factories.VIDEO_ID)


def test_m3u_with_info_paths_and_old_encodings() -> None:
    data = (
        b"\xef\xbb\xbf#EXTM3U\r\n#PLAYLIST:Caf\xe9\r\n"
        b"#EXTINF:201 tvg-id=\"x\" group-title=\"a,b\",Bj\xf6rk - J\xf3ga\r\nC:\\Music\\j.mp3\r\n"
        b"#EXTINF:-1,Only a title\r\nhttp://radio.example/stream\r\n"
        b"../Ada/First Album/02 - Second Song.flac\r\n"
        b"#EXTALB:Album\r\nAda - Third.mp3\r\n"
        b"file:///home/ada/Bob%20-%20Fourth.ogg\r\n"
    )  # fmt: skip
    head, entries = only(data)
    assert head.name == "Café"
    assert [(entry.artists, entry.title, entry.album, entry.duration_ms) for entry in entries] == [
        (("Björk",), "Jóga", None, 201_000),
        ((), "Only a title", None, None),
        (("Ada",), "Second Song", "First Album", None),
        (("Ada",), "Third", "Album", None),
        (("Bob",), "Fourth", None, None),
    ]


def test_m3u_without_a_header() -> None:
    head, entries = only("https://youtu.be/AbCdEfGhIjK\nAda - Song.mp3\n", "calm.m3u")
    assert head.name == "calm"
    assert [entry.provider_id for entry in entries] == [factories.VIDEO_ID, None]


def test_a_zip_tells_what_is_no_playlist_and_reads_the_rest() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("manifest.json", '{"files": []}')
        archive.writestr("__MACOSX/._a.csv", "x")
        archive.writestr("a.csv", "Title,Artist\nA,X\n")
        archive.writestr("b.xspf", "<playlist><trackList><track></playlist>")
        archive.writestr("c.m3u.gz", gzip.compress(b"#EXTM3U\n#EXTINF:1,A - B\nx.mp3\n"))
    playlists, faults = factories.read_with_faults(packed.getvalue())
    assert [(head.name, len(entries)) for head, entries in playlists if entries] == [("a", 1), ("c", 1)]
    assert [(fault.file, fault.line) for fault in faults] == [("manifest.json", 0), ("b.xspf", 0)]


def test_an_archive_of_an_account_is_read_once() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("history/listens.csv", "played_at,title,artist\n2024-01-01T00:00:00Z,A,X\n")
        archive.writestr(
            "playlists/json/spotify/Mix.json",
            factories.written("json", PlaylistHeader(name="Mix"), factories.ordinary(2)),
        )
        archive.writestr(
            "playlists/csv/spotify/Mix.csv", factories.written("csv", PlaylistHeader(), factories.ordinary(2))
        )
    playlists, faults = factories.read_with_faults(packed.getvalue())
    assert playlists == [(PlaylistHeader(name="Mix"), factories.ordinary(2))]
    assert faults == []


def bomb(size: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"Title\n" + b"a" * size)
    return packed.getvalue()


BILLION = """<?xml version="1.0"?><!DOCTYPE playlist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>&b;</title><trackList/></playlist>"""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "What can be read"),
        (b"\x00\x01\x02", "What can be read"),
        (b"Just some text.\nMore of it.\n", "What can be read"),
        (b"[1, 2]", "What can be read"),
        (b"played_at,title,artist\n2024-01-01T00:00:00Z,A,X\n", "history of plays"),
        (b'{"name": "x"}', "What can be read"),
        (b"<html><body>no</body></html>", "What can be read"),
        (b"<plist version='1.0'></plist>", "no playlist"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\na.ts\n", "stream"),
        (BILLION.encode(), "DTD"),
        (b'<playlist version="1"><trackList><track>', "XML"),
        (b"<playlist>" + b"<a>" * 60, "too deeply"),
        (b'{"format":"musicconnect-playlist","playlist":{},"entries":[{"title":"a"},', "JSON"),
        (b'{"playlist":{"track":[' + b"[" * 200_000, "JSON"),
        (b"PK\x03\x04 not a zip", "zip"),
        (gzip.compress(b"Title\nA\n", mtime=0)[:-6], "unpacked"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        factories.read(data)


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LIMITS", replace(readers.LIMITS, unpacked_bytes=100_000))
    with pytest.raises(UnreadableError, match="too much"):
        factories.read(bomb(200_000))
    lines = b"".join(b"Song %d,Artist\n" % number for number in range(20_000))
    with pytest.raises(UnreadableError, match="larger than"):
        factories.read(gzip.compress(b"Title,Artist\n" + lines))


def test_an_endless_line_is_not_kept_in_memory() -> None:
    data = b"#EXTM3U\n#EXTINF:1,A - B\na.mp3\n#" + b"x" * 3_000_000 + b"\nAda - C.mp3\n"
    [(_, entries)], faults = factories.read_with_faults(data)
    assert entries[0].title == "B"
    assert entries[-1].title == "C"
    assert faults
    assert {fault.line for fault in faults} <= {4, 5, 6}
