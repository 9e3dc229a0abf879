"""The Spotify side: recordings, the releases they stand on, the track ids they have there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from local.simulators.catalog_generator.random_source import Dice, isrc, spotify_id, upc
from local.simulators.catalog_generator.source import ReleaseKind, Song
from local.simulators.catalogue import Album, Artist, SpotifyTrack

_POPULARITY = {"a": (55, 92), "b": (25, 58), "c": (2, 27)}


@dataclass(frozen=True, slots=True)
class Take:
    """One recording of a song: the studio recording or another edition."""

    song: Song
    edition: str
    """``studio`` or one of ``source.EDITIONS``."""
    detail: str
    title: str
    """As on Spotify, with ``(feat. X)`` and `` - Live at X``."""
    artists: tuple[str, ...]
    duration_ms: int

    @property
    def key(self) -> str:
        """Its name in the catalogue."""
        suffix = " (clean)" if self.edition == "clean" else ""
        return f"{self.song.artist.name} / {self.title}{suffix}"


def takes_of(song: Song) -> list[Take]:
    """The studio recording first, then the editions."""
    dice = Dice(f"take {song.artist.name} {song.title}")
    featuring = f" (feat. {' & '.join(song.featured)})" if song.featured else ""
    film = f' (From "{song.tags["film"]}")' if "film" in song.tags and dice.happens(0.5) else ""
    base = f"{song.title}{featuring}{film}"
    duration = song.seconds * 1000 + dice.randrange(-480, 480)
    takes = [Take(song, "studio", "", base, song.artists, duration)]
    for edition, detail in song.editions:
        title, artists, shift = _edition(edition, detail, base, song, dice)
        if edition == "radio":
            length = min(duration * 6 // 10, 210_000 + dice.randrange(-9000, 9000))
        else:
            length = duration + shift
        takes.append(Take(song, edition, detail, title, artists, length))
    return takes


def _edition(
    edition: str, detail: str, base: str, song: Song, dice: Dice
) -> tuple[str, tuple[str, ...], int]:
    """Title, artists, and by how many milliseconds it is longer."""
    match edition:
        case "live":
            return f"{base} - Live at {detail}", song.artists, dice.randrange(8000, 48_000)
        case "acoustic":
            return f"{base} - Acoustic", song.artists, dice.randrange(-26_000, 22_000)
        case "remix":
            return f"{base} - {detail} Remix", (*song.artists, detail), dice.randrange(24_000, 150_000)
        case "remaster":
            return f"{base} - {detail} Remaster", song.artists, dice.randrange(-1600, 1600)
        case "demo":
            return f"{base} - Demo", song.artists, dice.randrange(-21_000, 15_000)
        case "instrumental":
            return f"{base} - Instrumental", song.artists, dice.randrange(-600, 600)
        case "radio":
            return f"{base} - Radio Edit", song.artists, 0
        case _:  # clean: the title does not say so
            return base, song.artists, dice.randrange(-500, 500)


def _release_of(take: Take) -> tuple[str, str, ReleaseKind]:
    song, release = take.song, take.song.release
    match take.edition:
        case "studio":
            return release.name, release.date, release.kind
        case "live":
            return f"{release.name} (Live)", _moved(release.date, 420), "album"
        case "remaster":
            return f"{release.name} ({take.detail} Remaster)", f"{take.detail}-03-14", "album"
        case "demo":
            return f"{release.name} (Deluxe Edition)", _moved(release.date, 300), "album"
        case "clean":
            return f"{release.name} (Clean)", release.date, release.kind
        case "acoustic":
            return f"{song.title} (Acoustic)", _moved(release.date, 170), "single"
        case "remix":
            return f"{song.title} ({take.detail} Remix)", _moved(release.date, 120), "single"
        case _:
            return song.title, _moved(release.date, -42), "single"


def _moved(day: str, days: int) -> str:
    """A release date some days on; one known to the year or month moves by years."""
    if len(day) < 10:
        return f"{int(day[:4]) + (1 if days > 0 else 0)}{day[4:]}"
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


class Discography:
    """Numbers tracks on their releases, then makes the track ids."""

    def __init__(self, takes: Sequence[Take]) -> None:
        self._places: dict[tuple[str, str, str, str], int] = {}
        self._sizes: Counter[tuple[str, str, str]] = Counter()
        for take in takes:
            for name, _, kind in self._releases(take):
                release = (take.song.artist.name, name, kind)
                self._sizes[release] += 1
                self._places[(*release, take.key)] = self._sizes[release]

    @staticmethod
    def _releases(take: Take) -> list[tuple[str, str, ReleaseKind]]:
        releases = [_release_of(take)]
        if take.edition == "studio":
            song = take.song
            if "single" in song.tags:
                releases.append((song.title, _moved(song.release.date, -42), "single"))
            if "best" in song.tags:
                releases.append((f"The Best of {song.artist.name}", "2024-11-15", "compilation"))
        return releases

    def tracks_of(self, take: Take) -> tuple[SpotifyTrack, ...]:
        """The track ids of a recording: one, or several that share its ISRC."""
        song, dice = take.song, Dice(f"track {take.key}")
        least, most = _POPULARITY[song.artist.size]
        popularity = dice.randrange(least, most) - (0 if take.edition == "studio" else dice.randrange(2, 20))
        tracks = []
        for index, (name, day, kind) in enumerate(self._releases(take)):
            release = (song.artist.name, name, kind)
            # Pressings of one recording differ by a few frames of silence.
            duration = take.duration_ms + (0 if index == 0 else dice.randrange(-250, 250))
            album = Album(
                id=spotify_id(f"album {song.artist.name} {kind} {name}"),
                name=name,
                release_date=day,
                album_type=kind,
                artists=(artist(song.artist.name),),
                total_tracks=self._sizes[release],
                upc=upc(f"{song.artist.name} {kind} {name}"),
            )
            tracks.append(
                SpotifyTrack(
                    id=spotify_id(f"track {song.artist.name} {kind} {name} {take.key}"),
                    title=take.title,
                    artists=tuple(artist(name) for name in take.artists),
                    album=album,
                    duration_ms=duration,
                    isrc=None if "noisrc" in song.tags else isrc(take.key, song.release.year),
                    explicit="x" in song.tags and take.edition != "clean",
                    track_number=self._places[(*release, take.key)],
                    disc_number=1,
                    popularity=max(0, popularity - 9 * index),
                )
            )
        return tuple(tracks)


def artist(name: str) -> Artist:
    """The artist of this name."""
    return Artist(id=spotify_id(f"artist {name}"), name=name)
