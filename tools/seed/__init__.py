"""Load candidates out of open data: Discogs' releases and MusicBrainz' core dump, both CC0."""
