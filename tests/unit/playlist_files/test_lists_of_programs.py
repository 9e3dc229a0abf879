"""Given a list or a document of some program's, then every record is a track or told as none."""

import json
from typing import Any

import pytest

from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers import UnreadableError
from tests.unit.playlist_files import factories

TRACK = "1aBcDeFgHiJkLmNoPqRsTu"
URI = f"spotify:track:{TRACK}"


def read(data: Any, name: str = "") -> tuple[list[tuple[PlaylistHeader, list[Entry]]], list[str]]:
    if not isinstance(data, bytes):
        data = data.encode() if isinstance(data, str) else json.dumps(data).encode()
    playlists, faults = factories.read_with_faults(data, name)
    return playlists, [f"{fault.line}: {fault.reason}" for fault in faults]


def shown(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(", ".join(entry.artists), entry.title) for entry in entries]


ITUNES = "\r".join(
    [
        "#EXTM3U",
        "#EXTINF:216,Grey Heron - The Oars",
        "/Users/x/Music/iTunes/iTunes Media/Music/The Oars/Estuary/01 Grey Heron.m4a",
        "#EXTINF:200,Reed - Live - Vale",
        "/Users/x/Music/Vale/Tape/02 Reed - Live.m4a",
        "#EXTINF:1,Ferry - Somebody Else",
        "http://example.org/stream",
        "",
    ]
)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_music_app_puts_the_title_first_and_the_paths_tell(end: str) -> None:
    [(_, entries)], faults = read(ITUNES.replace("\r", end))
    assert shown(entries) == [("The Oars", "Grey Heron"), ("Vale", "Reed - Live"), ("Somebody Else", "Ferry")]
    assert faults == []


def test_a_line_of_dashes_is_not_split_at_each_of_them() -> None:
    """It used to be copied once for every dash, which took all memory."""
    dashes = "a - " * 200_000
    [(_, entries)], _ = read(f"#EXTM3U\n#EXTINF:1,{dashes}\nC:\\Music\\Oar\\Reed\\Ferry.mp3\n")
    assert [entry.artists for entry in entries] == [("a",)]


def test_other_players_put_the_artist_first() -> None:
    [(_, entries)], _ = read(
        "#EXTM3U\n#EXTINF:216,The Oars - Grey Heron\nC:\\Music\\The Oars\\Estuary\\01 Grey Heron.mp3\n"
        "#EXTINF:1,Vale – Reed\nx.mp3\n#EXTINF:1;Semi - Colon\ny.mp3\n"
        '#EXTINF:1 artist="Oar",Only A Title\nz.mp3\n'
    )
    assert shown(entries) == [
        ("The Oars", "Grey Heron"),
        ("Vale", "Reed"),
        ("Semi", "Colon"),
        ("Oar", "Only A Title"),
    ]


def test_paths_tell_artist_and_title_where_nothing_else_does() -> None:
    [(_, entries)], faults = read(
        "Musik\\Motörhead\\Ace\\01 Späd.mp3\n/home/x/Music/Oar/Reed.flac\nOar - Ferry.ogg\n"
        "../Oar/Estuary/Grey%20Heron.mp3\nMusic/Various Artists/Best/Foam.mp3\n".encode("cp1252"), "Mix.m3u",
    )  # fmt: skip
    assert shown(entries) == [
        ("Motörhead", "Späd"), ("Oar", "Reed"), ("Oar", "Ferry"), ("Oar", "Grey Heron"), ("", "Foam"),
    ]  # fmt: skip
    assert faults == []


def test_what_is_told_of_without_a_path_is_an_entry_too() -> None:
    [(_, entries)], faults = read("#EXTM3U\n#EXTINF:216,Oar - Reed\n#EXTINF:1,Oar - Ferry\n#EXTINF:1,\n")
    assert shown(entries) == [("Oar", "Reed"), ("Oar", "Ferry")]
    assert faults == ["4: it has neither a title nor an id"]


