"""Given a table of some program's, in whatever language, then every row is a track or told as none."""

import pytest

from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers import UnreadableError
from tests.unit.playlist_files import factories

TRACK = "1aBcDeFgHiJkLmNoPqRsTu"
VIDEOS = ("Zz9_yX-8wV0", "-aB3dE5fG7h")

EXPORTIFY = {
    "en": "Track URI|Track Name|Artist URI(s)|Artist Name(s)|Album URI|Album Name|Album Artist URI(s)|"
    "Album Artist Name(s)|Album Release Date|Album Image URL|Disc Number|Track Number|Track Duration (ms)|"
    "Track Preview URL|Explicit|Popularity|ISRC|Added By|Added At",
    "de": "Track-URI|Track-Name|Künstler-URI(s)|Künstlername(n)|Album-URI|Album-Name|Album-Künstler-URI(s)|"
    "Album-Künstlername(n)|Veröffentlichungsdatum des Albums|Album-Bild-URL|Disc-Nummer|Track-Nummer|"
    "Track-Dauer (ms)|Track-Vorschau-URL|Explizit|Beliebtheit|ISRC|Hinzugefügt von|Hinzugefügt am",
    "es": "URI de la canción|Nombre de la canción|URI(s) del artista|Nombre(s) del artista|URI del álbum|"
    "Nombre del álbum|URI(s) del artista del álbum|Nombre(s) del artista del álbum|"
    "Fecha de lanzamiento del álbum|URL de la imagen del álbum|Número de disco|Número de la canción|"
    "Duración de la canción (ms)|URL de vista previa de la canción|Explícito|Popularidad|ISRC|Añadido por|"
    "Añadido en",
    "fr": "URI du titre|Nom du titre|URI(s) de l'artiste|Nom(s) de l'artiste|URI de l'album|Nom de l'album|"
    "URI(s) de l'artiste de l'album|Nom(s) de l'artiste de l'album|Date de sortie de l'album|"
    "URL de l'image de l'album|Numéro de disque|Numéro du titre|Durée du titre (ms)|"
    "URL de prévisualisation du titre|Explicite|Popularité|ISRC|Ajouté par|Ajouté le",
    "it": "URI della traccia|Nome della traccia|URI dell'artista|Nome dell'artista|URI dell'album|"
    "Nome dell'album|URI dell'artista dell'album|Nome dell'artista dell'album|Data di rilascio dell'album|"
    "URL dell'immagine dell'album|Numero del disco|Numero della traccia|Durata della traccia (ms)|"
    "URL di anteprima della traccia|Esplicito|Popolarità|ISRC|Aggiunto da|Aggiunto il",
    "nl": "Nummer URI|Nummernaam|Artiest-URI|Naam van artiest|Album-URI|Naam van album|"
    "Artiest-URI van het album|Naam van artiest op het album|Releasedatum van het album|"
    "Album afbeelding-URL|Schijfnummer|Nummernummer|Nummerduur (ms)|Voorbeeld-URL|Expliciet|Populariteit|"
    "ISRC|Toegevoegd door|Toegevoegd op",
    "pt": "URI da faixa|Nome da faixa|URI(s) do artista|Nome(s) do artista|URI do álbum|Nome do álbum|"
    "URI(s) do artista do álbum|Nome(s) do artista do álbum|Data de lançamento do álbum|"
    "URL da imagem do álbum|Número do disco|Número da faixa|Duração da faixa (ms)|URL de prévia da faixa|"
    "Explícita|Popularidade|ISRC|Adicionado por|Adicionado em",
    "sv": "Låtens URI|Låtens namn|Artistens URI|Artistens namn|Albumets URI|Albumets namn|Albumartistens URI|"
    "Albumartistens namn|Albumets releasedatum|Albumets bild-URL|Skivnummer|Låtnummer|Låtlängd (ms)|"
    "Förhandsgranskning URL|Explicit|Popularitet|ISRC|Tillagd av|Tillagd vid",
    "tr": "Parça URI|Parça Adı|Sanatçı URI|Sanatçı Adı|Albüm URI|Albüm Adı|Albümdeki Sanatçı URI|"
    "Albümdeki Sanatçı Adı|Albüm Çıkış Tarihi|Albüm Resim URL'si|Disk Numarası|Parça Numarası|"
    "Parça Süresi (ms)|Parça Önizleme URL'si|Açık İçerik|Popülerlik|ISRC|Ekleyen|Eklenme Tarihi",
    "ja": "トラックURI|トラック名|アーティストURI|アーティスト名|アルバムURI|アルバム名|"
    "アルバムアーティストURI|アルバムアーティスト名|アルバム発売日|アルバム画像URL|ディスク番号|"
    "トラック番号|トラックの長さ（ミリ秒）|トラックプレビューURL|明示的な内容|人気度|ISRC|追加者|追加日時",
    "ar": "رابط الأغنية (URI)|اسم الأغنية|روابط الفنانين (URI)|أسماء الفنانين|رابط الألبوم (URI)|اسم الألبوم|"
    "روابط فناني الألبوم (URI)|أسماء فناني الألبوم|تاريخ إصدار الألبوم|رابط صورة الألبوم|رقم القرص|"
    "رقم الأغنية|مدة الأغنية (بالمللي ثانية)|رابط معاينة الأغنية|صريح|الشعبية|ISRC|أضيف بواسطة|أضيف في",
    "el": "URI κομματιού|Όνομα κομματιού|URI καλλιτέχνη/ων|Όνομα/τα καλλιτέχνη|URI άλμπουμ|Όνομα άλμπουμ|"
    "URI καλλιτέχνη/ων άλμπουμ|Όνομα/τα καλλιτέχνη άλμπουμ|Ημερομηνία κυκλοφορίας άλμπουμ|"
    "URL εικόνας άλμπουμ|Αριθμός δίσκου|Αριθμός κομματιού|Διάρκεια κομματιού (ms)|"
    "URL προεπισκόπησης κομματιού|Ακατάλληλο|Δημοτικότητα|ISRC|Προστέθηκε από|Προστέθηκε στις",
    # A language that it may learn: by position.
    "xx": "|".join(f"slovo {n}" for n in range(19)),
}
ROW = (
    f"spotify:track:{TRACK}", "Grey Heron", "spotify:artist:1, spotify:artist:2",
    r"The Oars, Vale\, The Younger",
    "spotify:album:3", "Estuary", "spotify:artist:1", "The Oars", "2011-02", "https://i.example/1", "1", "7",
    "201500", "", "true", "33", "GBXYZ1100007", "spotify:user:ada", "2024-02-03T04:05:06Z",
)  # fmt: skip


