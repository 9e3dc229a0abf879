"""The YouTube side: what people have uploaded of a recording, with the usual mess."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from local.simulators.catalog_generator import titles
from local.simulators.catalog_generator.random_source import Dice, channel_id, video_id
from local.simulators.catalog_generator.releases import Take
from local.simulators.catalogue import SpotifyTrack, Upload, UploadKind

_MOST = 6
"""Uploads of one recording."""

# How likely each kind of upload is for artists of size a, b and c.
_ODDS: dict[UploadKind, tuple[float, float, float]] = {
    "art_track": (0.94, 0.93, 0.95),
    "official_video": (0.8, 0.45, 0.12),
    "lyric_video": (0.6, 0.3, 0.08),
    "live": (0.5, 0.35, 0.12),
    "cover": (0.45, 0.25, 0.1),
    "sped_up": (0.35, 0.12, 0.03),
    "third_party": (0.25, 0.22, 0.1),
    "karaoke": (0.32, 0.1, 0.0),
    "official_audio": (0.2, 0.2, 0.1),
    "slowed": (0.22, 0.1, 0.03),
    "edit": (0.2, 0.1, 0.04),
    "reaction": (0.2, 0.06, 0.0),
    "remix": (0.15, 0.08, 0.0),
    "instrumental": (0.12, 0.08, 0.03),
    "fan_edit": (0.12, 0.05, 0.0),
    "full_album": (0.12, 0.16, 0.12),
}
_EDITION_ODDS: dict[UploadKind, tuple[float, float, float]] = {
    "art_track": (0.93, 0.93, 0.95),
    "official_video": (0.4, 0.25, 0.1),
    "third_party": (0.25, 0.2, 0.1),
}
_SAME: frozenset[UploadKind] = frozenset(
    ("art_track", "official_video", "lyric_video", "official_audio", "third_party")
)
_VIEWS = {"a": 9_000_000, "b": 240_000, "c": 3_500}
_FACTOR: dict[UploadKind, float] = {
    "art_track": 0.35,
    "official_video": 2.6,
    "lyric_video": 0.5,
    "official_audio": 0.6,
    "third_party": 0.08,
    "live": 0.15,
    "sped_up": 0.2,
}
_OWN: frozenset[UploadKind] = frozenset(("official_video", "official_audio"))
_UNDECOMPOSED = str.maketrans(
    {"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "þ": "th", "Þ": "Th", "ð": "d"}
    | {"æ": "ae", "Æ": "Ae", "ß": "ss"}
)
_NOT_LATIN = frozenset(["ja", "ko", "zh", "th", "hi", "ru", "uk", "bg", "el", "he", "ar"])


def uploads_of(take: Take, track: SpotifyTrack) -> tuple[Upload, ...]:
    """What YouTube has of a recording: nothing, or 1 to 6 uploads, the art track first where there is one."""
    tags, dice = take.song.tags, Dice(f"uploads {take.key}")
    if "noyt" in tags:
        return ()
    if "odd" in tags:
        return (_Uploader(take, track, dice, "third_party", tags["odd"]).upload(),)
    kinds = _kinds(take, dice)
    return tuple(_Uploader(take, track, dice, kind).upload() for kind in kinds)


def _kinds(take: Take, dice: Dice) -> list[UploadKind]:
    tags, column = take.song.tags, "abc".index(take.song.artist.size)
    if "onlywrong" in tags:
        return ["live", "cover", "instrumental"]
    odds = _ODDS if take.edition == "studio" else _EDITION_ODDS
    kinds = [kind for kind, chances in odds.items() if dice.happens(chances[column])]
    if take.edition == "studio" and "twin" in tags and "official_video" not in kinds:
        kinds.insert(0, "official_video")
    if "noart" in tags:
        kinds = [kind for kind in kinds if kind != "art_track"]
    if not any(kind in _SAME for kind in kinds):
        kinds.insert(0, "third_party" if "noart" in tags else "art_track")
    kinds.sort(key=lambda kind: (kind != "art_track", kind not in _OWN))
    return kinds[:_MOST]


@dataclass(slots=True)
class _Uploader:
    """Writes one upload."""

    take: Take
    track: SpotifyTrack
    dice: Dice
    kind: UploadKind
    fixed_title: str | None = None

    def upload(self) -> Upload:
        channel = self._channel()
        return Upload(
            video_id=video_id(f"{self.take.key} {self.kind}"),
            title=self.fixed_title or self._title(channel),
            channel=channel,
            channel_id=channel_id(channel),
            duration_s=self._duration(),
            description=self._description(channel),
            kind=self.kind,
            published_at=self._published(),
            view_count=self._views(),
            category_id="22" if self.kind == "reaction" else "10",
            same_recording=self.kind in _SAME,
        )

    def _channel(self) -> str:
        artist = self.take.song.artist
        if self.kind == "art_track":
            return f"{artist.name} - Topic"
        if self.kind in _OWN:
            latin = artist.romanised or _plain(artist.name)
            if artist.size == "a" and Dice(f"vevo {artist.name}").happens(0.5):
                return "".join(filter(str.isalnum, latin)) + "VEVO"
            if "film" in self.take.song.tags:
                return artist.label
            return (
                f"{artist.name} {artist.romanised}"
                if artist.romanised and self.dice.happens(0.3)
                else artist.name
            )
        return self.dice.pick(titles.THIRD_PARTIES[self.kind])

    def _title(self, channel: str) -> str:
        song, dice = self.take.song, self.dice
        if self.kind == "art_track":
            return _bracketed(self.take.title) if dice.happens(0.7) else self.take.title
        artist, title = self._shown_artist(), self._shown_title()
        language = song.artist.language
        if self.kind == "official_video" and "film" in song.tags:
            templates: tuple[str, ...] = titles.FILM
        elif self.kind == "official_video":
            local = titles.OFFICIAL.get(language, ())
            templates = local if local and dice.happens(0.75) else titles.OFFICIAL["*"]
        elif self.kind == "lyric_video":
            local = titles.LYRIC.get(language, ())
            templates = local if local and dice.happens(0.7) else titles.LYRIC["*"]
        else:
            templates = titles.OTHER[self.kind]
        if song.featured:
            guest = f" {dice.pick(('ft.', 'feat.', 'Ft', 'featuring'))} {', '.join(song.featured)}"
            if dice.happens(0.5):
                artist += guest
            else:
                title += guest
        text = dice.pick(templates).format(
            a=artist,
            t=title,
            album=song.release.name,
            film=song.tags.get("film", ""),
            label=song.artist.label,
            place=dice.pick(titles.PLACES),
            who=channel if self.kind in ("cover", "remix", "fan_edit") else "",
            year=song.release.year + dice.randrange(0, 4),
        )
        careless = self.kind not in _OWN and language not in _NOT_LATIN and dice.happens(0.3)
        return _plain(text) if careless else text

    def _shown_artist(self) -> str:
        artist = self.take.song.artist
        name = ", ".join(self.take.artists[: -len(self.take.song.featured) or None])
        if self.take.edition == "remix":
            name = artist.name
        if artist.romanised is None or self.dice.happens(0.4):
            return name
        if self.kind not in _OWN and self.dice.happens(0.4):
            return artist.romanised
        return f"{artist.name} ({artist.romanised})"

    def _shown_title(self) -> str:
        """The title without its guests, with the edition as uploaders write it."""
        take, title = self.take, self.take.song.title
        match take.edition:
            case "live":
                return f"{title} (Live at {take.detail})"
            case "remix":
                return f"{title} ({take.detail} Remix)"
            case "remaster":
                return f"{title} ({take.detail} Remaster)"
            case "clean":
                return f"{title} (Clean)"
            case "studio":
                return title
            case edition:
                return f"{title} ({edition.title()})"

    def _duration(self) -> int:
        real, dice = self.track.duration_ms / 1000, self.dice
        match self.kind:
            case "art_track":
                length = real + dice.randrange(0, 2)
            case "official_video":
                twin = "twin" in self.take.song.tags
                length = real + (dice.randrange(9, 38) if twin else dice.randrange(-1, 4))
            case "lyric_video" | "official_audio" | "third_party":
                length = real + dice.randrange(-2, 3)
            case "live" | "cover":
                length = real * dice.uniform(0.82, 1.25)
            case "sped_up":
                length = real / dice.uniform(1.15, 1.3)
            case "slowed":
                length = real * dice.uniform(1.12, 1.25)
            case "reaction":
                length = real * dice.uniform(2.1, 4)
            case "full_album":
                length = dice.randrange(1900, 3400)
            case "edit":
                length = 3600 if dice.happens(0.5) else real * dice.uniform(0.4, 0.7)
            case "remix" | "fan_edit":
                length = real * dice.uniform(0.8, 1.4)
            case _:
                length = real + dice.randrange(-3, 6)
        return max(15, round(length))

    def _description(self, channel: str) -> str:
        take, song = self.take, self.take.song
        if self.kind == "art_track":
            return art_track_description(
                distributor=Dice(f"distributor {song.artist.label}").pick(titles.DISTRIBUTORS),
                title=take.title,
                artists=take.artists,
                album=self.track.album.name,
                label=song.artist.label,
                release_date=self.track.album.release_date,
            )
        if self.kind in _OWN:
            return (
                f"{song.artist.name} - {take.title}\nfrom the release “{self.track.album.name}”"
                f"\n\n℗ & © {song.release.year} {song.artist.label}"
            )
        if self.kind == "lyric_video":
            return f"🎵 {song.artist.name} - {take.title}\n\nNo copyright infringement intended."
        if self.kind == "full_album":
            return f"{song.release.name} ({song.release.year})\n0:00 {song.title}"
        return f"uploaded by {channel}" if self.dice.happens(0.5) else ""

    def _published(self) -> str:
        day = self.track.album.release_date
        released = max(date.fromisoformat(day if len(day) == 10 else f"{day[:4]}-06-01"), date(2010, 3, 1))
        days = 0 if self.kind == "art_track" else self.dice.randrange(0, 21 if self.kind in _OWN else 1400)
        moment = min(released + timedelta(days=days), date(2026, 9, 30))
        return f"{moment.isoformat()}T{self.dice.randrange(24):02d}:{self.dice.randrange(60):02d}:00Z"

    def _views(self) -> int:
        base = _VIEWS[self.take.song.artist.size] * _FACTOR.get(self.kind, 0.05)
        if self.take.edition != "studio":
            base *= 0.12
        return int(base * self.dice.uniform(0.2, 1.8)) + self.dice.randrange(7, 90)


def art_track_description(
    *, distributor: str, title: str, artists: tuple[str, ...], album: str, label: str, release_date: str
) -> str:
    """What YouTube writes under the tracks that distributors deliver to it."""
    credits_line = " · ".join((title, *artists))
    return (
        f"Provided to YouTube by {distributor}\n\n{credits_line}\n\n{album}\n\n"
        f"℗ {release_date[:4]} {label}\n\nReleased on: {release_date}\n\nAuto-generated by YouTube."
    )


def _bracketed(title: str) -> str:
    """``Song - Live at X`` as ``Song (Live at X)``, which is how most distributors deliver it."""
    base, dash, edition = title.rpartition(" - ")
    return f"{base} ({edition})" if dash else title


def _plain(text: str) -> str:
    """Latin letters without their accents, as careless uploaders type them."""
    replaced = text.translate(_UNDECOMPOSED)
    decomposed = unicodedata.normalize("NFD", replaced)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