PLS = """[{}]
NumberOfEntries=3
File2=/m/Oar/Estuary/Ferry.mp3
Title2=Oar - Ferry
Length2=-1
file1=C:\\Musik\\Oar\\Estuary\\Reed.mp3
title1=Oar - Reed
LENGTH1=216
File3=http://radio.example/stream
Version=2
"""


@pytest.mark.parametrize("word", ["playlist", "Playlist"])
def test_pls_in_any_order_and_case(word: str) -> None:
    [(head, entries)], faults = read(PLS.format(word), "Mix.pls")
    assert head.name == "Mix"
    assert shown(entries) == [("Oar", "Reed"), ("Oar", "Ferry")]
    assert [entry.duration_ms for entry in entries] == [216_000, None]
    assert faults == ["9: it has neither a title nor an id"]


def test_a_list_that_was_cut_says_so() -> None:
    _, faults = read("[playlist]\nNumberOfEntries=2\nFile1=a.mp3\nTitle1=Oar - Reed\n")
    assert faults == ["0: the file announces 2 entries and has 1: it was cut"]


def test_lines_of_artist_and_title() -> None:
    [(head, entries)], faults = read(
        "1. Oar - Reed\n2. Oar – Ferry - Live\n\n" + "Oar - Foam\n" * 20 + "?\n", "Mix.txt"
    )
    assert head.name == "Mix"
    assert shown(entries)[:2] == [("Oar", "Reed"), ("Oar", "Ferry - Live")]
    assert faults == ["24: it is no line of artist and title"]


def item(**track: Any) -> dict[str, Any]:
    return {
        "track": track or None,
        "episode": None,
        "audiobook": None,
        "localTrack": None,
        "addedDate": "2024-05-01",
    }


SPOTIFY = {
    "playlists": [
        {
            "name": "Road",
            "lastModifiedDate": "2024-05-01",
            "collaborators": [],
            "items": [
                item(trackName="Reed", artistName="Oar", albumName="Estuary", trackUri=URI),
                item() | {"localTrack": {"uri": "spotify:local:Oar:Tape:Ferry+Song:216"}},
                item()
                | {
                    "episode": {
                        "episodeName": "One",
                        "showName": "Talk",
                        "episodeUri": f"spotify:episode:{TRACK}",
                    }
                },
                item() | {"audiobook": {"audiobookName": "x"}},
                item(),
            ],
        },
        {"items": [item(trackName="Foam", artistName="Oar", trackUri=URI)], "name": "Late"},
        {"name": "Empty", "items": []},
        {"name": "Broken", "items": None},
    ]
}


def test_playlists_of_spotifys_account_data() -> None:
    (road, late, empty), faults = read(SPOTIFY, "Playlist1.json")
    assert (road[0].name, shown(road[1])) == (
        "Road",
        [("Oar", "Reed"), ("Oar", "Ferry Song"), ("Talk", "One")],
    )
    assert [(entry.kind, entry.album) for entry in road[1]] == [
        ("track", "Estuary"),
        ("local", None),
        ("episode", None),
    ]
    assert str(road[1][0].added_at) == "2024-05-01 00:00:00+00:00"
    assert (late[0].name, shown(late[1])) == ("Late", [("Oar", "Foam")])
    assert (empty[0].name, empty[1]) == ("Empty", [])
    assert faults == [
        "4: it is an audiobook, not a track (playlist 1)",
        "5: it names no track (playlist 1)",
        "0: it has no list of tracks (playlist 4)",
    ]


def test_a_long_playlist_of_spotifys_is_read_as_a_stream() -> None:
    items = [item(trackName=f"Song {n}", artistName="Oar" * 50, trackUri=URI) for n in range(6_000)]
    for playlist in ({"name": "Long", "items": items}, {"items": items, "name": "Long"}):
        [(head, entries)], faults = read({"playlists": [playlist]})
        assert (head.name, len(entries), faults) == ("Long", 6_000, [])