def table(*rows: tuple[str, ...] | str, separator: str = ",") -> bytes:
    lines = [
        row
        if isinstance(row, str)
        else separator.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row)
        for row in rows
    ]
    return "\n".join(lines).encode() + b"\n"


def only(data: bytes, name: str = "") -> tuple[PlaylistHeader, list[Entry], list[str]]:
    [(head, entries)], faults = factories.read_with_faults(data, name)
    return head, entries, [f"{fault.line}: {fault.reason}" for fault in faults]


@pytest.mark.parametrize("language", EXPORTIFY)
def test_exportify_in_all_its_languages(language: str) -> None:
    head, [entry], faults = only(table(tuple(EXPORTIFY[language].split("|")), ROW), "road_trip.csv")
    assert (head.name, faults) == ("road trip", [])
    assert (entry.provider, entry.provider_id, entry.title) == ("spotify", TRACK, "Grey Heron")
    assert (entry.artists, entry.artist_uris) == (
        ("The Oars", "Vale, The Younger"),
        ("spotify:artist:1", "spotify:artist:2"),
    )
    assert (entry.album, entry.album_uri, entry.album_artists) == (
        "Estuary",
        "spotify:album:3",
        ("The Oars",),
    )
    assert (entry.release_date, entry.disc_number, entry.track_number) == ("2011-02", 1, 7)
    assert (entry.duration_ms, entry.explicit, entry.popularity) == (201_500, True, 33)
    assert (entry.isrc, entry.added_by) == ("GBXYZ1100007", "ada")
    assert str(entry.added_at) == "2024-02-03 04:05:06+00:00"


