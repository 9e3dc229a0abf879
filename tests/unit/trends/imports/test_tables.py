"""Tables of plays, from whoever wrote them: which column is what, and which tables are none."""

import pytest

from tests.unit.trends.imports.files import as_csv, detected, read_file

NOON, LATER = "2024-05-01 12:00:00", "2024-05-01 12:05:00"
BOTH = [("Low Tide", "Paper Lanterns", NOON), ("Say it", "Salt", LATER)]

LASTFMSTATS = (
    "\ufeffArtist;Album;AlbumId;Track;Date#somebody\r\n"
    '"Paper Lanterns";"Night Ferry";"";"Low Tide";"1714564800000"\r\n'
    '"Salt";"";"";"Say it";"1714565100000"\r\n'
)
LIBREFM = (
    "+ACM- Data export from Libre.fm,,,\n+ACM- 2024+AC0-05+AC0-01 12:00:00 +AC0-0400,,,\n"
    "Artist,Track,Album,Time\n"
    "Paper Lanterns,Low Tide,Night Ferry,1714564800\nSalt,Say it,,1714565100\n"
)
LIBREFM_NEW = "# Data export from Libre.fm,,,\n# x,,,\n" + LIBREFM[LIBREFM.index("Artist") :]
SCRAPER = (
    "Title\tArtist\tAlbum\tDate\tTimestamp\n"
    "Low Tide\tPaper Lanterns\tNight Ferry\t01 May 2024, 09:00\t1714564800\n"
    "Say it\tSalt\t\t01 May 2024, 12:05\t1714565100\n"
)
SCRUBBLER = (
    "Paper Lanterns,Night Ferry,Low Tide,01.05.2024 14:00:00 +02:00,,00:03:36\r\n"
    "Salt,,Say it,01.05.2024 12:05:00 +00:00,,\r\n"
)
SPINITRON = (
    '"Playlist Title","The Rack"\n"DJ Name","Somebody"\n\nDate-time,Artist,Song,Release,Label\n'
    '2024-05-01T07:00:00-0500,"Paper Lanterns","Low Tide","Night Ferry","Harbour"\n'
    '2024-05-01T07:05:00-0500,Salt,"Say it","",""\n'
)
PANO_HEAD = (
    "timeHuman,timeMs,artist,track,album,albumArtist,durationMs,mediaPlayerPackage,mediaPlayerName,"
    "mediaPlayerVersion,event\n"
)
PANO = (
    '"May 1, 2024, 12:00 UTC",1714564800000,Paper Lanterns,Low Tide,Night Ferry,X,216000,a.b,P,1,scrobble\n'
    '"May 1, 2024, 12:01 UTC",1714564860000,Salt,Loved one,,,null,,,,love\r\n'
    '"May 1, 2024, 12:05 UTC",1714565100000,Salt,Say it,,,null,a.b\n'
)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (LASTFMSTATS, "lastfm"), (LIBREFM, "librefm"), (LIBREFM_NEW, "librefm"), (SCRAPER, "lastfm"),
        (SCRUBBLER, "lastfm"), (SPINITRON, "spinitron"), (PANO_HEAD + PANO, "pano_scrobbler"),
        (PANO, "pano_scrobbler"),
    ],
)  # fmt: skip
def test_exporters_of_scrobbles(text: str, source: str) -> None:
    read = read_file(text.encode(), "Asia/Tokyo")
    assert [one for one in read.briefly if one != "not_a_play"] == BOTH
    assert {one.source for one in read.listens} == {source}
    assert not read.notes