def test_the_library_of_spotifys_account_data_tells_what_is_no_track() -> None:
    library = {
        "tracks": [{"artist": "Oar", "album": "Estuary", "track": "Reed", "uri": URI}],
        "albums": [{"artist": "Oar", "album": "Estuary", "uri": "spotify:album:1"}],
        "shows": [], "episodes": [], "bannedTracks": [],
        "artists": [{"name": "Oar", "uri": "spotify:artist:1"}],
        "bannedArtists": [], "other": [],
    }  # fmt: skip
    [(head, [entry])], faults = read(library, "YourLibrary.json")
    assert (head.name, entry.title, entry.artists, entry.album) == (
        "Liked Songs",
        "Reed",
        ("Oar",),
        "Estuary",
    )
    assert faults == ["1: it is an album, not a track", "1: it is an artist, not a track"]


API_TRACK = {
    "name": "Reed", "artists": [{"name": "Oar"}, {"name": "Vale"}], "album": {"name": "Estuary"}, "uri": URI,
    "duration_ms": 216_000, "explicit": False, "external_ids": {"isrc": "GBXYZ1100007"}, "popularity": 5,
}  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda lists: {"playlists": lists, "albums": []}, lambda lists: lists])
def test_backups_of_spotifys_own_objects(wrap: Any) -> None:
    playlist = {
        "name": "Road",
        "id": "7",
        "tracks": [{"added_at": "2024-05-01T12:00:00Z", "track": API_TRACK}, {"track": None}],
    }
    [(head, [entry])], faults = read(wrap([playlist]))
    assert (head.name, entry.artists, entry.isrc, entry.duration_ms) == (
        "Road",
        ("Oar", "Vale"),
        "GBXYZ1100007",
        216_000,
    )
    assert faults == ["2: it names no track (playlist 1)"]


def test_a_backup_of_ids_only() -> None:
    backup = {
        "playlists": {"Road": {"name": "Road", "id": "7", "tracks": [{"id": TRACK, "uri": URI}]}},
        "saved": [{"id": TRACK, "uri": URI}],
    }
    (road, saved), _ = read(backup)
    assert [(road[0].name, road[1][0].provider_id), (saved[0].name, saved[1][0].provider_id)] == [
        ("Road", TRACK), ("Liked Songs", TRACK),
    ]  # fmt: skip


def test_lists_of_listenbrainz_are_read_where_they_hold_tracks() -> None:
    full = {
        "playlist": {"title": "Road", "track": [{"title": "Reed", "creator": "Oar"}, None, {"album": "x"}]}
    }
    bare = {"playlist": {"title": "Late", "track": []}}
    [(head, entries)], faults = read({"count": 2, "playlists": [full, bare]})
    assert (head.name, shown(entries)) == ("Road", [("Oar", "Reed")])
    assert [fault.partition(" (")[0] for fault in faults] == [
        "2: it is no JSON object", "3: it has neither a title nor an id",
        "0: it lists the playlist without its tracks. Export the playlist itself, as JSPF",
    ]  # fmt: skip
    with pytest.raises(UnreadableError, match="no playlist with tracks"):
        read({"count": 1, "playlists": [bare]})


@pytest.mark.parametrize("track", ["null", '"x"', "{}"])
def test_a_playlist_without_a_list_is_no_empty_playlist(track: str) -> None:
    for document in (f'{{"playlist": {{"title": "x", "track": {track}}}}}', '{"playlist": {"title": "x"}}'):
        with pytest.raises(UnreadableError, match="no list of its tracks"):
            read(document)
    with pytest.raises(UnreadableError, match="no list of its tracks"):
        read('<playlist version="1"><title>x</title></playlist>')
    assert read('{"playlist": {"title": "x", "track": []}}')[0] == [(PlaylistHeader(name="x"), [])]


def test_a_list_of_tracks_in_json() -> None:
    tracks = [
        {"title": "Reed", "artists": ["Oar", {"name": "Vale"}], "isrc": "GBXYZ1100007", "duration": 216.5},
        {"title": "", "artist": "Oar"},
        7,
        {"Title": "Ferry", "Artist": "Oar", "Album": None},
    ]
    [(_, entries)], faults = read(tracks, "Mix.json")
    assert shown(entries) == [("Oar, Vale", "Reed"), ("Oar", "Ferry")]
    assert faults == ["2: it has neither a title nor an id", "3: it is no JSON object"]