@pytest.mark.parametrize(
    ("names", "uris", "artists"),
    [
        ("Vale, The Younger", "a", ("Vale, The Younger",)),
        ("Vale, The Younger, Oar", "a, b", ("Vale, The Younger", "Oar")),
        ("Sun, Moon & Sky,Oar", "a,b", ("Sun, Moon & Sky", "Oar")),
        ("Oar;Sun, Moon & Sky", "", ("Oar", "Sun, Moon & Sky")),
        ("Oar, Vale", "", ("Oar", "Vale")),
        ("", "", ()),
    ],
)
def test_a_comma_within_a_name_makes_no_two_artists(names: str, uris: str, artists: tuple[str, ...]) -> None:
    header = ("Track ID", "Track Name", "Artist Name(s)", "Artist IDs")
    _, [entry], _ = only(table(header, (TRACK, "A", names, uris)))
    assert entry.artists == artists


def test_what_javascript_writes_for_nothing_is_nothing() -> None:
    header = "Track URI,Track Name,Album Name,Artist Name(s),Popularity,Added At"
    gone = ',"undefined","undefined","undefined",,2024-05-01T12:05:00Z'
    named = f'spotify:track:{TRACK},"undefined","null","Oar",12,'
    _, [entry], faults = only(table(header, gone, named))
    assert (entry.title, entry.artists, entry.album) == ("undefined", ("Oar",), None)
    assert faults == ["2: it has neither a title nor an id"]


TAKEOUT = {
    "Mix-videos.csv": "Video ID,Playlist Video Creation Timestamp",
    "Mix videos.csv": "Video ID, Playlist video creation timestamp",
    "Video_s in Mix.csv": "Video-ID,Tijdstempel voor het maken van een playlistvideo",
    "Mix-vídeos.csv": "ID de vídeo,Marca de tiempo de creación de la lista de reproducción de vídeos",
    "Mix-videoclipuri.csv": "ID-ul videoclipului,Marcaj temporal de creare a videoclipului din playlist",
    "Mix の動画.csv": "動画 ID,再生リストの動画の作成タイムスタンプ",
    "Mix-동영상.csv": "동영상 ID,재생목록 동영상 생성 타임스탬프",
    "Mix-Videos.csv": "Video-ID,Zeitstempel der Erstellung des Playlist-Videos",
    "Vidéos de Mix.csv": "ID vidéo,Code temporel de création de la vidéo de la playlist",
    "Mix.csv": "Слово для видео,Ещё одно слово",
}


@pytest.mark.parametrize("name", TAKEOUT)
def test_playlists_of_takeout_in_any_language(name: str) -> None:
    rows = [f"{video},2023-03-07T05:54:4{n}+00:00" for n, video in enumerate(VIDEOS)]
    head, entries, faults = only(table(TAKEOUT[name], *rows, "", "", ""), f"Takeout/YouTube/{name}")
    assert (head.name, faults) == ("Mix", [])
    assert tuple(entry.provider_id for entry in entries) == VIDEOS
    assert {entry.provider for entry in entries} == {"youtube"}
    assert all(entry.added_at is not None for entry in entries)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "Playlist Id,Channel Id,Time Created,Time Updated,Title,Description,Visibility",
            "Video Id,Time Added",
        ),
        ("Wort1,Wort2,Wort3,Wort4,Wort5,Wort6,Wort7", "Wort8,Wort9"),
    ],
)
def test_a_playlist_of_old_takeouts_is_called_as_its_first_table_says(first: str, second: str) -> None:
    about = 'PLabc,UCabc,2023-03-07 05:54:43 UTC,2023-03-20 13:28:01 UTC,"Swing, late","Two\n\nlines",Private'
    rows = [f" {VIDEOS[0]},2023-03-07 05:54:43 UTC", f" {VIDEOS[1]},2023-03-07 05:59:58 UTC", "no id,x"]
    head, entries, faults = only(table(first, about, "", second, *rows))
    assert (head.name, head.description, head.provider_playlist_id) == (
        "Swing, late",
        "Two\n\nlines",
        "PLabc",
    )
    assert tuple(entry.provider_id for entry in entries) == VIDEOS
    assert str(entries[0].added_at) == "2023-03-07 05:54:43+00:00"
    assert len(faults) == 1


