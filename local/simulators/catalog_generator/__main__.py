"""Make the demo catalogue out of the lists in ``data/``: ``python -m local.simulators.catalog_generator``.

The result, ``data/catalogue.json``, is committed as well, so that whoever wants to see or replace the data
of the simulators finds it in one file; a test holds the two together.
"""

import json
from dataclasses import asdict

from local.simulators.catalog_generator.artists import read_people, read_video_only
from local.simulators.catalog_generator.releases import Discography, takes_of
from local.simulators.catalog_generator.source import read_songs
from local.simulators.catalog_generator.uploads import uploads_of
from local.simulators.catalogue import DEFAULT_FILE, Catalogue, Recording

DATA = DEFAULT_FILE.parent


def make_catalogue() -> Catalogue:
    """Make the catalogue that the lists describe."""
    takes = [take for song in read_songs(DATA / "recordings.txt") for take in takes_of(song)]
    discography = Discography(takes)
    recordings = []
    for take in takes:
        tracks = discography.tracks_of(take)
        uploads = uploads_of(take, tracks[0])
        language = take.song.artist.language
        recordings.append(Recording(key=take.key, language=language, tracks=tracks, uploads=uploads))
    recordings += read_video_only(DATA / "video_only.txt")
    return Catalogue(
        recordings=tuple(recordings), people=read_people(DATA / "people.txt", recordings), version=1
    )


def as_json(catalogue: Catalogue) -> str:
    """The text of a catalogue file: one recording and one person per line, for diffs."""

    def lines(rows: list[dict[str, object]]) -> str:
        return ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)

    whole = asdict(catalogue)
    return (
        f'{{"version":{catalogue.version},\n"recordings":[\n{lines(whole["recordings"])}\n],\n'
        f'"people":[\n{lines(whole["people"])}\n]}}\n'
    )


if __name__ == "__main__":
    DEFAULT_FILE.write_text(as_json(make_catalogue()), encoding="utf-8")
