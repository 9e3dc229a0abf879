"""TIDAL's entry in the registry."""

from typing import Final

from musicconnect.music.model import ItemType, ListKind
from musicconnect.music.search_policy import SearchPolicy
from musicconnect.providers.entry import Bucket, Provider, Rate

ENTRY: Final = Provider(
    name="tidal",
    title="TIDAL",
    # Its Developer Terms could not be read by us: whoever deploys says that they were.
    switch_variable="TIDAL_TERMS_READ",
    buckets=(
        Bucket(
            name="tokens",
            title="All calls",
            unit="tokens",
            # Seen in the headers of answers, never published. A call costs more than one.
            rate=Rate(size=10, per_s=1.0, variable="TIDAL_TOKENS"),
        ),
    ),
    day_zone=None,
    consent_months=None,
    apps_page="https://account.tidal.com/",
    item_types=(ItemType.TRACK, ItemType.ALBUM, ItemType.ARTIST, ItemType.PLAYLIST),
    types_per_search=4,
    search=SearchPolicy(finds_isrc=True),
    # Most tracks are found by their ISRC, at four tokens of one each second.
    seconds_per_track=5.0,
    private_playlists=False,
    addresses={
        ItemType.TRACK: "https://tidal.com/browse/track/",
        ItemType.ALBUM: "https://tidal.com/browse/album/",
        ItemType.ARTIST: "https://tidal.com/browse/artist/",
        ItemType.PLAYLIST: "https://tidal.com/browse/playlist/",
    },
    # As its own web app has it; not verified, since it is not described anywhere.
    search_page="https://tidal.com/search?q={query}",
    liked_id="liked",
    liked_address="https://listen.tidal.com/my-collection/tracks",
    library={
        ListKind.ARTISTS: "https://listen.tidal.com/my-collection/artists",
        ListKind.ALBUMS: "https://listen.tidal.com/my-collection/albums",
    },
    # The strictest of what the others ask for, until somebody has read TIDAL's terms.
    delete_days=5,
    fresh_days=29,
    attribution="Content from TIDAL",
)
