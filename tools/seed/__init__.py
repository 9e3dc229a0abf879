"""Load candidates out of open data: Discogs' releases, which are CC0."""