def test_likes_of_old_takeouts() -> None:
    likes = [
        {
            "kind": "youtube#playlistItem",
            "contentDetails": {"videoId": "Zz9_yX-8wV0"},
            "snippet": {"title": "Oar - Reed"},
        }
    ]
    [(_, [entry])], _ = read(likes)
    assert (entry.provider, entry.provider_id, entry.title) == ("youtube", "Zz9_yX-8wV0", "Oar - Reed")


@pytest.mark.parametrize(
    "record",
    [
        {"ts": "2024-05-01T12:00:00Z", "ms_played": 1, "master_metadata_track_name": "Reed"},
        {"endTime": "2024-05-01 12:00", "msPlayed": 1, "trackName": "Reed", "artistName": "Oar"},
        {"header": "YouTube", "title": "Watched Reed", "time": "2024-05-01T12:00:00Z"},
        {"listened_at": 1, "track_metadata": {}},
    ],
)
def test_histories_are_told_as_such(record: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match="history of plays"):
        read([record])


@pytest.mark.parametrize(
    "bad",
    [r'{"title": "\q"}', '{"title": ' + "9" * 5_000 + "}", '{"title": "x" "y"}', "[" * 90_000 + "]" * 90_000],
)
def test_one_bad_record_does_not_end_the_reading(bad: str) -> None:
    [(_, entries)], faults = read(f'{{"playlist":{{"track":[{{"title":"A"}},{bad},{{"title":"B]}}"}},]}}}}')
    assert [entry.title for entry in entries] == ["A", "B]}"]
    assert len(faults) == 1
    assert faults[0].startswith("2: ")


XSPF = """<?xml version="1.0" encoding="{encoding}"?>
<x:playlist xmlns:x="http://xspf.org/ns/0/" version="1"><x:title>Größe & Co</x:title><x:trackList>
<x:track><x:location>file:///C:/Music/Salt%20&%20Co/01%20-%20Low.mp3</x:location><x:duration>216000.0</x:duration></x:track>
<x:track><x:location>http://radio.example/stream</x:location></x:track>
<x:track><x:title>Bömb &amp; &#65;</x:title><x:creator>Motörhead</x:creator></x:track>
</x:trackList></x:playlist>"""


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16", "windows-1252"])
def test_xspf_of_players_in_any_encoding_with_bare_ampersands(encoding: str) -> None:
    [(head, entries)], faults = read(XSPF.format(encoding=encoding).encode(encoding))
    assert head.name == "Größe & Co"
    assert shown(entries) == [("Salt & Co", "Low"), ("Motörhead", "Bömb & A")]
    assert entries[0].duration_ms == 216_000
    assert faults == ["2: it has neither a title nor an id"]


def test_the_text_of_a_backup_of_spotifys() -> None:
    text = (
        f"Playlists: \r\n\r\nRoad\r\nReed\tOar, Vale\tEstuary\t{URI}\t2019\r\n\t\t\t\t\r\n\r\n"
        f"Late\r\nFerry\tVale\tTape\t{URI}\t2020\r\n"
    )
    for data in (text, text.replace("\r\n", "\r\r\n")):
        (road, late), faults = read(data)
        assert (road[0].name, shown(road[1])) == ("Road", [("Oar, Vale", "Reed")])
        assert (late[0].name, shown(late[1])) == ("Late", [("Vale", "Ferry")])
        assert [fault.partition(": ")[2] for fault in faults] == ["it has neither a title nor an id"]


def test_a_playlist_of_any_program_in_json() -> None:
    document = {
        "title": "Road",
        "tracks": [{"title": "Reed", "artist": "Oar", "isrc": "GBXYZ1100007"}, {"x": 1}],
    }
    [(head, [entry])], faults = read(document)
    assert (head.name, entry.title, entry.artists, entry.isrc) == ("Road", "Reed", ("Oar",), "GBXYZ1100007")
    assert faults == ["2: it has neither a title nor an id"]