ROWS = [
    ["artist", "track", "album", "uts"],
    ["Paper Lanterns", "Low Tide", "Night Ferry", "1714564800"],
    ["Salt", "Say it", "", "1714565100"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_table_is_the_same_in_any_encoding_and_dialect(encoding: str, delimiter: str, ends: str) -> None:
    rows = [*ROWS[:2], ["Motörhead", f"Bömb{delimiter} again", "", "1714565100"]]
    text = as_csv(rows, delimiter).decode().replace("\r\n", ends)
    assert read_file(text.encode(encoding)).briefly == [
        BOTH[0], (f"Bömb{delimiter} again", "Motörhead", LATER),
    ]  # fmt: skip


def test_rows_of_two_encodings_in_one_file_are_both_read() -> None:
    text = as_csv(ROWS) + "Sigur Rós,Hoppípolla,,1714565100\r\n".encode()
    text += "Motörhead,Bömb,,1714565100\r\n".encode("cp1252")
    assert [one[0] for one in read_file(text).briefly[2:]] == ["Hoppípolla", "Bömb"]


@pytest.mark.parametrize(
    "header",
    [
        "Künstler;Titel;Album;Datum", "Interpret;Titel;Album;Abgespielt am",
        "Artiste;Titre;Album;Date d'écoute",
        "Artista;Título;Álbum;Fecha", "Artista;Titolo;Album;Data e ora", "Artiest;Titel;Album;Datum en tijd",
        "Исполнитель;Название;Альбом;Дата", "アーティスト;曲名;アルバム;再生日時",
        "アーティスト名;曲名;アルバム;日付",
        "가수;제목;앨범;날짜", "歌手;歌名;专辑;播放时间", "Wykonawca;Tytuł;Album;Data",
        "ARTIST;TRACK NAME;ALBUM;PLAYED AT",
    ],
)  # fmt: skip
def test_header_words_of_many_languages(header: str) -> None:
    text = f"{header}\nPaper Lanterns;Low Tide;Night Ferry;01.05.2024 14:00:00\n"
    text += "Salt;Say it;;01.05.2024 14:05:00\n"
    read = read_file(text.encode(), "Europe/Berlin")
    assert read.briefly == BOTH
    assert read.listens[0].album == "Night Ferry"
    assert read.notes == {"local_times"}


@pytest.mark.parametrize("columns", [["date", "time"], ["time", "date"], ["Datum", "Uhrzeit"]])
def test_a_date_and_a_time_of_day_in_two_columns_are_one_time(columns: list[str]) -> None:
    """Every play used to be at midnight."""
    days = (
        ["2024-05-01", "14:00:00"] if columns[0].casefold().startswith("da") else ["14:00:00", "2024-05-01"]
    )
    rows = [["artist", "track", *columns], ["Paper Lanterns", "Low Tide", *days]]
    assert read_file(as_csv(rows), "Europe/Berlin").briefly == [BOTH[0]]


def test_lengths_are_read_whatever_they_are_in() -> None:
    for word, cells in {
        "duration": ["216", "216.0", "3:36", "00:03:36", "216s", "216000"],
        "durationMs": ["216000", "216000.0"],
    }.items():
        rows = [["artist", "track", "uts", word], *(["Salt", "Say it", "1714564800", cell] for cell in cells)]
        assert {one.duration_ms for one in read_file(as_csv(rows)).listens} == {216_000}


def test_a_quote_that_is_never_closed_costs_its_row_at_most() -> None:
    text = as_csv(ROWS).replace(b"Low Tide", b'"Low Tide') + as_csv(ROWS[1:]) * 50
    read = read_file(text)
    assert len(read.lines) == 102
    assert [line.number for line in read.lines] == list(range(2, 104))
    assert read.briefly[1:] == [BOTH[1], *BOTH * 50]


def test_headers_that_come_again_and_blank_rows_are_no_records() -> None:
    text = as_csv(ROWS) + b"\r\n,,,\r\n" + as_csv(ROWS)
    read = read_file(text)
    assert read.briefly == BOTH * 2
    assert [line.number for line in read.lines] == [2, 3, 7, 8]


def test_a_row_that_was_playing_comes_first_in_a_table_without_a_header() -> None:
    text = b'Salt,,Now,\nPaper Lanterns,,Low Tide,01 May 2024 12:00\nSalt,,Say it,"01 May 2024, 12:05"\n'
    assert read_file(text, "Asia/Tokyo").briefly == ["now_playing", *BOTH]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Artist;Name;Scrobbles;Rank\nSalt;Demo;12;1\n", "table-of-ranks"),
        ("Track name,Artist name,Album\nSay it,Salt,\n", "table-without-times"),
        ("Name,Artist,Time\nSay it,Salt,3:36\nLow Tide,Salt,4:01\n", "table-without-times"),
        ("title,artist,date\nSay it,Salt,2019-03-01\n", "table-without-times"),
        ("Date Played,Track Description,Play Duration Milliseconds\n20240501,Salt - Say it,9\n",
         "apple-without-times"),
        ("this is not a history", None),
        ("a,b,c\n1,2,3\n", None),
        ('{"playlists": [{"name": "Road"}]}', "playlist-file"),
        ("<recenttracks><track/></recenttracks>", "lastfm-xml"),
        ("<html><body>hello</body></html>", None),
    ],
)  # fmt: skip
def test_what_is_no_history_is_called_what_it_is(text: str, code: str | None) -> None:
    assert detected(text.encode()) == code