def test_the_library_of_youtube_music() -> None:
    header = "ID vidéo,Song Title,Album Title,Artist Name 1,Artist Name 2,Artist Name 3"
    _, [first, second], faults = only(
        table(header, f"{VIDEOS[0]},Grey Heron,Estuary,The Oars,Vale,", f"{VIDEOS[1]},Reed,,Vale,,")
    )
    assert (first.artists, first.album, first.provider_id) == (("The Oars", "Vale"), "Estuary", VIDEOS[0])
    assert (second.artists, second.album, faults) == (("Vale",), None, [])


def test_tunemymusic_tells_albums_and_artists_apart_from_tracks() -> None:
    data = table(
        "Track name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id",
        f"Grey Heron,The Oars,Estuary,Road,Playlist,GB-XYZ-11-00007,{TRACK}",
        f",,Estuary,,Album,,{TRACK}",
        f",The Oars,,,Artist,,{TRACK}",
        "Reed,Vale,,,Favorite",
        ",,,Road,Playlist,,",
    )
    playlists, faults = factories.read_with_faults(data, "all.csv")
    assert [(head.name, [entry.title for entry in entries]) for head, entries in playlists] == [
        ("Road", ["Grey Heron"]),
        ("all", ["Reed"]),
    ]
    assert playlists[0][1][0].isrc == "GBXYZ1100007"
    assert [(fault.line, fault.reason) for fault in faults] == [
        (3, "it is an album, not a track"),
        (4, "it is an artist, not a track"),
        (6, "it has neither a title nor an id"),
    ]


SMALL = {
    "Soundiiz": b"\xef\xbb\xbf"
    + table(
        "title;artist;album;isrc;addedDate;addedBy;duration;url",
        f'"Grey Heron";"The Oars";"Estuary";"gbxyz1100007";"2024-05-01T12:00:00Z";"";"201s";'
        f'"https://open.spotify.com/track/{TRACK}"',
    ),
    "Soundiiz, as it takes files": table(
        "title;artist;album;isrc", '"Grey Heron";"The Oars";"Estuary";"GBXYZ1100007"'
    ),
    "Soundiiz, what it matched": table(
        "title,artist,album,isrc,platform,trackId,duration",
        f"Grey Heron,The Oars,Estuary,GBXYZ1100007,spotify,{TRACK},201",
    ),
    "Roon": table("title;artist;album;isrc", "Grey Heron;The Oars;Estuary;gbxyz1100007"),
    "FreeYourMusic": table("name,artist,album", "Grey Heron,The Oars,Estuary"),
    "Skiley": table("trackName|artistName|albumName|trackDuration", "Grey Heron|The Oars|Estuary|3:21"),
    "Shazam": table(
        "Shazam Library",
        "Index,TagTime,Title,Artist,URL,TrackKey",
        '1,2024-05-01,"Grey Heron","The Oars",https://www.shazam.com/track/1/x,1',
    ),
    "Deezer-like": table("id,title,artist,album,duration", "3135556,Grey Heron,The Oars,Estuary,201"),
    "Excel": b"sep=;\r\nTitel;Interpret;Album;Dauer\r\nGrey Heron;The Oars;Estuary;3:21\r\n",
    "blanks": table('TITLE, ARTIST, ALBUM', '"Grey Heron", "The Oars", "Estuary"'),
    "artists in columns": table("Artist 1,Artist 2,Title,Album", "The Oars,,Grey Heron,Estuary"),
    "headers twice": table("Title,Artist,Album", "Grey Heron,The Oars,Estuary", "Title,Artist,Album"),
    "blank lines": table("", "", "Track name,Artist name,Album", "Grey Heron,The Oars,Estuary", ""),
    "rekordbox": "#\tArtwork\tTrack Title\tArtist\tAlbum\tGenre\tBPM\tTime\tKey\tDate Added\r\n"
    "1\t\tGrey Heron\tThe Oars\tEstuary\tHouse\t120.00\t03:21\t8A\t2024-05-01\r\n".encode("utf-16"),
}  # fmt: skip
APPLE = {
    "en": "Name\tArtist\tComposer\tAlbum\tGenre\tSize\tTime\tPlays\tLast Played\tLocation",
    "de": "Name\tInterpret\tKomponist\tAlbum\tGenre\tGröße\tDauer\tWiedergaben\tZuletzt gespielt\tOrt",
    "fr": "Nom\tArtiste\tCompositeur\tAlbum\tGenre\tTaille\tDurée\tLectures\tDernière lecture\tLieu",
    "es": "Nombre\tArtista\tCompositor\tÁlbum\tGénero\tTamaño\tDuración\tReproducciones\tÚltima\tUbicación",
    "ja": "名前\tアーティスト\t作曲者\tアルバム\tジャンル\tサイズ\t時間\t再生回数\t最後に再生した日\t場所",
}
APPLE_ROW = "Grey Heron\tThe Oars\t\tEstuary\tFolk\t123456\t201\t5\t1/5/24 12:00\tMacintosh HD:a.m4a"


