"""Know what the words over a table's columns mean, in the languages of the programs that write tables.

The words are those of Exportify's twelve languages (https://github.com/watsonbox/exportify, translations), of
Google Takeout, Music.app and iTunes, rekordbox, and of the services that move playlists. A word means one
thing, whatever the language: what would be ambiguous has a meaning of its own (``time`` is a length to
players and a moment to histories).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, Literal

type Meaning = Literal[
    "track_uri", "spotify_id", "apple_id", "deezer_id", "video_id", "title", "artists", "artist",
    "artist_uris", "album", "album_uri",
    "album_artists", "album_artist_uris", "release_date", "image_url", "disc_number",
    "track_number", "duration_ms", "duration", "explicit", "popularity", "isrc", "added_by", "added_at",
    "playlist", "row_type", "played_at", "unix_time", "unix_ms", "date", "time", "played_ms", "play_count",
    "rank", "subscription", "comment_text",
]  # fmt: skip
"""What a column holds.

``artists``: several in one cell, as Exportify joins them; ``artist``: as people write it. ``duration_ms``:
milliseconds; ``duration``: seconds, milliseconds or a clock. ``time``: a length, a moment or a time of day.
"""

_WORDS: Final[dict[Meaning, str]] = {
    "track_uri": """
        Track URI | Spotify URI | URI | Track URL | Spotify URL | Spotify Link | YouTube URL |
        Song URL | URL | Link | Permalink | Video URL | Track Link | Song Link | Track-URI |
        URI de la canción | URI du titre | URI della traccia | Nummer URI | URI da faixa |
        Låtens URI | Parça URI | トラックURI | رابط الأغنية (URI) | URI κομματιού""",
    "spotify_id": "Spotify ID | Spotify Track ID | Track ID | Spotify - id | Spotify TrackId",
    "apple_id": "Apple - id | Apple Music ID | Apple Music Track Identifier",
    "deezer_id": "Deezer - id | Deezer ID",
    "video_id": """
        Video ID | YouTube ID | YouTube Video ID | YouTube - id | YouTube Music - id | Media ID |
        Video-ID | ID vidéo | ID de vídeo | ID del vídeo | ID del video | ID do vídeo |
        ID video | ID-ul videoclipului | Vaizdo įrašo ID | 動画 ID | 동영상 ID | 影片 ID | 视频 ID |
        Идентификатор видео | Ідентифікатор відео | ID filmu |
        Video kimliği | Video-id | Videon tunnus | Video Kimliği | معرّف الفيديو | معرف الفيديو |
        ID videa | Videó azonosítója | Αναγνωριστικό βίντεο | מזהה סרטון |
        ID Video | รหัสวิดีโอ | वीडियो आईडी""",
    "title": """
        Track Name | Canción | Chanson | Brano | Canzone | Faixa | Música | Piosenka | Utwór |
        Låt | Sang | Kappale | Песня | Трек | Композиция | Имя | Пісня |
        Şarkı | Parça | 曲 | 노래 | Skladba | Lied | Song Name | Track Title | Song Title | Title |
        Name | Track | Song | Song or Video Title | Track-Name | Nombre de la canción |
        Nom du titre | Nome della traccia | Nummernaam | Nummmernaam | Nome da faixa | Låtens namn |
        Parça Adı | トラック名 | اسم الأغنية | Όνομα κομματιού | Titel | Titre |
        Título | Titolo | Tittel | Nazwa | Tytuł | Название | Назва | Nom | Nombre |
        Nome | Naam | Namn | Navn | Nimi | Ad | İsim | Başlık | 名前 | 曲名 | タイトル | 이름 |
        제목 | 곡명 | 名称 | 名稱 | 标题 | 標題 | 歌曲 | Název | Τίτλος | Όνομα | الاسم |
        العنوان | שם | ชื่อ | Cím | Název skladby | Nosaukums | Titre du morceau |
        Titre de la piste | Nom du morceau | Titelname | Track-Titel | Tracktitel | Songtitel |
        Título de la canción | Título de la pista | Título de pista | Título da faixa |
        Título da música | Nome da música | Titolo brano | Titolo del brano | Titolo traccia |
        Titolo della traccia | Nome brano | Tytuł utworu | Nazwa utworu |
        Название трека | Название песни | トラックタイトル | 트랙 제목 |
        트랙 이름 | 曲目 | 音轨标题 | 歌曲名称 | 歌名""",
    "artists": """
        Artist Name(s) | Artistas | Artistes | Artiesten | Artister | Исполнители |
        Sanatçılar | Artists | Artist Names | Artist(s) | Künstlername(n) |
        Nombre(s) del artista | Nom(s) de l'artiste | Nome dell'artista | Naam van artiest |
        Nome(s) do artista | Artistens namn | Sanatçı Adı | アーティスト名 | أسماء الفنانين |
        Όνομα/τα καλλιτέχνη""",
    "artist": """
        Artist Name | Artist | Creator | Track Artist | Performer | Song Artist | Channel |
        Channel Name | Channel Title | Interpret | Künstler | Interpret/in | Artiste | Artista |
        Artiest | Kunstner | Artisti | Esittäjä | Wykonawca | Artysta | Исполнитель |
        Артист | Виконавець | Sanatçı | アーティスト | 아티스트 | 가수 | 艺人 |
        藝人 | 艺术家 | 演出者 | 歌手 | Umělec | Καλλιτέχνης | الفنان | אמן | ศิลปิน |
        Előadó | Interprète | Intérprete | Interprete | Uitvoerder | Nom de l'artiste |
        Nombre del artista | Nome do artista | Künstlername""",
    "artist_uris": """
        Artist URI(s) | Artist URI | Artist IDs | Künstler-URI(s) | URI(s) del artista |
        URI(s) de l'artiste | URI dell'artista | Artiest-URI | URI(s) do artista | Artistens URI |
        Sanatçı URI | アーティストURI | روابط الفنانين (URI) | URI καλλιτέχνη/ων""",
    "album": """
        Album Name | Album | Album Title | Release | Release Name | Album-Name | Nombre del álbum |
        Nom de l'album | Nome dell'album | Naam van album | Nome do álbum | Albumets namn |
        Albüm Adı | アルバム名 | اسم الألبوم | Όνομα άλμπουμ | Álbum | Albüm |
        Альбом | アルバム | 앨범 | 专辑 | 專輯 | Albumi | Άλμπουμ | الألبوم | אלבום |
        อัลบั้ม""",
    "album_uri": """
        Album URI | Album-URI | URI del álbum | URI de l'album | URI dell'album | URI do álbum |
        Albumets URI | Albüm URI | アルバムURI | رابط الألبوم (URI) | URI άλμπουμ""",
    "album_artists": """
        Album Artist Name(s) | Album Artists | Album Artist Name | Album Artist | AlbumArtist |
        Album-Künstlername(n) | Nombre(s) del artista del álbum | Nom(s) de l'artiste de l'album |
        Nome dell'artista dell'album | Naam van artiest op het album |
        Nome(s) do artista do álbum | Albumartistens namn | Albümdeki Sanatçı Adı |
        アルバムアーティスト名 | أسماء فناني الألبوم |
        Όνομα/τα καλλιτέχνη άλμπουμ | Albuminterpret | Album-Interpret |
        Artiste de l'album | Artista del álbum | Artista dell'album | Artista do álbum |
        アルバムアーティスト""",
    "album_artist_uris": """
        Album Artist URI(s) | Album-Künstler-URI(s) | URI(s) del artista del álbum |
        URI(s) de l'artiste de l'album | URI dell'artista dell'album | Artiest-URI van het album |
        URI(s) do artista do álbum | Albumartistens URI | Albümdeki Sanatçı URI |
        アルバムアーティストURI | روابط فناني الألبوم (URI) |
        URI καλλιτέχνη/ων άλμπουμ""",
    "release_date": """
        Album Release Date | Release Date | Album Date | Veröffentlichungsdatum des Albums |
        Fecha de lanzamiento del álbum | Date de sortie de l'album | Data di rilascio dell'album |
        Releasedatum van het album | Data de lançamento do álbum | Albumets releasedatum |
        Albüm Çıkış Tarihi | アルバム発売日 | تاريخ إصدار الألبوم |
        Ημερομηνία κυκλοφορίας άλμπουμ""",
    "image_url": """
        Album Image URL | Thumbnail URL | Cover URL | Artwork URL | Album-Bild-URL |
        URL de la imagen del álbum | URL de l'image de l'album | URL dell'immagine dell'album |
        Album afbeelding-URL | URL da imagem do álbum | Albumets bild-URL | Albüm Resim URL'si |
        アルバム画像URL | رابط صورة الألبوم | URL εικόνας άλμπουμ""",
    "disc_number": """
        Disc Number | Disc | Disc-Nummer | Número de disco | Numéro de disque | Numero del disco |
        Schijfnummer | Número do disco | Skivnummer | Disk Numarası | ディスク番号 | رقم القرص |
        Αριθμός δίσκου | CD-Nummer""",
    "track_number": """
        Track Number | Track No | Track-Nummer | Número de la canción | Numéro du titre |
        Numero della traccia | Nummernummer | Nummmernummer | Número da faixa | Låtnummer |
        Parça Numarası | トラック番号 | رقم الأغنية | Αριθμός κομματιού |
        Titelnummer | Numéro de piste | Número de pista | Numero di traccia | Tracknummer""",
    "duration_ms": """
        Track Duration (ms) | Duration (ms) | Length (ms) | Duration ms |
        Media Duration In Milliseconds | durationMs | Track-Dauer (ms) |
        Duración de la canción (ms) | Durée du titre (ms) | Durata della traccia (ms) |
        Nummerduur (ms) | Nummmerduur (ms) | Duração da faixa (ms) | Låtlängd (ms) |
        Parça Süresi (ms) | トラックの長さ（ミリ秒） | مدة الأغنية (بالمللي ثانية) |
        Διάρκεια κομματιού (ms)""",
    "duration": """
        Duration | Length | Track Duration | Duration Seconds | Duration (s) | Length (s) |
        Time (s) | Song Length | Track Length | Dauer | Länge | Durée | Duración | Durata |
        Duração | Duur | Längd | Lengde | Varighed | Varighet | Kesto | Czas trwania |
        Длительность | Продолжительность | Тривалість |
        Süre | 長さ | 再生時間 | 길이 | 시간 길이 | 时长 | 時長 | 时间长度 | Délka |
        Διάρκεια | المدة | אורך | ความยาว""",
    "explicit": """
        Explicit | Explizit | Explícito | Explicite | Esplicito | Expliciet | Explícita |
        Açık İçerik | 明示的な内容 | صريح | Ακατάλληλο""",
    "popularity": """
        Popularity | Beliebtheit | Popularidad | Popularité | Popolarità | Populariteit |
        Popularidade | Popularitet | Popülerlik | 人気度 | الشعبية | Δημοτικότητα""",
    "isrc": "ISRC | ISRCs | ISRC Code | ISRC-Code | Track ISRC",
    "added_by": """
        Added By | Hinzugefügt von | Añadido por | Ajouté par | Aggiunto da | Toegevoegd door |
        Adicionado por | Tillagd av | Ekleyen | 追加者 | أضيف بواسطة | Προστέθηκε από""",
    "added_at": """
        Added At | Added Date | Date Added | Time Added | Added On | TagTime | Tag Time |
        Date and Time Added | Hinzugefügt am | Añadido en | Ajouté le | Aggiunto il |
        Toegevoegd op | Adicionado em | Tillagd vid | Eklenme Tarihi | 追加日時 | أضيف في |
        Προστέθηκε στις | Playlist Video Creation Timestamp |
        Zeitstempel der Erstellung des Playlist-Videos |
        Tijdstempel voor het maken van een playlistvideo |
        Marca de tiempo de creación de la lista de reproducción de vídeos |
        Code temporel de création de la vidéo de la playlist |
        Marcaj temporal de creare a videoclipului din playlist |
        Grojaraščio vaizdo įrašo sukūrimo laiko žymė | 再生リストの動画の作成タイムスタンプ |
        재생목록 동영상 생성 타임스탬프 | 播放清單影片的建立時間戳記 | Hinzugefügt | Date d'ajout |
        Fecha de adición | Data aggiunta | Data de adição | Datum toegevoegd | 追加日 |
        Дата добавления | Data dodania | 추가된 날짜 | 添加日期 | 加入日期""",
    "playlist": """
        Playlist Name | Playlist | Playlist Title | Playlistname | Nom de la playlist |
        Nombre de la lista""",
    "row_type": "Type | Typ | Tipo | Kind of Entry",
    "played_at": """
        Played At | Listened At | UTC Time | End Time | Listen Date | Scrobble Time | Scrobbled At |
        Date Played | Date-time | Datetime | Event Start Timestamp | Wiedergegeben am | Pinned At""",
    "unix_time": "uts | Timestamp | Unix Time | Unix Timestamp | Epoch",
    "unix_ms": "timeMs | Timestamp ms",
    "date": """
        Date | Datum | Fecha | Data | Dato | Päivämäärä | Дата | Tarih | 日付 | 날짜 | 日期 |
        Ημερομηνία | التاريخ""",
    "time": """
        Time | Uhrzeit | Zeit | Heure | Temps | Hora | Tiempo | Ora | Tempo de reprodução | Tijd |
        Tid | Aika | Czas | Время | Час | Saat | Zaman | 時間 | 時刻 | 시간 | 时间 | Čas |
        Ώρα | الوقت""",
    "played_ms": "ms Played | msPlayed | Play Duration Milliseconds | Listening Time",
    "play_count": "Plays | Play Count | Scrobbles | Wiedergaben | Play Counts",
    "rank": "Rank",
    "subscription": "Channel Url",
    "comment_text": "Comment Text | Comment ID | Comment Create Timestamp",
}
_NOT_WORD: Final = re.compile(r"[\W_]+")
_NUMBERED: Final = re.compile(r"(\D+)\d{1,2}")


@cache
def _by_word() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for meaning, words in _WORDS.items():
        for word in words.split("|"):
            found.setdefault(key_of(word), meaning)
    return found


@lru_cache(maxsize=2048)  # a file's head is looked at by every format, with every separator
def key_of(word: str) -> str:
    """Give a word without case, accents, blanks and signs, for looking up; Turkish has two letters i."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKD", word[:200]).casefold()).replace("ı", "i")


def meaning_of(word: str) -> Meaning | None:
    """Tell what a column of this name holds; None for a name that we do not know.

    Takeout's ``Artist Name 1``, ``Artist Name 2`` ... are ``artist`` each.
    """
    found = _by_word().get(key_of(word))
    return "artist" if found is None and is_numbered_artist(word) else found


def is_numbered_artist(word: str) -> bool:
    """Tell whether a column holds one of several artists, as ``Artist Name 2`` does."""
    numbered = _NUMBERED.fullmatch(key_of(word))
    return numbered is not None and _by_word().get(numbered[1]) in {"artist", "artists"}


def meanings_of(cells: Sequence[str]) -> dict[Meaning, tuple[int, ...]]:
    """Tell which columns hold what: the places of each meaning, in the order of the columns."""
    found: dict[Meaning, tuple[int, ...]] = {}
    for place, cell in enumerate(cells):
        meaning = meaning_of(cell)
        if meaning is not None:
            found[meaning] = (*found.get(meaning, ()), place)
    return found