class TestAppleMusic:
    HEADER = (
        "Album Name,Artist Name,Container Artist Name,Container Type,End Reason Type,Event End Timestamp,"
        "Event Start Timestamp,Event Type,Item Type,Media Duration In Milliseconds,Media Type,"
        "Play Duration Milliseconds,Song Name\n"
    )

    def test_play_activity(self) -> None:
        rows = [
            "Night Ferry,Paper Lanterns,,,NATURAL_END_OF_TRACK,2024-05-01T12:03:36Z,2024-05-01T12:00:00Z,"
            "PLAY_END,"
            "ITUNES_STORE_CONTENT,216000,AUDIO,216000,Low Tide",
            ",,Salt,ALBUM,,2024-05-01T12:05:20.100Z,,,,200000,AUDIO,20100,Say it",
            ",Salt,,,,2024-05-01T12:05:20Z,2024-05-01T12:05:00Z,PLAY_END,,200000,AUDIO,-12,Say it",
            ",Salt,,,,2024-05-01T12:05:20Z,2024-05-01T12:05:00Z,PLAY_END,,200000,AUDIO,99999999,Say it",
            ",,Mix,PLAYLIST,,2024-05-01T12:05:20Z,2024-05-01T12:05:00Z,PLAY_END,,,AUDIO,1,Say it",
            ",Salt,,,,,2024-05-01T12:05:00Z,LYRIC_DISPLAY,,,AUDIO,1,Say it",
            ",Salt,,,,,2024-05-01T12:05:00Z,PLAY_START,,,AUDIO,1,Say it",
            ",Salt,,,,,2024-05-01T12:05:00Z,PLAY_END,,,VIDEO,1,Say it",
            ",Salt,,,,,,PLAY_END,,,AUDIO,1,Say it",
        ]
        read = read_file((self.HEADER + "\n".join(rows)).encode())
        assert read.briefly == [
            BOTH[0], BOTH[1], BOTH[1], BOTH[1], "no_title_or_artist", "not_a_play", "not_a_play", "not_music",
            "no_time",
        ]  # fmt: skip
        assert [(one.kind, one.ms_played) for one in read.listens] == [
            ("play", 216_000), ("skip", 20_100), ("skip", 0), ("play", 200_000),
        ]  # fmt: skip

    def test_track_play_history(self) -> None:
        text = (
            'Track Name,Last Played Date,Is User Initiated\n"Paper Lanterns - Low Tide",1714564800000,true\n'
            '"Salt - Say it - Live",1714565100000,true\n"Say it",1714565100000,true\n'
        )
        assert read_file(text.encode()).briefly == [
            BOTH[0], ("Say it - Live", "Salt", LATER), "no_title_or_artist",
        ]  # fmt: skip
