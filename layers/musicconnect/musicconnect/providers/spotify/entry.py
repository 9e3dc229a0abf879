"""Spotify's entry in the registry."""

from typing import Final

from musicconnect.music.model import ItemType, ListKind
from musicconnect.music.search_policy import SearchPolicy
from musicconnect.providers.entry import Bucket, Provider

ENTRY: Final = Provider(
    name="spotify",
    title="Spotify",
    # Quotas exist since July 2026, their size is not published: what counts is that Spotify says stop.
    buckets=(Bucket(name="requests", title="All calls", unit="calls"),),
    day_zone=None,
    # https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration
    consent_months=6,
    consent_warning_days=150,
    apps_page="https://www.spotify.com/account/apps/",
    item_types=(ItemType.TRACK, ItemType.ALBUM, ItemType.ARTIST, ItemType.PLAYLIST),
    types_per_search=4,
    search=SearchPolicy(finds_isrc=True, finds_fields=True),
    search_calls=dict.fromkeys(
        (ItemType.TRACK, ItemType.ALBUM, ItemType.ARTIST, ItemType.PLAYLIST), (("requests", 1),)
    ),
    seconds_per_track=0.05,
    addresses={
        ItemType.TRACK: "https://open.spotify.com/track/",
        ItemType.ALBUM: "https://open.spotify.com/album/",
        ItemType.ARTIST: "https://open.spotify.com/artist/",
        ItemType.PLAYLIST: "https://open.spotify.com/playlist/",
    },
    search_page="https://open.spotify.com/search/{query}",
    search_page_of={
        ItemType.TRACK: "https://open.spotify.com/search/{query}/tracks",
        ItemType.ALBUM: "https://open.spotify.com/search/{query}/albums",
        ItemType.ARTIST: "https://open.spotify.com/search/{query}/artists",
        ItemType.PLAYLIST: "https://open.spotify.com/search/{query}/playlists",
    },
    liked_id="liked",
    liked_address="https://open.spotify.com/collection/tracks",
    library={
        ListKind.ARTISTS: "https://open.spotify.com/collection/artists",
        ListKind.ALBUMS: "https://open.spotify.com/collection/albums",
    },
    # Developer Terms, Appendix A, 5.c.
    delete_days=5,
    fresh_days=None,
    # Developer Policy II.4: the logo, a link back, metadata and covers unchanged.
    attribution="Content from Spotify",
)
