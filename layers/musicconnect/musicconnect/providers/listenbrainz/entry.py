"""ListenBrainz' entry in the registry."""

from typing import Final

from musicconnect.music.model import ItemType
from musicconnect.music.search_policy import SearchPolicy
from musicconnect.providers.entry import Bucket, Provider, Rate
from musicconnect.providers.listenbrainz import TOKEN_PAGE

CALLS: Final = "calls"
"""Of ListenBrainz' API."""
MUSICBRAINZ: Final = "musicbrainz"
"""Calls of MusicBrainz' web service, which counts them by address."""

ENTRY: Final = Provider(
    name="listenbrainz",
    title="ListenBrainz",
    is_opt_in=True,
    linked_by="token",
    buckets=(
        # 30 calls in ten seconds from one address, whoever makes them.
        Bucket(
            name=CALLS,
            title="ListenBrainz",
            unit="calls",
            rate=Rate(size=30, per_s=3.0, variable="LISTENBRAINZ_RATE"),
        ),
        # One a second from one address: https://musicbrainz.org/doc/MusicBrainz_API/Rate_Limiting
        Bucket(
            name=MUSICBRAINZ,
            title="MusicBrainz",
            unit="calls",
            rate=Rate(size=1, per_s=1.0, variable="MUSICBRAINZ_RATE"),
        ),
    ),
    day_zone=None,
    consent_months=None,
    apps_page=TOKEN_PAGE,
    item_types=(ItemType.TRACK,),
    types_per_search=1,
    search=SearchPolicy(finds_isrc=True, finds_fields=True, needs_fields=True, catalogue="MusicBrainz"),
    # Most tracks are found by their ISRC, one each second.
    seconds_per_track=1.2,
    addresses={
        ItemType.TRACK: "https://musicbrainz.org/recording/",
        ItemType.PLAYLIST: "https://listenbrainz.org/playlist/",
    },
    search_page="https://listenbrainz.org/search/?search_type=track&search_term={query}",
    # Its data are free; what a person's account brought goes as soon as that of the strictest.
    delete_days=5,
    fresh_days=29,
    attribution="Data from MusicBrainz and ListenBrainz",
)
