"""YouTube's entry in the registry."""

from typing import Final

from musicconnect.music.model import ItemType, ListKind
from musicconnect.music.search_policy import ChannelListing, SearchPolicy
from musicconnect.providers.entry import NEW_PLAYLISTS, Bucket, Provider

ENTRY: Final = Provider(
    name="youtube",
    title="YouTube",
    # https://developers.google.com/youtube/v3/determine_quota_cost, as of 2026-06-01
    buckets=(
        Bucket(
            name="general",
            title="Reading and writing playlists",
            unit="units",
            default_limit=10_000,
            variable="YOUTUBE_DAILY_UNITS",
            units_per_write=50,
        ),
        Bucket(
            name="search",
            title="Searching",
            unit="searches",
            default_limit=100,
            variable="YOUTUBE_DAILY_SEARCHES",
        ),
    ),
    # YouTube stops at about ten a day, and has closed channels that made many. It publishes no number.
    personal_buckets=(Bucket(name=NEW_PLAYLISTS, title="New playlists", unit="playlists", default_limit=5),),
    day_zone="America/Los_Angeles",
    consent_months=None,
    apps_page="https://myaccount.google.com/permissions",
    item_types=(ItemType.VIDEO, ItemType.PLAYLIST, ItemType.ARTIST),
    types_per_search=1,
    # A hundred searches a day for everybody; every track is a write of its own, one after the other.
    search=SearchPolicy(
        max_queries=1,
        uses_seeds=True,
        channels=ChannelListing(
            suffix=" - Topic",
            channel_prefix="UC",
            list_prefix="UU",
            list_bucket="general",
            search_bucket="search",
            page_size=50,
        ),
    ),
    # Hits of videos come without their lengths.
    search_calls={
        ItemType.VIDEO: (("search", 1), ("general", 1)),
        ItemType.PLAYLIST: (("search", 1),),
        ItemType.ARTIST: (("search", 1),),
    },
    max_searches_per_request=20,
    seconds_per_track=0.7,
    addresses={
        ItemType.VIDEO: "https://www.youtube.com/watch?v=",
        ItemType.PLAYLIST: "https://www.youtube.com/playlist?list=",
        ItemType.ARTIST: "https://www.youtube.com/channel/",
    },
    # One page for all: how it is told a type is not published.
    search_page="https://www.youtube.com/results?search_query={query}",
    liked_id="LL",
    library={ListKind.ARTISTS: "https://www.youtube.com/feed/channels"},
    # Developer Policies III.D.2 and III.E.4.g.
    delete_days=7,
    # Developer Policies III.E.4: refreshed or deleted within 30 days; one day is for doing it.
    fresh_days=29,
    # Branding guidelines: YouTube is shown as the source.
    attribution="Content from YouTube",
)