@pytest.mark.parametrize("program", SMALL)
def test_tables_of_smaller_programs(program: str) -> None:
    _, [entry], faults = only(SMALL[program])
    assert (entry.title, entry.artists, faults) == ("Grey Heron", ("The Oars",), [])
    assert entry.album == (None if program == "Shazam" else "Estuary")
    assert entry.duration_ms in {None, 201_000}
    assert entry.isrc in {None, "GBXYZ1100007"}


@pytest.mark.parametrize("language", APPLE)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "mac_roman"])
@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_text_of_music_app(language: str, encoding: str, end: str) -> None:
    if encoding == "mac_roman" and language == "ja":
        pytest.skip("MacRoman has no kana")
    data = f"{APPLE[language]}{end}{APPLE_ROW}{end}".encode(encoding)
    _, [entry], faults = only(data, "Mix.txt")
    assert (entry.title, entry.artists, entry.album) == ("Grey Heron", ("The Oars",), "Estuary")
    assert (entry.duration_ms, faults) == (201_000, [])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (
            ["uts,utc_time,artist,album,track", '"1714564800","01 May 2024, 12:00","Oar","","Reed"'],
            "history of plays",
        ),
        (["Track Name,Artist Name,Album,Played At", "Reed,Oar,,2024-05-01T12:00:00Z"], "history of plays"),
        (["Artist;Name;Scrobbles;Rank", "Oar;Reed;5;1"], "chart"),
        (["Playlist ID,Playlist Title (Original),Title", "PLabc,x,Mix"], "lists playlists"),
        (
            ["Channel Id,Channel Url,Channel Title", "UCabc,http://www.youtube.com/channel/UCabc,Oar"],
            "What can be read",
        ),
        (["Song,,,", "a,b,c,d"], "What can be read"),
    ],
)
def test_tables_of_other_things_are_no_playlists(rows: list[str], why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        factories.read(table(*rows))


def test_what_was_loved_is_a_playlist_though_its_table_is_a_historys() -> None:
    data = table("uts,utc_time,artist,album,track", '"1714564800","01 May 2024, 12:00","Oar","","Reed"')
    _, [entry], _ = only(data, "lovedtracks-ada-1714564800.csv")
    assert (entry.title, entry.artists) == ("Reed", ("Oar",))


@pytest.mark.parametrize(
    ("cell", "duration_ms"),
    [
        ("3:21", 201_000), ("1:00:01", 3_601_000), ("201", 201_000), ("201.5", 201_500), ("201,5", 201_500),
        ("225s", 225_000), ("201500", 201_500), ("216000.0", 216_000), ("", None), ("long", None),
        ("-1", None),
        ("0", None), ("9" * 5_000, None),
    ],
)  # fmt: skip
def test_lengths_as_programs_write_them(cell: str, duration_ms: int | None) -> None:
    _, [entry], _ = only(table("Title,Artist,Duration", ("A", "B", cell)))
    assert entry.duration_ms == duration_ms
