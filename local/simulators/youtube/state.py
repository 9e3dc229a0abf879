"""The state of the simulated YouTube: videos, channels, people, playlists and what is in them."""

import base64
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast, get_args

from local.simulators.catalogue import Catalogue, Person, Upload, YouTubeEntry
from local.simulators.clock import Clock, iso
from local.simulators.oauth import AuthorizationCodes
from local.simulators.youtube.eventual_consistency import Lag
from local.simulators.youtube.oauth import TokenStore
from local.simulators.youtube.quota import Ledger, pacific_day
from local.simulators.youtube.settings import Settings

type Privacy = Literal["public", "unlisted", "private", "deleted"]
"""What has become of a video; only the first three are words of the API."""

PRIVACIES: tuple[str, ...] = get_args(Privacy.__value__)

LIKES = "LL"
WATCH_HISTORY = "HL"
WATCH_LATER = "WL"
MAX_UPLOADS = 20_000
"""What the list of a channel's uploads shows, the newest first; there is no way to the others."""


@dataclass(frozen=True, slots=True)
class Video:
    """A catalogue upload, or the shell of one that is no longer there, with its state."""

    upload: Upload
    privacy: Privacy = "public"
    owner: str | None = None
    """Id of the person whose upload it is, where it matters: they see it while it is private."""
    regions: Mapping[str, Sequence[str]] | None = None
    """``regionRestriction``: ``allowed`` or ``blocked`` countries."""

    def is_shown_to(self, viewer: "Account | None") -> bool:
        """Whether ``videos.list`` shows it to somebody who asks for its id."""
        own = self.privacy == "private" and viewer is not None and viewer.id == self.owner
        return own or self.privacy in ("public", "unlisted")


@dataclass(slots=True, eq=False)
class Item:
    """One place in a playlist. Its position is its index."""

    id: str
    video_id: str
    added_at: str
    note: str | None = None


@dataclass(slots=True, eq=False)
class Playlist:
    """A playlist of a person, their liked videos, or a channel's uploads."""

    id: str
    owner: "Account"
    title: str
    description: str
    privacy: str
    published_at: str
    default_language: str | None = None
    manual_sort: bool = False
    is_special: bool = False
    """Liked videos and uploads: not written through the API, and not in the list of playlists."""
    items: list[Item] = field(default_factory=list)
    revision: int = 0
    """Grows with every change; part of the etag."""
    lag: Lag = field(default_factory=Lag)
    is_being_written: bool = False
    last_write: float = float("-inf")
    """Simulator time, in seconds since the epoch."""
    made_at: float = float("-inf")

    def visible_items(self, now: float) -> Sequence[Item]:
        """What the API's lists show at ``now`` (seconds since the epoch)."""
        if not self.lag.hides_any(now):
            return self.items
        return [item for item in self.items if not self.lag.hides(item.id)]


@dataclass(frozen=True, slots=True)
class Subscription:
    """That somebody follows a channel."""

    id: str
    channel_id: str
    published_at: str


@dataclass(slots=True, eq=False)
class Account:
    """A Google account, with or without a channel."""

    id: str
    display_name: str
    channel_id: str | None
    channel_title: str
    playlists: dict[str, Playlist] = field(default_factory=dict)
    """By id, oldest first."""
    liked: Playlist | None = None
    lag: Lag = field(default_factory=Lag)
    """Of new playlists in the list of playlists."""
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    """By the id of the channel that is followed."""
    subscription_lag: Lag = field(default_factory=Lag)
    made_on: list[date] = field(default_factory=list)
    """The Pacific day of every playlist made through the API."""


class YouTubeState:
    """Everything the API serves: built from the catalogue, changed by calls, discarded by a reset."""

    def __init__(self, catalogue: Catalogue, clock: Clock, settings: Settings) -> None:
        self.catalogue = catalogue
        self.clock = clock
        self.settings = settings
        self.reset()

    def reset(self) -> None:
        """Restore everything but settings and clock, which their owners reset."""
        self.tokens = TokenStore(self.clock, self.settings)
        self.codes = AuthorizationCodes()
        self.ledger = Ledger(self.clock.now)
        self.conflicts = 0
        """409s answered to writes that came too fast: every n-th takes effect."""
        self.videos: dict[str, Video] = {
            video_id: Video(upload) for video_id, upload in self.catalogue.uploads_by_id.items()
        }
        self.uploads_of: dict[str, list[str]] = {}
        """Video ids by channel, the last published first."""
        self.channels: dict[str, str] = {}
        """Titles of the uploaders' channels, by id."""
        for video_id, upload in self.catalogue.uploads_by_id.items():
            self.uploads_of.setdefault(upload.channel_id, []).append(video_id)
            self.channels[upload.channel_id] = upload.channel
        for video_ids in self.uploads_of.values():
            video_ids.sort(key=lambda video_id: self.videos[video_id].upload.published_at, reverse=True)
        self.accounts: dict[str, Account] = {}
        self.account_of_channel: dict[str, Account] = {}
        self.playlists: dict[str, Playlist] = {}
        self.item_index: dict[str, tuple[Playlist, Item]] = {}
        self._serial = itertools.count(1)
        for person in self.catalogue.people:
            self._add_from_catalogue(person)

    def add_account(
        self, account_id: str, display_name: str, channel_id: str | None, channel_title: str
    ) -> Account:
        """A new person with an empty list of liked videos, if they have a channel."""
        account = Account(account_id, display_name, channel_id, channel_title)
        self.accounts[account_id] = account
        if channel_id is not None:
            self.account_of_channel[channel_id] = account
            account.liked = Playlist(
                LIKES, account, "Liked videos", "", "private", iso(self.clock.now()), is_special=True
            )
        return account

    def subscribe(self, account: Account, channel_id: str) -> Subscription:
        """Let somebody follow a channel."""
        made = Subscription(self.new_id("sub-", 43), channel_id, iso(self.clock.now()))
        account.subscriptions[channel_id] = made
        return made

    def channel_title(self, channel_id: str) -> str:
        """What a channel is called."""
        account = self.account_of_channel.get(channel_id)
        return account.channel_title if account is not None else self.channels.get(channel_id, "")

    def new_id(self, prefix: str, length: int) -> str:
        """A fresh id that looks like YouTube's; the same sequence after every reset."""
        seed = hashlib.sha256(f"{prefix}{next(self._serial)}".encode()).digest()
        text = base64.urlsafe_b64encode(seed).decode().rstrip("=")
        return prefix + text[: length - len(prefix)]

    def find_playlist(self, playlist_id: str, viewer: Account | None) -> Playlist | None:
        """A playlist by id, whoever may see it; ``LL`` is the viewer's own."""
        if playlist_id == LIKES:
            return viewer.liked if viewer else None
        if playlist_id.startswith("UU"):
            return self._uploads_playlist("UC" + playlist_id[2:])
        return self.playlists.get(playlist_id)

    def add_playlist(
        self,
        owner: Account,
        *,
        title: str,
        description: str = "",
        privacy: str = "public",
        default_language: str | None = None,
        manual_sort: bool = False,
        playlist_id: str | None = None,
        published_at: str | None = None,
    ) -> Playlist:
        """A new, empty playlist of ``owner``."""
        playlist = Playlist(
            playlist_id or self.new_id("PL", 34),
            owner,
            title,
            description,
            privacy,
            published_at or iso(self.clock.now()),
            default_language,
            manual_sort,
        )
        owner.playlists[playlist.id] = self.playlists[playlist.id] = playlist
        return playlist

    def remove_playlist(self, playlist: Playlist) -> None:
        """Delete a playlist with everything in it."""
        for item in playlist.items:
            del self.item_index[item.id]
        del self.playlists[playlist.id], playlist.owner.playlists[playlist.id]

    def count_made_today(self, owner: Account) -> int:
        """Playlists that ``owner`` has made through the API this Pacific day."""
        return owner.made_on.count(pacific_day(self.clock.now()))

    def record_made(self, playlist: Playlist) -> None:
        """Record that a playlist was made through the API just now."""
        playlist.made_at = self.clock.timestamp()
        playlist.owner.made_on.append(pacific_day(self.clock.now()))

    def add_item(
        self,
        playlist: Playlist,
        video_id: str,
        *,
        position: int | None = None,
        note: str | None = None,
        added_at: str | None = None,
    ) -> Item:
        """Put a video into a playlist, at the end unless a position is given."""
        raw = f"{playlist.id}.{next(self._serial):016X}"
        item_id = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
        item = Item(item_id, video_id, added_at or iso(self.clock.now()), note)
        playlist.items.insert(len(playlist.items) if position is None else position, item)
        self.item_index[item.id] = (playlist, item)
        playlist.revision += 1
        return item

    def remove_item(self, playlist: Playlist, item: Item) -> None:
        """Take one place out of a playlist."""
        playlist.items.remove(item)
        del self.item_index[item.id]
        playlist.revision += 1

    def set_privacy(self, video_id: str, privacy: Privacy, owner: str | None = None) -> None:
        """Change what has become of a video. An id that the catalogue does not have gets a shell."""
        known = self.videos.get(video_id) or Video(_shell(video_id))
        self.videos[video_id] = replace(known, privacy=privacy, owner=owner)

    def set_regions(self, video_id: str, regions: Mapping[str, Sequence[str]] | None) -> None:
        """Restrict a video to countries, or lift that."""
        self.videos[video_id] = replace(self.videos[video_id], regions=regions)

    def add_entries(self, playlist: Playlist, entries: Sequence[YouTubeEntry], first: datetime) -> None:
        """Fill a playlist with entries of a catalogue file, one a minute; ``ValueError`` for what is none."""
        for minute, entry in enumerate(entries):
            match entry:
                case str() if entry in self.videos:
                    video_id = entry
                case {"deleted": str() as video_id}:
                    self.set_privacy(video_id, "deleted")
                case {"private": str() as video_id}:
                    self.set_privacy(video_id, "private")
                case _:
                    raise ValueError(f"no video of the catalogue: {entry!r}")
            self.add_item(playlist, video_id, added_at=iso(first + timedelta(minutes=minute)))

    def publish_more(self, channel_id: str, count: int) -> None:
        """Let a channel have so many more uploads, older than the catalogue's and found by no search."""
        ids = [f"{number:06d}{channel_id[-5:]}" for number in range(count)]
        for number, video_id in enumerate(ids):
            shell = replace(
                _shell(video_id), title=f"Piece {number}", channel=self.channels[channel_id],
                channel_id=channel_id, duration_s=60 + number % 240,
            )  # fmt: skip
            self.videos[video_id] = Video(shell)
        self.uploads_of[channel_id] += ids
        self.playlists.pop("UU" + channel_id[2:], None)

    def _uploads_playlist(self, channel_id: str) -> Playlist | None:
        """A channel's uploads as a playlist, made on first use."""
        playlist_id = "UU" + channel_id[2:]
        known = self.playlists.get(playlist_id)
        if known is not None or channel_id not in self.channels | self.account_of_channel:
            return known
        title = f"Uploads from {self.channels.get(channel_id, '')}".strip()
        owner = self.account_of_channel.get(channel_id) or Account(
            channel_id, self.channels[channel_id], channel_id, self.channels[channel_id]
        )
        playlist = Playlist(playlist_id, owner, title, "", "public", iso(self.clock.now()), is_special=True)
        for video_id in self.uploads_of.get(channel_id, [])[:MAX_UPLOADS]:
            self.add_item(playlist, video_id, added_at=self.videos[video_id].upload.published_at)
        self.playlists[playlist_id] = playlist
        return playlist

    def _add_from_catalogue(self, person: Person) -> None:
        theirs = person.youtube
        account = self.add_account(person.id, person.display_name, theirs.channel_id, theirs.channel_title)
        for listed in theirs.playlists:
            playlist = self.add_playlist(
                account,
                title=listed.title,
                description=listed.description,
                privacy=listed.privacy,
                playlist_id=listed.id,
                published_at=listed.added_at,
            )
            self.add_entries(playlist, listed.items, datetime.fromisoformat(listed.added_at))
        if account.liked is not None:
            self.add_entries(account.liked, theirs.liked, self.clock.now() - timedelta(days=30))


def as_privacy(text: object) -> Privacy:
    """Check a privacy given from outside. Raises ``ValueError``."""
    if text not in PRIVACIES:
        raise ValueError(f"privacy must be one of {', '.join(PRIVACIES)}")
    return cast("Privacy", text)


def _shell(video_id: str) -> Upload:
    """What is known about a video that was gone before the catalogue was written: nothing."""
    return Upload(
        video_id=video_id,
        title="",
        channel="",
        channel_id="",
        duration_s=0,
        description="",
        kind="third_party",
        published_at="1970-01-01T00:00:00Z",
        view_count=0,
        category_id="10",
        same_recording=False,
    )
